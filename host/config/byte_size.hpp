// Amounts of memory as people write them: "500KiB", "8MiB", "1GiB".
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace ferry::host {

// A whole number and its unit (B, KiB, MiB, GiB, TiB), nothing between them; nullopt for anything else and beyond
// 1024 TiB.
std::optional<std::uint64_t> parse_byte_size(std::string_view text);

}  // namespace ferry::host
