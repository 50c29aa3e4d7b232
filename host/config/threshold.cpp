#include "host/config/threshold.hpp"

#include <charconv>

namespace ferry::host {
namespace {

constexpr std::uint64_t most = 1'000'000'000'000'000;

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number > most) return std::nullopt;
  return number;
}

}  // namespace

bool Threshold::exceeded(std::uint64_t count, std::uint64_t of) const {
  if (!percent) return count > number;
  return static_cast<long double>(count) * 10'000 > static_cast<long double>(number) * static_cast<long double>(of);
}

std::string Threshold::text() const {
  if (!percent) return std::to_string(number);
  std::string out = std::to_string(number / 100);
  if (const std::uint64_t rest = number % 100; rest > 0) {
    out += rest < 10 ? ".0" : ".";
    out += std::to_string(rest % 10 == 0 ? rest / 10 : rest);
  }
  return out + "%";
}

std::optional<Threshold> parse_threshold(std::string_view text) {
  if (!text.ends_with('%')) {
    const auto number = whole_number(text);
    return number ? std::optional<Threshold>({*number, false}) : std::nullopt;
  }
  text.remove_suffix(1);
  const std::size_t point = text.find('.');
  const auto whole = whole_number(text.substr(0, point));
  if (!whole || *whole > 100) return std::nullopt;
  std::uint64_t hundredths = *whole * 100;
  if (point != std::string_view::npos) {
    const std::string_view decimals = text.substr(point + 1);
    const auto rest = whole_number(decimals);
    if (!rest || decimals.size() > 2) return std::nullopt;
    hundredths += decimals.size() == 1 ? *rest * 10 : *rest;
  }
  return hundredths > 10'000 ? std::nullopt : std::optional<Threshold>({hundredths, true});
}

}  // namespace ferry::host
