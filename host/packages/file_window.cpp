#include "host/packages/file_window.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "host/base/failure.hpp"
#include "host/packages/descriptor_path.hpp"

namespace ferry::host {

std::size_t read_at(int fd, char* buffer, std::size_t size, std::uint64_t offset) {
  std::size_t filled = 0;
  while (filled < size) {
    const ssize_t got = ::pread(fd, buffer + filled, size - filled, static_cast<off_t>(offset + filled));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw_errno("reading " + descriptor_path(fd), errno);
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  return filled;
}

std::string_view FileWindow::at(std::uint64_t offset, std::size_t size) {
  if (size > file_bytes_ || offset > file_bytes_ - size)
    throw Failure(Fault::usage, "damaged_archive",
                  "the archive is damaged: it refers to bytes behind its end; fetch or make it anew");
  if (offset < start_ || offset + size > start_ + filled_) {
    if (buffer_.size() < size) buffer_.resize(size);
    start_ = offset;
    filled_ = 0;
    filled_ = read_at(fd_, buffer_.data(), buffer_.size(), offset);
    if (filled_ < size) throw Failure(Fault::usage, "damaged_archive", "the archive became shorter while it was read");
  }
  return {buffer_.data() + (offset - start_), size};
}

void FileStreamBuffer::rethrow() const {
  if (failure_) std::rethrow_exception(failure_);
}

FileStreamBuffer::int_type FileStreamBuffer::underflow() {
  try {
    const std::size_t got = read_at(fd_, buffer_.data(), buffer_.size(), next_);
    next_ += got;
    setg(buffer_.data(), buffer_.data(), buffer_.data() + got);
    return got == 0 ? traits_type::eof() : traits_type::to_int_type(buffer_[0]);
  } catch (...) {
    failure_ = std::current_exception();
    return traits_type::eof();
  }
}

FileStreamBuffer::pos_type FileStreamBuffer::seekoff(off_type offset, std::ios_base::seekdir direction,
                                                     std::ios_base::openmode mode) {
  if (direction == std::ios_base::end) return pos_type(off_type(-1));
  const off_type here = static_cast<off_type>(next_) - (egptr() - gptr());
  return seekpos(direction == std::ios_base::cur ? here + offset : offset, mode);
}

FileStreamBuffer::pos_type FileStreamBuffer::seekpos(pos_type position, std::ios_base::openmode) {
  if (position < pos_type(0)) return pos_type(off_type(-1));
  next_ = static_cast<std::uint64_t>(off_type(position));
  setg(nullptr, nullptr, nullptr);
  return position;
}

}  // namespace ferry::host
