// Control JSON as text: for what is small, such as requests, manifests and frames; never for records.
#pragma once

#include <Poco/JSON/Object.h>

#include <string>
#include <string_view>

namespace ferry::host {

// The object on one line.
std::string json_text(const Poco::JSON::Object&);
// The members of a JSON object, in their order; null if the text is anything else.
Poco::JSON::Object::Ptr parse_object(std::string_view text);
// Also one with numbers that no type holds, which parse_object does not take: for text that is passed on as it is.
bool is_json_object(std::string_view text);

}  // namespace ferry::host
