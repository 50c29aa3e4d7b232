#include <Poco/Exception.h>
#include <Poco/Zip/ZipLocalFileHeader.h>
#include <Poco/Zip/ZipStream.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <istream>
#include <numeric>

#include "host/base/digest.hpp"
#include "host/base/failure.hpp"
#include "host/packages/archive.hpp"
#include "host/packages/archive_directory.hpp"
#include "host/packages/descriptor_path.hpp"

namespace ferry::host {
namespace {

constexpr std::size_t piece_bytes = 256u << 10;
constexpr std::size_t source_bytes = 64u << 10;
constexpr std::size_t directory_step = 64u << 10;
constexpr std::uint64_t longest_description = 1u << 20;

using Piece = std::function<void(std::string_view)>;

// Where an entry's content is; the names are in the list the reader shows.
struct Location {
  std::uint64_t data_at = 0;
  std::uint64_t packed = 0;
  std::uint64_t unpacked = 0;
  std::uint32_t crc = 0;
  std::uint16_t method = 0;
};

Location location_of(const StoredEntry& entry) {
  return {entry.data_at, entry.packed, entry.unpacked, entry.crc, entry.method};
}

// The header as Poco wants it, made from what was checked rather than parsed again: sizes and checksum are those of the
// directory, so an entry with a data descriptor is read like any other.
Poco::Zip::ZipLocalFileHeader poco_header(const Location& location) {
  Poco::Zip::ZipLocalFileHeader header(Poco::Path("entry", Poco::Path::PATH_UNIX), Poco::DateTime(1980, 1, 1),
                                       static_cast<Poco::Zip::ZipCommon::CompressionMethod>(location.method),
                                       Poco::Zip::ZipCommon::CL_NORMAL);
  header.setCRC(location.crc);
  header.setCompressedSize(location.packed);
  header.setUncompressedSize(location.unpacked);
  header.setStartPos(static_cast<std::streamoff>(location.data_at) - header.getHeaderSize());
  return header;
}

}  // namespace

class ArchiveReader::Impl {
 public:
  Impl(int fd, ArchiveLimits limits) : fd_(fd) {
    struct stat status {};
    if (::fstat(fd, &status) != 0) throw_errno("reading " + descriptor_path(fd), errno);
    if (!S_ISREG(status.st_mode)) refuse("not_an_archive", descriptor_path(fd) + " is no regular file");
    FileWindow file(fd, static_cast<std::uint64_t>(status.st_size), directory_step);
    const ArchiveEnd end = find_archive_end(file);
    std::vector<StoredEntry> stored = read_central_directory(file, end, limits);
    check_local_headers(file, end, stored);
    drop_duplicates(stored);
    for (StoredEntry& entry : stored) {
      if (entry.directory) continue;
      if (entry.name == description_entry) {
        read_description(entry);
        continue;
      }
      locations_.push_back(location_of(entry));
      entries_.push_back({std::move(entry.name), entry.unpacked});
    }
  }

  const std::vector<ArchiveEntry>& entries() const noexcept { return entries_; }
  const std::string& description() const noexcept { return description_; }
  void read(std::size_t index, const Piece& piece) { unpack(entries_.at(index).name, locations_.at(index), piece); }

 private:
  // Two buffers of bounded size whatever the entry's; no state of the reader, so `piece` may read another entry.
  void unpack(const std::string& name, const Location& location, const Piece& piece) const {
    FileStreamBuffer source(fd_, static_cast<std::size_t>(std::min<std::uint64_t>(location.packed, source_bytes)));
    std::istream stream(&source);
    const Poco::Zip::ZipLocalFileHeader header = poco_header(location);
    Poco::Zip::ZipInputStream unpacked(stream, header, true);
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(location.unpacked + 1, piece_bytes));
    const auto buffer = std::make_unique_for_overwrite<char[]>(size);
    std::uint64_t total = 0;
    for (;;) {
      const std::size_t got = next_piece(name, unpacked, buffer.get(), size);
      source.rethrow();
      if (got == 0) break;
      total += got;
      if (total > location.unpacked)
        refuse_entry("damaged_archive", name,
                     "unpacks to more than the " + std::to_string(location.unpacked) + " bytes it declares");
      piece(std::string_view(buffer.get(), got));
    }
    if (total != location.unpacked)
      refuse_entry("damaged_archive", name,
                   "unpacks to " + std::to_string(total) + " bytes and declares " + std::to_string(location.unpacked) +
                       "; fetch or make the archive anew");
  }

