#include <algorithm>
#include <numeric>

#include "host/packages/archive_directory.hpp"
#include "host/packages/entry_name.hpp"
#include "host/packages/zip_format.hpp"

namespace ferry::host {
namespace {

[[noreturn]] void disagree(const StoredEntry& entry, const std::string& what) {
  refuse_entry("damaged_archive", entry.name, "is described in two ways: " + what);
}

struct Sizes {
  std::uint64_t packed = 0;
  std::uint64_t unpacked = 0;
};

Sizes local_sizes(const StoredEntry& entry, std::string_view fixed, std::string_view extra) {
  Sizes sizes{zip::get32(fixed, 18), zip::get32(fixed, 22)};
  bool complete = true;
  const bool well_formed = zip::for_each_extra(extra, [&](std::uint16_t id, std::string_view field) {
    if (id != zip::extra_zip64) return;
    for (std::uint64_t* number : {&sizes.unpacked, &sizes.packed}) {
      if (*number != zip::magic32) continue;
      if (field.size() < 8) {
        complete = false;
        return;
      }
      *number = zip::get64(field, 0);
      field.remove_prefix(8);
    }
  });
  if (!well_formed || !complete) refuse_entry("damaged_archive", entry.name, "has a malformed extra field");
  return sizes;
}

// Behind the data of an entry whose sizes were not known beforehand: with or without signature, narrow or wide.
bool descriptor_agrees(const StoredEntry& entry, std::string_view bytes) {
  for (const std::size_t prefix : {std::size_t{4}, std::size_t{0}}) {
    if (prefix == 4 && (bytes.size() < 4 || zip::get32(bytes, 0) != zip::descriptor_signature)) continue;
    const std::string_view body = bytes.substr(prefix);
    if (body.size() < 12 || zip::get32(body, 0) != entry.crc) continue;
    if (zip::get32(body, 4) == entry.packed && zip::get32(body, 8) == entry.unpacked) return true;
    if (body.size() >= 20 && zip::get64(body, 4) == entry.packed && zip::get64(body, 12) == entry.unpacked) return true;
  }
  return false;
}

// `limit`: where the next entry or the directory begins.
void check_local_header(FileWindow& file, StoredEntry& entry, std::uint64_t limit) {
  if (limit < entry.header_at || limit - entry.header_at < zip::local_bytes)
    refuse_entry("damaged_archive", entry.name, "overlaps with another entry or the directory");
  const std::uint64_t room = limit - entry.header_at;
  std::string_view fixed = file.at(entry.header_at, zip::local_bytes);
  if (zip::get32(fixed, 0) != zip::local_signature)
    refuse_entry("damaged_archive", entry.name, "is not where the directory says");
  const std::size_t name_bytes = zip::get16(fixed, 26);
  const std::size_t extra_bytes = zip::get16(fixed, 28);
  const std::size_t header_bytes = zip::local_bytes + name_bytes + extra_bytes;
  if (room < header_bytes || room - header_bytes < entry.packed)
    refuse_entry("damaged_archive", entry.name, "overlaps with another entry or the directory");
  const std::string_view all = file.at(entry.header_at, header_bytes);
  fixed = all.substr(0, zip::local_bytes);
  const std::string_view name = all.substr(zip::local_bytes, name_bytes);
  if (clean_entry_name(name) != entry.name)
    disagree(entry, "in front of it stands the name " + quoted_entry_name(name));
  const std::uint16_t flags = zip::get16(fixed, 6);
  if (flags & (zip::flag_encrypted | zip::flag_strong_encryption))
    refuse_entry("unsupported_archive", entry.name, "is encrypted; make the archive without a password");
  if (zip::get16(fixed, 8) != entry.method) disagree(entry, "two compression methods");

  const std::uint32_t crc = zip::get32(fixed, 14);
  const Sizes sizes = local_sizes(entry, fixed, all.substr(zip::local_bytes + name_bytes));
  const bool later = (flags & zip::flag_descriptor) != 0;
  const auto fits = [later](std::uint64_t local, std::uint64_t central) {
    return local == central || (later && (local == 0 || local == zip::magic32));
  };
  if (!fits(crc, entry.crc)) disagree(entry, "two checksums");
  if (!fits(sizes.packed, entry.packed) || !fits(sizes.unpacked, entry.unpacked)) disagree(entry, "two sizes");
  entry.data_at = entry.header_at + header_bytes;
  // Some tools set the flag for directories and write no descriptor.
  if (later && !entry.directory) {
    const std::uint64_t behind = entry.data_at + entry.packed;
    const auto bytes = static_cast<std::size_t>(std::min<std::uint64_t>(24, limit - behind));
    if (!descriptor_agrees(entry, file.at(behind, bytes)))
      disagree(entry, "sizes or checksum behind its content differ");
  }
}

}  // namespace

void check_local_headers(FileWindow& file, const ArchiveEnd& end, std::vector<StoredEntry>& entries) {
  std::vector<std::uint32_t> order(entries.size());
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(),
            [&](std::uint32_t a, std::uint32_t b) { return entries[a].header_at < entries[b].header_at; });
  for (std::size_t i = 0; i < order.size(); ++i) {
    const std::uint64_t limit = i + 1 < order.size() ? entries[order[i + 1]].header_at : end.directory_at;
    check_local_header(file, entries[order[i]], std::min(limit, end.directory_at));
  }
}

}  // namespace ferry::host
