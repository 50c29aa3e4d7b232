#include "samples/sandbox/smartiq/json_text.hpp"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <cstring>

#include "samples/sandbox/core/answers.hpp"

namespace sandbox::smartiq {

namespace {

constexpr int max_depth = 128;

[[noreturn]] void refuse(std::size_t at, const char* what) {
  throw BadRequest{"The request is not valid JSON: " + std::string(what) + " at character " + std::to_string(at) + "."};
}

// Walks over values without keeping them.
class Walker {
 public:
  explicit Walker(std::string_view text, std::size_t at = 0) : text_(text), at_(at) {}

  std::size_t at() const { return at_; }

  bool ended() const { return at_ >= text_.size(); }

  char next() {
    blanks();
    if (ended()) refuse(at_, "it ends too early");
    return text_[at_];
  }

  void blanks() {
    while (!ended() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == '\t')) ++at_;
  }

  bool take(char wanted) {
    if (next() != wanted) return false;
    ++at_;
    return true;
  }

  std::string_view string() {
    const std::size_t begin = at_;
    if (!take('"')) refuse(at_, "a string is missing");
    while (true) {
      const void* found = ended() ? nullptr : std::memchr(text_.data() + at_, '"', text_.size() - at_);
      if (!found) refuse(begin, "a string has no end");
      const std::size_t quote = static_cast<std::size_t>(static_cast<const char*>(found) - text_.data());
      std::size_t backslashes = 0;
      while (quote - backslashes > at_ && text_[quote - backslashes - 1] == '\\') ++backslashes;
      at_ = quote + 1;
      if (backslashes % 2 == 0) return text_.substr(begin, at_ - begin);
    }
  }

  std::string_view value(int depth = 0) {
    if (depth > max_depth) refuse(at_, "it is nested too deeply");
    const char first = next();
    const std::size_t begin = at_;
    if (first == '"') return string();
    if (first == '{' || first == '[') {
      const char last = first == '{' ? '}' : ']';
      ++at_;
      if (take(last)) return text_.substr(begin, at_ - begin);
      do {
        if (first == '{') {
          next();
          string();
          if (!take(':')) refuse(at_, "a colon is missing");
        }
        value(depth + 1);
      } while (take(','));
      if (!take(last)) refuse(at_, "a comma or a bracket is missing");
      return text_.substr(begin, at_ - begin);
    }
    for (const std::string_view word : {"null", "true", "false"}) {
      if (text_.substr(at_, word.size()) != word) continue;
      at_ += word.size();
      return text_.substr(begin, word.size());
    }
    while (!ended() && (std::isdigit(static_cast<unsigned char>(text_[at_])) ||
                        (text_[at_] != 0 && std::strchr("+-.eE", text_[at_])))) {
      ++at_;
    }
    if (at_ == begin) refuse(at_, "a value is missing");
    return text_.substr(begin, at_ - begin);
  }

 private:
  std::string_view text_;
  std::size_t at_;
};

void append_utf8(std::string& text, std::uint32_t code) {
  if (code < 0x80) {
    text += static_cast<char>(code);
  } else if (code < 0x800) {
    text += static_cast<char>(0xC0 | (code >> 6));
    text += static_cast<char>(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    text += static_cast<char>(0xE0 | (code >> 12));
    text += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    text += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    text += static_cast<char>(0xF0 | (code >> 18));
    text += static_cast<char>(0x80 | ((code >> 12) & 0x3F));
    text += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    text += static_cast<char>(0x80 | (code & 0x3F));
  }
}

std::uint32_t hex4(std::string_view text, std::size_t at) {
  std::uint32_t code = 0;
  for (std::size_t i = at; i < at + 4; ++i) {
    const char c = i < text.size() ? text[i] : '?';
    if (!std::isxdigit(static_cast<unsigned char>(c))) refuse(i, "an escape is wrong");
    const int digit = std::isdigit(static_cast<unsigned char>(c)) ? c - '0' : (c | 0x20) - 'a' + 10;
    code = code * 16 + static_cast<std::uint32_t>(digit);
  }
  return code;
}

std::string decoded(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      result += text[i];
      continue;
    }
    if (++i >= text.size()) refuse(i, "an escape is wrong");
    switch (text[i]) {
      case 'b': result += '\b'; break;
      case 'f': result += '\f'; break;
      case 'n': result += '\n'; break;
      case 'r': result += '\r'; break;
      case 't': result += '\t'; break;
      case 'u': {
        std::uint32_t code = hex4(text, i + 1);
        i += 4;
        if (code >= 0xD800 && code < 0xDC00 && text.substr(i + 1, 2) == "\\u") {
          const std::uint32_t low = hex4(text, i + 3);
          if (low >= 0xDC00 && low < 0xE000) {
            code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
            i += 6;
          }
        }
        append_utf8(result, code);
        break;
      }
      default: result += text[i];
    }
  }
  return result;
}

}  // namespace

