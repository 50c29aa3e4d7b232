#include "samples/sandbox/spark/number.hpp"

#include <charconv>

namespace sandbox::spark {

std::string Number::text() const {
  return std::to_string(parts[0]) + '.' + std::to_string(parts[1]) + '.' + std::to_string(parts[2]);
}

Number Number::bumped(std::string_view update_type) const {
  if (update_type == "major") return {{parts[0] + 1, 0, 0}};
  if (update_type == "patch") return {{parts[0], parts[1], parts[2] + 1}};
  return {{parts[0], parts[1] + 1, 0}};
}

std::optional<Number> parse_number(std::string_view text) {
  Number number;
  for (std::size_t part = 0; part < 3; ++part) {
    const auto [stopped, error] = std::from_chars(text.data(), text.data() + text.size(), number.parts[part]);
    if (error != std::errc()) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(stopped - text.data()));
    if (part == 2) break;
    if (text.empty() || text.front() != '.') return std::nullopt;
    text.remove_prefix(1);
  }
  if (!text.empty()) return std::nullopt;
  return number;
}

bool has_prefix(const Number& number, std::string_view partial) {
  const std::string text = number.text();
  return text == partial || text.starts_with(std::string(partial) + '.');
}

}  // namespace sandbox::spark
