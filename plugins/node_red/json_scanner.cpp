#include "json_scanner.hpp"

#include <bit>
#include <cstdint>
#include <cstring>

namespace ferry::node_red {

namespace {

constexpr std::uint64_t every_byte(unsigned char byte) { return 0x0101010101010101u * byte; }

// A bit in each byte of the word that needs a closer look: quote, backslash, control character, not ASCII.
std::uint64_t special(std::uint64_t word) {
  const auto zero_bytes = [](std::uint64_t value) { return (value - every_byte(1)) & ~value; };
  const std::uint64_t control = (word - every_byte(0x20)) & ~word;
  return (zero_bytes(word ^ every_byte('"')) | zero_bytes(word ^ every_byte('\\')) | control | word) & every_byte(0x80);
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_hex4(const char* at, const char* end) {
  if (end - at < 4) return false;
  for (int i = 0; i < 4; ++i) {
    const char c = at[i];
    if (!is_digit(c) && !(c >= 'a' && c <= 'f') && !(c >= 'A' && c <= 'F')) return false;
  }
  return true;
}

// The length of the UTF-8 sequence of two to four bytes that begins here; 0 if there is none (RFC 3629).
std::size_t sequence_length(const char* at, const char* end) {
  const auto byte = [&](std::ptrdiff_t i) { return i < end - at ? static_cast<unsigned char>(at[i]) : 0u; };
  const auto follows = [&](std::ptrdiff_t i) { return (byte(i) & 0xC0) == 0x80; };
  const unsigned first = byte(0), second = byte(1);
  if (first < 0xC2 || first > 0xF4 || !follows(1)) return 0;
  if (first < 0xE0) return 2;
  if (!follows(2) || (first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F)) return 0;
  if (first < 0xF0) return 3;
  if (!follows(3) || (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F)) return 0;
  return 4;
}

}  // namespace

void JsonScanner::fail(const std::string& what) const {
  std::size_t line = 1;
  const char* line_start = begin_;
  for (const char* p = begin_; p < at_; ++p)
    if (*p == '\n') {
      ++line;
      line_start = p + 1;
    }
  throw JsonError("line " + std::to_string(line) + ", column " + std::to_string(at_ - line_start + 1) + ": " + what);
}

char JsonScanner::peek() {
  while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
  return at_ == end_ ? '\0' : *at_;
}

bool JsonScanner::take(char c) noexcept {
  if (at_ == end_ || *at_ != c) return false;
  ++at_;
  return true;
}

JsonScanner::Scope JsonScanner::begin_object() {
  if (peek() != '{') fail("expected an object");
  ++at_;
  return {};
}

JsonScanner::Scope JsonScanner::begin_array() {
  if (peek() != '[') fail("expected a list");
  ++at_;
  return {};
}

std::optional<std::string_view> JsonScanner::next_member(Scope& scope) {
  char next = peek();
  if (next == '}') {
    ++at_;
    return std::nullopt;
  }
  if (!scope.first) {
    if (!take(',')) fail("expected ',' or '}'");
    next = peek();
  }
  scope.first = false;
  if (next != '"') fail("expected the name of a member");
  const char* start = at_ + 1;
  skip_string();
  const std::string_view name(start, static_cast<std::size_t>(at_ - 1 - start));
  if (peek() != ':') fail("expected ':'");
  ++at_;
  return name;
}

bool JsonScanner::next_item(Scope& scope) {
  if (peek() == ']' && scope.first) {
    ++at_;
    return false;
  }
  if (!scope.first) {
    if (take(']')) return false;
    if (!take(',')) fail("expected ',' or ']'");
  }
  scope.first = false;
  return true;
}

void JsonScanner::finish() {
  if (peek() != '\0' || at_ != end_) fail("text after the end of the value");
}

void JsonScanner::expect_word(std::string_view word) {
  if (static_cast<std::size_t>(end_ - at_) < word.size() || std::string_view(at_, word.size()) != word)
    fail("not a JSON value");
  at_ += word.size();
}

void JsonScanner::skip_value(int depth) {
  if (depth > deepest) fail("nested deeper than 512 levels");
  switch (peek()) {
    case '{': {
      Scope scope = begin_object();
      while (next_member(scope)) skip_value(depth + 1);
      return;
    }
    case '[': {
      Scope scope = begin_array();
      while (next_item(scope)) skip_value(depth + 1);
      return;
    }
    case '"': return skip_string();
    case 't': return expect_word("true");
    case 'f': return expect_word("false");
    case 'n': return expect_word("null");
    case '\0':
      if (at_ == end_) fail("the text ends where a value should stand");
      [[fallthrough]];
    default: return skip_number();
  }
}

void JsonScanner::skip_digits() {
  if (at_ == end_ || !is_digit(*at_)) fail("not a JSON value");
  while (at_ != end_ && is_digit(*at_)) ++at_;
}

void JsonScanner::skip_number() {
  take('-');
  if (!take('0')) skip_digits();
  if (take('.')) skip_digits();
  if (take('e') || take('E')) {
    if (!take('+')) take('-');
    skip_digits();
  }
}

void JsonScanner::skip_escape() {
  ++at_;
  if (at_ == end_) fail("the text ends inside a string");
  if (std::string_view("\"\\/bfnrt").find(*at_) != std::string_view::npos) {
    ++at_;
    return;
  }
  if (*at_ != 'u') fail("unknown escape");
  if (!is_hex4(at_ + 1, end_)) fail("\\u needs four hexadecimal digits");
  at_ += 5;
}

void JsonScanner::skip_string() {
  ++at_;
  for (;;) {
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
      skip_escape();
    } else if (c < 0x20) {
      fail("a control character inside a string");
    } else if (c < 0x80) {
      ++at_;
    } else {
      const std::size_t length = sequence_length(at_, end_);
      if (length == 0) fail("not UTF-8");
      at_ += length;
    }
  }
}

std::string decode(std::string_view inner) {
  if (inner.find('\\') == std::string_view::npos) return std::string(inner);
  std::string quoted = "\"";
  quoted += inner;
  quoted += '"';
  return Json::parse(quoted).as_string();
}

}  // namespace ferry::node_red
