#include <openssl/evp.h>
#include <zlib.h>

#include "samples/sandbox/spark/zip.hpp"

namespace sandbox::spark {

namespace {

// Little-endian, as everything in a ZIP.
void put(std::string& bytes, std::uint32_t number, int count) {
  for (int at = 0; at < count; ++at, number >>= 8) bytes += static_cast<char>(number & 0xff);
}

constexpr std::uint32_t version_needed = 20, utf8_names = 0x0800, stored = 0;
// The first of January 2026, 00:00: packages of the same content are the same bytes.
constexpr std::uint32_t time_of_day = 0, date = (46u << 9) | (1u << 5) | 1u;

void put_common(std::string& bytes, std::uint32_t crc, std::uint32_t size, std::size_t name_size) {
  put(bytes, version_needed, 2);
  put(bytes, utf8_names, 2);
  put(bytes, stored, 2);
  put(bytes, time_of_day, 2);
  put(bytes, date, 2);
  put(bytes, crc, 4);
  put(bytes, size, 4);
  put(bytes, size, 4);
  put(bytes, static_cast<std::uint32_t>(name_size), 2);
  put(bytes, 0, 2);
}

}  // namespace

std::string Rope::sha256() const {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr);
  for (const std::string_view piece : pieces) EVP_DigestUpdate(context.get(), piece.data(), piece.size());
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_DigestFinal_ex(context.get(), digest, &size);
  std::string hex;
  for (unsigned int at = 0; at < size; ++at) {
    hex += "0123456789abcdef"[digest[at] >> 4];
    hex += "0123456789abcdef"[digest[at] & 15];
  }
  return hex;
}

std::string Rope::text() const {
  std::string text;
  text.reserve(static_cast<std::size_t>(size));
  for (const std::string_view piece : pieces) text.append(piece);
  return text;
}

void ZipWriter::append(std::string bytes) {
  const auto owned = std::make_shared<const std::string>(std::move(bytes));
  rope_.pieces.push_back(*owned);
  rope_.size += owned->size();
  rope_.owners.push_back(owned);
}

void ZipWriter::add_folder(const std::string& path) { add(path, {}, 0, nullptr); }

void ZipWriter::add(const std::string& path, std::string content) {
  const auto owned = std::make_shared<const std::string>(std::move(content));
  const uLong crc = crc32_z(0, reinterpret_cast<const Bytef*>(owned->data()), owned->size());
  add(path, {*owned}, static_cast<std::uint32_t>(crc), owned);
}

void ZipWriter::add(const std::string& path, const std::vector<std::string_view>& content, std::uint32_t crc,
                    std::shared_ptr<const void> owner) {
  std::uint64_t size = 0;
  for (const std::string_view piece : content) size += piece.size();
  const auto offset = static_cast<std::uint32_t>(rope_.size);
  std::string header("PK\3\4");
  put_common(header, crc, static_cast<std::uint32_t>(size), path.size());
  append(header + path);
  rope_.pieces.insert(rope_.pieces.end(), content.begin(), content.end());
  rope_.size += size;
  if (owner) rope_.owners.push_back(std::move(owner));

  directory_ += "PK\1\2";
  put(directory_, version_needed, 2);
  put_common(directory_, crc, static_cast<std::uint32_t>(size), path.size());
  put(directory_, 0, 2);  // comment
  put(directory_, 0, 2);  // disk
  put(directory_, 0, 2);  // internal attributes
  put(directory_, path.ends_with('/') ? 0x10 : 0, 4);
  put(directory_, offset, 4);
  directory_ += path;
  ++count_;
}

Rope ZipWriter::finish() {
  const auto offset = static_cast<std::uint32_t>(rope_.size);
  const auto size = static_cast<std::uint32_t>(directory_.size());
  directory_ += "PK\5\6";
  put(directory_, 0, 4);  // disks
  put(directory_, count_, 2);
  put(directory_, count_, 2);
  put(directory_, size, 4);
  put(directory_, offset, 4);
  put(directory_, 0, 2);  // comment
  append(std::move(directory_));
  return std::move(rope_);
}

}  // namespace sandbox::spark
