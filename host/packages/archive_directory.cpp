#include "host/packages/archive_directory.hpp"

#include <sys/stat.h>

#include <zlib.h>

#include <algorithm>
#include <numeric>

#include "host/base/failure.hpp"
#include "host/base/text.hpp"
#include "host/packages/entry_name.hpp"
#include "host/packages/zip_format.hpp"

namespace ferry::host {
namespace {

[[noreturn]] void refuse_directory(std::uint64_t index, const std::string& what) {
  refuse("damaged_archive", "the archive's directory is damaged at entry " + std::to_string(index + 1) + ": " + what +
                                "; fetch or make the archive anew");
}

// One record of the central directory; the views point into the window.
struct Record {
  std::string_view fixed;
  std::string_view name;
  std::string_view extra;
  std::uint64_t bytes = 0;
};

Record record_at(FileWindow& file, std::uint64_t at, std::uint64_t directory_end, std::uint64_t index) {
  if (directory_end - at < zip::central_bytes) refuse_directory(index, "it ends too early");
  const std::string_view fixed = file.at(at, zip::central_bytes);
  if (zip::get32(fixed, 0) != zip::central_signature) refuse_directory(index, "no entry is there");
  const std::size_t name = zip::get16(fixed, 28);
  const std::size_t extra = zip::get16(fixed, 30);
  const std::size_t total = zip::central_bytes + name + extra + zip::get16(fixed, 32);
  if (directory_end - at < total) refuse_directory(index, "the entry is longer than the directory");
  const std::string_view all = file.at(at, total);
  return {all.substr(0, zip::central_bytes), all.substr(zip::central_bytes, name),
          all.substr(zip::central_bytes + name, extra), total};
}

// A tool that reads the Unicode Path field would use that name, another one the plain name.
void check_second_name(std::string_view name, std::string_view field) {
  if (field.size() < 5 || field[0] != 1) return;
  const auto crc = ::crc32_z(0, reinterpret_cast<const Bytef*>(name.data()), name.size());
  if (zip::get32(field, 1) == crc && field.substr(5) != name)
    refuse_entry("bad_entry_name", name, "has a second name, " + quoted_entry_name(field.substr(5)));
}

void check_name(std::string_view name, const ArchiveLimits& limits) {
  if (const NameVerdict verdict = check_entry_name(name); !verdict.code.empty())
    refuse_entry(std::string(verdict.code).c_str(), name, std::string(verdict.reason));
  if (name.size() > limits.name_bytes)
    refuse_entry("bad_entry_name", name,
                 "has a name of " + std::to_string(name.size()) + " bytes; " + std::to_string(limits.name_bytes) +
                     " are allowed");
}

// Unix modes stand in the upper half of the attributes, whichever system the entry claims to come from.
void check_kind(const Record& record, StoredEntry& entry) {
  const std::uint32_t mode = zip::get32(record.fixed, 38) >> 16;
  switch (mode & S_IFMT) {
    case 0:
    case S_IFREG: break;
    case S_IFDIR:
      if (entry.unpacked == 0) entry.directory = true;
      break;
    case S_IFLNK: refuse_entry("entry_link", record.name, "is a symbolic link");
    default: refuse_entry("entry_link", record.name, "is a special file (device, pipe or socket)");
  }
  if (record.name.back() == '/' || record.name.back() == '\\') entry.directory = true;
  if (entry.directory && entry.unpacked != 0)
    refuse_entry("damaged_archive", record.name, "is a directory, yet has content");
}

void check_method(const Record& record, const StoredEntry& entry) {
  const std::uint16_t flags = zip::get16(record.fixed, 8);
  if (flags & (zip::flag_encrypted | zip::flag_strong_encryption | zip::flag_masked))
    refuse_entry("unsupported_archive", record.name, "is encrypted; make the archive without a password");
  if (flags & zip::flag_patch) refuse_entry("unsupported_archive", record.name, "is a patch, not a file");
  if (entry.method != zip::method_stored && entry.method != zip::method_deflated)
    refuse_entry("unsupported_archive", record.name,
                 "is packed by method " + std::to_string(entry.method) + "; make the archive with deflate");
  if (entry.method == zip::method_stored && entry.packed != entry.unpacked)
    refuse_entry("damaged_archive", record.name, "is stored, yet its two sizes differ");
}

// Numbers that do not fit stand in the Zip64 field, in this order and only then.
void read_numbers(const Record& record, StoredEntry& entry) {
  entry.method = zip::get16(record.fixed, 10);
  entry.crc = zip::get32(record.fixed, 16);
  entry.packed = zip::get32(record.fixed, 20);
  entry.unpacked = zip::get32(record.fixed, 24);
  entry.header_at = zip::get32(record.fixed, 42);
  const std::uint16_t disk = zip::get16(record.fixed, 34);
  bool seen = false;
  bool complete = true;
  const bool well_formed = zip::for_each_extra(record.extra, [&](std::uint16_t id, std::string_view field) {
    if (id == zip::extra_unicode_path) check_second_name(record.name, field);
    if (id != zip::extra_zip64 || seen) return;
    seen = true;
    for (std::uint64_t* number : {&entry.unpacked, &entry.packed, &entry.header_at}) {
      if (*number != zip::magic32) continue;
      if (field.size() < 8) {
        complete = false;
        return;
      }
      *number = zip::get64(field, 0);
      field.remove_prefix(8);
    }
  });
  if (!well_formed || !complete) refuse_entry("damaged_archive", record.name, "has a malformed extra field");
  if (disk != 0 && !(seen && disk == zip::magic16))
    refuse_entry("unsupported_archive", record.name, "lies in another part of a split archive");
}

void check_sizes(const Record& record, const StoredEntry& entry, const ArchiveLimits& limits,
                 std::uint64_t& total_unpacked) {
  if (entry.unpacked > limits.unpacked_bytes - total_unpacked)
    refuse_entry("archive_bomb", record.name,
                 "brings the unpacked size beyond " + human_bytes(limits.unpacked_bytes) + " (it declares " +
                     human_bytes(entry.unpacked) + ")");
  total_unpacked += entry.unpacked;
  if (entry.unpacked > ArchiveLimits::small_bytes && entry.unpacked / limits.ratio > entry.packed)
    refuse_entry("archive_bomb", record.name,
                 "declares to unpack " + human_bytes(entry.packed) + " to " + human_bytes(entry.unpacked) +
                     ", more than " + std::to_string(limits.ratio) + " : 1");
}

}  // namespace

void refuse(const char* code, const std::string& message) { throw Failure(Fault::usage, code, message); }

void refuse_entry(const char* code, std::string_view name, const std::string& what) {
  refuse(code, "the archive was refused: its entry " + quoted_entry_name(name) + " " + what);
}

std::vector<StoredEntry> read_central_directory(FileWindow& file, const ArchiveEnd& end, const ArchiveLimits& limits) {
  if (end.entries > limits.entries)
    refuse("too_many_entries", "the archive was refused: it has " + std::to_string(end.entries) + " entries; " +
                                   std::to_string(limits.entries) + " are allowed");
  if (end.directory_bytes / zip::central_bytes < end.entries)
    refuse_directory(end.entries, "the directory is too short for the entries it counts");
  std::vector<StoredEntry> entries;
  entries.reserve(static_cast<std::size_t>(end.entries));
  std::uint64_t total_unpacked = 0;
  std::uint64_t all_names_bytes = 0;
  std::uint64_t at = end.directory_at;
  const std::uint64_t directory_end = end.directory_at + end.directory_bytes;
  for (std::uint64_t i = 0; i < end.entries; ++i) {
    const Record record = record_at(file, at, directory_end, i);
    at += record.bytes;
    StoredEntry entry;
    check_name(record.name, limits);
    read_numbers(record, entry);
    check_kind(record, entry);
    check_method(record, entry);
    check_sizes(record, entry, limits, total_unpacked);
    entry.name = clean_entry_name(record.name);
    if (entry.name.empty() && !entry.directory) refuse_entry("bad_entry_name", record.name, "has no name");
    if ((all_names_bytes += entry.name.size()) > limits.all_names_bytes)
      refuse("too_many_entries",
             "the archive was refused: the names of its entries take more than " + human_bytes(limits.all_names_bytes));
    entries.push_back(std::move(entry));
  }
  if (at != directory_end) refuse_directory(end.entries, "more entries follow than the archive counts");
  if (total_unpacked > ArchiveLimits::small_bytes && total_unpacked / limits.ratio > file.file_bytes())
    refuse("archive_bomb", "the archive was refused: its " + human_bytes(file.file_bytes()) + " declare to unpack to " +
                               human_bytes(total_unpacked) + ", more than " + std::to_string(limits.ratio) + " : 1");
  return entries;
}

}  // namespace ferry::host
