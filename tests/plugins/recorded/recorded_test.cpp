#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "host/base/files.hpp"
#include "tests/plugins/recorded/recorded_case.hpp"

namespace ferry::test {
namespace {

class RecordedTrafficTest : public ::testing::TestWithParam<RecordedCase> {};

TEST_P(RecordedTrafficTest, GivesWhatIsExpected) {
  const std::filesystem::path expected = GetParam().folder / "expected.json";
  const std::string actual = GetParam().carry_out().dump(2);
  if (std::getenv("FERRY_UPDATE_EXPECTED") != nullptr) {
    host::replace_file(expected, actual + "\n", 0644);
    GTEST_SKIP() << "written: " << expected;
  }
  // Compared as they would be written: whoever edits the file by hand may lay it out as they like.
  EXPECT_EQ(Json::parse(host::read_file(expected)).dump(2), actual);
}

INSTANTIATE_TEST_SUITE_P(Traffic, RecordedTrafficTest, ::testing::ValuesIn(RecordedCase::all()), [](const auto& info) {
  std::string name = info.param.platform + "_" + info.param.name;
  for (char& c : name)
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  return name;
});

TEST(RecordedTraffic, IsThere) { EXPECT_FALSE(RecordedCase::all().empty()); }

}  // namespace

// For messages of GoogleTest.
void PrintTo(const RecordedCase& one, std::ostream* out) { *out << one.folder.string(); }

}  // namespace ferry::test
