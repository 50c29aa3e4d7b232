#include "host/records/json_lines.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "host/base/failure.hpp"

namespace ferry::host {
namespace {

TEST(JsonLines, TakesWhatItIsTold) {
  EXPECT_NO_THROW(check_json_lines("", 0));
  EXPECT_NO_THROW(check_json_lines("{}\n{\"a\":[1,{\"b\":null}]}\n", 2));
}

TEST(JsonLines, RefusesWhatIsNoRecord) {
  const std::tuple<std::string, std::uint64_t, const char*> cases[] = {
      {"{}\n", 2, "said to hold 2 records, which holds 1"},
      {"[]\n", 1, "no JSON object"},
      {"{\"a\":}\n", 1, "no JSON object"},
      {"{} {}\n", 1, "no JSON object"},
      {"\n", 1, "no JSON object"},
      {"{\"a\":\"\xff\"}\n", 1, "no JSON object"},
      {"{\"a\":1\n", 1, "no JSON object"},
  };
  for (const auto& [lines, count, words] : cases) {
    try {
      check_json_lines(lines, count);
      ADD_FAILURE() << lines;
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.fault(), Fault::connector);
      EXPECT_THAT(failure.what(), testing::HasSubstr(words));
    }
  }
}

}  // namespace
}  // namespace ferry::host
