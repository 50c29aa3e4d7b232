#include "host/config/yaml_tree.hpp"

#include <yaml-cpp/depthguard.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <optional>
#include <sstream>

#include "host/base/failure.hpp"
#include "host/base/text.hpp"
#include "host/connectors/json_values.hpp"

namespace ferry::host {
namespace {

constexpr int deepest = 32;
constexpr int most_values = 20'000;

[[noreturn]] void not_yaml(const std::filesystem::path& file, const YAML::Mark& mark, const std::string& what) {
  const std::string where =
      mark.line < 0 ? "" : ":" + std::to_string(mark.line + 1) + ":" + std::to_string(mark.column + 1);
  throw Failure(Fault::usage, "bad_config", file.string() + where + ": not valid YAML: " + what);
}

std::string explained(const std::string& what) {
  // What follows a colon is cut: it may repeat a piece of the file, and that may be a secret.
  const std::string text = printable(what.substr(0, what.find(':')));
  if (text == "the referenced anchor is not defined")
    return "a value that begins with * refers to an anchor, and there is none of that name; put text in quotes";
  if (text == "unknown token") return "a value cannot begin with this character; put it in quotes";
  if (text == "illegal map value")
    return "no \":\" is expected here; check the indentation, and put text with \": \" in quotes";
  if (text.starts_with("end of map") || text.starts_with("end of sequence"))
    return text + "; check the indentation, and that every { and [ is closed";
  return text;
}

bool tab_in_indentation(const std::string& text, int line) {
  const std::vector<std::string> lines = split(text, '\n');
  if (line < 0 || static_cast<std::size_t>(line) >= lines.size()) return false;
  const std::string& one = lines[static_cast<std::size_t>(line)];
  return one.substr(0, one.find_first_not_of(" \t")).find('\t') != std::string::npos;
}

[[noreturn]] void second_document(const std::filesystem::path& file, const YAML::Mark& mark) {
  not_yaml(file, mark, "what stands here belongs to nothing before it; check the indentation, and leave --- out");
}

// Builds the tree from yaml-cpp's events rather than from its nodes: bounds hold while the text is read, and its loader
// never ends on a text that begins with a comma.
class Builder : public YAML::EventHandler {
 public:
  explicit Builder(const std::filesystem::path& file) : file_(file) {}

  YamlValue take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) second_document(file_, mark);
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    add(begin(mark, YamlValue::Kind::nothing), anchor);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    check_tag(mark, tag);
    YamlValue value = begin(mark, YamlValue::Kind::scalar);
    value.text = text;
    value.plain = tag == "?";
    add(std::move(value), anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    check_tag(mark, tag);
    open_.push_back({begin(mark, YamlValue::Kind::list), anchor, {}});
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    check_tag(mark, tag);
    open_.push_back({begin(mark, YamlValue::Kind::map), anchor, {}});
  }
  void OnMapEnd() override { close(); }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchored_.find(anchor);
    if (found == anchored_.end()) bad_config(file_, mark.line + 1, path(), "an alias stands inside what it stands for");
    count_ += found->second.values;
    check_bounds(mark.line + 1, found->second.depth);
    add(found->second.value, 0);
  }

 private:
  struct Open {  // a list or map that has not ended
    YamlValue value;
    YAML::anchor_t anchor;
    std::optional<YamlMember> member;  // of a map: named, but still without its value
  };
  struct Anchored {
    YamlValue value;
    int values, depth;
  };

  YamlValue begin(const YAML::Mark& mark, YamlValue::Kind kind) {
    YamlValue value;
    value.line = mark.line + 1;
    value.kind = kind;
    ++count_;
    check_bounds(value.line, 0);
    return value;
  }

  void check_bounds(int line, int further) const {
    if (static_cast<int>(open_.size()) + further > deepest) bad_config(file_, line, path(), "nested too deeply");
    if (count_ > most_values)
      bad_config(file_, line, path(), "more than " + std::to_string(most_values) + " values; is this the right file?");
  }

