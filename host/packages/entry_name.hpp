// What a name inside an archive may look like. Pure functions.
#pragma once

#include <string>
#include <string_view>

namespace ferry::host {

// Why a name is refused: `code` is entry_outside, entry_absolute or bad_entry_name, "" if the name is fine.
struct NameVerdict {
  std::string_view code;
  std::string_view reason;  // completes "the entry NAME ..."
};

// A name as foreign tools write it: "\" separates as well as "/", and "./a" or "a//b" occur.
NameVerdict check_entry_name(std::string_view name);
// "/" between components, without empty and "." ones and without the "/" at the end of a directory's name.
std::string clean_entry_name(std::string_view name);
// For a message: no control characters, not too long.
std::string quoted_entry_name(std::string_view name);

}  // namespace ferry::host
