// Damage of every kind: the reader fails in words or gives the right content, and nothing else.
#include <gtest/gtest.h>
#include <unistd.h>

#include <random>

#include "tests/host/packages/support.hpp"
#include "tests/host/packages/zip_builder.hpp"

namespace ferry::test {
namespace {

using Content = std::map<std::string, std::string>;

const Content& original() {
  static const Content content = {
      {"flows/a.json", R"({"id":"a","nodes":[1,2,3,1,2,3,1,2,3,1,2,3]})"},
      {"flows/b.json", std::string(300, 'b')},
      {"stored", "as it is"},
      {"empty", ""},
  };
  return content;
}

std::string archive(bool zip64) {
  std::vector<ZipEntry> entries;
  for (const auto& [name, content] : original()) {
    ZipEntry& entry = entries.emplace_back();
    entry.name = name;
    entry.content = content;
    entry.deflated = name.starts_with("flows");
    entry.descriptor = name == "flows/b.json";
    entry.zip64_local = entry.zip64_central = zip64;
    entry.wide_descriptor = zip64;
  }
  return make_zip(entries, {.zip64_end = zip64});
}

// Which entries there are may be read otherwise when a name is what was damaged; content never.
void expect_failure_or_truth(const std::string& bytes, const std::string& what) {
  const host::UniqueFd fd = file_of(bytes);
  Content found;
  try {
    found = unpack_all(fd.get());
  } catch (const host::Failure& failure) {
    EXPECT_EQ(failure.fault(), host::Fault::usage) << what << ": " << failure.message();
    return;
  }
  // An entry whose kind was changed into a directory's is gone from the list only if it is empty.
  for (const auto& [name, content] : original()) {
    const auto at = found.find(name);
    if (at == found.end())
      EXPECT_TRUE(content.empty()) << what << ": " << name << " is missing";
    else
      EXPECT_EQ(at->second, content) << what << ": " << name;
  }
  EXPECT_LE(found.size(), original().size()) << what;
}

class ArchiveDamage : public testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(Forms, ArchiveDamage, testing::Bool(),
                         [](const auto& info) { return info.param ? "Zip64" : "Plain"; });

TEST_P(ArchiveDamage, Undamaged) {
  const host::UniqueFd fd = file_of(archive(GetParam()));
  EXPECT_EQ(unpack_all(fd.get()), original());
}

TEST_P(ArchiveDamage, CutAnywhere) {
  const std::string whole = archive(GetParam());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const host::UniqueFd fd = file_of(whole.substr(0, size));
    EXPECT_NE(failure_of([&] { unpack_all(fd.get()); }), "") << "cut after " << size;
  }
}

TEST_P(ArchiveDamage, CutInFront) {
  const std::string whole = archive(GetParam());
  for (std::size_t size = 1; size < whole.size(); ++size) {
    const host::UniqueFd fd = file_of(whole.substr(size));
    EXPECT_NE(failure_of([&] { unpack_all(fd.get()); }), "") << "without the first " << size;
  }
}

TEST_P(ArchiveDamage, EveryBitOfEveryByte) {
  const std::string whole = archive(GetParam());
  for (std::size_t at = 0; at < whole.size(); ++at)
    for (const int mask : {1, 2, 4, 8, 16, 32, 64, 128, 255}) {
      std::string damaged = whole;
      damaged[at] = static_cast<char>(damaged[at] ^ mask);
      expect_failure_or_truth(damaged, "byte " + std::to_string(at) + " ^ " + std::to_string(mask));
    }
}

// What a forger or a broken disk might do, many times over, the same on every run.
TEST_P(ArchiveDamage, RandomMutations) {
  const std::string whole = archive(GetParam());
  std::mt19937 random(20'261'121);
  const auto below = [&](std::size_t limit) { return static_cast<std::size_t>(random() % limit); };
  const std::string numbers[] = {std::string(2, '\xff'), std::string(4, '\xff'), std::string(8, '\xff'),
                                 std::string(4, '\0'),   "PK\x05\x06",           "PK\x01\x02",
                                 "PK\x03\x04",           "PK\x06\x06",           std::string("\xff\xff\xff\x7f")};
  for (int round = 0; round < 10'000; ++round) {
    std::string damaged = whole;
    for (std::size_t change = 1 + below(4); change-- > 0 && !damaged.empty();) {
      const std::size_t at = below(damaged.size());
      switch (below(5)) {
        case 0: damaged[at] = static_cast<char>(random()); break;
        case 1: damaged.erase(at, 1 + below(40)); break;
        case 2: damaged.insert(at, damaged.substr(below(damaged.size()), 1 + below(60))); break;
        case 3: {
          const std::string& number = numbers[below(std::size(numbers))];
          damaged.replace(at, std::min(number.size(), damaged.size() - at), number);
          break;
        }
        default: std::swap(damaged[at], damaged[below(damaged.size())]);
      }
    }
    const host::UniqueFd fd = file_of(damaged);
    try {
      for (const auto& [name, content] : unpack_all(fd.get(), {.unpacked_bytes = 1 << 20}))
        if (original().contains(name)) {
          EXPECT_EQ(content, original().at(name)) << round;
        }
    } catch (const host::Failure& failure) {
      EXPECT_EQ(failure.fault(), host::Fault::usage) << round << ": " << failure.message();
    }
  }
}

// The file becomes shorter, or other, while it is read.
TEST(ArchiveDamageWhileReading, IsNoticed) {
  ZipEntry entry;
  entry.name = "a";
  entry.content.assign(1 << 20, 'x');
  const host::UniqueFd fd = file_of(make_zip({entry}));
  host::ArchiveReader reader(fd.get());
  ASSERT_EQ(::ftruncate(fd.get(), 1000), 0);
  EXPECT_TRUE(failure_of([&] { reader.read(0, [](std::string_view) {}); }).starts_with("damaged_archive: "));
  ASSERT_EQ(::ftruncate(fd.get(), 2 << 20), 0);
  EXPECT_TRUE(failure_of([&] { reader.read(0, [](std::string_view) {}); }).starts_with("damaged_archive: "));
}

}  // namespace
}  // namespace ferry::test
