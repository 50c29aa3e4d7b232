#include "host/sync/schedule.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

#include "host/base/clock.hpp"

namespace ferry::host {
namespace {

constexpr std::int64_t minute = 60'000, hour = 60 * minute, day = 24 * hour;
constexpr std::int64_t started = 1'800'000'000'000;

ModelSync model(const char* every) {
  ModelSync out;
  out.name = "INVOICES";
  if (every != nullptr) out.every = Frequency::parse(every);
  return out;
}

LastRun run(const char* result, std::int64_t took = minute, unsigned failures = 0) {
  return {started, started + took, result, failures};
}

TEST(ScheduleTest, WhatWasNeverSyncedIsDueAtOnce) {
  EXPECT_EQ(due(model("weekly"), {}, started), (Due{true, std::nullopt}));
  EXPECT_EQ(due(model("cron 0 6 * * *"), {}, started), (Due{true, std::nullopt}));
}

TEST(ScheduleTest, WithoutAFrequencyOrNotEnabledItIsNeverDue) {
  EXPECT_EQ(due(model(nullptr), {}, started), Due{});
  EXPECT_EQ(due(model(nullptr), run("failed"), started + 900 * day), Due{});
  ModelSync off = model("1m");
  off.enabled = false;
  EXPECT_EQ(due(off, {}, started), Due{});
  EXPECT_EQ(due(off, run("failed"), started + 900 * day), Due{});
}

TEST(ScheduleTest, IntervalsCountFromTheStart) {
  for (const char* result : {"succeeded", "partially_succeeded"}) {
    EXPECT_EQ(due(model("15m"), run(result), started + 15 * minute - 1), (Due{false, started + 15 * minute}));
    EXPECT_EQ(due(model("15m"), run(result), started + 15 * minute), (Due{true, started + 15 * minute}));
    // However long it took, and however many times were missed.
    EXPECT_EQ(due(model("15m"), run(result, 40 * minute), started + 50 * minute), (Due{true, started + 15 * minute}));
    EXPECT_EQ(due(model("15m"), run(result), started + 9 * day), (Due{true, started + 15 * minute}));
  }
}

class InUtc : public ::testing::Test {
 protected:
  InUtc() { ::setenv("TZ", "UTC", 1); }
  ~InUtc() override { ::unsetenv("TZ"); }
};

TEST_F(InUtc, ALateRunDoesNotShiftTheTimesOfCron) {
  const auto at = [](const char* text) { return parse_rfc3339(text).value(); };
  const ModelSync daily = model("cron 0 6 * * *");
  // The machine was off from the 19th to the 21st.
  const std::int64_t before = at("2026-11-18T06:00:12.000Z"), late = at("2026-11-21T09:30:00.000Z");
  EXPECT_EQ(due(daily, {before, before + minute, "succeeded"}, late), (Due{true, at("2026-11-19T06:00:00.000Z")}));
  EXPECT_EQ(due(daily, {late, late + minute, "succeeded"}, late + 2 * minute),
            (Due{false, at("2026-11-22T06:00:00.000Z")}));
}

TEST(ScheduleTest, WhatFailedIsTriedAgainLaterAndLater) {
  const std::int64_t end = started + 5 * minute;
  const ModelSync daily = model("daily");
  for (const char* result : {"failed", "cancelled", "", "nonsense"}) {
    EXPECT_EQ(due(daily, run(result, 5 * minute), end), (Due{false, end + minute})) << result;
    EXPECT_EQ(due(daily, run(result, 5 * minute), end + minute), (Due{true, end + minute})) << result;
  }
  EXPECT_EQ(due(daily, run("failed", 5 * minute, 1), end).at, end + minute);
  EXPECT_EQ(due(daily, run("failed", 5 * minute, 2), end).at, end + 2 * minute);
  EXPECT_EQ(due(daily, run("failed", 5 * minute, 5), end).at, end + 16 * minute);
  EXPECT_EQ(due(daily, run("failed", 5 * minute, 11), end).at, end + 1024 * minute);
  EXPECT_EQ(due(daily, run("failed", 5 * minute, 4'000'000'000), end).at, end + 1024 * minute);
}

TEST(ScheduleTest, ButNeverLaterThanTheFrequencySays) {
  EXPECT_EQ(due(model("15m"), run("failed", 5 * minute, 9), started + 6 * minute), (Due{false, started + 15 * minute}));
  EXPECT_EQ(due(model("1m"), run("failed", 5 * minute, 9), started + 6 * minute), (Due{true, started + minute}));
}

TEST(ScheduleTest, WhatHasNoEndIsTriedAgainAfterItsStart) {
  EXPECT_EQ(due(model("daily"), {started, std::nullopt, "", 0}, started + 30'000), (Due{false, started + minute}));
  EXPECT_EQ(due(model("daily"), {started, std::nullopt, "", 3}, started + hour), (Due{true, started + 4 * minute}));
  // The end of the run before it says nothing of this one.
  EXPECT_EQ(due(model("daily"), {started, started - hour, "succeeded", 0}, started + 30'000),
            (Due{false, started + minute}));
}

TEST(ScheduleTest, ATimeInTheFutureWasAWrongClock) {
  EXPECT_EQ(due(model("daily"), {started + day, started + day, "succeeded"}, started), (Due{true, std::nullopt}));
  EXPECT_EQ(due(model("daily"), {started, started + 90 * day, "failed"}, started + hour),
            (Due{false, started + hour + minute}));
}

TEST(ScheduleTest, WhatIsDoneNowAndThen) {
  const std::optional<Frequency> weekly = Frequency::parse("weekly");
  EXPECT_EQ(due(std::nullopt, std::nullopt, started), Due{});
  EXPECT_EQ(due(weekly, std::nullopt, started), (Due{true, std::nullopt}));
  EXPECT_EQ(due(weekly, started, started + 6 * day), (Due{false, started + 7 * day}));
  EXPECT_EQ(due(weekly, started, started + 7 * day), (Due{true, started + 7 * day}));
}

}  // namespace
}  // namespace ferry::host
