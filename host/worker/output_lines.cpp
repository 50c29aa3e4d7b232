#include "host/worker/output_lines.hpp"

#include <unistd.h>

#include <cerrno>

#include "host/base/text.hpp"

namespace ferry::host {

bool OutputLines::collect(int fd) {
  char buffer[16 * 1024];
  for (int round = 0; round < 16; ++round) {
    const ssize_t got = ::read(fd, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno == EAGAIN || errno == EWOULDBLOCK;
    if (got == 0) return false;
    collected_.append(buffer, static_cast<std::size_t>(got));
  }
  return true;
}

void OutputLines::tell() {
  std::string collected;
  collected.swap(collected_);  // what the taker throws must not tell it again
  for (const char character : collected) {
    if (character == '\n')
      line();
    else if (partial_.size() < longest_line)
      partial_ += character;
  }
}

void OutputLines::line() {
  if (++lines_ <= most_lines && !partial_.empty()) take_(printable(partial_));
  partial_.clear();
}

void OutputLines::finish() {
  tell();
  if (!partial_.empty()) line();
  if (lines_ > most_lines) take_(std::to_string(lines_ - most_lines) + " more lines of output were dropped");
}

}  // namespace ferry::host
