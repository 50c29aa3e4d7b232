#include "host/config/byte_size.hpp"

#include <charconv>

namespace ferry::host {

std::optional<std::uint64_t> parse_byte_size(std::string_view text) {
  constexpr std::uint64_t most = 1ull << 50;
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  unsigned shift = 0;
  for (const std::string_view known : {"B", "KiB", "MiB", "GiB", "TiB"}) {
    if (unit == known) return number > most >> shift ? std::nullopt : std::optional(number << shift);
    shift += 10;
  }
  return std::nullopt;
}

}  // namespace ferry::host
