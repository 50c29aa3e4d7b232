#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <random>

#include "host/base/digest.hpp"
#include "host/base/files.hpp"
#include "tests/host/packages/support.hpp"

namespace ferry::test {
namespace {

using Entries = std::vector<std::pair<std::string, std::string>>;

// Writes in slices of `slice` bytes: how a caller slices must not show.
host::UniqueFd write_archive(const Entries& entries, std::size_t slice = 1 << 20) {
  host::UniqueFd fd = file_of("");
  host::ArchiveWriter writer(fd.get());
  for (const auto& [name, content] : entries) {
    writer.begin_entry(name);
    for (std::size_t at = 0; at < content.size(); at += slice)
      writer.write(content.data() + at, std::min(slice, content.size() - at));
  }
  writer.finish();
  return fd;
}

std::string random_bytes(std::size_t size) {
  std::mt19937_64 random(7);
  std::string bytes(size, '\0');
  for (char& c : bytes) c = static_cast<char>(random());
  return bytes;
}

std::string json_lines(std::size_t size) {
  std::string text;
  for (std::uint32_t i = 1; text.size() < size; i = i * 1103515245 + 12345)
    text += R"({"id":")" + std::to_string(i) + R"(","type":"inject","wires":[["a","b"]]})" + "\n";
  text.resize(size);
  return text;
}

// Around the size of a piece, of every compressibility.
Entries all_sorts() {
  Entries entries = {{"empty", ""}, {"a/b/c.txt", "short"}, {"~/home", "stays"}, {"\xC3\xA4 \xE2\x82\xAC", "umlaut"}};
  for (const std::size_t size : {(1u << 20) - 1, 1u << 20, (1u << 20) + 1, 5u << 20}) {
    entries.emplace_back("json/" + std::to_string(size), json_lines(size));
    entries.emplace_back("random/" + std::to_string(size), random_bytes(size));
    entries.emplace_back("zeros/" + std::to_string(size), std::string(size, '\0'));
  }
  return entries;
}

TEST(ArchiveWriter, WhatIsWrittenIsRead) {
  const Entries entries = all_sorts();
  const host::UniqueFd fd = write_archive(entries);
  EXPECT_EQ(unpack_all(fd.get()), (std::map<std::string, std::string>(entries.begin(), entries.end())));
  const host::ArchiveReader reader(fd.get());
  ASSERT_EQ(reader.entries().size(), entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i) EXPECT_EQ(reader.entries()[i].name, entries[i].first);
}

TEST(ArchiveWriter, SameEntriesSameBytes) {
  const Entries entries = all_sorts();
  const std::string once = content_of(write_archive(entries).get());
  EXPECT_EQ(once, content_of(write_archive(entries).get()));
  EXPECT_EQ(once, content_of(write_archive(entries, 4093).get()));
}

// Pins the bytes themselves (stored, so that no release of zlib changes them): neither time, user nor machine is there.
TEST(ArchiveWriter, NothingOfTheMachineIsInTheBytes) {
  EXPECT_EQ(host::Sha256::of(content_of(write_archive({{"a", "1"}, {"b/c", ""}}).get())),
            "2444c3b1d3a58695964de645e7e8a3da60e1f7724dd69136ba2a4e3abc553138");
}

TEST(ArchiveWriter, PacksWhatCanBePacked) {
  EXPECT_LT(content_of(write_archive({{"a", json_lines(4 << 20)}}).get()).size(), 1u << 20);
  EXPECT_LT(content_of(write_archive({{"a", random_bytes(4 << 20)}}).get()).size(), (4u << 20) + 300);
}

TEST(ArchiveWriter, ZerosAreNoBomb) {
  const host::UniqueFd fd = write_archive({{"a", std::string(64 << 20, '\0')}});
  const host::ArchiveReader reader(fd.get());
  EXPECT_EQ(reader.entries()[0].bytes, 64u << 20);
}

TEST(ArchiveWriter, RefusesNames) {
  const struct {
    std::string name;
    const char* words;
  } cases[] = {
      {"", "no name"},           {"/a", "absolute"},
      {"C:\\a", "absolute"},     {"../a", ".."},
      {"a/../../b", ".."},       {"a//b", "write \"a/b\""},
      {"./a", "write \"a\""},    {"a/", "write \"a\""},
      {"a\\b", "write \"a/b\""}, {"a\nb", "control character"},
      {"\xff", "not UTF-8"},     {std::string(1025, 'x'), "1025"},
      {"used", "twice"},
  };
  const host::UniqueFd fd = file_of("");
  host::ArchiveWriter writer(fd.get());
  writer.begin_entry("used");
  for (const auto& one : cases) {
    const std::string failure = failure_of([&] { writer.begin_entry(one.name); });
    EXPECT_TRUE(failure.starts_with("bad_entry_name: ")) << one.name << ": " << failure;
    EXPECT_NE(failure.find(one.words), std::string::npos) << failure;
  }
  // A refused name does not spoil the archive.
  writer.begin_entry("good");
  writer.write("1", 1);
  writer.finish();
  EXPECT_THAT(unpack_all(fd.get()), testing::ElementsAre(testing::Pair("good", "1"), testing::Pair("used", "")));
}

TEST(ArchiveWriter, WritesNothingTheReaderWouldRefuse) {
  const host::UniqueFd fd = file_of("");
  host::ArchiveWriter few(fd.get(), {.entries = 1});
  few.begin_entry("a");
  EXPECT_TRUE(failure_of([&] { few.begin_entry("b"); }).starts_with("too_many_entries: "));
  host::ArchiveWriter small(fd.get(), {.unpacked_bytes = 3});
  small.begin_entry("a");
  EXPECT_TRUE(failure_of([&] { small.write("1234", 4); }).starts_with("archive_bomb: "));
  host::ArchiveWriter dense(fd.get(), {.ratio = 100});
  dense.begin_entry("a");
  const std::string zeros(2 << 20, '\0');
  dense.write(zeros.data(), zeros.size());
  EXPECT_TRUE(failure_of([&] { dense.finish(); }).starts_with("archive_bomb: "));
  EXPECT_TRUE(failure_of([&] { dense.finish(); }).starts_with("bad_call: "));
}

TEST(ArchiveWriter, RefusesCallsOutOfOrder) {
  const host::UniqueFd fd = file_of("");
  host::ArchiveWriter writer(fd.get());
  EXPECT_TRUE(failure_of([&] { writer.write("1", 1); }).starts_with("bad_call: "));
  writer.finish();
  EXPECT_TRUE(failure_of([&] { writer.finish(); }).starts_with("bad_call: "));
  EXPECT_TRUE(failure_of([&] { writer.begin_entry("a"); }).starts_with("bad_call: "));
}

TEST(ArchiveWriter, FullDisk) {
  const host::UniqueFd fd = host::open_file("/dev/full", O_RDWR);
  host::ArchiveWriter writer(fd.get());
  writer.begin_entry("a");
  const std::string content = random_bytes(3 << 20);
  const std::string failure = failure_of([&] { writer.write(content.data(), content.size()); });
  EXPECT_TRUE(failure.starts_with("disk_full: writing the package /dev/full: ")) << failure;
  // It cannot be finished as if nothing had happened.
  EXPECT_TRUE(failure_of([&] { writer.finish(); }).starts_with("bad_call: "));
}

TEST(ArchiveWriter, MoreEntriesThan16BitsCount) {
  const host::UniqueFd fd = file_of("");
  host::ArchiveWriter writer(fd.get());
  constexpr int count = 70'000;
  for (int i = 0; i < count; ++i) {
    writer.begin_entry("entry/" + std::to_string(i));
    writer.write("x", 1);
  }
  writer.finish();
  host::ArchiveReader reader(fd.get());
  ASSERT_EQ(reader.entries().size(), static_cast<std::size_t>(count));
  EXPECT_EQ(reader.entries()[69'999].name, "entry/69999");
}

}  // namespace
}  // namespace ferry::test
