// Facts of an operation as short lines, for comparing.
#pragma once

#include <string>
#include <vector>

#include "ferry/testing.hpp"

namespace ferry::node_red {

// "flow t added", "flow t skipped name_conflict"
inline std::vector<std::string> items(const testing::Result& result) {
  std::vector<std::string> out;
  for (const Json& fact : result.facts) {
    if (fact["fact"] != Json("item")) continue;
    std::string line;
    for (const char* member : {"type", "id", "outcome", "code"})
      if (const std::string_view text = fact.text_or(member, ""); !text.empty())
        line.append(line.empty() ? "" : " ").append(text);
    out.push_back(std::move(line));
  }
  return out;
}

// The codes of the problems.
inline std::vector<std::string> problems(const testing::Result& result) {
  std::vector<std::string> out;
  for (const Json& fact : result.facts)
    if (fact["fact"] == Json("problem")) out.emplace_back(fact.text_or("code", ""));
  return out;
}

}  // namespace ferry::node_red
