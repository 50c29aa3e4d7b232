// Reads a file at positions, bounded: a window of it in memory, and a stream buffer for libraries that want streams.
//
// Neither moves the descriptor's offset, so several may read one descriptor.
#pragma once

#include <algorithm>
#include <cstdint>
#include <exception>
#include <streambuf>
#include <string>
#include <string_view>
#include <vector>

namespace ferry::host {

// As many bytes as there are, up to `size`; throws Failure(machine).
std::size_t read_at(int fd, char* buffer, std::size_t size, std::uint64_t offset);

class FileWindow {
 public:
  // fd: not owned. step: how much is read at once at least.
  FileWindow(int fd, std::uint64_t file_bytes, std::size_t step) : fd_(fd), file_bytes_(file_bytes), buffer_(step) {}

  // Exactly these bytes, valid until the next call; Failure(usage, damaged_archive) if the file ends before.
  std::string_view at(std::uint64_t offset, std::size_t size);
  std::uint64_t file_bytes() const noexcept { return file_bytes_; }

 private:
  const int fd_;
  const std::uint64_t file_bytes_;
  std::vector<char> buffer_;
  std::uint64_t start_ = 0;
  std::size_t filled_ = 0;
};

// A failure to read looks like the end of the file to the stream's user, who asks rethrow() afterwards.
class FileStreamBuffer final : public std::streambuf {
 public:
  FileStreamBuffer(int fd, std::size_t size) : fd_(fd), buffer_(std::max<std::size_t>(size, 1)) {}
  void rethrow() const;

 protected:
  int_type underflow() override;
  pos_type seekoff(off_type, std::ios_base::seekdir, std::ios_base::openmode) override;
  pos_type seekpos(pos_type, std::ios_base::openmode) override;

 private:
  const int fd_;
  std::vector<char> buffer_;
  std::uint64_t next_ = 0;  // the offset behind the buffer
  std::exception_ptr failure_;
};

}  // namespace ferry::host
