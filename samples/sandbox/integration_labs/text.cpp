#include "samples/sandbox/integration_labs/text.hpp"

#include <openssl/evp.h>

#include <charconv>
#include <chrono>
#include <vector>

namespace sandbox::integration_labs {
namespace {

constexpr std::int64_t day_ms = 86'400'000;

char* put_digits(char* at, unsigned value, int digits) {
  for (int i = digits - 1; i >= 0; --i, value /= 10) at[i] = static_cast<char>('0' + value % 10);
  return at + digits;
}

void write_day(char* at, std::int64_t days) {
  const std::chrono::year_month_day day{std::chrono::sys_days(std::chrono::days(days))};
  at = put_digits(at, static_cast<unsigned>(static_cast<int>(day.year())), 4);
  *at++ = '-';
  at = put_digits(at, static_cast<unsigned>(day.month()), 2);
  *at++ = '-';
  put_digits(at, static_cast<unsigned>(day.day()), 2);
}

constexpr std::size_t day_size = 10;

// A calendar is dear, and records are full of dates: those of 1970 to 2059 are looked up.
char* put_day(char* at, std::int64_t days) {
  static const std::vector<char> calendar = [] {
    std::vector<char> all(32'872 * day_size);
    for (std::size_t day = 0; day < all.size() / day_size; ++day)
      write_day(all.data() + day * day_size, static_cast<std::int64_t>(day));
    return all;
  }();
  const auto start = static_cast<std::uint64_t>(days) * day_size;
  if (days >= 0 && start < calendar.size())
    std::memcpy(at, calendar.data() + start, day_size);
  else
    write_day(at, days);
  return at + day_size;
}

std::int64_t day_of(std::int64_t epoch_ms) {
  return epoch_ms >= 0 ? epoch_ms / day_ms : -((day_ms - 1 - epoch_ms) / day_ms);
}

// The number that the digits at `from` make; -1 if they are none.
int digits_at(std::string_view text, std::size_t from, std::size_t count) {
  if (from + count > text.size()) return -1;
  int value = 0;
  for (std::size_t i = from; i < from + count; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

}  // namespace

char* put_number(char* at, std::uint64_t value) { return std::to_chars(at, at + most_of_a_number, value).ptr; }

char* put_cents(char* at, std::uint64_t cents) {
  at = put_number(at, cents / 100);
  const auto rest = static_cast<unsigned>(cents % 100);
  if (rest == 0) return at;
  *at++ = '.';
  *at++ = static_cast<char>('0' + rest / 10);
  if (rest % 10 != 0) *at++ = static_cast<char>('0' + rest % 10);
  return at;
}

char* put_time(char* at, std::int64_t epoch_ms) {
  const std::int64_t day = day_of(epoch_ms);
  auto ms = static_cast<unsigned>(epoch_ms - day * day_ms);
  *at++ = '"';
  at = put_day(at, day);
  *at++ = 'T';
  at = put_digits(at, ms / 3'600'000, 2);
  *at++ = ':';
  at = put_digits(at, ms / 60'000 % 60, 2);
  *at++ = ':';
  at = put_digits(at, ms / 1000 % 60, 2);
  *at++ = '.';
  at = put_digits(at, ms % 1000, 3);
  *at++ = 'Z';
  *at++ = '"';
  return at;
}

char* put_date(char* at, std::int64_t epoch_ms) {
  *at++ = '"';
  at = put_day(at, day_of(epoch_ms));
  *at++ = '"';
  return at;
}

std::optional<std::int64_t> parse_time(std::string_view text) {
  const int year = digits_at(text, 0, 4), month = digits_at(text, 5, 2), day = digits_at(text, 8, 2);
  if (year < 0 || month < 0 || day < 0 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  std::int64_t ms = std::chrono::sys_days(date).time_since_epoch().count() * day_ms;
  if (text.size() == 10) return ms;
  const int hour = digits_at(text, 11, 2), minute = digits_at(text, 14, 2), second = digits_at(text, 17, 2);
  if (text[10] != 'T' || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60 ||
      text[13] != ':' || text[16] != ':')
    return std::nullopt;
  ms += ((hour * 60LL + minute) * 60 + second) * 1000;
  std::size_t at = 19;
  if (at < text.size() && text[at] == '.') {
    std::int64_t unit = 100;
    for (++at; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, unit /= 10) ms += unit * (text[at] - '0');
  }
  const std::string_view zone = text.substr(at);
  if (!zone.empty() && zone != "Z" && zone != "+00:00") return std::nullopt;
  return ms;
}

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string base64(std::string_view bytes) {
  std::string out(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                      reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

std::optional<std::string> from_base64(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0) return std::nullopt;
  std::string out(text.size() / 4 * 3, '\0');
  if (EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()), reinterpret_cast<const unsigned char*>(text.data()),
                      static_cast<int>(text.size())) < 0)
    return std::nullopt;
  for (std::size_t i = text.size(); i > 0 && text[i - 1] == '='; --i) out.pop_back();
  return out;
}

}  // namespace sandbox::integration_labs
