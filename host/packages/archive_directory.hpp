// The directory of a ZIP somebody else made, read and checked as a whole before any content is touched.
//
// Our own scanner rather than Poco's: it is bounded in memory and time, believes no length, and looks at what Poco does
// not (attributes, overlaps, local headers that say something else, the second end record of a doctored archive).
// Every failure is Failure(usage, code) with the codes of ArchiveReader, naming the entry.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "host/packages/archive.hpp"
#include "host/packages/file_window.hpp"

namespace ferry::host {

// Where the central directory is, from the record at the archive's end.
struct ArchiveEnd {
  std::uint64_t entries = 0;
  std::uint64_t directory_at = 0;
  std::uint64_t directory_bytes = 0;
};

struct StoredEntry {
  std::string name;  // clean
  std::uint64_t packed = 0;
  std::uint64_t unpacked = 0;
  std::uint64_t header_at = 0;
  std::uint64_t data_at = 0;  // known once the local headers were checked
  std::uint32_t crc = 0;
  std::uint16_t method = 0;
  bool directory = false;
};

[[noreturn]] void refuse(const char* code, const std::string& message);
[[noreturn]] void refuse_entry(const char* code, std::string_view name, const std::string& what);

ArchiveEnd find_archive_end(FileWindow&);
// The entries in the directory's order: names, kinds, sizes, methods, limits.
std::vector<StoredEntry> read_central_directory(FileWindow&, const ArchiveEnd&, const ArchiveLimits&);
// What lies in front of each entry's data agrees with the directory, and nothing overlaps. Sets data_at.
void check_local_headers(FileWindow&, const ArchiveEnd&, std::vector<StoredEntry>&);

}  // namespace ferry::host
