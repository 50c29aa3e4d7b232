#include <optional>

#include "host/base/failure.hpp"
#include "host/packages/archive_directory.hpp"
#include "host/packages/zip_format.hpp"

namespace ferry::host {
namespace {

constexpr std::uint64_t longest_comment = 0xffff;

// The one end record whose comment ends where the file does. A second one inside the comment would let two programs
// see two different archives.
std::uint64_t find_end_record(FileWindow& file) {
  const std::uint64_t size = file.file_bytes();
  std::optional<std::uint64_t> found;
  if (size >= zip::end_bytes) {
    const std::size_t tail_bytes =
        static_cast<std::size_t>(std::min<std::uint64_t>(size, zip::end_bytes + longest_comment));
    const std::string_view tail = file.at(size - tail_bytes, tail_bytes);
    for (std::size_t at = tail_bytes - zip::end_bytes + 1; at-- > 0;) {
      if (zip::get32(tail, at) != zip::end_signature) continue;
      if (at + zip::end_bytes + zip::get16(tail, at + 20) != tail_bytes) continue;
      if (found) refuse("damaged_archive", "the archive has two ends, so two programs could read two archives from it");
      found = size - tail_bytes + at;
    }
  }
  if (found) return *found;
  if (size >= 4) {
    const std::uint32_t begin = zip::get32(file.at(0, 4), 0);
    if (begin == zip::local_signature || begin == zip::end_signature)
      refuse("damaged_archive", "the archive is cut off or damaged: its directory, at the end, is missing; it has " +
                                    std::to_string(size) + " bytes. Fetch or make it anew");
    if (begin == zip::descriptor_signature)
      refuse("unsupported_archive", "the archive is split over several files; make it as one file");
  }
  refuse("not_an_archive", "this is no ZIP archive (" + std::to_string(size) + " bytes); is it the right file?");
}

struct Zip64End {
  ArchiveEnd end;
  std::uint64_t at = 0;
};

[[noreturn]] void refuse_end(const std::string& what) {
  refuse("damaged_archive", "the archive is damaged: " + what + "; fetch or make it anew");
}

std::optional<Zip64End> find_zip64_end(FileWindow& file, std::uint64_t end_at) {
  if (end_at < zip::locator64_bytes) return std::nullopt;
  const std::uint64_t locator_at = end_at - zip::locator64_bytes;
  const std::string_view locator = file.at(locator_at, zip::locator64_bytes);
  if (zip::get32(locator, 0) != zip::locator64_signature) return std::nullopt;
  if (zip::get32(locator, 4) != 0 || zip::get32(locator, 16) > 1)
    refuse("unsupported_archive", "the archive is split over several files; make it as one file");
  Zip64End found;
  found.at = zip::get64(locator, 8);
  if (found.at > locator_at || locator_at - found.at < zip::end64_bytes)
    refuse_end("its Zip64 end record is not where it should be");
  const std::string_view record = file.at(found.at, zip::end64_bytes);
  if (zip::get32(record, 0) != zip::end64_signature || zip::get64(record, 4) != locator_at - found.at - 12)
    refuse_end("its Zip64 end record is not where it should be");
  if (zip::get32(record, 16) != 0 || zip::get32(record, 20) != 0)
    refuse("unsupported_archive", "the archive is split over several files; make it as one file");
  found.end.entries = zip::get64(record, 32);
  if (zip::get64(record, 24) != found.end.entries) refuse_end("it counts its entries in two ways");
  found.end.directory_bytes = zip::get64(record, 40);
  found.end.directory_at = zip::get64(record, 48);
  return found;
}

template <class Number>
bool agrees(Number narrow, std::uint64_t wide) {
  return narrow == static_cast<Number>(-1) || narrow == wide;
}

}  // namespace

ArchiveEnd find_archive_end(FileWindow& file) {
  const std::uint64_t end_at = find_end_record(file);
  const std::string record(file.at(end_at, zip::end_bytes));
  const std::uint16_t disk = zip::get16(record, 4);
  const std::uint16_t directory_disk = zip::get16(record, 6);
  const std::uint16_t entries = zip::get16(record, 10);
  const std::uint32_t directory_bytes = zip::get32(record, 12);
  const std::uint32_t directory_at = zip::get32(record, 16);
  const std::optional<Zip64End> wide = find_zip64_end(file, end_at);
  const auto one_disk = [&](std::uint16_t number) { return number == 0 || (wide && number == zip::magic16); };
  if (!one_disk(disk) || !one_disk(directory_disk))
    refuse("unsupported_archive", "the archive is split over several files; make it as one file");
  if (zip::get16(record, 8) != entries) refuse_end("it counts its entries in two ways");

  ArchiveEnd end{entries, directory_at, directory_bytes};
  if (wide) {
    end = wide->end;
    if (!agrees(entries, end.entries) || !agrees(directory_bytes, end.directory_bytes) ||
        !agrees(directory_at, end.directory_at))
      refuse_end("its two end records disagree");
  }
  const std::uint64_t directory_end = wide ? wide->at : end_at;
  if (end.directory_bytes > directory_end || end.directory_at != directory_end - end.directory_bytes)
    refuse_end("its directory is not where its end record says");
  return end;
}

}  // namespace ferry::host
