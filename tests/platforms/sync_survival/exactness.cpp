#include "tests/platforms/sync_survival/exactness.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "host/database/sqlite.hpp"
#include "tests/journeys/journey.hpp"

namespace ferry::test {
namespace {

bool same_number(const std::string& left, const std::string& right) {
  if (left == right) return true;
  // Of whole numbers the text is the value; a decimal may be written in more than one way.
  const auto whole = [](const std::string& text) { return text.find_first_of(".eE") == std::string::npos; };
  if (whole(left) && whole(right)) return false;
  return std::strtod(left.c_str(), nullptr) == std::strtod(right.c_str(), nullptr);
}

bool same_json(const Json& left, const Json& right) {
  if (left.is_number() && right.is_number()) return same_number(left.number_text(), right.number_text());
  if (left.is_array() && right.is_array())
    return std::equal(left.items().begin(), left.items().end(), right.items().begin(), right.items().end(), same_json);
  if (left.is_object() && right.is_object())
    return left.members().size() == right.members().size() &&
           std::all_of(left.members().begin(), left.members().end(), [&](const Json::Member& member) {
             const Json* other = right.find(member.first);
             return other != nullptr && same_json(member.second, *other);
           });
  return left == right;
}

// A column of texts shows a scalar as it was written.
bool same_value(const Json& said, const Json& held, const std::string& type) {
  if (type == "text" && held.is_string() && !said.is_string() && !said.is_null())
    return said.dump() == held.as_string();
  return same_json(said, held);
}

// "" if the row is the record.
std::string difference(const Json& record, const Held& held, const std::vector<Json>& row) {
  for (const auto& [member, value] : record.members()) {
    const auto column = std::find_if(held.columns.begin(), held.columns.end(),
                                     [&name = member](const Held::Column& each) { return each.member == name; });
    if (column == held.columns.end()) {
      if (!value.is_null()) return member + " has no column";
      continue;
    }
    const Json& there = row[static_cast<std::size_t>(column - held.columns.begin())];
    if (!same_value(value, there, column->type)) return member + " is " + there.dump() + " instead of " + value.dump();
  }
  for (std::size_t i = 0; i < held.columns.size(); ++i)
    if (!row[i].is_null() && record.find(held.columns[i].member) == nullptr)
      return held.columns[i].member + " is " + row[i].dump() + ", and the platform has no such member";
  return "";
}

}  // namespace

void expect_exact(const Content& platform, const Held& held, const std::string& what) {
  std::vector<std::string> wrong;
  for (const auto& [id, record] : platform) {
    const auto row = held.rows.find(id);
    const std::string found = row == held.rows.end() ? "lost" : difference(record, held, row->second);
    if (!found.empty()) wrong.push_back(id + ": " + found);
  }
  for (const auto& [id, row] : held.rows)
    if (!platform.contains(id)) wrong.push_back(id + ": not on the platform");
  const std::string examples = ::testing::PrintToString(std::vector<std::string>(
      wrong.begin(), wrong.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(wrong.size(), 8))));
  EXPECT_TRUE(wrong.empty()) << what << ": " << wrong.size() << " of " << platform.size() << " are wrong: " << examples;
  EXPECT_EQ(held.live, held.rows.size()) << what << ": an identity is there twice";
  EXPECT_EQ(held.twice, 0u) << what << ": an identity is there twice";
  EXPECT_EQ(held.told, held.live) << what << ": _ferry_models counts other rows than there are";
  EXPECT_EQ(held.in_view, held.live) << what << ": the view shows other rows than there are";
}

void expect_adds_up(const std::string& text) {
  SCOPED_TRACE(text);
  expect_valid_statistics(text);
  const Json statistics = Json::parse(text);
  const Json& run = statistics["run"];
  if (run.text_or("operation", "") != "sync") return;  // what was only read has no outcome
  for (const Json& item : statistics["items"].items()) {
    std::int64_t sum = 0;
    for (const char* outcome : {"added", "modified", "removed", "unchanged", "skipped", "failed", "unknown"})
      sum += item[outcome].as_int();
    EXPECT_EQ(item["total"].as_int(), sum) << item["type"].as_string();
  }
  if (run.text_or("state", "") != "succeeded") return;
  const Json* records = statistics.find("records");
  ASSERT_NE(records, nullptr);
  EXPECT_EQ((*records)["fetched"], (*records)["received"]);
  if (!run.bool_or("preview", false)) {
    EXPECT_EQ((*records)["received"], (*records)["committed"]);
  }
}

int expect_all_add_up(const std::string& state_directory) {
  const std::string file = state_directory + "/runs.db";
  if (!std::filesystem::exists(file)) return 0;
  host::Database database(file, {"the record of runs", "store", "", "", ""});
  host::Statement ended(database, "SELECT statistics FROM runs WHERE finished_at IS NOT NULL AND statistics <> ''");
  int count = 0;
  for (; ended.step(); ++count) expect_adds_up(ended.text(0));
  return count;
}

}  // namespace ferry::test
