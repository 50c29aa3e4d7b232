// What the word says with which a run, a model or a step ended.
#pragma once

#include <string_view>

namespace ferry::host {

inline constexpr bool ended_well(std::string_view state) {
  return state == "succeeded" || state == "partially_succeeded";
}

}  // namespace ferry::host
