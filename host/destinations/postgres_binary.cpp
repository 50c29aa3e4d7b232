#include "host/destinations/postgres_binary.hpp"

#include <algorithm>
#include <charconv>

namespace ferry::host {
namespace {

constexpr std::int64_t milliseconds_to_2000 = 946'684'800'000;
constexpr std::int64_t most_digits_before_point = 131'072;
constexpr std::int64_t most_digits_after_point = 16'383;

// digits * 10^(point - number of digits): `point` of them stand before the decimal point.
struct Decimal {
  std::string digits;
  std::int64_t point = 0;
  bool negative = false, fits = true;
};

Decimal read(std::string_view number) {
  Decimal result;
  if (number.starts_with('-')) {
    result.negative = true;
    number.remove_prefix(1);
  }
  if (const std::size_t e = number.find_first_of("eE"); e != std::string_view::npos) {
    std::string_view exponent = number.substr(e + 1);
    if (exponent.starts_with('+')) exponent.remove_prefix(1);
    result.fits = std::from_chars(exponent.data(), exponent.data() + exponent.size(), result.point).ec == std::errc() &&
                  std::abs(result.point) < 1'000'000;
    number = number.substr(0, e);
  }
  const std::size_t whole = std::min(number.find('.'), number.size());
  result.digits.assign(number.substr(0, whole));
  if (whole < number.size()) result.digits.append(number.substr(whole + 1));
  result.point += static_cast<std::int64_t>(whole);
  return result;
}

}  // namespace

std::int64_t postgres_time(std::int64_t unix_ms) { return (unix_ms - milliseconds_to_2000) * 1000; }

bool put_numeric(std::string& out, std::string_view number, bool shortest) {
  Decimal decimal = read(number);
  std::string& digits = decimal.digits;
  if (!decimal.fits) return false;
  const std::int64_t scale = std::max<std::int64_t>(0, static_cast<std::int64_t>(digits.size()) - decimal.point);
  const std::size_t first = std::min(digits.find_first_not_of('0'), digits.size());
  digits.erase(0, first);
  decimal.point -= static_cast<std::int64_t>(first);
  while (!digits.empty() && digits.back() == '0') digits.pop_back();
  const std::int64_t needed = std::max<std::int64_t>(0, static_cast<std::int64_t>(digits.size()) - decimal.point);
  const std::int64_t shown = digits.empty() && shortest ? 0 : shortest ? needed : scale;
  if (shown > most_digits_after_point || decimal.point > most_digits_before_point) return false;

  // Groups of four digits on both sides of the decimal point; the first one has `lead` of them.
  std::int64_t weight = 0;
  std::string groups;
  if (!digits.empty()) {
    weight = decimal.point > 0 ? (decimal.point - 1) / 4 : -((4 - decimal.point) / 4);
    const std::int64_t lead = decimal.point - weight * 4;
    digits.insert(0, static_cast<std::size_t>(4 - lead), '0');
    digits.append((4 - digits.size() % 4) % 4, '0');
    for (std::size_t at = 0; at < digits.size(); at += 4) {
      std::uint16_t group = 0;
      for (std::size_t i = 0; i < 4; ++i) group = static_cast<std::uint16_t>(group * 10 + (digits[at + i] - '0'));
      put_integer(groups, group);
    }
  }
  put_integer(out, static_cast<std::uint32_t>(8 + groups.size()));
  put_integer(out, static_cast<std::uint16_t>(groups.size() / 2));
  put_integer(out, static_cast<std::uint16_t>(weight));
  put_integer(out, static_cast<std::uint16_t>(decimal.negative && !digits.empty() ? 0x4000 : 0));
  put_integer(out, static_cast<std::uint16_t>(shown));
  out.append(groups);
  return true;
}

std::string PostgresArray::finish() const {
  std::string result;
  put_integer(result, std::uint32_t(count_ == 0 ? 0 : 1));
  put_integer(result, std::uint32_t(0));  // no NULL
  put_integer(result, static_cast<std::uint32_t>(type_));
  if (count_ == 0) return result;
  put_integer(result, count_);
  put_integer(result, std::uint32_t(1));  // the first index
  return result + elements_;
}

}  // namespace ferry::host
