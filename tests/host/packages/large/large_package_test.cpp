// A package of two gigabytes passes through every part of the room in little memory, each part in a process of its own.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iostream>

#include "host/base/files.hpp"
#include "host/packages/archive.hpp"
#include "host/packages/package_store.hpp"

namespace ferry::test {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t large = 2ull << 30;
#ifdef FERRY_SANITIZED
constexpr std::size_t allowed_kib = 1 << 20;  // sanitizers keep memory of their own
#else
constexpr std::size_t allowed_kib = 64 << 10;
#endif

// Runs `work` in a child process and returns its peak resident memory in KiB; fails the test if it throws.
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

// Bytes that do not pack and cost nothing to make: a block that changes from piece to piece.
void write_content(host::ArchiveWriter& writer) {
  std::string block(1 << 20, '\0');
  std::uint32_t state = 1;
  for (char& c : block) c = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
  for (std::uint64_t i = 0; i < large / block.size(); ++i) {
    block[0] = static_cast<char>(i);
    writer.write(block.data(), block.size());
  }
}

fs::path kept_in(const fs::path& store) {
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(store))
    if (entry.path().extension() == ".zip") return entry.path();
  return {};
}

class Stopwatch {
 public:
  explicit Stopwatch(const char* what) : what_(what) {}
  ~Stopwatch() {
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start_;
    testing::Test::RecordProperty(what_, std::to_string(seconds.count()));
    std::cout << what_ << ": " << seconds.count() << " s\n";
  }

 private:
  const char* what_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

TEST(LargePackage, PassesInLittleMemory) {
  const host::TemporaryDirectory scratch{fs::temp_directory_path()};
  const fs::path file = scratch.path() / "large.zip";
  const fs::path packages = scratch.path() / "packages";
  const auto measure = [](const char* what, const std::function<void()>& work) {
    const Stopwatch watch(what);
    const std::size_t peak = peak_kib_of(work);
    std::cout << what << ": " << peak / 1024 << " MiB\n";
    EXPECT_LE(peak, allowed_kib) << what;
  };
  measure("writing", [&] {
    const host::UniqueFd fd = host::open_file(file, O_RDWR | O_CREAT | O_EXCL);
    host::ArchiveWriter writer(fd.get());
    writer.begin_entry("large");
    write_content(writer);
    writer.begin_entry(host::description_entry);
    writer.write("{}", 2);
    writer.finish();
  });
  measure("adopting", [&] { host::PackageStore(packages).adopt(file, host::Cancellation()); });
  fs::remove(file);
  const fs::path kept = kept_in(packages);
  ASSERT_GT(fs::file_size(kept), large);
  measure("reading", [&] {
    const host::UniqueFd fd = host::open_file(kept, O_RDONLY);
    host::ArchiveReader reader(fd.get());
    std::uint64_t seen = 0;
    reader.read(0, [&](std::string_view piece) { seen += piece.size(); });
    if (seen != large) throw std::runtime_error("not all was read");
  });
  measure("copying out", [&] {
    const host::PackageStore store(packages);
    store.copy_out(*store.find(kept.stem()), "/dev/null", host::Cancellation());
  });
}

// As many entries as are allowed: the index is all that grows.
TEST(LargePackage, ManyEntriesInLittleMemory) {
  const host::TemporaryDirectory scratch{fs::temp_directory_path()};
  const fs::path file = scratch.path() / "many.zip";
  const std::size_t writing = peak_kib_of([&] {
    const host::UniqueFd fd = host::open_file(file, O_RDWR | O_CREAT | O_EXCL);
    host::ArchiveWriter writer(fd.get());
    for (int i = 0; i < 200'000; ++i) {
      writer.begin_entry("a folder/and another folder with a long name/an artefact " + std::to_string(i) + ".json");
      writer.write("{}", 2);
    }
    writer.finish();
  });
  EXPECT_LE(writing, allowed_kib);
  const std::size_t reading = peak_kib_of([&] {
    const host::UniqueFd fd = host::open_file(file, O_RDONLY);
    host::ArchiveReader reader(fd.get());
    for (std::size_t i = 0; i < reader.entries().size(); i += 1000) reader.read(i, [](std::string_view) {});
  });
  EXPECT_LE(reading, allowed_kib);
  std::cout << "200,000 entries: writing " << writing / 1024 << " MiB, reading " << reading / 1024 << " MiB\n";
}

}  // namespace
}  // namespace ferry::test
