// Archives that must be read: the forms real tools write.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/host/packages/support.hpp"
#include "tests/host/packages/zip_builder.hpp"

namespace ferry::test {
namespace {

using testing::ElementsAre;
using testing::Pair;

ZipEntry file(const std::string& name, const std::string& content, bool deflated = true) {
  ZipEntry entry;
  entry.name = name;
  entry.content = content;
  entry.deflated = deflated;
  return entry;
}

std::vector<std::string> names_of(const std::string& archive) {
  const host::UniqueFd fd = file_of(archive);
  std::vector<std::string> names;
  const host::ArchiveReader reader(fd.get());
  for (const host::ArchiveEntry& entry : reader.entries()) names.push_back(entry.name);
  return names;
}

TEST(ArchiveReader, EveryForm) {
  std::string text;
  for (int i = 0; i < 25'000; ++i) text += "line " + std::to_string(i * i) + '\n';
  int checked = 0;
  for (const std::string& content : {std::string(), std::string("x"), text})
    for (int bits = 0; bits < 64; ++bits) {
      ZipEntry entry = file("entry", content, bits & 1);
      entry.descriptor = bits & 2;
      entry.wide_descriptor = bits & 4;
      entry.zip64_local = bits & 8;
      entry.zip64_central = bits & 16;
      const host::UniqueFd fd = file_of(make_zip({file("before", "1"), entry, file("behind", "2")},
                                                 {.comment = "a note", .zip64_end = (bits & 32) != 0}));
      const auto unpacked = unpack_all(fd.get());
      ASSERT_THAT(unpacked, ElementsAre(Pair("before", "1"), Pair("behind", "2"), Pair("entry", content))) << bits;
      ++checked;
    }
  EXPECT_EQ(checked, 192);
}

TEST(ArchiveReader, EmptyArchive) { EXPECT_THAT(names_of(make_zip({})), ElementsAre()); }

// Deflated with nothing behind it, as some tools write empty files.
TEST(ArchiveReader, EmptyEntryWithoutData) {
  ZipEntry entry = file("empty", "", false);
  entry.method = 8;
  const host::UniqueFd fd = file_of(make_zip({entry}));
  EXPECT_THAT(unpack_all(fd.get()), ElementsAre(Pair("empty", "")));
}

TEST(ArchiveReader, NamesComeOutClean) {
  ZipEntry unix_directory = file("d", "", false);
  unix_directory.attributes = 040755u << 16;
  EXPECT_THAT(names_of(make_zip({file("./a", ""), file("b\\c", ""), file("d//e/./f", ""), unix_directory,
                                 file("..g", ""), file("h..", ""), file("\xC3\xA4", ""), file("~/i", "")})),
              ElementsAre("a", "b/c", "d/e/f", "..g", "h..", "\xC3\xA4", "~/i"));
}

TEST(ArchiveReader, NamesThatDifferInCaseAreTwo) {
  EXPECT_THAT(names_of(make_zip({file("Readme", "1"), file("README", "2")})), ElementsAre("Readme", "README"));
}

TEST(ArchiveReader, DirectoriesAreNotListedAndTheSameTwiceIsOne) {
  EXPECT_THAT(names_of(make_zip({file("dir/", "", false), file("dir/a", "1"), file("dir/", "", false),
                                 file("dir/a", "1"), file("dir/b", "2")})),
              ElementsAre("dir/a", "dir/b"));
}

TEST(ArchiveReader, KeepsTheOrderOfTheDirectory) {
  EXPECT_THAT(names_of(make_zip({file("z", ""), file("a", ""), file("m", "")})), ElementsAre("z", "a", "m"));
}

TEST(ArchiveReader, DescriptionIsNoEntry) {
  const host::UniqueFd fd = file_of(
      make_zip({file("a", "1"), file(std::string(host::description_entry), R"({"format":"ferry.package/1"})")}));
  const host::ArchiveReader reader(fd.get());
  EXPECT_EQ(reader.description(), R"({"format":"ferry.package/1"})");
  ASSERT_EQ(reader.entries().size(), 1u);
  EXPECT_EQ(reader.entries()[0].name, "a");
}

TEST(ArchiveReader, WhatThePieceThrowsPassesThrough) {
  const host::UniqueFd fd = file_of(make_zip({file("a", "1")}));
  host::ArchiveReader reader(fd.get());
  EXPECT_THROW(reader.read(0, [](std::string_view) { throw std::logic_error("enough"); }), std::logic_error);
  EXPECT_THROW(reader.read(1, [](std::string_view) {}), std::out_of_range);
}

TEST(ArchiveReader, MayBeAskedWhileItReads) {
  const host::UniqueFd fd = file_of(make_zip({file("a", "1"), file("b", "2")}));
  host::ArchiveReader reader(fd.get());
  std::string seen;
  reader.read(0, [&](std::string_view outer) {
    reader.read(1, [&](std::string_view inner) { seen += inner; });
    seen += outer;
  });
  EXPECT_EQ(seen, "21");
}

// Only Zip64 can say where this entry is; the hole in front takes no room on the disk.
TEST(ArchiveReader, EntryBehindFourGigabytes) {
  constexpr std::uint64_t far = 5ull << 30;
  const host::UniqueFd fd = file_of("");
  ZipEntry entry = file("far", "away");
  entry.header_at = far;
  entry.zip64_central = true;
  ZipEntry measure = entry;
  measure.header_at.reset();
  // The directory of the archive begins where the content of the same archive at 0 ends.
  const std::string content = make_zip({measure});
  const std::uint64_t data_bytes = content.find("PK\x01\x02");
  std::string archive = make_zip({entry}, {.zip64_end = true, .directory_at = far + data_bytes});
  // The Zip64 locator, 20 bytes in front of the 22 of the end record, holds an offset to move as well.
  const std::size_t locator = archive.size() - 22 - 20;
  const std::uint64_t end_at = far + locator - 56;
  for (int i = 0; i < 8; ++i) archive[locator + 8 + static_cast<std::size_t>(i)] = static_cast<char>(end_at >> (8 * i));
  ASSERT_EQ(::pwrite(fd.get(), archive.data(), archive.size(), far), static_cast<ssize_t>(archive.size()));
  EXPECT_THAT(unpack_all(fd.get()), ElementsAre(Pair("far", "away")));
}

TEST(ArchiveReader, DoesNotMoveTheOffset) {
  const host::UniqueFd fd = file_of(make_zip({file("a", "1")}));
  ASSERT_EQ(::lseek(fd.get(), 3, SEEK_SET), 3);
  unpack_all(fd.get());
  EXPECT_EQ(::lseek(fd.get(), 0, SEEK_CUR), 3);
}

}  // namespace
}  // namespace ferry::test
