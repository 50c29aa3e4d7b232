// How an operation of a connector ended: well, or not, and its facts as short lines, for comparing.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "ferry/testing.hpp"

namespace ferry::testing {

// It ended well, and the connector broke no rule.
inline void expect_ok(const Result& result) {
  EXPECT_EQ(result.status, FERRY_OK) << result.message;
  EXPECT_THAT(result.violations, ::testing::IsEmpty());
}

// "flow t added", "flow t skipped name_conflict"; identity: the member that stands for the item, id or name.
inline std::vector<std::string> item_lines(const Result& result, std::string_view identity) {
  std::vector<std::string> out;
  for (const Json& fact : result.facts) {
    if (fact["fact"] != Json("item")) continue;
    std::string line;
    for (const std::string_view member :
         {std::string_view("type"), identity, std::string_view("outcome"), std::string_view("code")})
      if (const std::string_view text = fact.text_or(member, ""); !text.empty())
        line.append(line.empty() ? "" : " ").append(text);
    out.push_back(std::move(line));
  }
  return out;
}

// The codes of the problems.
inline std::vector<std::string> problems(const Result& result) {
  std::vector<std::string> out;
  for (const Json& fact : result.facts)
    if (fact["fact"] == Json("problem")) out.emplace_back(fact.text_or("code", ""));
  return out;
}

}  // namespace ferry::testing
