#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <thread>

#include "host/base/digest.hpp"
#include "host/base/files.hpp"
#include "host/packages/package_store.hpp"
#include "tests/host/packages/support.hpp"
#include "tests/host/packages/zip_builder.hpp"

namespace ferry::test {
namespace {

namespace fs = std::filesystem;
using host::PackageStore;

class PackageStoreTest : public testing::Test {
 protected:
  host::Package keep(const std::string& content, const std::string& description = R"({"connector":"x"})") {
    PackageStore::Spool spool = store_.spool();
    host::write_all(spool.fd(), content, "writing");
    return store_.keep(std::move(spool), host::Sha256::of(content), description);
  }
  fs::path file(const std::string& name, const std::string& content) {
    host::replace_file(scratch_.path() / name, content);
    return scratch_.path() / name;
  }
  std::size_t spools() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(directory_ / "spool"), fs::directory_iterator()));
  }
  static unsigned mode_of(const fs::path& path) {
    struct stat status {};
    EXPECT_EQ(::lstat(path.c_str(), &status), 0) << path;
    return status.st_mode & 07777;
  }

  host::TemporaryDirectory scratch_{fs::temp_directory_path()};
  fs::path directory_ = scratch_.path() / "packages";
  PackageStore store_{directory_};
  host::Cancellation cancellation_;
};

TEST_F(PackageStoreTest, KeepsUnderItsHash) {
  const std::string hash = host::Sha256::of("content");
  const host::Package package = keep("content");
  EXPECT_EQ(package.sha256, hash);
  EXPECT_EQ(package.size, 7u);
  EXPECT_EQ(package.path, directory_ / hash.substr(0, 2) / (hash + ".zip"));
  EXPECT_EQ(host::read_file(package.path), "content");
  EXPECT_EQ(host::read_file(directory_ / hash.substr(0, 2) / (hash + ".json")), R"({"connector":"x"})");
  EXPECT_EQ(spools(), 0u);
}

TEST_F(PackageStoreTest, IsPrivateAndReadOnly) {
  const host::Package package = keep("content");
  EXPECT_EQ(mode_of(package.path), 0400u);
  EXPECT_EQ(mode_of(fs::path(package.path).replace_extension(".json")), 0400u);
  for (const fs::path& path : {directory_, directory_ / "spool", package.path.parent_path()})
    EXPECT_EQ(mode_of(path), 0700u) << path;
}

TEST_F(PackageStoreTest, KeepingTwiceIsKeepingOnce) {
  keep("content");
  EXPECT_EQ(keep("content", "{}").description_json, R"({"connector":"x"})");
  EXPECT_EQ(keep("content", R"({"connector":"y"})").description_json, R"({"connector":"y"})");
  EXPECT_EQ(store_.find(host::Sha256::of("content"))->description_json, R"({"connector":"y"})");
  EXPECT_EQ(spools(), 0u);
}

TEST_F(PackageStoreTest, RefusesWhatIsNoHash) {
  for (const std::string& hash : {std::string(), std::string("../../etc"), std::string(63, 'a'), std::string(64, 'G')})
    EXPECT_TRUE(failure_of([&] { store_.keep(store_.spool(), hash, "{}"); }).starts_with("bad_hash: ")) << hash;
  EXPECT_EQ(spools(), 0u);
}

TEST_F(PackageStoreTest, FindsByHashAndPrefix) {
  const host::Package package = keep("content");
  for (const std::string& wanted : {package.sha256, package.sha256.substr(0, 8), package.sha256.substr(0, 63)}) {
    ASSERT_TRUE(store_.find(wanted)) << wanted;
    EXPECT_EQ(store_.find(wanted)->path, package.path);
    EXPECT_EQ(store_.find(wanted)->size, 7u);
    EXPECT_EQ(store_.find(wanted)->description_json, R"({"connector":"x"})");
  }
  EXPECT_FALSE(store_.find(std::string(64, '0')));
  for (const std::string& wanted :
       {std::string(), package.sha256.substr(0, 7), std::string("../../../x"), package.sha256 + "0"}) {
    const std::string failure = failure_of([&] { store_.find(wanted); });
    EXPECT_TRUE(failure.starts_with("bad_prefix: \"" + wanted + "\" names no package")) << failure;
    EXPECT_NE(failure.find("at least the first 8 of the 64 digits"), std::string::npos) << failure;
  }
}