  // Not through istream::read, which would swallow that Poco found a wrong checksum at the end.
  static std::size_t next_piece(const std::string& name, Poco::Zip::ZipInputStream& unpacked, char* buffer,
                                std::size_t size) {
    try {
      return static_cast<std::size_t>(
          std::max<std::streamsize>(0, unpacked.rdbuf()->sgetn(buffer, static_cast<std::streamsize>(size))));
    } catch (const Poco::Exception&) {
      refuse_checksum(name);
    }
  }

  [[noreturn]] static void refuse_checksum(const std::string& name) {
    refuse_entry("damaged_archive", name, "does not have the checksum it declares; fetch or make the archive anew");
  }

  // Real packages hold the same entry twice; which of two different ones counts would be anybody's guess.
  void drop_duplicates(std::vector<StoredEntry>& entries) const {
    std::vector<std::uint32_t> order(entries.size());
    std::iota(order.begin(), order.end(), 0u);
    std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
      const int compared = entries[a].name.compare(entries[b].name);
      return compared < 0 || (compared == 0 && a < b);
    });
    std::vector<bool> dropped(entries.size());
    bool any = false;
    for (std::size_t i = 1; i < order.size(); ++i) {
      const StoredEntry& first = entries[order[i - 1]];
      const StoredEntry& second = entries[order[i]];
      if (first.name != second.name) continue;
      if (!same_content(first, second))
        refuse_entry("entry_duplicate", first.name, "is there more than once, with different content");
      dropped[order[i]] = any = true;
    }
    if (!any) return;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < entries.size(); ++i)
      if (!dropped[i]) {
        if (kept != i) entries[kept] = std::move(entries[i]);
        ++kept;
      }
    entries.resize(kept);
  }

  bool same_content(const StoredEntry& first, const StoredEntry& second) const {
    if (first.directory != second.directory) return false;
    if (first.directory) return true;
    if (first.unpacked != second.unpacked || first.crc != second.crc) return false;
    return hash_of(first) == hash_of(second);  // two contents with one CRC are easily made
  }

  std::string hash_of(const StoredEntry& entry) const {
    Sha256 hash;
    unpack(entry.name, location_of(entry), [&](std::string_view piece) { hash.update(piece.data(), piece.size()); });
    return hash.finish();
  }

  void read_description(const StoredEntry& entry) {
    if (entry.unpacked > longest_description)
      refuse_entry("archive_bomb", entry.name,
                   "is a description of " + std::to_string(entry.unpacked) + " bytes; " +
                       std::to_string(longest_description) + " are allowed");
    unpack(entry.name, location_of(entry), [&](std::string_view piece) { description_ += piece; });
  }

  const int fd_;
  std::vector<ArchiveEntry> entries_;
  std::vector<Location> locations_;
  std::string description_;
};

ArchiveReader::ArchiveReader(int fd, ArchiveLimits limits) : impl_(std::make_unique<Impl>(fd, limits)) {}
ArchiveReader::~ArchiveReader() = default;
const std::vector<ArchiveEntry>& ArchiveReader::entries() const noexcept { return impl_->entries(); }
const std::string& ArchiveReader::description() const noexcept { return impl_->description(); }
void ArchiveReader::read(std::size_t index, const Piece& piece) { impl_->read(index, piece); }

}  // namespace ferry::host
