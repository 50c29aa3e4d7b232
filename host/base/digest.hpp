// SHA-256 of a stream of bytes, by the SDK's code: it is as fast as OpenSSL's, and a process that only hashes need not
// wait until OpenSSL is linked.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "ferry/sha256.hpp"

namespace ferry::host {

class Sha256 {
 public:
  void update(const void* data, std::size_t size) noexcept { hash_.update({static_cast<const char*>(data), size}); }
  std::string finish();  // lower-case hex; the object begins anew

  static std::string of(std::string_view bytes) { return sha256_hex(bytes); }
  static std::string of_fd(int fd);  // from its beginning to its end, without moving its offset; throws Failure

 private:
  ferry::Sha256 hash_;
};

}  // namespace ferry::host
