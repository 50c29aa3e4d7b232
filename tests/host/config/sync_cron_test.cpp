#include "host/config/cron.hpp"

#include <gtest/gtest.h>

#include <ctime>
#include <iterator>
#include <random>
#include <sstream>

#include "host/base/clock.hpp"
#include "host/base/failure.hpp"
#include "tests/host/config/config_fixture.hpp"

namespace ferry::host {
namespace {

using testing::Variable;

const char berlin[] = "CET-1CEST,M3.5.0,M10.5.0/3";
constexpr std::int64_t minute = 60'000, day = 86'400'000;

std::int64_t time_of(const std::string& text) { return parse_rfc3339(text + ":00.000Z").value(); }

// The times after `from` until `until`, as "11-21T10:00" of UTC.
std::vector<std::string> times(const std::string& cron, const std::string& from, const std::string& until) {
  const Cron parsed = Cron::parse(cron);
  std::vector<std::string> out;
  for (std::int64_t at = parsed.next_after(time_of(from)); at <= time_of(until); at = parsed.next_after(at))
    out.push_back(rfc3339(at).substr(5, 11));
  return out;
}

std::string next(const std::string& cron, const std::string& from) {
  return rfc3339(Cron::parse(cron).next_after(time_of(from))).substr(0, 16);
}

std::string refusal(const std::string& cron) {
  try {
    Cron::parse(cron);
  } catch (const Failure& e) {
    EXPECT_EQ(e.fault(), Fault::usage);
    EXPECT_EQ(e.code(), "bad_frequency");
    return e.message();
  }
  return "nothing was thrown";
}

using Times = std::vector<std::string>;

TEST(CronTest, Fields) {
  const Variable zone("TZ", "UTC");
  EXPECT_EQ(next("0 6 * * 1-5", "2026-11-20T05:59"), "2026-11-20T06:00");  // a Friday
  EXPECT_EQ(next("0 6 * * 1-5", "2026-11-20T06:00"), "2026-11-23T06:00");
  EXPECT_EQ(next("* * * * *", "2026-11-20T06:00"), "2026-11-20T06:01");
  EXPECT_EQ(next("30 2 1 jan,JUL *", "2026-01-01T02:30"), "2026-07-01T02:30");
  EXPECT_EQ(next("59 23 31 12 *", "2026-12-31T23:59"), "2027-12-31T23:59");
  EXPECT_EQ(times("*/15 8-9 * * *", "2026-11-20T08:10", "2026-11-21T08:00"),
            (Times{"11-20T08:15", "11-20T08:30", "11-20T08:45", "11-20T09:00", "11-20T09:15", "11-20T09:30",
                   "11-20T09:45", "11-21T08:00"}));
  EXPECT_EQ(times("5 0-23/12,3 * * *", "2026-11-20T00:00", "2026-11-20T23:59"),
            (Times{"11-20T00:05", "11-20T03:05", "11-20T12:05"}));
}

TEST(CronTest, SundayIsFirstAndLast) {
  const Variable zone("TZ", "UTC");
  for (const char* sunday : {"0", "7", "sun", "SUN"})
    EXPECT_EQ(next(std::string("0 0 * * ") + sunday, "2026-11-20T00:00"), "2026-11-22T00:00") << sunday;
  for (const char* weekend : {"sat-sun", "6-7", "6,0", "6-0"})
    EXPECT_EQ(times(std::string("0 0 * * ") + weekend, "2026-11-18T00:00", "2026-11-26T00:00"),
              (Times{"11-21T00:00", "11-22T00:00"}))
        << weekend;
}

TEST(CronTest, DayAndWeekdayTogetherAreEitherOf) {
  const Variable zone("TZ", "UTC");
  EXPECT_EQ(times("0 0 24 * sun", "2026-11-20T00:00", "2026-11-30T00:00"),
            (Times{"11-22T00:00", "11-24T00:00", "11-29T00:00"}));
  EXPECT_EQ(times("0 0 */2 * sun", "2026-11-20T00:00", "2026-12-30T00:00"),
            (Times{"11-29T00:00", "12-13T00:00", "12-27T00:00"}));
}

TEST(CronTest, LeapDays) {
  const Variable zone("TZ", "UTC");
  EXPECT_EQ(next("0 0 29 2 *", "2026-01-01T00:00"), "2028-02-29T00:00");
  EXPECT_EQ(next("0 0 29 2 *", "2096-02-29T00:00"), "2104-02-29T00:00");
  EXPECT_EQ(next("0 0 29 2 */7", "2026-01-01T00:00"), "2032-02-29T00:00");  // a Sunday
}

TEST(CronTest, LocalTime) {
  const Variable zone("TZ", "IST-5:30");  // five and a half hours ahead
  EXPECT_EQ(next("0 6 * * *", "2026-11-20T00:00"), "2026-11-20T00:30");
}

TEST(CronTest, ATimeThatDoesNotExistComesWhenTheClockIsPutForward) {
  const Variable zone("TZ", berlin);  // 2026-03-29: from 02:00 to 03:00 at 01:00 UTC
  EXPECT_EQ(times("30 2 * * *", "2026-03-27T12:00", "2026-03-30T12:00"),
            (Times{"03-28T01:30", "03-29T01:00", "03-30T00:30"}));
  EXPECT_EQ(times("0,30 2,3 * * *", "2026-03-28T12:00", "2026-03-29T12:00"), (Times{"03-29T01:00", "03-29T01:30"}));
  EXPECT_EQ(times("30 * * * *", "2026-03-28T23:40", "2026-03-29T02:30"),
            (Times{"03-29T00:30", "03-29T01:30", "03-29T02:30"}));
}

TEST(CronTest, ATimeThatIsThereTwiceComesOnceUnlessTheHourIsOpen) {
  const Variable zone("TZ", berlin);  // 2026-10-25: from 03:00 to 02:00 at 01:00 UTC
  EXPECT_EQ(times("30 2 * * *", "2026-10-24T12:00", "2026-10-26T12:00"), (Times{"10-25T00:30", "10-26T01:30"}));
  EXPECT_EQ(next("30 2 * * *", "2026-10-25T01:10"), "2026-10-26T01:30");
  EXPECT_EQ(times("0 2,3 * * *", "2026-10-24T12:00", "2026-10-25T12:00"), (Times{"10-25T00:00", "10-25T02:00"}));
  EXPECT_EQ(times("30 * * * *", "2026-10-24T23:40", "2026-10-25T02:30"),
            (Times{"10-25T00:30", "10-25T01:30", "10-25T02:30"}));
}

TEST(CronTest, ADayThatAPlaceLeftOut) {
  if (!std::filesystem::exists("/usr/share/zoneinfo/Pacific/Apia")) GTEST_SKIP() << "needs the time zones of tzdata";
  const Variable zone("TZ", "Pacific/Apia");  // had no 2011-12-30
  EXPECT_EQ(times("0 12 30 12 *", "2011-12-29T00:00", "2011-12-31T00:00"), (Times{"12-30T10:00"}));
}

// The slow way of reading a field, for fields of numbers whose * begins at 0.
bool matches(const std::string& field, int value, bool weekday) {
  for (std::size_t begin = 0; begin <= field.size();) {
    const std::size_t end = std::min(field.find(',', begin), field.size());
    std::string part = field.substr(begin, end - begin);
    begin = end + 1;
    int step = 1, first = 0, last = 99;
    const bool from_one = !part.starts_with('*');
    if (const std::size_t slash = part.find('/'); slash != std::string::npos) {
      step = std::stoi(part.substr(slash + 1));
      part.resize(slash);
    }
    if (from_one) {
      first = last = std::stoi(part);
      if (const std::size_t dash = part.find('-'); dash != std::string::npos) last = std::stoi(part.substr(dash + 1));
    }
    for (const int one : weekday&& value == 0 && from_one ? std::vector<int>{0, 7} : std::vector<int>{value})
      if (one >= first && one <= last && (one - first) % step == 0) return true;
  }
  return false;
}

// What the header says, minute by minute, of crons whose day and month are *.
std::vector<std::int64_t> slowly(const std::string& cron, bool open_hour, std::int64_t from, std::int64_t until) {
  std::istringstream stream(cron);
  const std::vector<std::string> fields{std::istream_iterator<std::string>(stream), {}};
  const auto fits = [&](const std::tm& local) {
    return matches(fields[0], local.tm_min, false) && matches(fields[1], local.tm_hour, false) &&
           matches(fields[4], local.tm_wday, true);
  };
  const auto local_of = [](std::int64_t ms) {
    const std::time_t seconds = static_cast<std::time_t>(ms / 1000);
    std::tm local{};
    ::localtime_r(&seconds, &local);
    return local;
  };
  std::vector<std::int64_t> out;
  for (std::int64_t at = from + minute; at <= until; at += minute) {
    const std::tm local = local_of(at);
    const std::int64_t ahead = local.tm_gmtoff - local_of(at - minute).tm_gmtoff;
    bool found = fits(local);
    if (!open_hour) {
      for (std::int64_t skipped = minute; skipped <= ahead * 1000; skipped += minute) {
        std::tm absent = local;
        absent.tm_min -= static_cast<int>(skipped / minute);
        ::timegm(&absent);
        found = found || fits(absent);
      }
      const std::int64_t back = local_of(at - 6 * 60 * minute).tm_gmtoff - local.tm_gmtoff;
      if (back > 0 && local_of(at - back * 1000).tm_gmtoff > local.tm_gmtoff) found = false;
    }
    if (found) out.push_back(at);
  }
  return out;
}

class CronZoneTest : public ::testing::TestWithParam<const char*> {};

TEST_P(CronZoneTest, AgreesWithEveryMinuteAroundChangesOfTheClock) {
  const Variable zone("TZ", GetParam());
  ::tzset();
  const std::int64_t first = time_of("2026-01-01T00:00");
  for (const auto& [cron, open_hour] :
       {std::pair{"*/20 * * * *", true}, std::pair{"15,45 0-4 * * *", false}, std::pair{"30 2 * * *", false},
        std::pair{"0 */2 * * *", true}, std::pair{"5 1,2,3 * * 7", false}, std::pair{"0 0 * * *", false}}) {
    const Cron parsed = Cron::parse(cron);
    for (int offset = 0; offset < 365; ++offset) {
      const std::time_t before = (first + (offset - 1) * day) / 1000, after = (first + (offset + 1) * day) / 1000;
      std::tm a{}, b{};
      ::localtime_r(&before, &a);
      ::localtime_r(&after, &b);
      if (a.tm_gmtoff == b.tm_gmtoff) continue;
      const std::int64_t from = first + (offset - 1) * day, until = from + 3 * day;
      std::vector<std::int64_t> found;
      for (std::int64_t at = parsed.next_after(from); at <= until; at = parsed.next_after(at)) found.push_back(at);
      EXPECT_EQ(found, slowly(cron, open_hour, from, until)) << cron << " from " << rfc3339(from);
      // Wherever one begins between two times, the next is the same.
      for (std::size_t i = 0; i + 1 < found.size(); ++i)
        for (std::int64_t at = found[i]; at < found[i + 1]; at += 7 * minute)
          EXPECT_EQ(parsed.next_after(at), found[i + 1]) << cron << " from " << rfc3339(at);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Zones, CronZoneTest,
                         ::testing::Values(berlin, "NST3:30NDT,M3.2.0/0:01,M11.1.0/0:01",  // at a minute past midnight
                                           "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0",         // half an hour
                                           "<-04>4<-03>,M9.1.6/24,M4.1.6/24",              // at midnight
                                           "EST5EDT,M3.2.0,M11.1.0"));

TEST(CronTest, AgreesWithEveryMinuteOfTwoYears) {
  const Variable zone("TZ", "UTC");
  std::mt19937 random(7);
  const auto pick = [&](int least, int most) {
    return least + static_cast<int>(random() % static_cast<unsigned>(most - least + 1));
  };
  const auto field = [&](int least, int most) {
    const int a = pick(least, most), b = pick(a, most);
    switch (random() % 6) {
      case 0: return std::to_string(a);
      case 1: return std::to_string(a) + "-" + std::to_string(b);
      case 2: return std::to_string(a) + "-" + std::to_string(b) + "/" + std::to_string(pick(1, 5));
      case 3: return std::to_string(a) + "," + std::to_string(b);
      case 4:
        if (least == 0) return "*/" + std::to_string(pick(1, 6));
        [[fallthrough]];
      default: return std::string("*");
    }
  };
  const std::int64_t first = time_of("2027-06-01T00:00"), last = time_of("2029-06-01T00:00");
  for (int round = 0; round < 60; ++round) {
    const std::string fields[] = {field(0, 59), field(0, 23), field(1, 28), field(1, 12), field(0, 7)};
    const std::string text = fields[0] + " " + fields[1] + " " + fields[2] + " " + fields[3] + " " + fields[4];
    const Cron cron = Cron::parse(text);
    const bool either = fields[2][0] != '*' && fields[4][0] != '*';
    std::int64_t expected = cron.next_after(first - minute);
    for (std::int64_t midnight = first; midnight < last; midnight += day) {
      const std::time_t seconds = midnight / 1000;
      std::tm date{};
      ::gmtime_r(&seconds, &date);
      const bool of_month = matches(fields[2], date.tm_mday, false), of_week = matches(fields[4], date.tm_wday, true);
      const bool fits =
          matches(fields[3], date.tm_mon + 1, false) && (either ? of_month || of_week : of_month && of_week);
      ASSERT_FALSE(!fits && expected < midnight + day) << text << " at " << rfc3339(expected);
      if (!fits) continue;
      for (int hour = 0; hour < 24; ++hour) {
        if (!matches(fields[1], hour, false)) continue;
        for (int one = 0; one < 60; ++one) {
          if (!matches(fields[0], one, false)) continue;
          ASSERT_EQ(rfc3339(expected), rfc3339(midnight + hour * 60 * minute + one * minute)) << text;
          expected = cron.next_after(expected);
        }
      }
    }
  }
}

TEST(CronTest, WhatIsWrongIsNamed) {
  EXPECT_EQ(refusal("0 6 * *"),
            "has 4 fields for cron, which takes five: minute hour day month weekday, such as cron \"0 6 * * 1-5\"");
  EXPECT_EQ(refusal("daily").substr(0, 11), "has 1 field");
  EXPECT_EQ(refusal("60 * * * *"), "has the minute \"60\", which is not from 0 to 59");
  EXPECT_EQ(refusal("* 1,24 * * *"), "has the hour \"24\", which is not from 0 to 23");
  EXPECT_EQ(refusal("* * 0 * *"), "has the day \"0\", which is not from 1 to 31");
  EXPECT_EQ(refusal("* * * january *"), "has the month \"january\", which is not from 1 to 12, or from jan to dec");
  EXPECT_EQ(refusal("* * * * 8"), "has the weekday \"8\", which is not from 0 to 7, or from sun to sat");
  EXPECT_EQ(refusal("* 22-2 * * *"),
            "has the hour \"22-2\", which begins after its end; write it as two ranges with a comma between");
  EXPECT_EQ(refusal("5/10 * * * *"),
            "has the minute \"5/10\", which has a step but no range; write FIRST-LAST/STEP or */STEP");
  for (const char* step : {"*/0 * * * *", "*/ * * * *", "*/x * * * *", "*/99 * * * *"})
    EXPECT_NE(refusal(step).find("has a step that is not a number that fits"), std::string::npos) << step;
  for (const char* text : {"-5 * * * *", "1- * * * *", "1,,2 * * * *", "1, * * * *", "1-2-3 * * * *", "** * * * *",
                           "1.5 * * * *", "+1 * * * *", "mon * * * *"})
    EXPECT_NE(refusal(text).find(", which is not from 0 to 59"), std::string::npos) << text;
  EXPECT_EQ(refusal("0 0 30 feb *"), "names a day that never comes; correct day and month");
  EXPECT_EQ(refusal("0 0 31 4,6,9,11 *"), "names a day that never comes; correct day and month");
  EXPECT_EQ(refusal("0 0 30 feb mon"), "nothing was thrown");
}

}  // namespace
}  // namespace ferry::host
