// ferry/json.hpp - JSON for connectors: a value type, a strict parser (RFC 8259) and a writer.
//
// Numbers keep the text they came with: nothing is rounded on the way through. Objects keep the order of their
// members; of members with the same name the last one counts. Text is UTF-8: parsing refuses anything else, writing
// puts U+FFFD in its place, as parsing does for an escaped surrogate without its other half. A byte order mark is
// skipped. Parsing throws JsonError with line and column (in bytes); nesting is limited to 512 levels. Values are
// ordinary: copyable, movable, no sharing, safe to read from any thread.
#pragma once

#include <algorithm>
#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "ferry/json_scanner.hpp"

namespace ferry {

namespace detail {
class JsonParser;
}

class Json {
 public:
  using Array = std::vector<Json>;
  using Member = std::pair<std::string, Json>;
  using Object = std::vector<Member>;
  struct Number {  // text as written, for instance 1.10 or 18446744073709551616
    std::string text;
    bool operator==(const Number&) const = default;
  };

  Json() = default;
  Json(std::nullptr_t) {}
  template <std::same_as<bool> B>
  Json(B value) : value_(value) {}
  template <std::integral I>
  requires(!std::same_as<I, bool> && !std::same_as<I, char>) Json(I value) : value_(Number{std::to_string(value)}) {}
  Json(std::string value) : value_(std::move(value)) {}
  Json(std::string_view value) : value_(std::string(value)) {}
  Json(const char* value) : value_(std::string(value)) {}
  Json(Array value) : value_(std::move(value)) {}
  Json(Object value) : value_(std::move(value)) {}
  // text: a JSON number; JsonError if it is none.
  static Json number(std::string text);
  static Json object(std::initializer_list<Member> members = {}) { return Json(Object(members)); }
  static Json array(std::initializer_list<Json> items = {}) { return Json(Array(items)); }

  bool is_null() const noexcept { return std::holds_alternative<std::monostate>(value_); }
  bool is_bool() const noexcept { return std::holds_alternative<bool>(value_); }
  bool is_number() const noexcept { return std::holds_alternative<Number>(value_); }
  bool is_string() const noexcept { return std::holds_alternative<std::string>(value_); }
  bool is_array() const noexcept { return std::holds_alternative<Array>(value_); }
  bool is_object() const noexcept { return std::holds_alternative<Object>(value_); }
  const char* type_name() const noexcept {
    static constexpr const char* names[] = {"null", "a boolean", "a number", "a text", "a list", "an object"};
    return names[value_.index()];
  }

  // Access; a value of another type throws JsonError that says what it is.
  bool as_bool() const { return get<bool>("a boolean"); }
  const std::string& as_string() const { return get<std::string>("a text"); }
  const std::string& number_text() const { return get<Number>("a number").text; }
  std::int64_t as_int() const {
    const std::string& text = number_text();
    std::int64_t value = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size())
      throw JsonError("expected a whole number of at most 64 bits, found " + text);
    return value;
  }
  // A temporary gives away what it holds, so that a loop over Json::parse(text)["items"].items() is safe.
  const Array& items() const& { return get<Array>("a list"); }
  Array& items() & { return const_cast<Array&>(std::as_const(*this).items()); }
  Array items() && { return std::move(items()); }
  const Object& members() const& { return get<Object>("an object"); }
  Object& members() & { return const_cast<Object&>(std::as_const(*this).members()); }
  Object members() && { return std::move(members()); }

