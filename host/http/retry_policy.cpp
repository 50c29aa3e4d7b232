#include "host/http/retry_policy.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <ctime>

namespace ferry::host {
namespace {

using std::chrono::milliseconds;

std::optional<milliseconds> parse_wait(std::string_view text, std::int64_t now_unix_ms) {
  if (text.empty()) return std::nullopt;
  double seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error == std::errc() && end == text.data() + text.size()) {
    if (!std::isfinite(seconds)) return std::nullopt;
    return milliseconds(static_cast<std::int64_t>(std::ceil(std::clamp(seconds, 0.0, 1e9) * 1000)));
  }
  const std::string date(text);
  // The three forms of RFC 9110 5.6.7, and RFC 3339, which some platforms send instead.
  for (const char* format :
       {"%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y", "%Y-%m-%dT%H:%M:%SZ"}) {
    std::tm time{};
    const char* const end_of_date = ::strptime(date.c_str(), format, &time);
    if (end_of_date == nullptr || *end_of_date != '\0') continue;
    return milliseconds(std::max<std::int64_t>(std::int64_t{::timegm(&time)} * 1000 - now_unix_ms, 0));
  }
  return std::nullopt;
}

}  // namespace

Repeatability repeatability(const std::string& method, const HttpExchange& exchange) {
  Repeatability result;
  result.reads = method == "GET" || method == "HEAD" || method == "OPTIONS" || exchange.repeatable;
  result.harmless = result.reads || method == "PUT" || method == "DELETE" || !exchange.idempotency_key.empty();
  return result;
}

bool may_repeat(Repeatability request, Trouble trouble, bool request_begun) {
  switch (trouble) {
    case Trouble::dns_temporary:
    case Trouble::refused:
    case Trouble::unreachable:
    case Trouble::connect_timeout:
    case Trouble::closed:
    case Trouble::idle_timeout:
    case Trouble::truncated: return request.harmless || !request_begun;
    default: return false;
  }
}

bool may_repeat(Repeatability request, int status, bool asked_to_wait) {
  switch (status) {
    case 429: return true;
    case 503: return request.harmless || asked_to_wait;
    case 408:
    case 502:
    case 504: return request.harmless;
    case 500: return request.reads;
    default: return false;
  }
}

std::optional<milliseconds> asked_wait(const HttpHeaders& headers, std::int64_t now_unix_ms) {
  if (auto wait = parse_wait(header_value(headers, "Retry-After"), now_unix_ms)) return wait;
  return parse_wait(header_value(headers, "x-retry-after"), now_unix_ms);
}

milliseconds backoff(int next, milliseconds base, milliseconds cap, double random) {
  const double longest =
      std::min(static_cast<double>(base.count()) * std::pow(2.0, next - 2), static_cast<double>(cap.count()));
  return milliseconds(static_cast<std::int64_t>(longest * random));
}

}  // namespace ferry::host