  void check_tag(const YAML::Mark& mark, const std::string& tag) const {
    if (tag.empty() || tag == "?" || tag == "!" || tag == "tag:yaml.org,2002:str") return;
    bad_config(file_, mark.line + 1, path(), "tags such as !name are not used here; leave it out");
  }

  void close() {
    Open ended = std::move(open_.back());
    open_.pop_back();
    add(std::move(ended.value), ended.anchor);
  }

  void add(YamlValue value, YAML::anchor_t anchor) {
    if (anchor != 0) {
      const auto [values, depth] = measured(value);
      anchored_[anchor] = {value, values, depth};
    }
    if (open_.empty()) {
      root_ = std::move(value);
    } else if (Open& around = open_.back(); around.value.kind == YamlValue::Kind::list) {
      around.value.items.push_back(std::move(value));
    } else if (around.member) {
      around.member->value = std::move(value);
      around.value.members.push_back(std::move(*around.member));
      around.member.reset();
    } else {
      name(around, value);
    }
  }

  void name(Open& map, const YamlValue& value) const {
    if (value.kind != YamlValue::Kind::scalar) bad_config(file_, value.line, path(), "a member's name must be text");
    const YamlMember* first = map.value.find(value.text);
    map.member = YamlMember{value.text, value.line, {}};
    if (first != nullptr)
      bad_config(file_, value.line, path(), "is there twice; the first is in line " + std::to_string(first->line));
  }

  static std::pair<int, int> measured(const YamlValue& value) {
    int values = 1, depth = 0;
    const auto include = [&](const YamlValue& inner) {
      const auto [more, deeper] = measured(inner);
      values += more;
      depth = std::max(depth, deeper + 1);
    };
    for (const YamlValue& item : value.items) include(item);
    for (const YamlMember& member : value.members) include(member.value);
    return {values, depth};
  }

  // Where the next value goes.
  std::string path() const {
    std::string path;
    for (const Open& one : open_) {
      if (one.value.kind == YamlValue::Kind::list)
        path = item_path(path, one.value.items.size());
      else if (one.member)
        path = member_path(path, printable(shortened(one.member->name, 60)));
    }
    return path;
  }

  const std::filesystem::path& file_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, Anchored> anchored_;
  YamlValue root_;
  int count_ = 0, documents_ = 0;
};

void check_encoding(const std::string& text, const std::filesystem::path& file) {
  int line = 1;
  for (const std::string& one : split(text, '\n')) {
    if (one.find('\0') != std::string::npos || one != valid_utf8(one))
      bad_config(file, line, "", "is not UTF-8 text; save the file as UTF-8");
    ++line;
  }
}

bool all_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::string_view without_sign(std::string_view text) {
  return text.starts_with('-') || text.starts_with('+') ? text.substr(1) : text;
}

// [-+]? (\. [0-9]+ | [0-9]+ (\. [0-9]*)?) ([eE] [-+]? [0-9]+)?
bool is_decimal(std::string_view text) {
  text = without_sign(text);
  const std::size_t exponent = text.find_first_of("eE");
  if (exponent != std::string_view::npos && !all_digits(without_sign(text.substr(exponent + 1)))) return false;
  const std::string_view mantissa = text.substr(0, exponent);
  const std::size_t dot = mantissa.find('.');
  const std::string_view whole = mantissa.substr(0, dot);
  const std::string_view rest = dot == std::string_view::npos ? "" : mantissa.substr(dot + 1);
  return (whole.empty() || all_digits(whole)) && (rest.empty() || all_digits(rest)) && !(whole.empty() && rest.empty());
}

std::size_t significant_digits(std::string_view text) {
  std::string digits;
  for (const char c : text.substr(0, text.find_first_of("eE")))
    if (c >= '0' && c <= '9') digits += c;
  digits.erase(0, digits.find_first_not_of('0'));
  while (digits.ends_with('0')) digits.pop_back();
  return digits.size();
}

enum class Exactness { exact, inexact, no_number };