  // The member of an object; nullptr if there is none, or if this is no object.
  const Json* find(std::string_view name) const noexcept {
    const Object* object = std::get_if<Object>(&value_);
    if (object == nullptr) return nullptr;
    for (auto member = object->rbegin(); member != object->rend(); ++member)
      if (member->first == name) return &member->second;
    return nullptr;
  }
  Json* find(std::string_view name) noexcept { return const_cast<Json*>(std::as_const(*this).find(name)); }
  // The member's value; a shared null if there is none.
  const Json& operator[](std::string_view name) const& noexcept {
    static const Json null;
    const Json* found = find(name);
    return found != nullptr ? *found : null;
  }
  Json operator[](std::string_view name) && noexcept {
    Json* found = find(name);
    return found != nullptr ? std::move(*found) : Json();
  }
  std::string_view text_or(std::string_view name, std::string_view otherwise) const noexcept {
    const Json* found = find(name);
    return found != nullptr && found->is_string() ? std::string_view(std::get<std::string>(found->value_)) : otherwise;
  }
  bool bool_or(std::string_view name, bool otherwise) const noexcept {
    const Json* found = find(name);
    return found != nullptr && found->is_bool() ? std::get<bool>(found->value_) : otherwise;
  }
  // Sets or appends a member; a null becomes an object first.
  Json& set(std::string_view name, Json value) {
    if (is_null()) value_ = Object();
    if (Json* found = find(name)) return *found = std::move(value);
    members().emplace_back(std::string(name), std::move(value));
    return members().back().second;
  }
  void remove(std::string_view name) {
    if (is_object()) std::erase_if(members(), [&](const Member& member) { return member.first == name; });
  }
  Json& push_back(Json value) {
    if (is_null()) value_ = Array();
    items().push_back(std::move(value));
    return items().back();
  }

  bool operator==(const Json&) const = default;  // texts of numbers, order of members

  // The text of the value; indent > 0 puts every member on a line of its own.
  std::string dump(int indent = 0) const {
    std::string out;
    write(out, indent, 0);
    return out;
  }
  void append_to(std::string& out) const { write(out, 0, 0); }
  static void append_quoted(std::string& out, std::string_view text);

  static Json parse(std::string_view text);

 private:
  friend class detail::JsonParser;
  explicit Json(Number value) : value_(std::move(value)) {}
  template <class T>
  const T& get(const char* wanted) const {
    if (const T* value = std::get_if<T>(&value_)) return *value;
    throw JsonError(std::string("expected ") + wanted + ", found " + type_name());
  }
  void write(std::string& out, int indent, int depth) const;

  std::variant<std::monostate, bool, Number, std::string, Array, Object> value_;
};

inline void Json::append_quoted(std::string& out, std::string_view text) {
  static constexpr char hex[] = "0123456789abcdef";
  out += '"';
  std::size_t start = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const unsigned char c = static_cast<unsigned char>(text[i]);
    if (c >= 0x80) {
      const std::size_t length = detail::utf8_length(text.data() + i, text.data() + text.size());
      if (length != 0) {
        i += length - 1;
        continue;
      }
      out.append(text, start, i - start);
      out += "\xEF\xBF\xBD";
      start = i + 1;
      continue;
    }
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    out.append(text, start, i - start);
    start = i + 1;
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      case '\b': out += "\\b"; break;
      case '\f': out += "\\f"; break;
      default:
        out += "\\u00";
        out += hex[c >> 4];
        out += hex[c & 15];
    }
  }
  out.append(text, start);
  out += '"';
}

inline void Json::write(std::string& out, int indent, int depth) const {
  const auto line = [&](int level) {
    if (indent > 0) {
      out += '\n';
      out.append(static_cast<std::size_t>(indent) * static_cast<std::size_t>(level), ' ');
    }
  };
  if (const bool* boolean = std::get_if<bool>(&value_)) {
    out += *boolean ? "true" : "false";
  } else if (const Number* number = std::get_if<Number>(&value_)) {
    out += number->text;
  } else if (const std::string* text = std::get_if<std::string>(&value_)) {
    append_quoted(out, *text);
  } else if (const Array* array = std::get_if<Array>(&value_)) {
    out += '[';
    for (std::size_t i = 0; i < array->size(); ++i) {
      if (i > 0) out += ',';
      line(depth + 1);
      (*array)[i].write(out, indent, depth + 1);
    }
    if (!array->empty()) line(depth);
    out += ']';
  } else if (const Object* object = std::get_if<Object>(&value_)) {
    out += '{';
    for (std::size_t i = 0; i < object->size(); ++i) {
      if (i > 0) out += ',';
      line(depth + 1);
      append_quoted(out, (*object)[i].first);
      out += indent > 0 ? ": " : ":";
      (*object)[i].second.write(out, indent, depth + 1);
    }
    if (!object->empty()) line(depth);
    out += '}';
  } else {
    out += "null";
  }
}

