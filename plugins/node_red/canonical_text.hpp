// One spelling for each JSON value, as JavaScript understands it: what Node-RED would give back after taking it.
//
// Members are sorted by the bytes of their names as spelt here, of members of one name the last one counts; there is no
// white space; numbers are what a double prints as in JavaScript (1.10 is 1.1, 1e3 is 1000, -0 is 0, 1e400 is null);
// strings are escaped as JSON.stringify does it. A text that Node-RED sent is left as it is but for the order of its
// members.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ferry/json.hpp"

namespace ferry::node_red {

struct TextMember {
  std::string_view name;     // as in the text, without quotes
  std::string_view value;    // as in the text
  std::uint64_t prefix = 0;  // for sort_members
};

// Sorts by the bytes of the names and keeps the last one of each name.
void sort_members(std::vector<TextMember>& members);

// value: one JSON value that a JsonScanner passed over.
void append_canonical(std::string& out, std::string_view value);
// The same for a list of texts whose order has no meaning. Anything but a list is written as it is.
void append_canonical_set(std::string& out, std::string_view value);
// inner: the text between the quotes of a JSON string.
void append_canonical_string(std::string& out, std::string_view inner);

}  // namespace ferry::node_red
