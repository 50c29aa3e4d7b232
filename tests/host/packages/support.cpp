#include "tests/host/packages/support.hpp"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iostream>

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

std::size_t peak_kib_of(const std::function<void()>& work) {
  int ends[2];
  EXPECT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    std::size_t peak = 0;
    try {
      work();
      std::ifstream status("/proc/self/status");
      for (std::string line; std::getline(status, line);)
        if (line.starts_with("VmHWM:")) peak = std::strtoull(line.c_str() + 6, nullptr, 10);
    } catch (const std::exception& error) {
      std::cerr << "in the child process: " << error.what() << '\n';
    }
    [[maybe_unused]] const ssize_t ignored = ::write(ends[1], &peak, sizeof peak);
    ::_exit(0);
  }
  ::close(ends[1]);
  std::size_t peak = 0;
  const bool reported = ::read(ends[0], &peak, sizeof peak) == sizeof peak && peak > 0;
  ::close(ends[0]);
  ::waitpid(child, nullptr, 0);
  EXPECT_TRUE(reported) << "the child process failed";
  return peak;
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
