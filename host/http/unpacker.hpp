// Unpacks a gzip or deflate body while it streams.
//
// "deflate" is taken as zlib's format or, as some servers send it, bare. Memory is one buffer. Throws TransportError:
// truncated for what is damaged or incomplete, too_large for a bomb.
#pragma once

#include <zlib.h>

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

namespace ferry::host {

class Unpacker {
 public:
  using Sink = std::function<void(std::string_view)>;

  // max_ratio: how many times its packed size a body may have, once it is larger than a few MiB.
  Unpacker(bool gzip, int max_ratio);
  ~Unpacker();
  Unpacker(const Unpacker&) = delete;
  Unpacker& operator=(const Unpacker&) = delete;

  void write(std::string_view packed, const Sink&);
  void finish() const;  // throws if the end is missing

 private:
  enum class State { before, within, between, after };
  void start(std::string_view packed);

  bool gzip_;
  std::uint64_t max_ratio_;
  State state_ = State::before;
  z_stream stream_{};
  std::vector<char> buffer_;
  std::uint64_t packed_ = 0, unpacked_ = 0;
};

}  // namespace ferry::host
