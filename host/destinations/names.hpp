// Names of schemas, tables and columns, made of names that platforms chose.
//
// Pure functions; what they return depends on their arguments alone, so a name that is stored stays what it was.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>

namespace ferry::host {

// Lower case, [a-z0-9_], no digit first, at most `longest` bytes, and none of `taken`: where it would be, _2 (or _3,
// ...) is appended. Any name gives one, also an empty one. longest: at least 8.
std::string safe_name(std::string_view name, const std::set<std::string>& taken, std::size_t longest);

}  // namespace ferry::host