Slice Slice::parse(std::string_view text) {
  Walker walker(text);
  const std::string_view raw = walker.value();
  walker.blanks();
  if (!walker.ended()) refuse(walker.at(), "there is more after its end");
  return Slice(raw);
}

Slice::Type Slice::type() const {
  switch (raw_.front()) {
    case 'n': return Type::null;
    case 't':
    case 'f': return Type::boolean;
    case '"': return Type::string;
    case '[': return Type::array;
    case '{': return Type::object;
    default: return Type::number;
  }
}

std::vector<Slice> Slice::elements() const {
  std::vector<Slice> result;
  if (!is(Type::array)) return result;
  Walker walker(raw_, 1);
  if (walker.take(']')) return result;
  do result.push_back(Slice(walker.value()));
  while (walker.take(','));
  return result;
}

std::vector<std::pair<std::string, Slice>> Slice::members() const {
  std::vector<std::pair<std::string, Slice>> result;
  if (!is(Type::object)) return result;
  Walker walker(raw_, 1);
  if (walker.take('}')) return result;
  do {
    walker.next();
    const std::string_view name = walker.string();
    walker.take(':');
    result.emplace_back(decoded(name.substr(1, name.size() - 2)), Slice(walker.value()));
  } while (walker.take(','));
  return result;
}

std::optional<Slice> Slice::member(std::string_view name) const {
  for (const auto& [found, value] : members()) {
    if (same_text(found, name)) return value;
  }
  return std::nullopt;
}

std::string Slice::string() const {
  return is(Type::string) ? decoded(raw_.substr(1, raw_.size() - 2)) : std::string();
}

std::vector<std::string> Slice::strings() const {
  std::vector<std::string> result;
  for (const Slice& element : elements()) {
    if (element.is(Type::string)) result.push_back(element.string());
  }
  return result;
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

std::string quoted(std::string_view text) {
  std::string result = "\"";
  result.reserve(text.size() + 2);
  for (const char c : text) {
    switch (c) {
      case '"': result += "\\\""; break;
      case '\\': result += "\\\\"; break;
      case '\n': result += "\\n"; break;
      case '\r': result += "\\r"; break;
      case '\t': result += "\\t"; break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          constexpr char digits[] = "0123456789abcdef";
          result += "\\u00";
          result += digits[c >> 4];
          result += digits[c & 15];
        } else {
          result += c;
        }
    }
  }
  return result + '"';
}

std::string quoted_list(const std::vector<std::string>& texts) {
  std::string result = "[";
  for (const std::string& text : texts) result += (result.size() > 1 ? "," : "") + quoted(text);
  return result + "]";
}

std::string with_member(std::string_view object, std::string_view name, std::string_view value) {
  const Slice whole = Slice::parse(object);
  if (const std::optional<Slice> old = whole.member(name)) {
    const std::size_t begin = static_cast<std::size_t>(old->raw().data() - object.data());
    std::string result(object.substr(0, begin));
    result += value;
    return result += object.substr(begin + old->raw().size());
  }
  const std::size_t end = object.rfind('}');
  const bool empty = whole.members().empty();
  return std::string(object.substr(0, end)) + (empty ? "" : ",") + quoted(name) + ":" + std::string(value) + "}";
}

ObjectText& ObjectText::raw(std::string_view name, std::string_view value) {
  text_ += text_.empty() ? "{" : ",";
  text_ += quoted(name);
  text_ += ':';
  text_ += value;
  return *this;
}

}  // namespace sandbox::smartiq
