// Walks over JSON text and hands out slices of it, without building values.
//
// A configuration of Node-RED has tens of megabytes and nearly all of it passes through unchanged, so it is looked at
// where it lies. Slices borrow the text. Everything passed over is checked against RFC 8259 and UTF-8; what is not JSON
// is a ferry::JsonError with line and column. Nesting is limited to 512 levels.
//
//   JsonScanner scanner(text);
//   JsonScanner::Scope scope = scanner.begin_object();
//   while (auto name = scanner.next_member(scope)) use(*name, scanner.value());
//   scanner.finish();
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "ferry/json.hpp"

namespace ferry::node_red {

class JsonScanner {
 public:
  struct Scope {  // of an object or array that was begun
    bool first = true;
  };

  explicit JsonScanner(std::string_view text) : begin_(text.data()), at_(begin_), end_(begin_ + text.size()) {}

  // The first character of the value that comes next: { [ " t f n - or a digit; \0 at the end of the text.
  char peek();
  Scope begin_object();
  Scope begin_array();
  // The name as it stands in the text, without its quotes (decode() resolves escapes); nothing after the last member.
  std::optional<std::string_view> next_member(Scope& scope);
  bool next_item(Scope& scope);
  // Passes over the next value and returns its text.
  std::string_view value() {
    peek();
    const char* start = at_;
    skip_value(0);
    return {start, static_cast<std::size_t>(at_ - start)};
  }
  // Where the scanner stands; behind the value that was passed last.
  const char* position() const noexcept { return at_; }
  // Nothing but white space may be left.
  void finish();
  [[noreturn]] void fail(const std::string& what) const;

 private:
  static constexpr int deepest = 512;

  bool take(char c) noexcept;
  void expect_word(std::string_view word);
  void skip_value(int depth);
  void skip_string();
  void skip_escape();
  void skip_number();
  void skip_digits();

  const char* begin_;
  const char* at_;
  const char* end_;
};

// The text of a JSON string: escapes resolved. Half a surrogate pair, which JavaScript allows, becomes U+FFFD.
std::string decode(std::string_view inner);

}  // namespace ferry::node_red
