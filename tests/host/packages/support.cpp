#include "tests/host/packages/support.hpp"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include "host/base/files.hpp"

namespace ferry::test {

host::UniqueFd file_of(const std::string& bytes) {
  host::UniqueFd fd(::memfd_create("archive", MFD_CLOEXEC));
  host::write_all(fd.get(), bytes, "writing a test file");
  return fd;
}

std::string content_of(int fd) {
  std::string content(static_cast<std::size_t>(::lseek(fd, 0, SEEK_END)), '\0');
  EXPECT_EQ(::pread(fd, content.data(), content.size(), 0), static_cast<ssize_t>(content.size()));
  return content;
}

std::map<std::string, std::string> unpack_all(int fd, const host::ArchiveLimits& limits) {
  host::ArchiveReader reader(fd, limits);
  std::map<std::string, std::string> content;
  for (std::size_t i = 0; i < reader.entries().size(); ++i) {
    std::string& bytes = content[reader.entries()[i].name];
    reader.read(i, [&](std::string_view piece) { bytes += piece; });
  }
  return content;
}

std::string failure_of(const std::function<void()>& work) {
  try {
    work();
    return "";
  } catch (const host::Failure& failure) {
    return failure.code() + ": " + failure.message();
  }
}

}  // namespace ferry::test
