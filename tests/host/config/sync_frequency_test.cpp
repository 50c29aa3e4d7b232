#include "host/config/frequency.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "host/base/clock.hpp"
#include "host/base/failure.hpp"
#include "host/config/byte_size.hpp"
#include "host/config/date.hpp"
#include "host/config/threshold.hpp"
#include "tests/host/config/config_fixture.hpp"

namespace ferry::host {
namespace {

std::string refusal(const std::string& text) {
  try {
    Frequency::parse(text);
  } catch (const Failure& e) {
    EXPECT_EQ(e.code(), "bad_frequency");
    return e.message();
  }
  return "nothing was thrown";
}

TEST(FrequencyTest, IntervalsCountFromTheLastStart) {
  for (const auto& [text, interval] :
       {std::pair{"90s", 90'000}, std::pair{"15m", 900'000}, std::pair{"hourly", 3'600'000},
        std::pair{"daily", 86'400'000}, std::pair{"2d", 172'800'000}, std::pair{"weekly", 604'800'000}}) {
    const Frequency frequency = Frequency::parse(text);
    EXPECT_EQ(frequency.next_after(1'000'000'000'123), 1'000'000'000'123 + interval) << text;
    EXPECT_EQ(frequency.text(), text);
  }
}

TEST(FrequencyTest, CronInEverySpelling) {
  const testing::Variable zone("TZ", "UTC");
  const std::int64_t friday = parse_rfc3339("2026-11-20T06:00:00.000Z").value();
  for (const char* text : {"cron \"0 6 * * 1-5\"", "cron '0 6 * * 1-5'", "cron 0 6 * * 1-5", "cron   \"0 6 * * 1-5\" ",
                           "cron\"0 6 * * 1-5\""}) {
    const Frequency frequency = Frequency::parse(text);
    EXPECT_EQ(rfc3339(frequency.next_after(friday)), "2026-11-23T06:00:00.000Z") << text;
    EXPECT_EQ(frequency.text(), "cron \"0 6 * * 1-5\"");
    EXPECT_EQ(frequency, Frequency::cron("0 6 * * 1-5"));
  }
}

TEST(FrequencyTest, WhatIsNone) {
  EXPECT_EQ(refusal("dayly"), "is no frequency; did you mean \"daily\"?");
  EXPECT_EQ(refusal("often"),
            "is no frequency; write an interval such as 15m, or hourly, daily, weekly, or cron \"0 6 * * 1-5\"");
  EXPECT_EQ(refusal("0s"), "is oftener than once a second");
  EXPECT_EQ(refusal("999ms"), "is oftener than once a second");
  EXPECT_EQ(refusal("cron \"0 6 * *\"").substr(0, 12), "has 4 fields");
  EXPECT_EQ(refusal("cron ").substr(0, 12), "has 0 fields");
  for (const char* text : {"", "15", "-15m", "15 m", "Daily!", "@hourly", "400d"})
    EXPECT_EQ(refusal(text).substr(0, 15), "is no frequency") << text;
}

TEST(FrequencyTest, TheNextTimeIsAlwaysLater) {
  std::mt19937_64 random(3);
  std::vector<Frequency> all;
  for (const char* text : {"1s", "15m", "365d", "weekly", "cron * * * * *", "cron 0 6 * * 1-5", "cron 0 0 29 2 *",
                           "cron */7 1,13 */9 * mon-thu"})
    all.push_back(Frequency::parse(text));
  for (int round = 0; round < 2000; ++round) {
    const auto at = static_cast<std::int64_t>(random() % 253'402'300'800'000);
    for (const Frequency& one : all) EXPECT_GT(one.next_after(at), at) << one.text();
  }
  // What a state that was edited to nonsense may hold.
  for (const Frequency& one : all) {
    EXPECT_GT(one.next_after(std::numeric_limits<std::int64_t>::min()), 0);
    EXPECT_GT(one.next_after(std::numeric_limits<std::int64_t>::max()), 253'402'300'800'000);
  }
}

TEST(ThresholdTest, NumbersAndShares) {
  EXPECT_EQ(parse_threshold("0"), (Threshold{0, false}));
  EXPECT_EQ(parse_threshold("500"), (Threshold{500, false}));
  EXPECT_EQ(parse_threshold("10%"), (Threshold{1000, true}));
  EXPECT_EQ(parse_threshold("0.5%"), (Threshold{50, true}));
  EXPECT_EQ(parse_threshold("99.99%"), (Threshold{9999, true}));
  for (const char* text : {"", "%", "-1", "+1", "1.5", "10 %", "101%", "100.01%", "1.234%", ".5%", "1.%", "many", "1e3",
                           "99999999999999999999"})
    EXPECT_EQ(parse_threshold(text), std::nullopt) << text;
  for (const char* text : {"0", "500", "10%", "0.5%", "0.05%", "12.34%", "100%"})
    EXPECT_EQ(parse_threshold(text)->text(), text);
}

TEST(ThresholdTest, Exceeded) {
  const Threshold number{5, false}, tenth{1000, true}, none{0, true};
  EXPECT_FALSE(number.exceeded(5, 0));
  EXPECT_TRUE(number.exceeded(6, 1000));
  EXPECT_FALSE(tenth.exceeded(10, 100));
  EXPECT_TRUE(tenth.exceeded(11, 100));
  EXPECT_FALSE(tenth.exceeded(0, 0));
  EXPECT_TRUE(tenth.exceeded(1, 0));
  EXPECT_TRUE(none.exceeded(1, 1'000'000));
  EXPECT_FALSE(tenth.exceeded(1'000'000'000'000'000'000, 10'000'000'000'000'000'000u));
  EXPECT_TRUE(tenth.exceeded(1'000'000'000'000'000'001, 10'000'000'000'000'000'000u));
}

TEST(ByteSizeTest, NumbersWithUnits) {
  EXPECT_EQ(parse_byte_size("0B"), 0u);
  EXPECT_EQ(parse_byte_size("500KiB"), 512'000u);
  EXPECT_EQ(parse_byte_size("8MiB"), 8u << 20);
  EXPECT_EQ(parse_byte_size("1GiB"), 1u << 30);
  EXPECT_EQ(parse_byte_size("1024TiB"), 1ull << 50);
  for (const char* text : {"", "8", "8MB", "8 MiB", "-8MiB", "1.5GiB", "1025TiB", "99999999999999999999B", "MiB"})
    EXPECT_EQ(parse_byte_size(text), std::nullopt) << text;
}

TEST(DateTest, DaysThereAre) {
  for (const char* text : {"2023-01-01", "2024-02-29", "1900-12-31", "2999-12-31"}) EXPECT_TRUE(is_date(text)) << text;
  for (const char* text : {"", "2023-02-29", "2023-13-01", "2023-00-10", "2023-01-00", "2023-1-1", "01.01.2023",
                           "2023-01-01T00:00:00Z", "2023-01-+1", "2023-01- 1", "1899-12-31", "20230101", "yesterday"})
    EXPECT_FALSE(is_date(text)) << text;
}

}  // namespace
}  // namespace ferry::host
