// ZIP archives: building one entry by entry, and reading one that somebody else made without trusting it.
//
// Both work on an open descriptor, stream, and keep no content in memory. Not thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace ferry::host {

struct ArchiveLimits {
  static constexpr std::uint64_t small_bytes = 1 << 20;  // up to here any ratio is harmless

  std::uint64_t entries = 200'000;
  std::uint64_t unpacked_bytes = 16ull << 30;
  std::uint64_t ratio = 1000;  // unpacked : packed, of one entry beyond small_bytes and of the whole
  std::uint64_t name_bytes = 1024;
  std::uint64_t all_names_bytes = 16u << 20;  // what the index may take in memory
};

// The name of the entry in which the host keeps a package's description:
// {"format":"ferry.package/1","connector":ID,...}
inline constexpr std::string_view description_entry = "ferry.package.json";

// Builds an archive: the same entries give the same bytes (fixed time stamps, order as given).
class ArchiveWriter {
 public:
  // fd: open for reading and writing, empty, not owned; it is written at positions, its offset stays. The limits are
  // those the archive will be read with: what the reader would refuse is not written (Failure(connector, code)).
  explicit ArchiveWriter(int fd, ArchiveLimits = {});
  ~ArchiveWriter();

  // Ends the entry begun before. Failure(connector, bad_entry_name) if the name is absolute, leaves the archive, is
  // empty, is no clean path ("a//b", "a/", "./a", control characters, not UTF-8) or was used before.
  void begin_entry(std::string_view name);
  void write(const void* data, std::size_t size);  // to the entry begun last
  void finish();                                   // the archive is complete

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

struct ArchiveEntry {
  std::string name;
  std::uint64_t bytes = 0;  // unpacked, as declared; reading more or less is a failure
};

// Opens an archive after checking all of its directory. Failure(usage, code) names what was refused and why; codes:
// not_an_archive, damaged_archive, entry_outside, entry_absolute, entry_link, entry_duplicate, bad_entry_name,
// archive_bomb, too_many_entries, unsupported_archive (encrypted, split, unknown compression).
// Names come out clean: "/" between components, no empty or "." component. Entries that are there twice with the same
// content are listed once.
class ArchiveReader {
 public:
  explicit ArchiveReader(int fd, ArchiveLimits = {});  // fd: not owned
  ~ArchiveReader();

  const std::vector<ArchiveEntry>& entries() const noexcept;  // files only; neither directories nor description_entry
  // The description the archive carries, "" if it has none.
  const std::string& description() const noexcept;
  // Streams the unpacked bytes; throws damaged_archive if size or checksum are not as declared, after the pieces that
  // came before the damage. What `piece` throws passes through.
  void read(std::size_t index, const std::function<void(std::string_view piece)>& piece);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ferry::host
