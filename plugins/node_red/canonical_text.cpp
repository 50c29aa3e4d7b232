#include "canonical_text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <system_error>

#include "json_scanner.hpp"

namespace ferry::node_red {

namespace {

bool has_escape(std::string_view text) { return text.find('\\') != std::string_view::npos; }

// The first eight bytes as a number that sorts as they do.
std::uint64_t prefix_of(std::string_view name) {
  std::uint64_t prefix = 0;
  for (std::size_t i = 0; i < 8; ++i)
    prefix = prefix << 8 | (i < name.size() ? static_cast<unsigned char>(name[i]) : 0u);
  return prefix;
}

unsigned hex4(std::string_view text, std::size_t at) {
  unsigned value = 0;
  std::from_chars(text.data() + at, text.data() + at + 4, value, 16);
  return value;
}

void append_utf8(std::string& out, unsigned code) {
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

// A code unit that came as \uXXXX, in the spelling of JSON.stringify.
void append_unit(std::string& out, unsigned unit) {
  static constexpr char hex[] = "0123456789abcdef";
  switch (unit) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\b': out += "\\b"; return;
    case '\f': out += "\\f"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default: break;
  }
  if (unit >= 0x20 && (unit < 0xD800 || unit > 0xDFFF)) return append_utf8(out, unit);
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) out += hex[unit >> shift & 15];
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

void append_canonical_string(std::string& out, std::string_view inner) {
  out += '"';
  std::size_t at = 0;
  for (std::size_t escape; (escape = inner.find('\\', at)) != std::string_view::npos;) {
    out += inner.substr(at, escape - at);
    const char kind = inner[escape + 1];
    at = escape + 2;
    if (kind == '/') {
      out += '/';
    } else if (kind != 'u') {
      out += '\\';
      out += kind;
    } else {
      const unsigned unit = hex4(inner, at);
      at += 4;
      const bool high = unit >= 0xD800 && unit < 0xDC00;
      if (high && at + 6 <= inner.size() && inner.substr(at, 2) == "\\u") {
        const unsigned low = hex4(inner, at + 2);
        if (low >= 0xDC00 && low < 0xE000) {
          append_utf8(out, 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00));
          at += 6;
          continue;
        }
      }
      append_unit(out, unit);
    }
  }
  out += inner.substr(at);
  out += '"';
}

void sort_members(std::vector<TextMember>& members) {
  // The spelling of a name that came with escapes; all others are spelt as they came.
  const auto spelling = [](std::string_view name) {
    std::string out;
    append_canonical_string(out, name);
    return out.substr(1, out.size() - 2);
  };
  bool escapes = false;
  for (TextMember& member : members) {
    escapes = escapes || has_escape(member.name);
    member.prefix = prefix_of(member.name);
  }
  const auto compare = [&](const TextMember& left, const TextMember& right) {
    if (escapes) return spelling(left.name).compare(spelling(right.name));
    if (left.prefix != right.prefix) return left.prefix < right.prefix ? -1 : 1;
    return left.name.compare(right.name);
  };
  const auto less = [&](const TextMember& left, const TextMember& right) {
    const int names = compare(left, right);
    // Members of one name stay in the order of the text.
    return names != 0 ? names < 0 : left.value.data() < right.value.data();
  };
  if (!std::is_sorted(members.begin(), members.end(), less)) std::sort(members.begin(), members.end(), less);
  const auto same = [&](const TextMember& left, const TextMember& right) { return compare(left, right) == 0; };
  members.erase(members.begin(), std::unique(members.rbegin(), members.rend(), same).base());
}

void append_canonical(std::string& out, std::string_view value) {
  switch (value.front()) {
    case '"': return append_canonical_string(out, value.substr(1, value.size() - 2));
    case 't':
    case 'f':
    case 'n': out += value; return;
    case '[': {
      JsonScanner scanner(value);
      JsonScanner::Scope scope = scanner.begin_array();
      out += '[';
      for (bool first = true; scanner.next_item(scope); first = false) {
        if (!first) out += ',';
        append_canonical(out, scanner.value());
      }
      out += ']';
      return;
    }
    case '{': {
      JsonScanner scanner(value);
      JsonScanner::Scope scope = scanner.begin_object();
      std::vector<TextMember> members;
      while (const auto name = scanner.next_member(scope)) members.push_back({.name = *name, .value = scanner.value()});
      sort_members(members);
      out += '{';
      for (const TextMember& member : members) {
        if (&member != members.data()) out += ',';
        append_canonical_string(out, member.name);
        out += ':';
        append_canonical(out, member.value);
      }
      out += '}';
      return;
    }
    default: return append_number(out, value);
  }
}

void append_canonical_set(std::string& out, std::string_view value) {
  if (value.front() != '[') return append_canonical(out, value);
  std::vector<std::string> items;
  JsonScanner scanner(value);
  JsonScanner::Scope scope = scanner.begin_array();
  while (scanner.next_item(scope)) append_canonical(items.emplace_back(), scanner.value());
  std::sort(items.begin(), items.end());
  out += '[';
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) out += ',';
    out += items[i];
  }
  out += ']';
}

}  // namespace ferry::node_red
