#include "host/base/digest.hpp"

#include <unistd.h>

#include <cerrno>
#include <vector>

#include "host/base/failure.hpp"

namespace ferry::host {

std::string Sha256::finish() {
  std::string text = hash_.hex();
  hash_.reset();
  return text;
}

std::string Sha256::of_fd(int fd) {
  Sha256 digest;
  std::vector<char> buffer(256 * 1024);
  off_t at = 0;
  for (;;) {
    const ssize_t got = ::pread(fd, buffer.data(), buffer.size(), at);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw_errno("reading a file to hash it", errno);
    if (got == 0) return digest.finish();
    digest.update(buffer.data(), static_cast<std::size_t>(got));
    at += got;
  }
}

}  // namespace ferry::host
