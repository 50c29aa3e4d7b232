// ferry/json_scanner.hpp - walks over JSON text and hands out slices of it, without building values.
//
// For answers of many megabytes of which little is looked at; json.hpp builds values with it. Slices borrow the text.
// Everything passed over is checked: RFC 8259, UTF-8, at most 512 levels. A byte order mark is skipped. What is not
// JSON is a JsonError with line and column (in bytes). One thread.
//
//   JsonScanner scanner(text);
//   JsonScanner::Scope scope = scanner.begin_object();
//   while (auto name = scanner.next_member(scope)) use(*name, scanner.value());
//   scanner.finish();
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace ferry {

class JsonError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

namespace detail {

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

inline void append_utf8(std::string& out, unsigned code) {
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

// -1 if it is no hexadecimal digit.
inline int hex_value(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

}  // namespace detail

// What an escape of a JSON string stands for: a character or, for JavaScript's sake, half of a surrogate pair.
struct JsonEscape {
  unsigned code;
  std::size_t length;  // of the escape, in bytes

  bool is_half() const noexcept { return code >= 0xD800 && code < 0xE000; }
  // text: begins with the backslash of an escape a JsonScanner passed over.
  static JsonEscape read(std::string_view text) noexcept {
    switch (text[1]) {
      case 'b': return {'\b', 2};
      case 'f': return {'\f', 2};
      case 'n': return {'\n', 2};
      case 'r': return {'\r', 2};
      case 't': return {'\t', 2};
      case 'u': break;
      default: return {static_cast<unsigned char>(text[1]), 2};
    }
    const unsigned first = unit(text);
    const bool pair = first >= 0xD800 && first < 0xDC00 && text.size() >= 12 && text[6] == '\\' && text[7] == 'u';
    const unsigned second = pair ? unit(text.substr(6)) : 0;
    if (second < 0xDC00 || second > 0xDFFF) return {first, 6};
    return {0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00), 12};
  }

 private:
  static unsigned unit(std::string_view text) noexcept {
    unsigned value = 0;
    for (std::size_t i = 2; i < 6; ++i) value = value << 4 | static_cast<unsigned>(detail::hex_value(text[i]));
    return value;
  }
};

class JsonScanner {
 public:
  struct Scope {  // of an object or array that was begun
    bool first = true;
  };

  explicit JsonScanner(std::string_view text) : begin_(text.data()), at_(begin_), end_(begin_ + text.size()) {
    if (text.starts_with("\xEF\xBB\xBF")) at_ += 3;
  }

  // The first character of the value that comes next: { [ " t f n - or a digit; \0 at the end of the text.
  char peek() noexcept {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
    return at_ == end_ ? '\0' : *at_;
  }
  Scope begin_object() {
    if (peek() != '{') fail("expected an object");
    return begin();
  }
  Scope begin_array() {
    if (peek() != '[') fail("expected a list");
    return begin();
  }
  // The name as it stands in the text, without its quotes; nothing after the last member.
  std::optional<std::string_view> next_member(Scope& scope) {
    char next = peek();
    if (next == '}') {
      end();
      return std::nullopt;
    }
    if (!scope.first) {
      if (next != ',') fail("expected ',' or '}'");
      ++at_;
      next = peek();
    }
    scope.first = false;
    if (next != '"') fail("expected the name of a member");
    const std::string_view name = string();
    if (peek() != ':') fail("expected ':'");
    ++at_;
    return name;
  }
  // Passes over the name of the next member if it is this one, written with nothing between: "\"name\":" for the
  // first, ",\"name\":" for those after it. Records of one kind repeat their names: comparing is quicker than reading.
  bool pass_member(Scope& scope, std::string_view written) noexcept {
    if (static_cast<std::size_t>(end_ - at_) < written.size() || std::memcmp(at_, written.data(), written.size()) != 0)
      return false;
    at_ += written.size();
    scope.first = false;
    return true;
  }
  bool next_item(Scope& scope) {
    const char next = peek();
    if (next == ']') {
      end();
      return false;
    }
    if (!scope.first) {
      if (next != ',') fail("expected ',' or ']'");
      ++at_;
    }
    scope.first = false;
    return true;
  }
  // Passes over the next value, whatever it is, and returns its text.
  std::string_view value() {
    peek();
    const char* start = at_;
    skip();
    return since(start);
  }
  // The same of a string, without its quotes; escapes stand as they are (JsonEscape reads them).
  std::string_view string() {
    if (peek() != '"') fail("expected a text");
    const char* start = ++at_;
    pass_string();
    return {start, static_cast<std::size_t>(at_ - 1 - start)};
  }
  // Has the string or name that was passed last an escape?
  bool escaped() const noexcept { return escaped_; }
  std::string_view number() {
    const char* start = at_;
    take('-');
    if (!take('0')) digits();
    if (take('.')) digits();
    if (take('e') || take('E')) {
      if (!take('+')) take('-');
      digits();
    }
    return since(start);
  }
  // true, false or null.
  std::string_view word() {
    for (const std::string_view word : {std::string_view("true"), std::string_view("false"), std::string_view("null")})
      if (std::string_view(at_, static_cast<std::size_t>(end_ - at_)).starts_with(word)) {
        at_ += word.size();
        return word;
      }
    fail("not a JSON value");
  }
  // Where the scanner stands: behind what was passed last.
  const char* position() const noexcept { return at_; }
  // Nothing but white space may be left.
  void finish() {
    peek();
    if (at_ != end_) fail("text after the end of the value");
  }
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

 private:
  static constexpr int deepest = 512;

  Scope begin() {
    if (depth_ == deepest) fail("nested deeper than 512 levels");
    ++depth_;
    ++at_;
    return {};
  }
  void end() noexcept {
    --depth_;
    ++at_;
  }
  std::string_view since(const char* start) const noexcept { return {start, static_cast<std::size_t>(at_ - start)}; }
  bool take(char c) noexcept {
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }
  void digits() {
    const char* start = at_;
    while (at_ != end_ && *at_ >= '0' && *at_ <= '9') ++at_;
    if (at_ == start) fail("not a JSON value");
  }
  void skip() {
    switch (peek()) {
      case '{': {
        Scope scope = begin();
        while (next_member(scope)) skip();
        return;
      }
      case '[': {
        Scope scope = begin();
        while (next_item(scope)) skip();
        return;
      }
      case '"':
        ++at_;
        pass_string();
        return;
      case 't':
      case 'f':
      case 'n': word(); return;
      default:
        if (at_ == end_) fail("the text ends where a value should stand");
        number();
    }
  }

  static constexpr std::uint64_t every_byte(unsigned char byte) noexcept { return 0x0101010101010101u * byte; }
  // A bit in each byte of the word that needs a closer look: quote, backslash, control character, not ASCII.
  static std::uint64_t special(std::uint64_t word) noexcept {
    const auto zero_bytes = [](std::uint64_t value) { return (value - every_byte(1)) & ~value; };
    const std::uint64_t control = (word - every_byte(0x20)) & ~word;
    return (zero_bytes(word ^ every_byte('"')) | zero_bytes(word ^ every_byte('\\')) | control | word) &
           every_byte(0x80);
  }
  void pass_string() {
    escaped_ = false;
    for (;;) {
#if defined(__SSE2__)
      if (end_ - at_ >= 16) {
        const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at_));
        // As a signed number, what is not ASCII is below the control characters.
        const __m128i found = _mm_or_si128(
            _mm_cmplt_epi8(block, _mm_set1_epi8(0x20)),
            _mm_or_si128(_mm_cmpeq_epi8(block, _mm_set1_epi8('"')), _mm_cmpeq_epi8(block, _mm_set1_epi8('\\'))));
        const auto bits = static_cast<unsigned>(_mm_movemask_epi8(found));
        if (bits == 0) {
          at_ += 16;
          continue;
        }
        at_ += std::countr_zero(bits);
      } else
#endif
          if (end_ - at_ >= 8) {
        std::uint64_t word;
        std::memcpy(&word, at_, 8);
        const std::uint64_t found = special(word);
        if (found == 0) {
          at_ += 8;
          continue;
        }
        if constexpr (std::endian::native == std::endian::little) at_ += std::countr_zero(found) / 8;
      }
      if (at_ == end_) fail("the text ends inside a string");
      const auto c = static_cast<unsigned char>(*at_);
      if (c == '"') {
        ++at_;
        return;
      }
      if (c == '\\') {
        pass_escape();
      } else if (c < 0x20) {
        fail("a control character inside a string");
      } else {
        const std::size_t length = detail::utf8_length(at_, end_);
        if (length == 0) fail("a byte that is not UTF-8 inside a string");
        at_ += length;
      }
    }
  }
  void pass_escape() {
    escaped_ = true;
    ++at_;
    if (at_ == end_) fail("the text ends inside a string");
    if (std::string_view("\"\\/bfnrtu").find(*at_) == std::string_view::npos) fail("unknown escape");
    if (*at_++ != 'u') return;
    for (int i = 0; i < 4; ++i)
      if (end_ - at_ < 4 || detail::hex_value(at_[i]) < 0) fail("\\u needs four hexadecimal digits");
    at_ += 4;
  }

  const char* begin_;
  const char* at_;
  const char* end_;
  int depth_ = 0;
  bool escaped_ = false;
};

}  // namespace ferry
