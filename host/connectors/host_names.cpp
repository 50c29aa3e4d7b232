#include "host/connectors/host_names.hpp"

#include <charconv>

namespace ferry::host {
namespace {

bool is_alphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

bool is_label(std::string_view label) {
  if (label.empty() || label.size() > 63 || !is_alphanumeric(label.front()) || !is_alphanumeric(label.back()))
    return false;
  for (const char c : label)
    if (!is_alphanumeric(c) && c != '-') return false;
  return true;
}

}  // namespace

bool is_host_name(std::string_view name) {
  if (name.empty() || name.size() > 253) return false;
  for (;;) {
    const std::size_t dot = name.find('.');
    if (!is_label(name.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    name.remove_prefix(dot + 1);
  }
}

bool is_host_pattern(std::string_view pattern) {
  if (pattern.starts_with("*.")) return is_host_name(pattern.substr(2));
  const std::size_t colon = pattern.find(':');
  if (colon != std::string_view::npos) {
    unsigned port = 0;
    const std::string_view digits = pattern.substr(colon + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (error != std::errc() || end != digits.data() + digits.size() || port == 0 || port > 65535) return false;
  }
  return is_host_name(pattern.substr(0, colon));
}

}  // namespace ferry::host
