// A YAML file as a tree that knows its lines. The only place that knows yaml-cpp.
//
// Stricter than YAML: one document, UTF-8, members named by text and never twice, no tags of one's own, and bounded
// after aliases are followed: 32 levels, 20,000 values. Throws Failure(usage, bad_config) that names file, line and
// column.
#pragma once

#include <Poco/Dynamic/Var.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace ferry::host {

struct YamlMember;

struct YamlValue {
  enum class Kind { nothing, scalar, list, map };

  Kind kind = Kind::nothing;
  int line = 0;
  std::string text;    // of a scalar
  bool plain = false;  // a scalar without quotes, which may mean a number or true
  std::vector<YamlValue> items;
  std::vector<YamlMember> members;  // in the order of the file

  const YamlMember* find(const std::string& name) const;
  // "nothing", "text", "a list", "a map": for people.
  std::string kind_name() const;
};

struct YamlMember {
  std::string name;
  int line = 0;  // of the name
  YamlValue value;
};

// Of an empty file: nothing.
YamlValue parse_yaml(const std::string& text, const std::filesystem::path& file);

// What plain scalars mean in YAML 1.2: null, true, false, numbers; anything else is text. Numbers that JSON or a double
// cannot hold exactly are refused, with the advice to quote them. `lines` receives the line of every value below
// `path`.
Poco::Dynamic::Var to_json(const YamlValue& value, const std::filesystem::path& file, const std::string& prefix,
                           const std::string& path, std::map<std::string, int>& lines);

// "ferry.yaml:12: connections.flows-dev.url: message" as Failure(usage, bad_config); no line if it is 0.
[[noreturn]] void bad_config(const std::filesystem::path& file, int line, const std::string& path,
                             const std::string& message);
std::string config_error(const std::filesystem::path& file, int line, const std::string& path,
                         const std::string& message);

}  // namespace ferry::host
