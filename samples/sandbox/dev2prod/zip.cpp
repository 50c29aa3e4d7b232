#include "samples/sandbox/dev2prod/zip.hpp"

#include <zlib.h>

#include <algorithm>

namespace sandbox::dev2prod {

namespace {

constexpr std::uint32_t local_mark = 0x04034b50, directory_mark = 0x02014b50, end_mark = 0x06054b50;
constexpr std::size_t local_size = 30, directory_size = 46, end_size = 22;
constexpr std::uint16_t stored = 0, deflated = 8, utf8_names = 0x0800, version = 20;
constexpr std::uint32_t first_of_january_1980 = 0x00210000;  // time and date: the same package is the same bytes
constexpr std::size_t largest_inflated = std::size_t{1} << 30;

void put(std::string& text, std::uint64_t number, int bytes) {
  for (int i = 0; i < bytes; ++i) text += static_cast<char>((number >> (8 * i)) & 0xFF);
}

std::uint32_t take(std::string_view text, std::size_t at, int bytes) {
  if (at + static_cast<std::size_t>(bytes) > text.size()) throw BadPackage{"The package ends too early."};
  std::uint32_t number = 0;
  for (int i = 0; i < bytes; ++i) {
    number |= static_cast<std::uint32_t>(static_cast<unsigned char>(text[at + static_cast<std::size_t>(i)])) << (8 * i);
  }
  return number;
}

std::uint32_t sum_of(std::string_view text) {
  return static_cast<std::uint32_t>(
      crc32_z(crc32_z(0, nullptr, 0), reinterpret_cast<const Bytef*>(text.data()), text.size()));
}

std::string inflate_raw(std::string_view packed, std::size_t size) {
  if (size > largest_inflated) throw BadPackage{"The package holds an entry that is too large."};
  std::string text(size, '\0');
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) throw BadPackage{"The package cannot be unpacked."};
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(text.data());
  stream.avail_out = static_cast<uInt>(size);
  const int result = inflate(&stream, Z_FINISH);
  inflateEnd(&stream);
  if (result != Z_STREAM_END || stream.avail_out != 0) throw BadPackage{"The package is damaged."};
  return text;
}

}  // namespace

void ZipWriter::add(std::string_view name, std::string_view content) {
  std::string common;
  put(common, version, 2);
  put(common, utf8_names, 2);
  put(common, stored, 2);
  put(common, first_of_january_1980, 4);
  put(common, sum_of(content), 4);
  put(common, content.size(), 4);
  put(common, content.size(), 4);
  put(common, name.size(), 2);
  put(common, 0, 2);

  put(directory_, directory_mark, 4);
  put(directory_, version, 2);
  directory_ += common;
  put(directory_, 0, 2 + 2 + 2);  // comment, disk, attributes of the content
  put(directory_, 0, 4);          // attributes of the file
  put(directory_, text_.size(), 4);
  directory_ += name;

  put(text_, local_mark, 4);
  text_ += common;
  text_ += name;
  text_ += content;
  ++count_;
}

std::string ZipWriter::finish() {
  const std::size_t at = text_.size();
  text_ += directory_;
  put(text_, end_mark, 4);
  put(text_, 0, 4);
  put(text_, count_, 2);
  put(text_, count_, 2);
  put(text_, directory_.size(), 4);
  put(text_, at, 4);
  put(text_, 0, 2);
  return std::move(text_);
}

Unzipped::Unzipped(Blob archive) : archive_(std::move(archive)) {
  const std::string_view text = *archive_;
  constexpr std::size_t largest_comment = 0xFFFF;
  const std::size_t from = text.size() - std::min(text.size(), end_size + largest_comment);
  const std::size_t found = text.substr(from).rfind("PK\x05\x06");
  if (found == std::string_view::npos) throw BadPackage{"The file is no package: it is no ZIP archive."};
  const std::size_t end = from + found;
  const std::uint32_t count = take(text, end + 10, 2);
  std::size_t at = take(text, end + 16, 4);
  for (std::uint32_t i = 0; i < count; ++i) {
    if (take(text, at, 4) != directory_mark) throw BadPackage{"The package's directory is damaged."};
    const std::uint32_t method = take(text, at + 10, 2);
    if (method != stored && method != deflated) throw BadPackage{"The package is packed in a way that is not known."};
    const std::size_t name_size = take(text, at + 28, 2);
    const std::size_t skipped = take(text, at + 30, 2) + take(text, at + 32, 2);
    const std::size_t local = take(text, at + 42, 4);
    if (at + directory_size + name_size > text.size()) throw BadPackage{"The package ends too early."};
    const Place place{local + local_size + take(text, local + 26, 2) + take(text, local + 28, 2),
                      take(text, at + 20, 4), take(text, at + 24, 4), take(text, at + 16, 4), method == deflated};
    if (place.at + place.packed > text.size()) throw BadPackage{"The package ends too early."};
    places_[std::string(text.substr(at + directory_size, name_size))] = place;
    at += directory_size + name_size + skipped;
  }
}

std::string_view Unzipped::entry(const std::string& name) {
  const auto found = places_.find(name);
  if (found == places_.end()) return {};
  const Place& place = found->second;
  std::string_view content = std::string_view(*archive_).substr(place.at, place.packed);
  if (place.deflated) content = inflated_.emplace_back(inflate_raw(content, place.size));
  if (sum_of(content) != place.sum) throw BadPackage{"The entry " + name + " of the package is damaged."};
  return content;
}

}  // namespace sandbox::dev2prod
