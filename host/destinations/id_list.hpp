// Row ids that were seen in a generation, kept small: sorted, as differences of variable length. Ids in a row take a
// byte each.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace ferry::host {

// Sorts `ids` and takes out doubles.
std::string encode_ids(std::vector<std::int64_t>& ids);
// In ascending order; false from `take` ends it.
void decode_ids(std::string_view encoded, const std::function<bool(std::int64_t)>& take);

}  // namespace ferry::host
