// ZIP archives, written as a list of pieces and read from memory. Written entries are stored, not compressed; read are
// stored and deflated ones. No ZIP64: packages end at 200 MB. What is no such archive is thrown as NotAZip.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace sandbox::spark {

struct NotAZip {
  std::string message;
};

// An archive's bytes: the pieces one after the other. `owners` keep them alive.
struct Rope {
  std::vector<std::string_view> pieces;
  std::vector<std::shared_ptr<const void>> owners;
  std::uint64_t size = 0;

  std::string sha256() const;  // lower-case hex
  std::string text() const;
};

class ZipWriter {
 public:
  void add_folder(const std::string& path);  // ends with '/'
  void add(const std::string& path, std::string content);
  // Content that is not copied: `crc` is its CRC-32, `owner` keeps it alive.
  void add(const std::string& path, const std::vector<std::string_view>& content, std::uint32_t crc,
           std::shared_ptr<const void> owner);
  Rope finish();

 private:
  void append(std::string bytes);

  Rope rope_;
  std::string directory_;
  std::uint16_t count_ = 0;
};

struct ZipEntry {
  std::string path;
  std::string_view stored;  // the bytes as they stand in the archive
  std::uint32_t crc = 0;
  std::uint64_t size = 0;
  bool is_deflated = false;

  std::string content() const;  // inflated; throws NotAZip where the bytes are damaged
  void check() const;           // the same, without keeping it
};

// In the order of the central directory; the entries' views point into `bytes`.
std::vector<ZipEntry> read_zip(std::string_view bytes);

}  // namespace sandbox::spark
