// The outcomes of the statistics format, in the order in which they are written and shown.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "host/statistics/statistics.hpp"

namespace ferry::host {

struct Outcome {
  std::string_view word;
  std::uint64_t OutcomeCounts::*field;
};

inline constexpr std::array<Outcome, 7> outcomes = {{{"added", &OutcomeCounts::added},
                                                     {"modified", &OutcomeCounts::modified},
                                                     {"removed", &OutcomeCounts::removed},
                                                     {"unchanged", &OutcomeCounts::unchanged},
                                                     {"skipped", &OutcomeCounts::skipped},
                                                     {"failed", &OutcomeCounts::failed},
                                                     {"unknown", &OutcomeCounts::unknown}}};

// An item that was delivered, not compared: it counts in the total only.
inline constexpr bool only_delivered(std::string_view word) { return word == "exported" || word == "read"; }

}  // namespace ferry::host
