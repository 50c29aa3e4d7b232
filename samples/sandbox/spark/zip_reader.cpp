#include <zlib.h>

#include <algorithm>

#include "samples/sandbox/spark/zip.hpp"

namespace sandbox::spark {

namespace {

std::uint32_t number_at(std::string_view bytes, std::uint64_t at, std::size_t count) {
  if (at + count > bytes.size()) throw NotAZip{"The archive ends in the middle of an entry."};
  std::uint32_t number = 0;
  for (std::size_t digit = count; digit-- > 0;) {
    number = number << 8 | static_cast<unsigned char>(bytes[static_cast<std::size_t>(at) + digit]);
  }
  return number;
}

std::string_view part(std::string_view bytes, std::uint64_t at, std::uint64_t size) {
  if (at > bytes.size() || size > bytes.size() - at) throw NotAZip{"The archive ends in the middle of an entry."};
  return bytes.substr(static_cast<std::size_t>(at), static_cast<std::size_t>(size));
}

void require_sign(std::string_view bytes, std::uint64_t at, std::uint32_t sign) {
  if (number_at(bytes, at, 4) != sign) throw NotAZip{"The archive's directory is damaged."};
}

std::uint64_t find_end(std::string_view bytes) {
  constexpr std::size_t size = 22, longest_comment = 65535;
  const std::string_view sign("PK\5\6", 4);
  const std::size_t first = bytes.size() > size + longest_comment ? bytes.size() - size - longest_comment : 0;
  const std::size_t found = bytes.substr(first).rfind(sign);
  if (bytes.size() < size || found == std::string_view::npos) throw NotAZip{"The file is not a ZIP archive."};
  return first + found;
}

std::string inflated(const ZipEntry& entry) {
  // A made-up size may promise what no memory holds.
  constexpr std::uint64_t most = 1u << 30;
  if (entry.size > most) throw NotAZip{"The entry " + entry.path + " is too large."};
  std::string content(static_cast<std::size_t>(entry.size), '\0');
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) throw NotAZip{"The archive cannot be inflated."};
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(entry.stored.data()));
  stream.avail_in = static_cast<uInt>(entry.stored.size());
  stream.next_out = reinterpret_cast<Bytef*>(content.data());
  stream.avail_out = static_cast<uInt>(content.size());
  const int result = inflate(&stream, Z_FINISH);
  const bool is_whole = result == Z_STREAM_END && stream.total_out == entry.size;
  inflateEnd(&stream);
  if (!is_whole) throw NotAZip{"The entry " + entry.path + " is damaged."};
  return content;
}

void require_crc(const ZipEntry& entry, std::string_view content) {
  const uLong crc = crc32_z(0, reinterpret_cast<const Bytef*>(content.data()), content.size());
  if (crc != entry.crc) throw NotAZip{"The entry " + entry.path + " is damaged."};
}

}  // namespace

std::string ZipEntry::content() const {
  std::string content = is_deflated ? inflated(*this) : std::string(stored);
  require_crc(*this, content);
  return content;
}

void ZipEntry::check() const {
  if (is_deflated) {
    content();
  } else {
    require_crc(*this, stored);
  }
}

std::vector<ZipEntry> read_zip(std::string_view bytes) {
  const std::uint64_t end = find_end(bytes);
  const std::uint32_t count = number_at(bytes, end + 10, 2);
  std::uint64_t at = number_at(bytes, end + 16, 4);
  std::vector<ZipEntry> entries;
  for (std::uint32_t index = 0; index < count; ++index) {
    require_sign(bytes, at, 0x02014b50);
    const std::uint32_t flags = number_at(bytes, at + 8, 2), method = number_at(bytes, at + 10, 2);
    const std::uint32_t stored_size = number_at(bytes, at + 20, 4), name_size = number_at(bytes, at + 28, 2);
    ZipEntry entry;
    entry.crc = number_at(bytes, at + 16, 4);
    entry.size = number_at(bytes, at + 24, 4);
    entry.path = part(bytes, at + 46, name_size);
    if ((flags & 1) != 0 || (method != 0 && method != 8)) {
      throw NotAZip{"The entry " + entry.path + " is encrypted or compressed in a way that is not read."};
    }
    entry.is_deflated = method == 8;
    const std::uint64_t local = number_at(bytes, at + 42, 4);
    require_sign(bytes, local, 0x04034b50);
    const std::uint64_t start = local + 30 + number_at(bytes, local + 26, 2) + number_at(bytes, local + 28, 2);
    entry.stored = part(bytes, start, stored_size);
    if (!entry.is_deflated && stored_size != entry.size) throw NotAZip{"The entry " + entry.path + " is damaged."};
    entries.push_back(std::move(entry));
    at += 46 + name_size + number_at(bytes, at + 30, 2) + number_at(bytes, at + 32, 2);
  }
  return entries;
}

}  // namespace sandbox::spark
