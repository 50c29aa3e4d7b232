#include "page.hpp"

#include <bit>
#include <charconv>
#include <cstring>

namespace ferry::integration_labs {

namespace {

class Scanner {
 public:
  explicit Scanner(std::string_view text) : begin_(text.data()), at_(begin_), end_(begin_ + text.size()) {}

  char peek() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
    return at_ == end_ ? '\0' : *at_;
  }
  bool take(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!take(c)) fail(std::string("expected '") + c + "'");
  }
  // The text of a member's name; names with escapes are not among those looked for.
  std::string_view name() {
    const std::string_view quoted = value();
    if (quoted.front() != '"') fail("expected the name of a member");
    return quoted.substr(1, quoted.size() - 2);
  }
  std::string_view value() {
    const char first = peek();
    const char* start = at_;
    if (first == '{' || first == '[') {
      pass_container();
    } else if (first == '"') {
      pass_text();
    } else {
      while (at_ != end_ && *at_ != ',' && *at_ != '}' && *at_ != ']' && static_cast<unsigned char>(*at_) > ' ') ++at_;
      if (at_ == start) fail("expected a value");
    }
    return {start, static_cast<std::size_t>(at_ - start)};
  }
  [[noreturn]] void fail(const std::string& what) const {
    throw JsonError("at byte " + std::to_string(at_ - begin_) + ": " + what);
  }

 private:
  void pass_text() {
    ++at_;
    const auto left = static_cast<std::size_t>(end_ - at_);
    const auto* quote = static_cast<const char*>(std::memchr(at_, '"', left));
    if (quote == nullptr) cut_off();
    // Nearly every text is without an escape, and ends at the first quote.
    if (std::memchr(at_, '\\', static_cast<std::size_t>(quote - at_)) == nullptr) {
      at_ = quote + 1;
      return;
    }
    for (; at_ < end_; ++at_) {
      if (*at_ == '"') {
        ++at_;
        return;
      }
      if (*at_ == '\\') ++at_;
    }
    cut_off();
  }

  // Sixteen bytes at a time, of which only those that open or close something are looked at.
  void pass_container() {
    int depth = 0;
    bool in_text = false;
    while (end_ - at_ >= 16) {
      unsigned found = interesting(at_);
      const char* block = at_;
      at_ += 16;
      while (found != 0) {
        const char* here = block + std::countr_zero(found);
        found &= found - 1;
        if (const Step step = look(here, depth, in_text); step == Step::done) {
          at_ = here + 1;
          return;
        } else if (step == Step::escape) {
          at_ = here + 2;
          break;
        }
      }
    }
    for (; at_ < end_; ++at_) {
      const Step step = look(at_, depth, in_text);
      if (step == Step::escape) ++at_;
      if (step == Step::done) {
        ++at_;
        return;
      }
    }
    cut_off();
  }

  enum class Step { on, escape, done };
  static Step look(const char* here, int& depth, bool& in_text) {
    switch (*here) {
      case '"': in_text = !in_text; return Step::on;
      case '\\': return in_text ? Step::escape : Step::on;
      case '{':
      case '[':
        if (!in_text) ++depth;
        return Step::on;
      case '}':
      case ']': return !in_text && --depth == 0 ? Step::done : Step::on;
      default: return Step::on;
    }
  }

#if defined(__SSE2__)
  using Block = char __attribute__((vector_size(16)));
  static constexpr Block all_of(char c) { return Block{c, c, c, c, c, c, c, c, c, c, c, c, c, c, c, c}; }
  static unsigned interesting(const char* at) {
    Block bytes;
    std::memcpy(&bytes, at, sizeof bytes);
    // Bit 0x20 is what tells '[' from '{' and ']' from '}'.
    const Block folded = bytes | all_of(0x20);
    const auto found =
        (folded == all_of('{')) | (folded == all_of('}')) | (bytes == all_of('"')) | (bytes == all_of('\\'));
    return static_cast<unsigned>(__builtin_ia32_pmovmskb128(reinterpret_cast<const Block&>(found)));
  }
#else
  static unsigned interesting(const char*) { return 0xFFFF; }
#endif

  [[noreturn]] void cut_off() const { throw JsonError("the text ends in the middle of a value"); }

  const char* begin_;
  const char* at_;
  const char* end_;
};

void read_data(Scanner& scanner, Page& page) {
  scanner.expect('[');
  if (scanner.take(']')) return;
  do {
    if (scanner.peek() != '{') scanner.fail("expected a record");
    page.records.push_back(scanner.value());
  } while (scanner.take(','));
  scanner.expect(']');
}

}  // namespace

Page cut_page(std::string_view text) {
  Page page;
  page.records.reserve(1000);
  bool has_data = false;
  Scanner scanner(text);
  scanner.expect('{');
  if (!scanner.take('}')) {
    do {
      const std::string_view name = scanner.name();
      scanner.expect(':');
      if (name == "data") {
        has_data = true;
        read_data(scanner, page);
        continue;
      }
      const std::string_view value = scanner.value();
      if (name == "next" && value != "null") page.next = Json::parse(value).as_string();
      if (name == "total_count") std::from_chars(value.data(), value.data() + value.size(), page.total);
    } while (scanner.take(','));
    scanner.expect('}');
  }
  if (scanner.peek() != '\0') scanner.fail("text after the end");
  if (!has_data) throw JsonError("there is no member \"data\"");
  return page;
}

std::optional<std::string_view> member_of(std::string_view object, std::string_view name) {
  Scanner scanner(object);
  scanner.expect('{');
  if (scanner.take('}')) return std::nullopt;
  do {
    const std::string_view found = scanner.name();
    scanner.expect(':');
    const std::string_view value = scanner.value();
    if (found == name) return value;
  } while (scanner.take(','));
  return std::nullopt;
}

}  // namespace ferry::integration_labs
