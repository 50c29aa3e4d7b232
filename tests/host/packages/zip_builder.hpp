// Makes ZIP archives byte by byte, right ones and wrong ones, without any code of the host.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ferry::test {

struct ZipEntry {
  std::string name;
  std::string content;
  bool deflated = false;
  bool descriptor = false;       // sizes and checksum behind the content
  bool wide_descriptor = false;  // with eight bytes a size
  bool zip64_local = false;
  bool zip64_central = false;
  std::uint16_t flags = 0x0800;
  std::uint32_t attributes = 0100644u << 16;
  std::string central_extra;
  // Lies; what is not set is true.
  std::optional<std::string> local_name;
  std::optional<std::uint16_t> method;
  std::optional<std::uint16_t> local_method;
  std::optional<std::uint32_t> crc;        // everywhere
  std::optional<std::uint32_t> local_crc;  // in the local header alone
  std::optional<std::uint32_t> descriptor_crc;
  std::optional<std::uint64_t> packed;
  std::optional<std::uint64_t> unpacked;  // everywhere
  std::optional<std::uint64_t> local_unpacked;
  std::optional<std::uint64_t> header_at;
  std::optional<std::uint16_t> disk;
};

struct ZipOptions {
  std::string prefix = {};
  std::string comment = {};
  bool zip64_end = false;
  std::optional<std::uint64_t> entries = {};
  std::optional<std::uint16_t> disk = {};
  std::optional<std::uint64_t> directory_at = {};
};

std::string make_zip(const std::vector<ZipEntry>& entries, const ZipOptions& options = {});
std::uint32_t crc_of(const std::string& content);

}  // namespace ferry::test
