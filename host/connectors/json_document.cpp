#include "host/connectors/json_document.hpp"

#include <Poco/Exception.h>
#include <Poco/JSON/ParseHandler.h>
#include <Poco/JSON/Parser.h>

#include <set>
#include <string_view>

#include "host/base/text.hpp"

namespace ferry::host {
namespace {

constexpr int deepest = 64;

// Walks the text once before Poco does: Poco tells no line, and lets the last of two equal members win.
class Scanner {
 public:
  Scanner(std::string_view text, std::map<std::string, int>& lines) : text_(text), lines_(lines) {}

  void run() {
    skip_space();
    if (at_end()) fail("the file is empty");
    if (peek() != '{') fail("an object, beginning with {, is expected");
    value("", 0);
    skip_space();
    if (!at_end()) fail("nothing may follow the object, but there is " + seen());
  }

 private:
  bool at_end() const { return at_ == text_.size(); }
  char peek() const { return at_end() ? '\0' : text_[at_]; }

  [[noreturn]] void fail(const std::string& what) const {
    throw JsonSyntaxError(line_, static_cast<int>(at_ - line_start_) + 1, what);
  }

  std::string seen() const {
    if (at_end()) return "the end of the file";
    if (static_cast<unsigned char>(peek()) >= 0x80) return "a character outside ASCII";
    return "\"" + printable(text_.substr(at_, 1)) + "\"";
  }

  void skip_space() {
    for (; !at_end(); ++at_) {
      const char c = text_[at_];
      if (c == '\n') {
        ++line_;
        line_start_ = at_ + 1;
      } else if (c != ' ' && c != '\t' && c != '\r') {
        return;
      }
    }
  }

  void expect(char c, const char* where) {
    skip_space();
    if (peek() != c || at_end()) fail(join({"\"", std::string(1, c), "\" is expected ", where, ", not ", seen()}, ""));
    ++at_;
  }

  void value(const std::string& path, int depth) {
    if (depth > deepest) fail("nested too deeply");
    skip_space();
    lines_.emplace(path, line_);
    const char c = peek();
    if (c == '{') return object(path, depth);
    if (c == '[') return array(path, depth);
    if (c == '"') return static_cast<void>(string());
    if (c == '-' || (c >= '0' && c <= '9')) return number();
    for (const std::string_view word : {"true", "false", "null"})
      if (text_.substr(at_, word.size()) == word) {
        at_ += word.size();
        return;
      }
    fail("a value is expected, not " + seen());
  }

  void object(const std::string& path, int depth) {
    ++at_;
    std::set<std::string> names;
    skip_space();
    if (peek() == '}') return static_cast<void>(++at_);
    for (;;) {
      skip_space();
      if (peek() != '"') fail("a member's name in quotes is expected, not " + seen());
      const int line = line_;
      const std::string name = string();
      if (!names.insert(name).second) fail("the member \"" + printable(name) + "\" is there twice");
      const std::string member = path.empty() ? name : path + "." + name;
      lines_.emplace(member, line);
      expect(':', "after a member's name");
      value(member, depth + 1);
      skip_space();
      if (peek() != ',') break;
      ++at_;
    }
    expect('}', "or \",\" after a member");
  }

  void array(const std::string& path, int depth) {
    ++at_;
    skip_space();
    if (peek() == ']') return static_cast<void>(++at_);
    for (std::size_t index = 0;; ++index) {
      value(path + "[" + std::to_string(index) + "]", depth + 1);
      skip_space();
      if (peek() != ',') break;
      ++at_;
    }
    expect(']', "or \",\" after an item");
  }

  // Escapes stay as they are: the text is only compared.
  std::string string() {
    const std::size_t start = ++at_;
    for (; !at_end(); ++at_) {
      const char c = text_[at_];
      if (c == '"') return std::string(text_.substr(start, at_++ - start));
      if (static_cast<unsigned char>(c) < 0x20) fail("a text ends with \" in the line it begins");
      if (c == '\\') ++at_;
      if (at_end()) break;
    }
    fail("a text is not ended");
  }

  void digits() {
    if (peek() < '0' || peek() > '9') fail("a digit is expected, not " + seen());
    while (peek() >= '0' && peek() <= '9') ++at_;
  }

  void number() {
    if (peek() == '-') ++at_;
    if (peek() == '0')
      ++at_;
    else
      digits();
    if (peek() == '.') {
      ++at_;
      digits();
    }
    if (peek() == 'e' || peek() == 'E') {
      ++at_;
      if (peek() == '+' || peek() == '-') ++at_;
      digits();
    }
  }

  std::string_view text_;
  std::map<std::string, int>& lines_;
  std::size_t at_ = 0, line_start_ = 0;
  int line_ = 1;
};

}  // namespace

JsonDocument JsonDocument::parse(const std::string& text) {
  JsonDocument document;
  Scanner(text, document.lines).run();
  try {
    Poco::JSON::Parser parser(new Poco::JSON::ParseHandler(true));
    document.root = parser.parse(text).extract<Poco::JSON::Object::Ptr>();
  } catch (const Poco::Exception& e) {
    throw JsonSyntaxError(1, 1, printable(e.message()));
  }
  return document;
}

int JsonDocument::line_of(std::string path) const {
  for (;;) {
    if (const auto found = lines.find(path); found != lines.end()) return found->second;
    const std::size_t end = path.find_last_of(".[");
    path = end == std::string::npos ? "" : path.substr(0, end);
    if (path.empty()) return 1;
  }
}

}  // namespace ferry::host
