// Archives that must not be opened, each with the code and the words it is refused with.
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/host/packages/support.hpp"
#include "tests/host/packages/zip_builder.hpp"

namespace ferry::test {
namespace {

struct Case {
  const char* title;
  std::string archive;
  const char* code;
  std::vector<std::string> words;  // of the message
  host::ArchiveLimits limits = {};
};

void PrintTo(const Case& one, std::ostream* out) { *out << one.title; }

ZipEntry file(const std::string& name, const std::string& content = "content") {
  ZipEntry entry;
  entry.name = name;
  entry.content = content;
  return entry;
}

template <class Change>
std::string one(const std::string& name, Change change, const ZipOptions& options = {}) {
  ZipEntry entry = file(name);
  change(entry);
  return make_zip({file("first"), entry}, options);
}

std::string named(const std::string& name) { return make_zip({file("first"), file(name)}); }

std::string with_mode(std::uint32_t mode) {
  return one("odd", [&](ZipEntry& entry) { entry.attributes = mode << 16; });
}

// The second entry's record points at the first one's bytes.
std::string overlapping() {
  ZipEntry second = file("first");
  second.header_at = 0;
  return make_zip({file("first"), second});
}

std::string nested_in_content() {
  ZipEntry inner = file("inner", "x");
  ZipEntry outer = file("outer", make_zip({inner}));
  ZipEntry alias = file("inner", "x");
  alias.header_at = 30 + 5;  // inside outer's content
  return make_zip({outer, alias});
}

std::string second_name_field(const std::string& name, const std::string& other) {
  std::string field = "\x01";
  const std::uint32_t crc = crc_of(name);
  for (int i = 0; i < 4; ++i) field += static_cast<char>(crc >> (8 * i) & 0xff);
  field += other;
  return std::string("\x75\x70") + static_cast<char>(field.size()) + std::string(1, '\0') + field;
}

host::ArchiveLimits limits_with(void (*change)(host::ArchiveLimits&)) {
  host::ArchiveLimits limits;
  change(limits);
  return limits;
}

std::vector<Case> cases() {
  const std::string good = make_zip({file("first"), file("second")});
  const std::string zeros(2 << 20, '\0');
  const auto lie = [](auto change) { return one("liar", change); };
  std::vector<Case> all = {
      {"parent directory", named("../evil"), "entry_outside", {"\"../evil\"", ".."}},
      {"parent directory inside", named("a/b/../../../evil"), "entry_outside", {"\"a/b/../../../evil\""}},
      {"parent directory at the end", named("a/.."), "entry_outside", {"\"a/..\""}},
      {"parent directory with backslashes", named("a\\..\\..\\evil"), "entry_outside", {"evil"}},
      {"absolute", named("/etc/passwd"), "entry_absolute", {"\"/etc/passwd\"", "absolute"}},
      {"absolute with a backslash", named("\\evil"), "entry_absolute", {"evil"}},
      {"drive", named("C:\\evil"), "entry_absolute", {"C:"}},
      {"drive, relative", named("c:evil"), "entry_absolute", {"c:evil"}},
      {"no name", named(""), "bad_entry_name", {"no name"}},
      {"name of a dot", named("."), "bad_entry_name", {"\".\""}},
      {"NUL in a name", named(std::string("a\0b", 3)), "bad_entry_name", {"a?b", "control character"}},
      {"line break in a name", named("a\nb"), "bad_entry_name", {"control character"}},
      {"escape sequence in a name", named("a\x1b[2Jb"), "bad_entry_name", {"control character"}},
      {"name in code page 437", named("gr\x81n"), "bad_entry_name", {"not UTF-8"}},
      {"overlong name", named(std::string(1025, 'n')), "bad_entry_name", {"1025", "1024"}},
      {"second name",
       one("plain", [](ZipEntry& e) { e.central_extra = second_name_field("plain", "../evil"); }),
       "bad_entry_name",
       {"\"plain\"", "second name", "../evil"}},
      {"symbolic link", with_mode(0120777), "entry_link", {"\"odd\"", "symbolic link"}},
      {"device", with_mode(0020600), "entry_link", {"\"odd\"", "special file"}},
      {"pipe", with_mode(0010600), "entry_link", {"\"odd\"", "special file"}},
      {"socket", with_mode(0140600), "entry_link", {"\"odd\"", "special file"}},
      {"duplicates that differ",
       make_zip({file("twice", "one"), file("x"), file("twice", "two")}),
       "entry_duplicate",
       {"\"twice\"", "different content"}},
      {"duplicates by another spelling",
       make_zip({file("a/b", "one"), file("a\\.\\b", "two")}),
       "entry_duplicate",
       {"\"a/b\""}},
      {"a file and a directory", make_zip({file("a", ""), file("a/", "")}), "entry_duplicate", {"\"a\""}},
      {"too large",
       make_zip({file("small"), file("large", std::string(100, 'x'))}),
       "archive_bomb",
       {"\"large\""},
       limits_with([](host::ArchiveLimits& l) { l.unpacked_bytes = 50; })},
      {"declared size beyond everything",
       lie([](ZipEntry& e) {
         e.unpacked = ~0ull;
         e.packed = 7;
         e.zip64_local = e.zip64_central = true;
         e.method = 8;
       }),
       "archive_bomb",
       {"\"liar\""}},
      {"ratio of an entry",
       one("bomb",
           [&](ZipEntry& e) {
             e.content = zeros;
             e.deflated = true;
           }),
       "archive_bomb",
       {"\"bomb\"", "2.0 MiB", "1000 : 1"}},
      {"too many entries",
       make_zip({file("a"), file("b"), file("c")}),
       "too_many_entries",
       {"3", "2 are allowed"},
       limits_with([](host::ArchiveLimits& l) { l.entries = 2; })},
      {"names beyond memory",
       make_zip({file("aaaa"), file("bbbb")}),
       "too_many_entries",
       {"names"},
       limits_with([](host::ArchiveLimits& l) { l.all_names_bytes = 7; })},
      {"count beyond the directory",
       make_zip({file("a")}, {.zip64_end = true, .entries = 150'000}),
       "damaged_archive",
       {"too short"}},
      {"count of all the memory", make_zip({file("a")}, {.zip64_end = true, .entries = ~0ull}), "too_many_entries", {}},
      {"count below the directory",
       make_zip({file("a"), file("b")}, {.entries = 1}),
       "damaged_archive",
       {"more entries"}},
      {"overlap", overlapping(), "damaged_archive", {"\"first\"", "overlaps"}},
      {"overlap inside content", nested_in_content(), "damaged_archive", {"\"outer\"", "overlaps"}},
      {"another name in front",
       lie([](ZipEntry& e) { e.local_name = "../evil"; }),
       "damaged_archive",
       {"\"liar\"", "two ways", "../evil"}},
      {"another method in front",
       lie([](ZipEntry& e) { e.local_method = 8; }),
       "damaged_archive",
       {"\"liar\"", "method"}},
      {"another checksum in front",
       lie([](ZipEntry& e) { e.local_crc = 1; }),
       "damaged_archive",
       {"\"liar\"", "checksum"}},
      {"another size in front",
       lie([](ZipEntry& e) { e.local_unpacked = 1; }),
       "damaged_archive",
       {"\"liar\"", "sizes"}},
      {"another checksum behind",
       lie([](ZipEntry& e) {
         e.descriptor = true;
         e.descriptor_crc = 1;
       }),
       "damaged_archive",
       {"\"liar\"", "behind its content"}},
      {"stored with two sizes", lie([](ZipEntry& e) { e.unpacked = 8; }), "damaged_archive", {"\"liar\"", "sizes"}},
      {"directory with content", named("folder/"), "damaged_archive", {"\"folder/\"", "directory"}},
      {"encrypted",
       lie([](ZipEntry& e) { e.flags = 1; }),
       "unsupported_archive",
       {"\"liar\"", "encrypted", "password"}},
      {"strongly encrypted", lie([](ZipEntry& e) { e.flags = 0x41; }), "unsupported_archive", {"encrypted"}},
      {"bzip2", lie([](ZipEntry& e) { e.method = 12; }), "unsupported_archive", {"\"liar\"", "method 12", "deflate"}},
      {"entry on another disk", lie([](ZipEntry& e) { e.disk = 1; }), "unsupported_archive", {"\"liar\"", "split"}},
      {"split", make_zip({file("a")}, {.disk = 3}), "unsupported_archive", {"split"}},
      {"first part of a split archive", "PK\x07\x08" + std::string(100, 'x'), "unsupported_archive", {"split"}},
      {"extra field beyond its end",
       lie([](ZipEntry& e) { e.central_extra = std::string("\x02\x00\xff\x00", 4); }),
       "damaged_archive",
       {"\"liar\"", "extra field"}},
      {"directory elsewhere", make_zip({file("a")}, {.directory_at = 7}), "damaged_archive", {"not where"}},
      {"something in front",
       make_zip({file("a")}, {.prefix = "#!/bin/sh\n", .directory_at = 38}),
       "damaged_archive",
       {}},
      {"two ends", make_zip({file("a")}, {.comment = make_zip({file("b")})}), "damaged_archive", {"two ends"}},
      {"empty file", "", "not_an_archive", {"0 bytes", "right file"}},
      {"a page of HTML", "<html><body>502 Bad Gateway</body></html>", "not_an_archive", {"no ZIP"}},
      {"cut off", good.substr(0, good.size() / 2), "damaged_archive", {"cut off"}},
  };
  return all;
}

class Refused : public testing::TestWithParam<Case> {};

TEST_P(Refused, NamesWhatAndWhy) {
  const Case& expected = GetParam();
  const host::UniqueFd fd = file_of(expected.archive);
  try {
    const host::ArchiveReader reader(fd.get(), expected.limits);
    FAIL() << "was opened";
  } catch (const host::Failure& failure) {
    EXPECT_EQ(failure.code(), expected.code) << failure.message();
    EXPECT_EQ(failure.fault(), host::Fault::usage);
    for (const std::string& word : expected.words)
      EXPECT_NE(failure.message().find(word), std::string::npos) << word << " in: " << failure.message();
    for (const char c : failure.message()) EXPECT_TRUE(static_cast<unsigned char>(c) >= 0x20) << failure.message();
  }
}

std::string title_of(const testing::TestParamInfo<Case>& info) {
  std::string title = info.param.title;
  for (char& c : title)
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  return title;
}

INSTANTIATE_TEST_SUITE_P(Archives, Refused, testing::ValuesIn(cases()), title_of);

// Each small enough to be trusted alone; together too much.
TEST(ArchiveRefusal, RatioOfTheWhole) {
  const std::string zeros(200 << 10, '\0');
  std::vector<ZipEntry> entries;
  for (int i = 0; i < 20; ++i) {
    entries.push_back(file(std::to_string(i), zeros));
    entries.back().deflated = true;
  }
  host::ArchiveLimits limits;
  limits.ratio = 100;
  const host::UniqueFd fd = file_of(make_zip(entries));
  EXPECT_TRUE(failure_of([&] { host::ArchiveReader reader(fd.get(), limits); }).starts_with("archive_bomb: "));
}

// Sizes that are lies are found while reading, not believed: neither more nor less comes out.
TEST(ArchiveRefusal, ContentThatIsNotAsDeclared) {
  const struct {
    std::uint64_t unpacked;
    const char* words;
  } lies[] = {{10, "more than the 10 bytes"}, {5000, "declares 5000"}};
  for (const auto& lie : lies) {
    ZipEntry entry = file("liar", std::string(1000, 'x'));
    entry.deflated = true;
    entry.unpacked = lie.unpacked;
    const host::UniqueFd fd = file_of(make_zip({entry}));
    host::ArchiveReader reader(fd.get());
    std::uint64_t seen = 0;
    const std::string failure =
        failure_of([&] { reader.read(0, [&](std::string_view piece) { seen += piece.size(); }); });
    EXPECT_TRUE(failure.starts_with("damaged_archive: ")) << failure;
    EXPECT_NE(failure.find(lie.words), std::string::npos) << failure;
    EXPECT_LE(seen, std::max<std::uint64_t>(lie.unpacked, 1000));
  }
}

TEST(ArchiveRefusal, WrongChecksum) {
  for (const bool deflated : {false, true}) {
    ZipEntry entry = file("liar");
    entry.deflated = deflated;
    entry.crc = 7;
    const host::UniqueFd fd = file_of(make_zip({entry}));
    EXPECT_EQ(failure_of([&] { unpack_all(fd.get()); }).substr(0, 72),
              "damaged_archive: the archive was refused: its entry \"liar\" does not have");
  }
}

// A CRC is no proof: two contents that share it must not pass for one.
TEST(ArchiveRefusal, DuplicatesWithOneChecksumAreCompared) {
  ZipEntry other = file("twice", "CONTENT");
  other.crc = crc_of("content");
  const host::UniqueFd fd = file_of(make_zip({file("twice"), other}));
  EXPECT_NE(failure_of([&] { host::ArchiveReader reader(fd.get()); }), "");
}

TEST(ArchiveRefusal, NoRegularFile) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const host::UniqueFd reading(ends[0]);
  const host::UniqueFd writing(ends[1]);
  EXPECT_TRUE(failure_of([&] { host::ArchiveReader reader(reading.get()); }).starts_with("not_an_archive: "));
}

}  // namespace
}  // namespace ferry::test
