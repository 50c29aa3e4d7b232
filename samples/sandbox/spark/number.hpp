// Semantic version numbers of services: "1.3.1".
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sandbox::spark {

struct Number {
  std::array<std::uint32_t, 3> parts{};
  auto operator<=>(const Number&) const = default;

  std::string text() const;
  // "major", "minor" or "patch": 1.3.1 becomes 2.0.0, 1.4.0 or 1.3.2.
  Number bumped(std::string_view update_type) const;
};

std::optional<Number> parse_number(std::string_view);  // exactly three parts
// "0.4" is a prefix of 0.4.2, not of 0.41.0.
bool has_prefix(const Number&, std::string_view partial);

}  // namespace sandbox::spark
