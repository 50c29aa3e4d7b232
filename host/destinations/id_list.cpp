#include "host/destinations/id_list.hpp"

#include <algorithm>

namespace ferry::host {

std::string encode_ids(std::vector<std::int64_t>& ids) {
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  std::string out;
  out.reserve(ids.size() * 2);
  std::uint64_t last = 0;
  for (const std::int64_t id : ids) {
    // Differences of ascending numbers fit 64 bits without sign, whatever the signs of the numbers.
    std::uint64_t step = static_cast<std::uint64_t>(id) - last;
    last = static_cast<std::uint64_t>(id);
    for (; step >= 0x80; step >>= 7) out += static_cast<char>(0x80 | (step & 0x7F));
    out += static_cast<char>(step);
  }
  return out;
}

void decode_ids(std::string_view encoded, const std::function<bool(std::int64_t)>& take) {
  std::uint64_t last = 0, step = 0;
  int shift = 0;
  for (const char byte : encoded) {
    step |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
    shift += 7;
    if ((byte & 0x80) != 0) continue;
    last += step;
    step = 0;
    shift = 0;
    if (!take(static_cast<std::int64_t>(last))) return;
  }
}

}  // namespace ferry::host