namespace detail {

class JsonParser {
 public:
  explicit JsonParser(std::string_view text) : scanner_(text) {}

  Json document() {
    Json value = parse_value();
    scanner_.finish();
    return value;
  }

 private:
  static constexpr std::size_t small_object = 64;

  Json parse_value() {
    switch (scanner_.peek()) {
      case '{': return parse_object();
      case '[': return parse_array();
      case '"': return Json(text(scanner_.string()));
      case 't':
      case 'f': return Json(scanner_.word() == "true");
      case 'n': scanner_.word(); return Json();
      default: return Json(Json::Number{std::string(scanner_.value())});
    }
  }
  // inner: passed by the scanner just now.
  std::string text(std::string_view inner) const {
    std::string out;
    if (!scanner_.escaped()) return out = inner;
    out.reserve(inner.size());
    for (std::size_t escape; (escape = inner.find('\\')) != std::string_view::npos;) {
      out += inner.substr(0, escape);
      const JsonEscape found = JsonEscape::read(inner.substr(escape));
      append_utf8(out, found.is_half() ? 0xFFFD : found.code);
      inner.remove_prefix(escape + found.length);
    }
    return out += inner;
  }
  Json parse_object() {
    JsonScanner::Scope scope = scanner_.begin_object();
    Json::Object members;
    while (const auto name = scanner_.next_member(scope)) {
      std::string key = text(*name);
      set_member(members, std::move(key), parse_value());
    }
    if (members.size() >= small_object) drop_duplicates(members);
    return Json(std::move(members));
  }
  // Looking for an earlier member of the same name is quadratic: only where objects are small, which is nearly always.
  static void set_member(Json::Object& members, std::string name, Json value) {
    if (members.size() < small_object)
      for (Json::Member& member : members)
        if (member.first == name) {
          member.second = std::move(value);
          return;
        }
    members.emplace_back(std::move(name), std::move(value));
  }
  // As set_member does it for small objects: the last value, where the name stood first.
  static void drop_duplicates(Json::Object& members) {
    std::vector<Json::Member*> order;
    for (Json::Member& member : members) order.push_back(&member);
    std::sort(order.begin(), order.end(), [](const Json::Member* left, const Json::Member* right) {
      const int names = left->first.compare(right->first);
      return names != 0 ? names < 0 : left < right;
    });
    std::vector<bool> dropped(members.size());
    bool any = false;
    for (std::size_t i = 0; i < order.size();) {
      std::size_t last = i;
      while (last + 1 < order.size() && order[last + 1]->first == order[i]->first)
        dropped[static_cast<std::size_t>(order[++last] - members.data())] = any = true;
      if (last != i) order[i]->second = std::move(order[last]->second);
      i = last + 1;
    }
    if (!any) return;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (dropped[i]) continue;
      if (kept != i) members[kept] = std::move(members[i]);
      ++kept;
    }
    members.resize(kept);
  }
  Json parse_array() {
    JsonScanner::Scope scope = scanner_.begin_array();
    Json::Array items;
    while (scanner_.next_item(scope)) items.push_back(parse_value());
    return Json(std::move(items));
  }

  JsonScanner scanner_;
};

}  // namespace detail

inline Json Json::parse(std::string_view text) { return detail::JsonParser(text).document(); }

inline Json Json::number(std::string text) {
  bool valid = false;
  try {
    valid = JsonScanner(text).number().size() == text.size();
  } catch (const JsonError&) {
  }
  if (!valid) throw JsonError("\"" + text + "\" is not a JSON number");
  return Json(Number{std::move(text)});
}

}  // namespace ferry
