// Spans of time as people write them: "500ms", "60s", "2m", "1h", "7d".
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace ferry::host {

// A whole number and its unit, nothing between them; nullopt for anything else and beyond a year.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

}  // namespace ferry::host
