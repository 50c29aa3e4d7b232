#include "tests/host/packages/zip_builder.hpp"

#include <zlib.h>

#include <stdexcept>

namespace ferry::test {
namespace {

std::string number(std::uint64_t value, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i) & 0xff);
  return out;
}
std::string u16(std::uint64_t value) { return number(value, 2); }
std::string u32(std::uint64_t value) { return number(value, 4); }
std::string u64(std::uint64_t value) { return number(value, 8); }

std::string deflated(const std::string& content) {
  z_stream stream{};
  if (deflateInit2(&stream, 6, Z_DEFLATED, -MAX_WBITS, 9, Z_DEFAULT_STRATEGY) != Z_OK) throw std::bad_alloc();
  std::string out(deflateBound(&stream, content.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(out.size() - stream.avail_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace

std::uint32_t crc_of(const std::string& content) {
  return static_cast<std::uint32_t>(
      ::crc32_z(0, reinterpret_cast<const Bytef*>(content.data()), static_cast<z_size_t>(content.size())));
}

std::string make_zip(const std::vector<ZipEntry>& entries, const ZipOptions& options) {
  std::string out = options.prefix;
  std::string directory;
  for (const ZipEntry& entry : entries) {
    const std::string data = entry.deflated ? deflated(entry.content) : entry.content;
    const std::uint64_t header_at = entry.header_at.value_or(out.size());
    const std::uint32_t crc = entry.crc.value_or(crc_of(entry.content));
    const std::uint64_t packed = entry.packed.value_or(data.size());
    const std::uint64_t unpacked = entry.unpacked.value_or(entry.content.size());
    const std::uint16_t method = entry.method.value_or(entry.deflated ? 8 : 0);
    const std::uint16_t flags = static_cast<std::uint16_t>(entry.flags | (entry.descriptor ? 8 : 0));
    const std::string& local_name = entry.local_name.value_or(entry.name);
    const bool later = entry.descriptor;
    const std::uint64_t local_packed = later ? 0 : packed;
    const std::uint64_t local_unpacked = later ? 0 : entry.local_unpacked.value_or(unpacked);

    const std::string local_extra =
        entry.zip64_local ? u16(1) + u16(16) + u64(local_unpacked) + u64(local_packed) : std::string();
    out += u32(0x04034b50) + u16(20) + u16(flags) + u16(entry.local_method.value_or(method)) + u16(0) + u16(0x21);
    out += u32(later ? 0 : entry.local_crc.value_or(crc));
    out += entry.zip64_local ? u32(0xffffffff) + u32(0xffffffff) : u32(local_packed) + u32(local_unpacked);
    out += u16(local_name.size()) + u16(local_extra.size()) + local_name + local_extra + data;
    if (entry.descriptor) {
      out += u32(0x08074b50) + u32(entry.descriptor_crc.value_or(crc));
      out += entry.wide_descriptor ? u64(packed) + u64(unpacked) : u32(packed) + u32(unpacked);
    }

    std::string extra = entry.central_extra;
    if (entry.zip64_central) extra += u16(1) + u16(24) + u64(unpacked) + u64(packed) + u64(header_at);
    directory +=
        u32(0x02014b50) + u16(3 << 8 | 20) + u16(20) + u16(flags) + u16(method) + u16(0) + u16(0x21) + u32(crc);
    directory += entry.zip64_central ? u32(0xffffffff) + u32(0xffffffff) : u32(packed) + u32(unpacked);
    directory += u16(entry.name.size()) + u16(extra.size()) + u16(0) + u16(entry.disk.value_or(0)) + u16(0);
    directory += u32(entry.attributes) + u32(entry.zip64_central ? 0xffffffff : header_at) + entry.name + extra;
  }
  const std::uint64_t directory_at = options.directory_at.value_or(out.size());
  const std::uint64_t count = options.entries.value_or(entries.size());
  out += directory;
  if (options.zip64_end) {
    const std::uint64_t end_at = out.size();
    out += u32(0x06064b50) + u64(44) + u16(45) + u16(45) + u32(0) + u32(0) + u64(count) + u64(count);
    out += u64(directory.size()) + u64(directory_at) + u32(0x07064b50) + u32(0) + u64(end_at) + u32(1);
  }
  out += u32(0x06054b50) + u16(options.disk.value_or(0)) + u16(options.disk.value_or(0));
  out += options.zip64_end ? u16(0xffff) + u16(0xffff) + u32(0xffffffff) + u32(0xffffffff)
                           : u16(count) + u16(count) + u32(directory.size()) + u32(directory_at);
  return out + u16(options.comment.size()) + options.comment;
}

}  // namespace ferry::test
