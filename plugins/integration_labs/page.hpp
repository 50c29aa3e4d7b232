// A page of records, cut where one record ends and the next begins, without reading what is inside them.
//
// Views borrow the text. Only the structure is looked at: texts, brackets and the members of the outermost object; a
// record that is no JSON inside passes. What cannot be cut is a ferry::JsonError.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ferry/json.hpp"

namespace ferry::integration_labs {

struct Page {
  std::vector<std::string_view> records;  // each a JSON object, as it stands in the text
  std::string next;                       // the cursor of the page that follows; "": there is none
  std::uint64_t total = 0;                // 0: not told
};

// {"data":[{...},...],"next":CURSOR or null,...}
Page cut_page(std::string_view text);

// The value of a member of an object, as it stands there (a text with its quotes); nullopt if there is none.
std::optional<std::string_view> member_of(std::string_view object, std::string_view name);

}  // namespace ferry::integration_labs
