#include "host/config/duration.hpp"

#include <gtest/gtest.h>

namespace ferry::host {
namespace {

using namespace std::chrono_literals;

TEST(DurationTest, NumbersWithUnits) {
  EXPECT_EQ(parse_duration("0s"), 0ms);
  EXPECT_EQ(parse_duration("500ms"), 500ms);
  EXPECT_EQ(parse_duration("60s"), 60s);
  EXPECT_EQ(parse_duration("2m"), 2min);
  EXPECT_EQ(parse_duration("1h"), 1h);
  EXPECT_EQ(parse_duration("7d"), 168h);
}

TEST(DurationTest, AnythingElseIsNone) {
  for (const char* text : {"", "5", "s", "5 s", " 5s", "5sec", "1.5s", "-1s", "+1s", "1m30s", "99999999999999999999s",
                           "9000h", "366d", "1D"})
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
}

}  // namespace
}  // namespace ferry::host
