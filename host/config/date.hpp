// Days as people write them.
#pragma once

#include <string_view>

namespace ferry::host {

// Is it a day there was or will be, as YYYY-MM-DD, from 1900 to 2999?
bool is_date(std::string_view text);

}  // namespace ferry::host
