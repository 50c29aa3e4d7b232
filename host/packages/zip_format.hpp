// The numbers of the ZIP format (PKWARE APPNOTE 6.3) that reader and writer share, and little-endian access.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ferry::host::zip {

inline constexpr std::uint32_t local_signature = 0x04034b50;
inline constexpr std::uint32_t central_signature = 0x02014b50;
inline constexpr std::uint32_t descriptor_signature = 0x08074b50;
inline constexpr std::uint32_t end_signature = 0x06054b50;
inline constexpr std::uint32_t end64_signature = 0x06064b50;
inline constexpr std::uint32_t locator64_signature = 0x07064b50;

inline constexpr std::size_t local_bytes = 30;
inline constexpr std::size_t central_bytes = 46;
inline constexpr std::size_t end_bytes = 22;
inline constexpr std::size_t end64_bytes = 56;
inline constexpr std::size_t locator64_bytes = 20;

inline constexpr std::uint16_t extra_zip64 = 0x0001;
inline constexpr std::uint16_t extra_unicode_path = 0x7075;

inline constexpr std::uint16_t method_stored = 0;
inline constexpr std::uint16_t method_deflated = 8;

inline constexpr std::uint16_t flag_encrypted = 0x0001;
inline constexpr std::uint16_t flag_descriptor = 0x0008;
inline constexpr std::uint16_t flag_patch = 0x0020;
inline constexpr std::uint16_t flag_strong_encryption = 0x0040;
inline constexpr std::uint16_t flag_utf8 = 0x0800;
inline constexpr std::uint16_t flag_masked = 0x2000;

// "Look in the Zip64 extra field".
inline constexpr std::uint32_t magic32 = 0xffffffff;
inline constexpr std::uint16_t magic16 = 0xffff;

template <class Number>
Number get(std::string_view bytes, std::size_t at) noexcept {
  Number value = 0;
  for (std::size_t i = sizeof(Number); i-- > 0;)
    value = static_cast<Number>(static_cast<std::uint64_t>(value) << 8 | static_cast<unsigned char>(bytes[at + i]));
  return value;
}
inline std::uint16_t get16(std::string_view bytes, std::size_t at) noexcept { return get<std::uint16_t>(bytes, at); }
inline std::uint32_t get32(std::string_view bytes, std::size_t at) noexcept { return get<std::uint32_t>(bytes, at); }
inline std::uint64_t get64(std::string_view bytes, std::size_t at) noexcept { return get<std::uint64_t>(bytes, at); }

// Appends numbers to a string, one after the other.
class Putter {
 public:
  explicit Putter(std::string& out) : out_(out) {}
  Putter& u16(std::uint64_t value) { return put(value, 2); }
  Putter& u32(std::uint64_t value) { return put(value, 4); }
  Putter& u64(std::uint64_t value) { return put(value, 8); }
  Putter& bytes(std::string_view value) {
    out_ += value;
    return *this;
  }

 private:
  Putter& put(std::uint64_t value, int size) {
    for (int i = 0; i < size; ++i) out_ += static_cast<char>(value >> (8 * i) & 0xff);
    return *this;
  }
  std::string& out_;
};

// Calls visit(id, content) for every extra field; false if the block is malformed.
template <class Visit>
bool for_each_extra(std::string_view extra, Visit visit) {
  while (extra.size() >= 4) {
    const std::size_t size = get16(extra, 2);
    if (size > extra.size() - 4) return false;
    visit(get16(extra, 0), extra.substr(4, size));
    extra.remove_prefix(4 + size);
  }
  return true;  // up to three stray bytes are common padding
}

}  // namespace ferry::host::zip
