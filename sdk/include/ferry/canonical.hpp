// ferry/canonical.hpp - one text for all spellings of the same JSON value, and its hash.
//
// Members are sorted by the bytes of their names, of members with the same name the last one counts, there is no white
// space, strings are escaped only where JSON demands it, and numbers are normalised by their exact decimal value,
// without rounding: 1.10 is 1.1, 1e2 is 100, -0 is 0, and 1e1000 stays in exponent form. The order of lists has a
// meaning and stays. Two values have the same canonical text exactly if they are equal as JSON. A Json number whose
// text is no JSON number is a JsonError. Changing this form changes every content hash: it is frozen by
// tests/sdk/canonical_test.cpp.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ferry/json.hpp"
#include "ferry/sha256.hpp"

namespace ferry {

namespace detail {

// A decimal integer of any length plus a small one, both signed, as text without leading zeros.
inline std::string add_decimal(std::string_view digits, bool negative, std::int64_t small) {
  std::string magnitude(digits);
  // The long one outweighs the small one, so the sign of the sum is the sign of the long one.
  std::int64_t carry = negative ? -small : small;
  for (std::size_t i = magnitude.size(); i-- > 0 && carry != 0;) {
    std::int64_t value = (magnitude[i] - '0') + carry % 10;
    carry /= 10;
    if (value < 0) {
      value += 10;
      --carry;
    } else if (value > 9) {
      value -= 10;
      ++carry;
    }
    magnitude[i] = static_cast<char>('0' + value);
  }
  if (carry > 0) magnitude.insert(0, std::to_string(carry));
  magnitude.erase(0, std::min(magnitude.find_first_not_of('0'), magnitude.size() - 1));
  return (negative ? "-" : "") + magnitude;
}

// The number d0 d1 d2... * 10^exponent, no leading or trailing zero, where `point` is where the point stands.
inline void append_decimal(std::string& out, std::string_view digits, std::int64_t point) {
  const auto count = static_cast<std::int64_t>(digits.size());
  if (point > 0 && point <= 21) {
    if (count <= point) {
      out += digits;
      out.append(static_cast<std::size_t>(point - count), '0');
    } else {
      out += digits.substr(0, static_cast<std::size_t>(point));
      out += '.';
      out += digits.substr(static_cast<std::size_t>(point));
    }
  } else if (point <= 0 && point > -6) {
    out += "0.";
    out.append(static_cast<std::size_t>(-point), '0');
    out += digits;
  } else {
    out += digits[0];
    if (count > 1) {
      out += '.';
      out += digits.substr(1);
    }
    out += 'e';
    out += std::to_string(point - 1);
  }
}

// text: a JSON number, as every Json::Number is.
inline void append_canonical_number(std::string& out, std::string_view text) {
  const auto digits_from = [&](std::size_t at) {
    std::size_t end = at;
    while (end < text.size() && text[end] >= '0' && text[end] <= '9') ++end;
    return text.substr(at, end - at);
  };
  std::size_t at = 0;
  const bool negative = text[0] == '-';
  if (negative) ++at;
  const std::string_view whole = digits_from(at);
  at += whole.size();
  if (at == text.size() && whole.size() <= 21) {  // nearly every number: already as it should be
    out += whole == "0" ? whole : text;
    return;
  }
  std::string_view fraction;
  if (at < text.size() && text[at] == '.') {
    fraction = digits_from(at + 1);
    at += 1 + fraction.size();
  }
  bool exponent_negative = false;
  std::string_view exponent = "0";
  if (at < text.size()) {
    ++at;
    if (text[at] == '+' || text[at] == '-') exponent_negative = text[at++] == '-';
    exponent = digits_from(at);
    exponent.remove_prefix(std::min(exponent.find_first_not_of('0'), exponent.size() - 1));
  }
  std::string digits;
  digits.reserve(whole.size() + fraction.size());
  digits += whole;
  digits += fraction;
  const std::size_t leading = digits.find_first_not_of('0');
  if (leading == std::string::npos) {
    out += '0';
    return;
  }
  digits.erase(0, leading);
  digits.erase(digits.find_last_not_of('0') + 1);
  const std::int64_t point = static_cast<std::int64_t>(whole.size()) - static_cast<std::int64_t>(leading);

  if (negative) out += '-';
  if (exponent.size() <= 17) {
    std::int64_t value = 0;
    std::from_chars(exponent.data(), exponent.data() + exponent.size(), value);
    append_decimal(out, digits, point + (exponent_negative ? -value : value));
    return;
  }
  out += digits[0];
  if (digits.size() > 1) {
    out += '.';
    out.append(digits, 1);
  }
  out += 'e';
  out += add_decimal(exponent, exponent_negative, point - 1);
}

// Writes without copying a value: only pointers to members are sorted, on one stack for all levels.
class CanonicalWriter {
 public:
  explicit CanonicalWriter(std::string& out) : out_(out) {}

  void write(const Json& json) {
    if (json.is_object()) {
      write_object(json.members());
    } else if (json.is_array()) {
      char separator = '[';
      for (const Json& item : json.items()) {
        out_ += separator;
        write(item);
        separator = ',';
      }
      out_ += separator == '[' ? "[]" : "]";
    } else if (json.is_number()) {
      append_canonical_number(out_, json.number_text());
    } else {
      json.append_to(out_);
    }
  }

 private:
  void write_object(const Json::Object& members) {
    const std::size_t base = order_.size();
    for (const Json::Member& member : members) order_.push_back(&member);
    // Members of the same name stay in the order in which they came, which is the order of their addresses.
    const auto before = [](const Json::Member* left, const Json::Member* right) {
      const int names = left->first.compare(right->first);
      return names != 0 ? names < 0 : left < right;
    };
    const auto first = order_.begin() + static_cast<std::ptrdiff_t>(base);
    if (!std::is_sorted(first, order_.end(), before)) std::sort(first, order_.end(), before);
    char separator = '{';
    for (std::size_t i = base, end = order_.size(); i < end; ++i) {
      const Json::Member& member = *order_[i];
      if (i + 1 < end && order_[i + 1]->first == member.first) continue;
      out_ += separator;
      Json::append_quoted(out_, member.first);
      out_ += ':';
      write(member.second);
      separator = ',';
    }
    out_ += separator == '{' ? "{}" : "}";
    order_.resize(base);
  }

  std::string& out_;
  std::vector<const Json::Member*> order_;
};

}  // namespace detail

inline std::string canonical_json(const Json& json) {
  std::string out;
  detail::CanonicalWriter(out).write(json);
  return out;
}

// Lower-case hex of the SHA-256 of the canonical text.
inline std::string content_hash(const Json& json) { return sha256_hex(canonical_json(json)); }

}  // namespace ferry
