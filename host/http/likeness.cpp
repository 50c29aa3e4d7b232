#include "host/http/likeness.hpp"

#include <algorithm>
#include <cctype>
#include <optional>

#include "ferry/json.hpp"
#include "host/base/redactor.hpp"
#include "host/base/text.hpp"

namespace ferry::host {
namespace {

// '0' of the pattern is any digit, 'h' any hexadecimal digit; true: the text begins so.
bool begins_like(std::string_view text, std::string_view pattern) {
  if (text.size() < pattern.size()) return false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (pattern[i] == '0' ? std::isdigit(c) == 0 : pattern[i] == 'h' ? std::isxdigit(c) == 0 : text[i] != pattern[i])
      return false;
  }
  return true;
}

bool is_time(std::string_view text) {
  return begins_like(text, "0000-00-00T00:00") || begins_like(text, "0000-00-00 00:00") ||
         begins_like(text, "0000-00-00T00%3A00");
}

// Ids of ferry's runs, which connectors send along, as those of any other run.
std::string without_run_ids(std::string_view text) {
  constexpr std::string_view pattern = "00000000-000000-hhhhhh";
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const bool here = begins_like(text.substr(i), pattern);
    out += here ? '\1' : text[i];
    i += here ? pattern.size() : 1;
  }
  return out;
}

// "***" in the pattern stands for any text.
bool matches_wildcards(std::string_view pattern, std::string_view text) {
  constexpr std::string_view any = Redactor::mask_text;
  std::size_t star = pattern.find(any);
  if (star == std::string_view::npos) return pattern == text;
  if (!text.starts_with(pattern.substr(0, star))) return false;
  text.remove_prefix(star);
  for (;;) {
    pattern.remove_prefix(star + any.size());
    star = pattern.find(any);
    if (star == std::string_view::npos) return text.ends_with(pattern);
    const std::size_t at = text.find(pattern.substr(0, star));
    if (at == std::string_view::npos) return false;
    text.remove_prefix(at + star);
  }
}

std::string in_quotes(std::string_view text) { return "\"" + printable(shortened(text, 60)) + "\""; }

std::string differs(const std::string& where, const std::string& recorded, const std::string& asked) {
  return where + (where.empty() ? "" : ": ") + recorded + " was recorded, " + asked + " is asked";
}

std::vector<std::pair<std::string, std::string>> pairs_of(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const std::string& pair : split(text, '&')) {
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    pairs.emplace_back(pair.substr(0, equals), pair.substr(std::min(equals + 1, pair.size())));
  }
  std::stable_sort(pairs.begin(), pairs.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  return pairs;
}

std::optional<Json> parsed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos || (text[first] != '{' && text[first] != '[')) return std::nullopt;
  try {
    return Json::parse(text);
  } catch (const JsonError&) {
    return std::nullopt;
  }
}

}  // namespace

bool same_value(std::string_view recorded, std::string_view asked) {
  if (recorded == asked || (is_time(recorded) && is_time(asked))) return true;
  return matches_wildcards(without_run_ids(recorded), without_run_ids(asked));
}

// Compares two trees; remembers the worst likeness and the first difference.
class JsonComparison {
 public:
  explicit JsonComparison(const Comparer& comparer) : comparer_(comparer) {}

  Comparison compare(const Json& recorded, const Json& asked) {
    result_.likeness = Likeness::values;
    walk(recorded, asked, "");
    return result_;
  }

 private:
  void found(Likeness likeness, std::string difference) {
    if (result_.difference.empty()) result_.difference = std::move(difference);
    result_.likeness = std::min(result_.likeness, likeness);
  }

  static std::string word(const Json& value) {
    return value.is_string()   ? in_quotes(value.as_string())
           : value.is_number() ? value.number_text()
           : value.is_bool()   ? (value.as_bool() ? "true" : "false")
                               : value.type_name();
  }

  void walk(const Json& recorded, const Json& asked, const std::string& where) {
    if (result_.likeness == Likeness::none) return;
    if (recorded.is_object() && asked.is_object()) return walk_members(recorded, asked, where);
    if (recorded.is_array() && asked.is_array()) return walk_items(recorded, asked, where);
    const bool same_type = std::string_view(recorded.type_name()) == asked.type_name();
    const bool same =
        same_type && (recorded.is_string() ? same_value(recorded.as_string(), asked.as_string()) : recorded == asked);
    if (same) return;
    const bool structure = same_type || recorded.is_null() || asked.is_null();
    found(structure ? Likeness::shape : Likeness::none, differs(where, word(recorded), word(asked)));
  }

  void walk_members(const Json& recorded, const Json& asked, const std::string& where) {
    for (const auto& [name, value] : recorded.members()) {
      if (comparer_.varies(name)) continue;
      if (const Json* other = asked.find(name))
        walk(value, *other, where + "." + name);
      else
        found(Likeness::none, where + "." + name + " was recorded and is not asked");
    }
    for (const auto& [name, value] : asked.members())
      if (recorded.find(name) == nullptr && !comparer_.varies(name))
        found(Likeness::none, where + "." + name + " is asked and was not recorded");
  }

  void walk_items(const Json& recorded, const Json& asked, const std::string& where) {
    const auto &a = recorded.items(), &b = asked.items();
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
      walk(a[i], b[i], where + "[" + std::to_string(i) + "]");
    if (a.size() != b.size())
      found(Likeness::shape, differs(where, std::to_string(a.size()) + " items", std::to_string(b.size()) + " items"));
  }

  const Comparer& comparer_;
  Comparison result_;
};

bool Comparer::varies(std::string_view name) const {
  return std::find(varying_.begin(), varying_.end(), name) != varying_.end();
}

Comparison Comparer::parameters(std::string_view recorded, std::string_view asked) const {
  if (recorded == asked) return {};
  const auto a = pairs_of(recorded), b = pairs_of(asked);
  Comparison result{Likeness::values, ""};
  for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
    const bool same_name = i < a.size() && i < b.size() && a[i].first == b[i].first;
    if (!same_name) {
      const bool missing = i < a.size() && (i >= b.size() || a[i].first < b[i].first);
      return {Likeness::none,
              missing ? a[i].first + " was recorded and is not asked" : b[i].first + " is asked and was not recorded"};
    }
    if (varies(a[i].first) || same_value(a[i].second, b[i].second)) continue;
    if (result.difference.empty())
      result.difference = differs(a[i].first, in_quotes(a[i].second), in_quotes(b[i].second));
    result.likeness = Likeness::shape;
  }
  return result;
}

Comparison Comparer::text(std::string_view recorded, std::string_view asked) const {
  if (recorded == asked) return {};
  if (same_value(recorded, asked)) return {Likeness::values, ""};
  const bool structure = recorded.empty() == asked.empty();
  return {structure ? Likeness::shape : Likeness::none, differs("", in_quotes(recorded), in_quotes(asked))};
}

Comparison Comparer::body(std::string_view recorded, std::string_view asked, std::string_view content_type) const {
  if (recorded == asked) return {};
  if (lower(content_type).find("x-www-form-urlencoded") != std::string::npos) return parameters(recorded, asked);
  const std::optional<Json> a = parsed(recorded), b = parsed(asked);
  if (a && b) return JsonComparison(*this).compare(*a, *b);
  return a || b ? Comparison{Likeness::none, "one body is JSON, the other is not"} : text(recorded, asked);
}

}  // namespace ferry::host
