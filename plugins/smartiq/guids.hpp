// Ids inside of text: SmartIQ's are GUIDs, and a project's definition holds those of what it uses somewhere in its XML.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace ferry::smartiq {

bool is_guid(std::string_view text);
// GUIDs know no case; anything else is left as it is.
std::string lower_guid(std::string_view text);
// Every GUID in the text, in lower case, with its position.
void for_each_guid(std::string_view text, const std::function<void(std::size_t at, const std::string& guid)>& found);

}  // namespace ferry::smartiq