TEST_F(PackageStoreTest, SaysWhenAPrefixIsNotUnique) {
  for (const char last : {'1', '2'}) store_.keep(store_.spool(), std::string(63, 'a') + last, "{}");
  const std::string failure = failure_of([&] { store_.find("aaaaaaaa"); });
  EXPECT_TRUE(failure.starts_with("ambiguous_package: \"aaaaaaaa\" is the beginning of 2 packages")) << failure;
  for (const char last : {'1', '2'})
    EXPECT_NE(failure.find("\n  " + std::string(63, 'a') + last), std::string::npos) << failure;
}

TEST_F(PackageStoreTest, ASpoolThatIsNotKeptIsGone) {
  fs::path path;
  {
    PackageStore::Spool spool = store_.spool();
    PackageStore::Spool moved = std::move(spool);
    path = moved.path();
    EXPECT_TRUE(fs::exists(path));
    EXPECT_EQ(mode_of(path), 0600u);
  }
  EXPECT_FALSE(fs::exists(path));
}

// What a crash leaves is removed at the next opening; what a living process writes is not.
TEST_F(PackageStoreTest, RemovesTheSpoolsOfTheDeadAlone) {
  int ready[2];
  int leave[2];
  ASSERT_EQ(::pipe(ready), 0);
  ASSERT_EQ(::pipe(leave), 0);
  const pid_t writer = ::fork();
  if (writer == 0) {
    ::close(leave[1]);
    PackageStore mine(directory_);
    PackageStore::Spool spool = mine.spool();
    const std::string path = spool.path().string();
    [[maybe_unused]] ssize_t ignored = ::write(ready[1], path.data(), path.size());
    char end = 0;
    ignored = ::read(leave[0], &end, 1);
    ::_exit(0);  // without a destructor: a crash
  }
  char name[4096];
  const ssize_t got = ::read(ready[0], name, sizeof name);
  ASSERT_GT(got, 0);
  const fs::path path(std::string(name, static_cast<std::size_t>(got)));
  const fs::path abandoned = directory_ / "spool" / "abandoned";
  host::replace_file(abandoned, "half a package");
  const PackageStore::Spool own = store_.spool();

  PackageStore opened_again(directory_);
  EXPECT_FALSE(fs::exists(abandoned));
  EXPECT_TRUE(fs::exists(path));
  EXPECT_TRUE(fs::exists(own.path()));

  for (const int fd : {ready[0], ready[1], leave[0], leave[1]}) ::close(fd);
  ASSERT_EQ(::waitpid(writer, nullptr, 0), writer);
  PackageStore opened_after_the_crash(directory_);
  EXPECT_FALSE(fs::exists(path));
  EXPECT_TRUE(fs::exists(own.path()));
}

// Stores that open all the time must never take a spool from under its writer.
TEST_F(PackageStoreTest, OpeningAndSpoolingAtOnce) {
  std::jthread opener([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) PackageStore other(directory_);
  });
  for (int i = 0; i < 3000; ++i) {
    const std::string content = std::to_string(i);
    PackageStore::Spool spool = store_.spool();
    host::write_all(spool.fd(), content, "writing");
    EXPECT_EQ(host::read_file(spool.path()), content);
  }
  const host::Package package = keep("content");
  EXPECT_EQ(host::read_file(package.path), "content");
}

TEST_F(PackageStoreTest, AdoptsAnArchiveWithItsDescription) {
  ZipEntry description;
  description.name = host::description_entry;
  description.content = R"({"format":"ferry.package/1"})";
  const std::string archive = make_zip({description});
  std::vector<std::uint64_t> steps;
  const host::Package package = store_.adopt(file("p.zip", archive), cancellation_,
                                             [&](std::uint64_t done, std::uint64_t) { steps.push_back(done); });
  EXPECT_EQ(package.sha256, host::Sha256::of(archive));
  EXPECT_EQ(host::read_file(package.path), archive);
  EXPECT_EQ(package.description_json, description.content);
  EXPECT_FALSE(steps.empty());
  EXPECT_EQ(steps.back(), archive.size());
}