Exactness number(const std::string& text, Poco::Dynamic::Var& out) {
  try {
    if (text.starts_with("0x") && text.size() > 2 &&
        text.find_first_not_of("0123456789abcdefABCDEF", 2) == std::string::npos) {
      out = static_cast<Poco::Int64>(std::stoll(text.substr(2), nullptr, 16));
      return Exactness::exact;
    }
    if (text.starts_with("0o") && text.size() > 2 && text.find_first_not_of("01234567", 2) == std::string::npos) {
      out = static_cast<Poco::Int64>(std::stoll(text.substr(2), nullptr, 8));
      return Exactness::exact;
    }
    if (all_digits(without_sign(text))) {
      out = static_cast<Poco::Int64>(std::stoll(text));
      return Exactness::exact;
    }
    if (!is_decimal(text)) {
      const std::string word = lower(without_sign(text));
      return word == ".inf" || word == ".nan" ? Exactness::inexact : Exactness::no_number;
    }
    out = std::stod(text);
    return significant_digits(text) <= 15 ? Exactness::exact : Exactness::inexact;
  } catch (const std::out_of_range&) {
    return Exactness::inexact;
  }
}

}  // namespace

const YamlMember* YamlValue::find(const std::string& name) const {
  const auto found =
      std::find_if(members.begin(), members.end(), [&](const YamlMember& one) { return one.name == name; });
  return found == members.end() ? nullptr : &*found;
}

std::string YamlValue::kind_name() const {
  switch (kind) {
    case Kind::nothing: return "nothing";
    case Kind::scalar: return "text";
    case Kind::list: return "a list";
    case Kind::map: break;
  }
  return "a map";
}

YamlValue parse_yaml(const std::string& text, const std::filesystem::path& file) {
  check_encoding(text, file);
  try {
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    Builder builder(file);
    // The second time it finds nothing, or the builder throws.
    if (parser.HandleNextDocument(builder)) parser.HandleNextDocument(builder);
    return builder.take();
  } catch (const YAML::DeepRecursion& e) {
    not_yaml(file, e.mark, "nested too deeply");
  } catch (const YAML::Exception& e) {
    not_yaml(file, e.mark,
             tab_in_indentation(text, e.mark.line) ? "a tab stands in the indentation; use spaces" : explained(e.msg));
  }
}

Poco::Dynamic::Var to_json(const YamlValue& value, const std::filesystem::path& file, const std::string& prefix,
                           const std::string& path, std::map<std::string, int>& lines) {
  lines.emplace(path, value.line);
  switch (value.kind) {
    case YamlValue::Kind::nothing: return {};
    case YamlValue::Kind::list: {
      Poco::JSON::Array::Ptr list = new Poco::JSON::Array;
      for (const YamlValue& item : value.items)
        list->add(to_json(item, file, prefix, item_path(path, list->size()), lines));
      return list;
    }
    case YamlValue::Kind::map: {
      Poco::JSON::Object::Ptr object = new Poco::JSON::Object(Poco::JSON_PRESERVE_KEY_ORDER);
      for (const YamlMember& one : value.members) {
        const std::string member = member_path(path, one.name);
        lines.emplace(member, one.line);
        object->set(one.name, to_json(one.value, file, prefix, member, lines));
      }
      return object;
    }
    case YamlValue::Kind::scalar: break;
  }
  if (!value.plain) return value.text;
  const std::string word = lower(value.text);
  if (word.empty() || word == "~" || word == "null") return {};
  if (word == "true" || word == "false") return word == "true";
  Poco::Dynamic::Var result;
  const Exactness exactness = number(value.text, result);
  if (exactness == Exactness::inexact)
    bad_config(file, value.line, member_path(prefix, path),
               "has more digits than a number can keep, or is not finite; put it in quotes if it is meant as text");
  return exactness == Exactness::exact ? result : Poco::Dynamic::Var(value.text);
}

std::string config_error(const std::filesystem::path& file, int line, const std::string& path,
                         const std::string& message) {
  return file.string() + (line > 0 ? ":" + std::to_string(line) : "") + ": " + (path.empty() ? "" : path + ": ") +
         message;
}

void bad_config(const std::filesystem::path& file, int line, const std::string& path, const std::string& message) {
  throw Failure(Fault::usage, "bad_config", config_error(file, line, path, message));
}

}  // namespace ferry::host
