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
#include <cstring>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace ferry {

namespace detail {
class JsonParser;

// The length of the UTF-8 sequence that begins at `at`, 0 if none does (RFC 3629: no overlong form, no surrogate).
inline std::size_t utf8_length(const char* at, const char* end) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(at[i]); };
  const auto left = static_cast<std::size_t>(end - at);
  const auto follows = [&](std::size_t i) { return (byte(i) & 0xC0) == 0x80; };
  if (left == 0) return 0;
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  if (first < 0xC2 || first > 0xF4 || left < 2 || !follows(1)) return 0;
  if (first < 0xE0) return 2;
  if (left < 3 || !follows(2)) return 0;
  const unsigned char second = byte(1);
  if (first < 0xF0) return (first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) ? 0 : 3;
  if (left < 4 || !follows(3)) return 0;
  return (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F) ? 0 : 4;
}
}  // namespace detail

class JsonError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

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
  const Array& items() const { return get<Array>("a list"); }
  Array& items() { return const_cast<Array&>(std::as_const(*this).items()); }
  const Object& members() const { return get<Object>("an object"); }
  Object& members() { return const_cast<Object&>(std::as_const(*this).members()); }

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
  const Json& operator[](std::string_view name) const noexcept {
    static const Json null;
    const Json* found = find(name);
    return found != nullptr ? *found : null;
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
  explicit JsonParser(std::string_view text) : begin_(text.data()), at_(text.data()), end_(text.data() + text.size()) {}

  Json document() {
    if (end_ - at_ >= 3 && std::memcmp(at_, "\xEF\xBB\xBF", 3) == 0) at_ += 3;
    Json value = parse_value(0);
    skip_space();
    if (at_ != end_) fail("text after the end of the value");
    return value;
  }
  bool is_number() {
    parse_number();
    return at_ == end_;
  }

 private:
  static constexpr int max_depth = 512;
  static constexpr std::size_t small_object = 64;

  [[noreturn]] void fail(const std::string& what) const {
    std::size_t line = 1;
    const char* line_start = begin_;
    for (const char* p = begin_; p < at_; ++p)
      if (*p == '\n') {
        ++line;
        line_start = p + 1;
      }
    throw JsonError("line " + std::to_string(line) + ", column " + std::to_string(at_ - line_start + 1) + ": " + what);
  }
  void skip_space() noexcept {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
  }
  bool take(char c) noexcept {
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }
  void expect_word(std::string_view word) {
    if (static_cast<std::size_t>(end_ - at_) < word.size() || std::string_view(at_, word.size()) != word)
      fail("not a JSON value");
    at_ += word.size();
  }

  Json parse_value(int depth) {
    skip_space();
    if (at_ == end_) fail("the text ends where a value should stand");
    switch (*at_) {
      case '{':
      case '[':
        if (depth == max_depth) fail("nested deeper than 512 levels");
        return *at_ == '{' ? parse_object(depth) : parse_array(depth);
      case '"': return Json(parse_string());
      case 't': expect_word("true"); return Json(true);
      case 'f': expect_word("false"); return Json(false);
      case 'n': expect_word("null"); return Json();
      default: return parse_number();
    }
  }
  Json parse_object(int depth) {
    ++at_;
    Json::Object members;
    skip_space();
    if (take('}')) return Json(std::move(members));
    for (;;) {
      skip_space();
      if (at_ == end_ || *at_ != '"') fail("expected the name of a member");
      std::string name = parse_string();
      skip_space();
      if (!take(':')) fail("expected ':'");
      Json value = parse_value(depth + 1);
      set_member(members, std::move(name), std::move(value));
      skip_space();
      if (take('}')) {
        if (members.size() >= small_object) drop_duplicates(members);
        return Json(std::move(members));
      }
      if (!take(',')) fail("expected ',' or '}'");
    }
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
  Json parse_array(int depth) {
    ++at_;
    Json::Array items;
    skip_space();
    if (take(']')) return Json(std::move(items));
    for (;;) {
      items.push_back(parse_value(depth + 1));
      skip_space();
      if (take(']')) return Json(std::move(items));
      if (!take(',')) fail("expected ',' or ']'");
    }
  }
  static bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
  void digits() {
    if (at_ == end_ || !is_digit(*at_)) fail("not a JSON value");
    while (at_ != end_ && is_digit(*at_)) ++at_;
  }
  Json parse_number() {
    const char* start = at_;
    take('-');
    if (!take('0')) digits();
    if (take('.')) digits();
    if (at_ != end_ && (*at_ == 'e' || *at_ == 'E')) {
      ++at_;
      if (!take('+')) take('-');
      digits();
    }
    return Json(Json::Number{std::string(start, at_)});
  }
  unsigned hex4() {
    if (end_ - at_ < 4) fail("\\u needs four hexadecimal digits");
    unsigned value = 0;
    auto [end, error] = std::from_chars(at_, at_ + 4, value, 16);
    if (error != std::errc() || end != at_ + 4) fail("\\u needs four hexadecimal digits");
    at_ += 4;
    return value;
  }
  static void append_utf8(std::string& out, unsigned code) {
    const auto byte = [&](unsigned value) { out += static_cast<char>(value); };
    if (code < 0x80) {
      byte(code);
    } else if (code < 0x800) {
      byte(0xC0 | code >> 6);
      byte(0x80 | (code & 63));
    } else if (code < 0x10000) {
      byte(0xE0 | code >> 12);
      byte(0x80 | (code >> 6 & 63));
      byte(0x80 | (code & 63));
    } else {
      byte(0xF0 | code >> 18);
      byte(0x80 | (code >> 12 & 63));
      byte(0x80 | (code >> 6 & 63));
      byte(0x80 | (code & 63));
    }
  }
  std::string parse_string() {
    ++at_;
    std::string out;
    for (;;) {
      const char* start = at_;
      while (at_ != end_ && *at_ != '"' && *at_ != '\\' && static_cast<unsigned char>(*at_) >= 0x20) {
        const std::size_t length = static_cast<unsigned char>(*at_) < 0x80 ? 1 : utf8_length(at_, end_);
        if (length == 0) fail("a byte that is not UTF-8 inside a string");
        at_ += length;
      }
      out.append(start, at_);
      if (at_ == end_) fail("the text ends inside a string");
      if (take('"')) return out;
      if (*at_ != '\\') fail("a control character inside a string");
      ++at_;
      if (at_ == end_) fail("the text ends inside a string");
      switch (*at_++) {
        case '"': out += '"'; break;
        case '\\': out += '\\'; break;
        case '/': out += '/'; break;
        case 'b': out += '\b'; break;
        case 'f': out += '\f'; break;
        case 'n': out += '\n'; break;
        case 'r': out += '\r'; break;
        case 't': out += '\t'; break;
        case 'u': append_utf8(out, code_point()); break;
        default: --at_; fail("unknown escape");
      }
    }
  }
  unsigned code_point() {
    const unsigned first = hex4();
    if (first < 0xD800 || first > 0xDFFF) return first;
    if (first > 0xDBFF || end_ - at_ < 6 || at_[0] != '\\' || at_[1] != 'u') return 0xFFFD;
    const char* before = at_;
    at_ += 2;
    const unsigned second = hex4();
    if (second < 0xDC00 || second > 0xDFFF) {
      at_ = before;
      return 0xFFFD;
    }
    return 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
  }

  const char* begin_;
  const char* at_;
  const char* end_;
};

}  // namespace detail

inline Json Json::parse(std::string_view text) { return detail::JsonParser(text).document(); }

inline Json Json::number(std::string text) {
  bool valid = false;
  try {
    valid = detail::JsonParser(text).is_number();
  } catch (const JsonError&) {
  }
  if (!valid) throw JsonError("\"" + text + "\" is not a JSON number");
  return Json(Number{std::move(text)});
}

}  // namespace ferry