TEST_F(PackageStoreTest, AdoptingKeepsTheDescriptionTheStoreHas) {
  EXPECT_EQ(store_.adopt(file("p.zip", "raw bytes"), cancellation_).description_json, "{}");
  keep("raw bytes");
  EXPECT_EQ(store_.adopt(file("p.zip", "raw bytes"), cancellation_).description_json, R"({"connector":"x"})");
}

TEST_F(PackageStoreTest, AdoptingWhatTheStoreHasComparesAndCopiesNothing) {
  const std::string content = std::string(3'000'000, 'x') + "end";
  const host::Package kept = keep(content);
  struct stat before {};
  ASSERT_EQ(::stat(kept.path.c_str(), &before), 0);
  std::uint64_t last = 0;
  const host::Package same =
      store_.adopt(file("p.zip", content), cancellation_, [&](std::uint64_t done, std::uint64_t) { last = done; });
  struct stat after {};
  ASSERT_EQ(::stat(kept.path.c_str(), &after), 0);
  EXPECT_EQ(same.sha256, kept.sha256);
  EXPECT_EQ(same.path, kept.path);
  EXPECT_EQ(same.size, content.size());
  EXPECT_EQ(after.st_ino, before.st_ino);
  EXPECT_EQ(last, content.size());

  const std::string other = std::string(3'000'000, 'x') + "and";  // of the same size
  EXPECT_EQ(store_.adopt(file("q.zip", other), cancellation_).sha256, host::Sha256::of(other));
  EXPECT_EQ(store_.adopt(file("q.zip", ""), cancellation_).sha256, host::Sha256::of(""));
}

TEST_F(PackageStoreTest, AdoptingHealsAPackageTheDiskLost) {
  const host::Package kept = keep("content");
  ASSERT_EQ(::chmod(kept.path.c_str(), 0600), 0);
  std::ofstream(kept.path) << "rubbish";  // of the same size
  const host::Package healed = store_.adopt(file("p.zip", "content"), cancellation_);
  EXPECT_EQ(healed.sha256, kept.sha256);
  EXPECT_EQ(healed.description_json, kept.description_json);
  EXPECT_EQ(host::read_file(kept.path), "content");
}

TEST_F(PackageStoreTest, AdoptsNoWrongArchive) {
  ZipEntry evil;
  evil.name = "../evil";
  const std::string failure = failure_of([&] { store_.adopt(file("p.zip", make_zip({evil})), cancellation_); });
  EXPECT_TRUE(failure.starts_with("entry_outside: " + (scratch_.path() / "p.zip").string() + ": ")) << failure;
  EXPECT_TRUE(
      failure_of([&] { store_.adopt(scratch_.path() / "none.zip", cancellation_); }).starts_with("file_not_found: "));
  EXPECT_TRUE(failure_of([&] { store_.adopt(scratch_.path(), cancellation_); }).starts_with("file_not_found: "));
  EXPECT_EQ(spools(), 0u);
}

TEST_F(PackageStoreTest, AdoptingCanBeCancelled) {
  const fs::path source = file("p", std::string(8 << 20, 'x'));
  const std::string failure = failure_of(
      [&] { store_.adopt(source, cancellation_, [&](std::uint64_t, std::uint64_t) { cancellation_.cancel(); }); });
  EXPECT_TRUE(failure.starts_with("cancelled: ")) << failure;
  EXPECT_EQ(spools(), 0u);
}

TEST_F(PackageStoreTest, CopiesOut) {
  const std::string content(3'000'000, 'x');
  const host::Package package = keep(content);
  const fs::path target = file("target.zip", "old");
  std::uint64_t last = 0;
  store_.copy_out(package, target, cancellation_, [&](std::uint64_t done, std::uint64_t total) {
    last = done;
    EXPECT_EQ(total, content.size());
  });
  EXPECT_EQ(host::read_file(target), content);
  EXPECT_EQ(last, content.size());
  const mode_t mask = ::umask(0);
  ::umask(mask);
  EXPECT_EQ(mode_of(target), 0666u & ~mask);
}

TEST_F(PackageStoreTest, CopyOutKeepsALinkAndWritesToAPipe) {
  const host::Package package = keep("content");
  const fs::path target = file("target.zip", "old");
  fs::create_symlink("target.zip", scratch_.path() / "link");
  store_.copy_out(package, scratch_.path() / "link", cancellation_);
  EXPECT_TRUE(fs::is_symlink(scratch_.path() / "link"));
  EXPECT_EQ(host::read_file(target), "content");

  const fs::path pipe = scratch_.path() / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  std::string received;
  std::jthread reader([&] { received = host::read_file(pipe); });
  store_.copy_out(package, pipe, cancellation_);
  reader.join();
  EXPECT_EQ(received, "content");
  EXPECT_TRUE(fs::is_fifo(pipe));
}

