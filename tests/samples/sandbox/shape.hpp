// Whether an answer has the members of a document's example: the same names in the same order, each of the same type.
#pragma once

#include <string>

#include "samples/sandbox/core/json.hpp"

namespace sandbox::test {

// "" if it has; else where it differs. An example's list says how every element looks; an empty one says nothing.
std::string difference(const json::Value& example, const json::Value& actual, const std::string& where = "$");
std::string difference(const std::string& example, const std::string& actual);

}  // namespace sandbox::test
