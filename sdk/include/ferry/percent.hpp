// ferry/percent.hpp - text as a part of a URL, of a form or of a file name: %XX for every byte that might mean more.
//
// Letters and digits of ASCII stay as they are, and what `plain` names beside them. Bytes beyond ASCII are encoded one
// by one, so UTF-8 comes out as RFC 3986 wants it. Pure; [any thread].
#pragma once

#include <string>
#include <string_view>

namespace ferry {

// "-._" is what queries, paths and forms all take as it is.
inline std::string percent_encoded(std::string_view text, std::string_view plain = "-._") {
  static constexpr char hex[] = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
        plain.find(c) != std::string_view::npos)
      out += c;
    else
      out.append({'%', hex[byte >> 4], hex[byte & 15]});
  }
  return out;
}

}  // namespace ferry