TEST_F(PackageStoreTest, CopyOutFailsWithoutATrace) {
  const host::Package package = keep("content");
  const auto copy = [&](const fs::path& target) {
    return failure_of([&] { store_.copy_out(package, target, cancellation_); });
  };
  EXPECT_TRUE(copy(scratch_.path()).starts_with("bad_target: ")) << copy(scratch_.path());
  EXPECT_TRUE(copy(scratch_.path() / "no" / "where").starts_with("bad_target: "));
  EXPECT_TRUE(copy("/dev/full").starts_with("disk_full: writing /dev/full: ")) << copy("/dev/full");
  cancellation_.cancel();
  const fs::path target = file("target.zip", "old");
  EXPECT_TRUE(copy(target).starts_with("cancelled: "));
  EXPECT_EQ(host::read_file(target), "old");
  EXPECT_EQ(std::distance(fs::directory_iterator(scratch_.path()), fs::directory_iterator()), 2);
}

// A file size limit stands for the full disk where no file system can be mounted: the write fails half way.
TEST_F(PackageStoreTest, CopyOutHalfWayLeavesNothing) {
  const host::Package package = keep(std::string(3 << 20, 'x'));
  const fs::path target = file("target.zip", "old"), other = file("other.zip", std::string(3 << 20, 'y'));
  ::rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const ::rlimit tight{1 << 20, before.rlim_max};
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &tight), 0);
  const std::string failure = failure_of([&] { store_.copy_out(package, target, cancellation_); });
  const std::string adopting = failure_of([&] { store_.adopt(other, cancellation_); });
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_NE(failure.find("writing " + target.string()), std::string::npos) << failure;
  EXPECT_NE(adopting.find("writing " + (directory_ / "spool").string()), std::string::npos) << adopting;
  EXPECT_EQ(host::read_file(target), "old");
  EXPECT_EQ(spools(), 0u);
  EXPECT_EQ(std::distance(fs::directory_iterator(scratch_.path()), fs::directory_iterator()), 3);
}

// A real file system of one megabyte; only who may mount one can run this.
TEST_F(PackageStoreTest, FullDisk) {
  const fs::path disk = scratch_.path() / "disk";
  fs::create_directory(disk);
  if (::mount("none", disk.c_str(), "tmpfs", 0, "size=1m") != 0) GTEST_SKIP() << "mounting a tmpfs is not permitted";
  struct Unmount {
    fs::path path;
    ~Unmount() { ::umount2(path.c_str(), MNT_DETACH); }
  } unmount{disk};

  const std::string content(3 << 20, 'x');
  const host::Package package = keep(content);
  host::replace_file(disk / "target.zip", "old");
  const std::string out = failure_of([&] { store_.copy_out(package, disk / "target.zip", cancellation_); });
  EXPECT_TRUE(out.starts_with("disk_full: writing " + (disk / "target.zip").string() + ": No space left")) << out;
  EXPECT_EQ(host::read_file(disk / "target.zip"), "old");
  EXPECT_EQ(std::distance(fs::directory_iterator(disk), fs::directory_iterator()), 1);

  PackageStore small(disk / "packages");
  const std::string in = failure_of([&] { small.adopt(file("p", content), cancellation_); });
  EXPECT_TRUE(in.starts_with("disk_full: writing " + (disk / "packages" / "spool").string())) << in;
  EXPECT_NE(in.find("make room"), std::string::npos) << in;
  EXPECT_TRUE(fs::is_empty(disk / "packages" / "spool"));

  PackageStore::Spool spool = small.spool();
  host::ArchiveWriter writer(spool.fd());
  const std::string packing = failure_of([&] {
    for (int i = 0;; ++i) {
      writer.begin_entry(std::to_string(i));
      writer.write(content.data(), 1 << 20);
    }
  });
  EXPECT_TRUE(packing.starts_with("disk_full: writing the package " + spool.path().string())) << packing;
}

}  // namespace
}  // namespace ferry::test
