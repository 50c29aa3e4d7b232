// How many are too many: a number, or a share of all.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ferry::host {

struct Threshold {
  std::uint64_t number = 0;  // that is still borne; hundredths of a percent if `percent`
  bool percent = false;

  // Of nothing any share is exceeded by one.
  bool exceeded(std::uint64_t count, std::uint64_t of) const;
  std::string text() const;  // "500", "10%", "0.5%"

  bool operator==(const Threshold&) const = default;
};

// "500", or from "0%" to "100%" with at most two decimals; nullopt for anything else.
std::optional<Threshold> parse_threshold(std::string_view text);

}  // namespace ferry::host
