#include "host/http/unpacker.hpp"

#include <new>
#include <string>

#include "host/base/text.hpp"
#include "host/http/transport_error.hpp"

namespace ferry::host {
namespace {

constexpr std::size_t buffer_size = 256u << 10;
constexpr std::uint64_t harmless = 8u << 20;  // smaller than this, no ratio is a danger

bool is_zlib(std::string_view packed) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(packed[i]); };
  if (packed.size() == 1) return (byte(0) & 15) == 8;
  return (byte(0) & 15) == 8 && (byte(0) * 256 + byte(1)) % 31 == 0;
}

}  // namespace

Unpacker::Unpacker(bool gzip, int max_ratio)
    : gzip_(gzip), max_ratio_(static_cast<std::uint64_t>(max_ratio)), buffer_(buffer_size) {
  if (inflateInit2(&stream_, gzip ? 15 + 16 : 15) != Z_OK) throw std::bad_alloc();
}

Unpacker::~Unpacker() { inflateEnd(&stream_); }

void Unpacker::start(std::string_view packed) {
  if (!gzip_ && !is_zlib(packed)) inflateReset2(&stream_, -15);
  state_ = State::within;
}

void Unpacker::write(std::string_view packed, const Sink& sink) {
  packed_ += packed.size();
  while (!packed.empty()) {
    if (state_ == State::before) start(packed);
    // A gzip body may have several members; anything else after the end is padding.
    if (state_ == State::between) {
      if (packed[0] != '\x1f')
        state_ = State::after;
      else
        inflateReset(&stream_), state_ = State::within;
    }
    if (state_ == State::after) return;
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
    stream_.avail_in = static_cast<uInt>(packed.size());
    int result = Z_OK;
    do {
      stream_.next_out = reinterpret_cast<Bytef*>(buffer_.data());
      stream_.avail_out = static_cast<uInt>(buffer_.size());
      result = inflate(&stream_, Z_NO_FLUSH);
      if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
        throw TransportError(Trouble::truncated, std::string("the packed body is damaged (") +
                                                     (stream_.msg != nullptr ? stream_.msg : "no reason given") + ")");
      const std::size_t got = buffer_.size() - stream_.avail_out;
      unpacked_ += got;
      if (unpacked_ > harmless && unpacked_ / max_ratio_ > packed_)
        throw TransportError(Trouble::too_large, human_bytes(packed_) + " received unpack to more than " +
                                                     std::to_string(max_ratio_) + " times as much");
      if (got > 0) sink({buffer_.data(), got});
    } while (result == Z_OK && stream_.avail_out == 0);
    packed.remove_prefix(packed.size() - stream_.avail_in);
    if (result == Z_STREAM_END) state_ = gzip_ ? State::between : State::after;
  }
}

void Unpacker::finish() const {
  if (state_ == State::within) throw TransportError(Trouble::truncated, "the packed body ended before its end");
}

}  // namespace ferry::host
