#include "host/config/cron.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <ctime>
#include <optional>
#include <sstream>
#include <vector>

#include "host/base/failure.hpp"
#include "host/base/text.hpp"

namespace ferry::host {
namespace {

constexpr std::int64_t day_seconds = 86'400, day_minutes = 1'440;
constexpr std::int64_t calendar_days = 146'097;  // after 400 years it repeats

struct Field {
  const char* name;
  unsigned least, most;            // that may be written
  unsigned last;                   // of *
  std::vector<std::string> names;  // of least and what follows
  const char* allowed;
};

const Field fields[] = {
    {"minute", 0, 59, 59, {}, "from 0 to 59"},
    {"hour", 0, 23, 23, {}, "from 0 to 23"},
    {"day", 1, 31, 31, {}, "from 1 to 31"},
    {"month",
     1,
     12,
     12,
     {"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"},
     "from 1 to 12, or from jan to dec"},
    {"weekday", 0, 7, 6, {"sun", "mon", "tue", "wed", "thu", "fri", "sat"}, "from 0 to 7, or from sun to sat"},
};

[[noreturn]] void refuse(const std::string& message) { throw Failure(Fault::usage, "bad_frequency", message); }

[[noreturn]] void refuse(const Field& field, const std::string& part, const std::string& message) {
  refuse("has the " + std::string(field.name) + " \"" + printable(shortened(part, 40)) + "\", which " + message);
}

std::optional<unsigned> whole_number(const std::string& text) {
  unsigned number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

unsigned value(const Field& field, const std::string& part, const std::string& text) {
  const auto named = std::find(field.names.begin(), field.names.end(), lower(text));
  if (named != field.names.end()) return field.least + static_cast<unsigned>(named - field.names.begin());
  const auto number = whole_number(text);
  if (!number || *number < field.least || *number > field.most)
    refuse(field, part, std::string("is not ") + field.allowed);
  return *number;
}

std::uint64_t parse_part(const Field& field, const std::string& part) {
  const std::size_t slash = part.find('/'), dash = part.find('-');
  const std::string range = part.substr(0, slash);
  unsigned first = field.least, last = field.last, step = 1;
  if (range != "*") {
    first = value(field, part, range.substr(0, dash));
    last = dash < slash ? value(field, part, range.substr(dash + 1)) : first;
    if (field.most == 7 && last == 0 && first > 0) last = 7;  // fri-sun
    if (last < first) refuse(field, part, "begins after its end; write it as two ranges with a comma between");
  }
  if (slash != std::string::npos) {
    if (range != "*" && dash == std::string::npos)
      refuse(field, part, "has a step but no range; write FIRST-LAST/STEP or */STEP");
    const auto number = whole_number(part.substr(slash + 1));
    if (!number || *number < 1 || *number > field.most)
      refuse(field, part, "has a step that is not a number that fits");
    step = *number;
  }
  std::uint64_t bits = 0;
  for (unsigned one = first; one <= last; one += step) bits |= std::uint64_t{1} << one;
  return bits;
}

std::uint64_t parse_field(const Field& field, const std::string& text) {
  std::uint64_t bits = 0;
  for (const std::string& part : split(text, ',')) bits |= parse_part(field, part);
  return bits;
}

bool has(std::uint64_t bits, unsigned index) { return (bits >> index & 1) != 0; }

std::int64_t floor_divide(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

// What the local clock is ahead of UTC, in seconds.
std::int64_t offset_at(std::int64_t seconds) {
  const auto time = static_cast<std::time_t>(seconds);
  std::tm local{};
  ::localtime_r(&time, &local);
  return local.tm_gmtoff;
}

// The first second of (from, to] at which the offset is not that of `from`, which it is not at `to`.
std::int64_t transition(std::int64_t from, std::int64_t to, std::int64_t offset) {
  while (to - from > 1) {
    const std::int64_t middle = from + (to - from) / 2;
    (offset_at(middle) == offset ? from : to) = middle;
  }
  return to;
}

}  // namespace

Cron Cron::parse(const std::string& five_fields) {
  std::istringstream stream(five_fields);
  std::vector<std::string> texts;
  for (std::string text; stream >> text;) texts.push_back(text);
  if (texts.size() != std::size(fields))
    refuse("has " + std::to_string(texts.size()) + (texts.size() == 1 ? " field" : " fields") +
           " for cron, which takes five: minute hour day month weekday, such as cron \"0 6 * * 1-5\"");
  Cron out;
  out.minutes_ = parse_field(fields[0], texts[0]);
  out.hours_ = parse_field(fields[1], texts[1]);
  out.days_ = parse_field(fields[2], texts[2]);
  out.months_ = parse_field(fields[3], texts[3]);
  out.weekdays_ = parse_field(fields[4], texts[4]);
  if (has(out.weekdays_, 7)) out.weekdays_ |= 1;
  out.follows_clock_ = texts[1][0] == '*';
  out.either_day_ = texts[2][0] != '*' && texts[4][0] != '*';
  std::int64_t day = 0;
  while (day < calendar_days && !out.is_day(day)) ++day;
  if (day == calendar_days) refuse("names a day that never comes; correct day and month");
  return out;
}

bool Cron::is_day(std::int64_t days_since_1970) const {
  const std::chrono::sys_days point{std::chrono::days(days_since_1970)};
  const std::chrono::year_month_day date(point);
  if (!has(months_, static_cast<unsigned>(date.month()))) return false;
  const bool day = has(days_, static_cast<unsigned>(date.day()));
  const bool weekday = has(weekdays_, std::chrono::weekday(point).c_encoding());
  return either_day_ ? day || weekday : day && weekday;
}

// In a day that fits, from this minute on; day_minutes if there is none.
std::int64_t Cron::next_in_day(std::int64_t from_minute) const {
  for (std::int64_t minute = from_minute; minute < day_minutes; ++minute) {
    if (!has(hours_, static_cast<unsigned>(minute / 60)))
      minute += 59 - minute % 60;
    else if (has(minutes_, static_cast<unsigned>(minute % 60)))
      return minute;
  }
  return day_minutes;
}

// In local minutes since 1970, as if every day had all of them: this one, or the first that fits after it.
std::int64_t Cron::next_minute(std::int64_t local_minute) const {
  std::int64_t day = floor_divide(local_minute, day_minutes);
  if (is_day(day))
    if (const std::int64_t found = next_in_day(local_minute - day * day_minutes); found < day_minutes)
      return day * day_minutes + found;
  do ++day;
  while (!is_day(day));
  return day * day_minutes + next_in_day(0);
}

// Walks along the pieces of time in which the local clock only runs, and looks at what happens between them.
std::int64_t Cron::next_after(std::int64_t unix_ms) const {
  ::tzset();
  const std::int64_t now = floor_divide(unix_ms, 1000);
  // A clock that was put back a moment ago shows times that may have been there before.
  std::int64_t at = offset_at(now - day_seconds) == offset_at(now) ? now : now - day_seconds;
  for (;;) {
    const std::int64_t offset = offset_at(at);
    const std::int64_t found = next_minute(floor_divide(at + offset + 59, 60)) * 60 - offset;
    std::int64_t end = at;
    while (end < found && offset_at(end) == offset) {
      at = end;
      end = std::min(found, end + day_seconds);
    }
    const std::int64_t changed = offset_at(end) == offset ? found + 1 : transition(at, end, offset);
    if (found < changed) {
      if (found > now) return found * 1000;
      at = found + 1;
      continue;
    }
    // At `found` another piece of time has begun.
    at = changed;
    const std::int64_t ahead = offset_at(changed) - offset;
    if (follows_clock_) continue;
    if (ahead < 0)
      at = changed - ahead;
    else if (found < changed + ahead && changed > now)
      return changed * 1000;
  }
}

}  // namespace ferry::host
