#include "host/http/limit_signals.hpp"

#include <charconv>
#include <cmath>
#include <string>

#include "host/base/text.hpp"
#include "host/http/retry_policy.hpp"

namespace ferry::host {
namespace {

using std::chrono::milliseconds;

constexpr double a_year_in_seconds = 366.0 * 24 * 3600;
constexpr double milliseconds_since_1970 = 1e11;  // larger numbers cannot be seconds

// "100", "100, 100;w=60": the number it begins with.
std::optional<double> leading_number(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || !std::isfinite(number) || number < 0) return std::nullopt;
  // A date begins with a number too.
  if (end != text.data() + text.size() && *end != ' ' && *end != ',' && *end != ';') return std::nullopt;
  return number;
}

// The parameter of "\"default\";q=100;w=60", "limit=100, remaining=9, reset=5".
std::optional<double> parameter(std::string_view text, std::string_view name) {
  for (std::size_t at = text.find(name); at != std::string_view::npos; at = text.find(name, at + 1)) {
    const bool begins = at == 0 || text[at - 1] == ';' || text[at - 1] == ',' || text[at - 1] == ' ';
    const std::size_t equals = at + name.size();
    if (begins && equals < text.size() && text[equals] == '=') return leading_number(text.substr(equals + 1));
  }
  return std::nullopt;
}

std::string_view first_of(const HttpHeaders& headers, std::initializer_list<const char*> names) {
  for (const char* name : names)
    if (const std::string_view value = header_value(headers, name); !value.empty()) return value;
  return {};
}

std::optional<std::int64_t> whole(std::optional<double> number) {
  if (!number || *number > 1e12) return std::nullopt;
  return static_cast<std::int64_t>(*number);
}

std::optional<milliseconds> seconds(std::optional<double> number) {
  if (!number || *number > a_year_in_seconds) return std::nullopt;
  return milliseconds(static_cast<std::int64_t>(std::llround(*number * 1000)));
}

void read_reset(std::string_view text, const HttpHeaders& headers, std::int64_t now_unix_ms, LimitSignals& signals) {
  const std::optional<double> number = leading_number(text);
  if (number && *number <= a_year_in_seconds) {
    signals.reset_in = seconds(number);
    signals.whole_seconds = *number == std::floor(*number);
    return;
  }
  std::int64_t now = now_unix_ms;
  // asked_wait knows the forms of a date, and gives them as a wait from the time it is told.
  if (const auto date = asked_wait({{"Retry-After", std::string(header_value(headers, "Date"))}}, 0);
      date && std::abs(date->count() - now) > 2'000)
    now = date->count();
  std::int64_t reset = 0;
  if (number) {
    reset = static_cast<std::int64_t>(*number > milliseconds_since_1970 ? *number : *number * 1000);
  } else if (const auto date = asked_wait({{"Retry-After", std::string(text)}}, 0)) {
    reset = date->count();
  } else {
    return;
  }
  const std::int64_t wait = std::max<std::int64_t>(reset - now, 0);
  if (wait <= static_cast<std::int64_t>(a_year_in_seconds) * 1000) signals.reset_in = milliseconds(wait);
}

}  // namespace

LimitSignals limit_signals(const HttpHeaders& headers, std::int64_t now_unix_ms) {
  LimitSignals signals;
  const std::string limit(first_of(headers, {"RateLimit-Limit", "X-RateLimit-Limit", "X-Rate-Limit-Limit"}));
  signals.limit = whole(leading_number(limit));
  signals.remaining = whole(
      leading_number(first_of(headers, {"RateLimit-Remaining", "X-RateLimit-Remaining", "X-Rate-Limit-Remaining"})));
  read_reset(first_of(headers, {"RateLimit-Reset", "X-RateLimit-Reset", "X-Rate-Limit-Reset"}), headers, now_unix_ms,
             signals);

  const std::string combined(header_value(headers, "RateLimit"));
  if (!signals.limit) signals.limit = whole(parameter(combined, "limit"));
  for (const char* name : {"remaining", "r"})
    if (!signals.remaining) signals.remaining = whole(parameter(combined, name));
  for (const char* name : {"reset", "t"})
    if (!signals.reset_in) {
      signals.reset_in = seconds(parameter(combined, name));
      signals.whole_seconds = signals.reset_in.has_value();
    }

  const std::string policy(header_value(headers, "RateLimit-Policy"));
  if (!signals.limit) signals.limit = whole(parameter(policy, "q"));
  if (!signals.limit) signals.limit = whole(leading_number(policy));
  for (const std::string& text : {policy, limit})
    if (!signals.window) signals.window = seconds(parameter(text, "w"));
  if (signals.limit == 0) signals.limit.reset();
  if (signals.window && signals.window->count() == 0) signals.window.reset();
  return signals;
}

}  // namespace ferry::host
