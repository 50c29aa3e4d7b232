#include "canonical_text.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <system_error>

namespace ferry::node_red {

namespace {

// The first bytes of a name and its closing quote, as a number that sorts as they do.
std::uint64_t prefix_of(std::string_view quoted) {
  std::uint64_t prefix = 0;
  for (std::size_t i = 1; i <= 8; ++i)
    prefix = prefix << 8 | (i + 1 < quoted.size() ? static_cast<unsigned char>(quoted[i]) : 0u);
  return prefix;
}

// A character that came escaped, in the spelling of JSON.stringify.
void append_escaped(std::string& out, const JsonEscape& escape) {
  static constexpr char hex[] = "0123456789abcdef";
  switch (escape.code) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\b': out += "\\b"; return;
    case '\f': out += "\\f"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default: break;
  }
  if (escape.code >= 0x20 && !escape.is_half()) return detail::append_utf8(out, escape.code);
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += hex[escape.code >> shift & 15];
}

bool is_plain_integer(std::string_view text) {
  const std::string_view digits = text.substr(text.starts_with('-') ? 1 : 0);
  return digits.size() <= 15 && digits.find_first_not_of("0123456789") == std::string_view::npos && text != "-0";
}

// What overflows is null in JSON.stringify, what underflows is 0.
bool overflows(std::string_view text) {
  const std::size_t exponent = text.find_first_of("eE");
  if (exponent != std::string_view::npos) return text[exponent + 1] != '-';
  return !text.starts_with("0.") && !text.starts_with("-0.");
}

void append_number(std::string& out, std::string_view text) {
  if (is_plain_integer(text)) {
    out += text;
    return;
  }
  double value = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), value).ec == std::errc::result_out_of_range) {
    out += overflows(text) ? "null" : "0";
    return;
  }
  if (value == 0) {
    out += '0';
    return;
  }
  if (value < 0) out += '-';
  char buffer[40];  // d.ddddde[+-]xxx, the shortest that reads back
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, std::fabs(value), std::chars_format::scientific).ptr;
  const std::string_view shortest(buffer, static_cast<std::size_t>(end - buffer));
  const std::size_t e = shortest.find('e');
  std::string digits(shortest.substr(0, 1));
  if (e > 1) digits += shortest.substr(2, e - 2);
  int point = 0;
  std::from_chars(shortest.data() + e + (shortest[e + 1] == '+' ? 2 : 1), end, point);
  ++point;
  const int count = static_cast<int>(digits.size());
  if (point >= count && point <= 21) {
    out += digits;
    out.append(static_cast<std::size_t>(point - count), '0');
  } else if (point > 0 && point <= 21) {
    out.append(digits, 0, static_cast<std::size_t>(point));
    out += '.';
    out.append(digits, static_cast<std::size_t>(point));
  } else if (point > -6 && point <= 0) {
    out += "0.";
    out.append(static_cast<std::size_t>(-point), '0');
    out += digits;
  } else {
    out += digits[0];
    if (count > 1) {
      out += '.';
      out.append(digits, 1);
    }
    out += point > 0 ? "e+" : "e";
    out += std::to_string(point - 1);
  }
}

}  // namespace

void CanonicalText::string(std::string_view raw, bool escaped) {
  if (!escaped) {
    out_.append(raw.data() - 1, raw.size() + 2);  // with its quotes
    return;
  }
  out_ += '"';
  for (std::size_t at; (at = raw.find('\\')) != std::string_view::npos;) {
    out_ += raw.substr(0, at);
    const JsonEscape escape = JsonEscape::read(raw.substr(at));
    append_escaped(out_, escape);
    raw.remove_prefix(at + escape.length);
  }
  out_ += raw;
  out_ += '"';
}

WrittenMember CanonicalText::member(std::string_view raw, JsonScanner& scanner) {
  WrittenMember written{out_.size(), 0, 0, 0};
  string(raw, scanner.escaped());
  written.name_size = out_.size() - written.at;
  written.prefix = prefix_of(name(written));
  out_ += ':';
  value(scanner);
  written.size = out_.size() - written.at;
  return written;
}

bool CanonicalText::before(const WrittenMember& left, const WrittenMember& right) const {
  if (left.prefix != right.prefix) return left.prefix < right.prefix;
  if (left.name_size <= 10 && right.name_size <= 10 && left.name_size == right.name_size) return left.at < right.at;
  const auto bare = [&](const WrittenMember& member) { return name(member).substr(1, member.name_size - 2); };
  const int names = bare(left).compare(bare(right));
  return names != 0 ? names < 0 : left.at < right.at;
}

void CanonicalText::sort(std::vector<WrittenMember>& members) const {
  const auto less = [this](const WrittenMember& left, const WrittenMember& right) { return before(left, right); };
  if (!std::is_sorted(members.begin(), members.end(), less)) std::sort(members.begin(), members.end(), less);
  const auto same = [this](const WrittenMember& left, const WrittenMember& right) {
    return left.prefix == right.prefix && name(left) == name(right);
  };
  members.erase(members.begin(), std::unique(members.rbegin(), members.rend(), same).base());
}

void CanonicalText::object(JsonScanner& scanner) {
  if (spare_.size() == level_) spare_.emplace_back();
  std::vector<WrittenMember> members = std::move(spare_[level_++]);
  members.clear();
  const std::size_t start = out_.size();
  out_ += '{';
  JsonScanner::Scope scope = scanner.begin_object();
  bool sorted = true;
  while (const auto raw = scanner.next_member(scope)) {
    if (!members.empty()) out_ += ',';
    members.push_back(member(*raw, scanner));
    sorted = sorted && (members.size() == 1 || members[members.size() - 2].prefix < members.back().prefix);
  }
  out_ += '}';
  if (!sorted) {
    sort(members);
    unsorted_.assign(out_, start);
    out_.resize(start);
    for (const WrittenMember& one : members) {
      out_ += out_.size() == start ? '{' : ',';
      out_.append(unsorted_, one.at - start, one.size);
    }
    out_ += '}';
  }
  spare_[--level_] = std::move(members);
}

void CanonicalText::value(JsonScanner& scanner) {
  switch (scanner.peek()) {
    case '"': {
      const std::string_view raw = scanner.string();
      return string(raw, scanner.escaped());
    }
    case 't':
    case 'f':
    case 'n': out_ += scanner.word(); return;
    case '{': return object(scanner);
    case '[': {
      JsonScanner::Scope scope = scanner.begin_array();
      out_ += '[';
      for (bool first = true; scanner.next_item(scope); first = false) {
        if (!first) out_ += ',';
        value(scanner);
      }
      out_ += ']';
      return;
    }
    default: append_number(out_, scanner.value());
  }
}

void CanonicalText::set(JsonScanner& scanner) {
  if (scanner.peek() != '[') return value(scanner);
  const std::size_t start = out_.size();
  std::vector<std::string> items;
  JsonScanner::Scope scope = scanner.begin_array();
  while (scanner.next_item(scope)) {
    value(scanner);
    items.emplace_back(out_, start);
    out_.resize(start);
  }
  std::sort(items.begin(), items.end());
  out_ += '[';
  for (const std::string& item : items) {
    if (&item != items.data()) out_ += ',';
    out_ += item;
  }
  out_ += ']';
}

}  // namespace ferry::node_red
