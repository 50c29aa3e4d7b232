#include "host/config/frequency.hpp"

#include <algorithm>

#include "host/base/failure.hpp"
#include "host/base/text.hpp"
#include "host/config/duration.hpp"

namespace ferry::host {

using namespace std::chrono_literals;

Frequency Frequency::parse(const std::string& text) {
  if (text == "hourly") return {text, 1h, std::nullopt};
  if (text == "daily") return {text, 24h, std::nullopt};
  if (text == "weekly") return {text, 168h, std::nullopt};
  if (text.starts_with("cron ") || text.starts_with("cron\"")) {
    const std::size_t first = text.find_first_not_of(' ', 4), last = text.find_last_not_of(' ');
    std::string rest = first == std::string::npos ? "" : text.substr(first, last + 1 - first);
    if (rest.size() >= 2 && rest.front() == rest.back() && (rest.front() == '"' || rest.front() == '\''))
      rest = rest.substr(1, rest.size() - 2);
    return cron(rest);
  }
  if (const auto interval = parse_duration(text)) {
    if (*interval < 1s) throw Failure(Fault::usage, "bad_frequency", "is oftener than once a second");
    return {text, *interval, std::nullopt};
  }
  const std::string word = nearest(text, {"hourly", "daily", "weekly"});
  throw Failure(Fault::usage, "bad_frequency",
                word.empty() ? "is no frequency; write an interval such as 15m, or hourly, daily, weekly, or "
                               "cron \"0 6 * * 1-5\""
                             : "is no frequency; did you mean \"" + word + "\"?");
}

Frequency Frequency::cron(const std::string& five_fields) {
  Cron times = Cron::parse(five_fields);
  return {"cron \"" + five_fields + "\"", 0ms, std::move(times)};
}

std::int64_t Frequency::next_after(std::int64_t last_started_unix_ms) const {
  constexpr std::int64_t year_10000 = 253'402'300'800'000;
  const std::int64_t last = std::clamp<std::int64_t>(last_started_unix_ms, 0, year_10000);
  return cron_ ? cron_->next_after(last) : last + interval_.count();
}

}  // namespace ferry::host
