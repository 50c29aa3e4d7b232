// Times of the clock in the five fields of cron: minute hour day month weekday.
//
//   0 6 * * 1-5        at 06:00 from Monday to Friday
//   */15 8-18 * * *    every quarter of an hour from 08:00 to 18:45
//   30 2 1 jan,jul *   at 02:30 on the first of January and of July
//
// A field is *, a number, a name (jan, mon), a range a-b, a step */n or a-b/n, or several with commas between. Sunday
// is 0 and 7. Where day and weekday are both given (neither begins with *), a day that is one of them is enough, as
// everywhere.
//
// The clock is the local one: that of TZ, or of the machine where TZ is not set, or UTC where the machine has none.
// Where the clock is put forward, a time that does not exist comes at the first moment that does; where it is put back,
// a time that is there twice comes the first time. With * or */n for the hour a time is meant to follow the clock
// instead: what does not exist is left out, and what is there twice comes twice.
//
// Immutable. Any thread; TZ must not change at the same time.
#pragma once

#include <cstdint>
#include <string>

namespace ferry::host {

class Cron {
 public:
  // Failure(usage, bad_frequency): the message ends a sentence that names the member.
  static Cron parse(const std::string& five_fields);

  // The first time after this one.
  std::int64_t next_after(std::int64_t unix_ms) const;

 private:
  Cron() = default;
  bool is_day(std::int64_t days_since_1970) const;
  std::int64_t next_minute(std::int64_t local_minute) const;
  std::int64_t next_in_day(std::int64_t from_minute) const;

  std::uint64_t minutes_ = 0, hours_ = 0, days_ = 0, months_ = 0, weekdays_ = 0;  // a bit each
  bool follows_clock_ = false;                                                    // hour begins with *
  bool either_day_ = false;
};

}  // namespace ferry::host
