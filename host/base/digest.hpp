// SHA-256 of a stream of bytes, by OpenSSL (which uses the processor's SHA instructions where it has them).
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace ferry::host {

class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  void update(const void* data, std::size_t size);
  std::string finish();  // lower-case hex; the object begins anew

  static std::string of(std::string_view bytes);
  static std::string of_fd(int fd);  // from its beginning to its end, without moving its offset; throws Failure

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

}  // namespace ferry::host
