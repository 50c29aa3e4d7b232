#include "host/config/yaml_members.hpp"

#include <algorithm>

#include "host/base/text.hpp"
#include "host/config/duration.hpp"
#include "host/connectors/json_values.hpp"

namespace ferry::host {
namespace {

bool is_one_of(const std::string& word, const std::vector<std::string>& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

void YamlMembers::fail(const YamlMember& member, const std::string& path, const std::string& message) const {
  bad_config(file_, member.line, path, message);
}

void YamlMembers::expect(const YamlValue& value, YamlValue::Kind kind, int line, const std::string& path) const {
  if (value.kind == kind) return;
  YamlValue wanted;
  wanted.kind = kind;
  bad_config(file_, line, path, "expected " + wanted.kind_name() + ", found " + value.kind_name());
}

void YamlMembers::refuse_unknown(const YamlValue& map, const std::vector<std::string>& known,
                                 const std::string& path) const {
  for (const YamlMember& one : map.members) {
    if (is_one_of(one.name, known)) continue;
    std::string hint = suggestion(one.name, known);
    for (const char* word : {"password", "secret", "token", "key", "credential"})
      if (lower(one.name).find(word) != std::string::npos && nearest(one.name, known).empty() &&
          is_one_of("secrets", known))
        hint = "; a secret belongs under secrets, as env:NAME or file:PATH";
    fail(one, member_path(path, printable(shortened(one.name, 60))), "unknown member" + hint);
  }
}

const YamlMember& YamlMembers::required(const YamlMember& map, const char* name, const std::string& path) const {
  const YamlMember* found = map.value.find(name);
  if (found == nullptr) fail(map, path + "." + name, "missing, but required");
  return *found;
}

std::string YamlMembers::text(const YamlMember& member, const std::string& path) const {
  expect(member.value, YamlValue::Kind::scalar, member.line, path);
  if (member.value.text.empty()) fail(member, path, "is empty");
  if (member.value.text != printable(member.value.text)) fail(member, path, "holds control characters");
  return member.value.text;
}

std::vector<std::string> YamlMembers::texts(const YamlMember& member, const std::string& path) const {
  expect(member.value, YamlValue::Kind::list, member.line, path);
  std::vector<std::string> out;
  for (const YamlValue& item : member.value.items) {
    const std::string at = item_path(path, out.size());
    const std::string value = text({"", item.line, item}, at);
    if (is_one_of(value, out)) bad_config(file_, item.line, at, "\"" + value + "\" is there twice");
    out.push_back(value);
  }
  return out;
}

bool YamlMembers::boolean(const YamlMember& member, const std::string& path) const {
  const std::string value = text(member, path);
  if (!member.value.plain || (lower(value) != "true" && lower(value) != "false"))
    fail(member, path, "expected true or false, without quotes");
  return lower(value) == "true";
}

int YamlMembers::whole_number(const YamlMember& member, const std::string& path, int least, int most) const {
  const std::string value = text(member, path);
  const bool number =
      member.value.plain && value.size() <= 6 && value.find_first_not_of("0123456789") == std::string::npos;
  if (!number || std::stoi(value) < least || std::stoi(value) > most)
    fail(member, path, "must be a whole number from " + std::to_string(least) + " to " + std::to_string(most));
  return std::stoi(value);
}

std::chrono::milliseconds YamlMembers::duration(const YamlMember& member, const std::string& path,
                                                std::chrono::milliseconds least, std::chrono::milliseconds most,
                                                const std::string& range) const {
  const auto found = parse_duration(text(member, path));
  if (!found) fail(member, path, "is not a duration; write a number and its unit, such as 500ms, 60s, 2m, 1h");
  if (*found < least || *found > most) fail(member, path, "must be from " + range);
  return *found;
}

void YamlMembers::expect_name(const YamlMember& member, const std::string& path, const std::string& what) const {
  const std::string& name = member.name;
  const bool good =
      !name.empty() && name.size() <= 64 && name.find_first_of("-._") != 0 &&
      name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._") == std::string::npos;
  if (!good)
    fail(member, path, "is not a name for " + what + "; use letters, digits, and inside it - _ and . (at most 64)");
}

std::string YamlMembers::path(const YamlMember& member, const std::string& path) const {
  const std::string where = text(member, path);
  if (where[0] == '~') fail(member, path, "~ is not replaced in a path; write the whole path");
  return absolute(where);
}

std::string YamlMembers::word(const YamlMember& member, const std::string& path, const std::string& what,
                              const std::vector<std::string>& words) const {
  std::string value = text(member, path);
  if (!is_one_of(value, words)) fail(member, path, "\"" + value + "\" is not " + what + suggestion(value, words));
  return value;
}

}  // namespace ferry::host
