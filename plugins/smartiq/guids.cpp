#include "guids.hpp"

namespace ferry::smartiq {

namespace {

constexpr std::size_t length = 36;

bool is_hex(char c) noexcept { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

bool guid_at(std::string_view text) noexcept {
  for (std::size_t i = 0; i < length; ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !is_hex(text[i])) return false;
  }
  return true;
}

}  // namespace

bool is_guid(std::string_view text) { return text.size() == length && guid_at(text); }

std::string lower_guid(std::string_view text) {
  std::string out(text);
  if (is_guid(text))
    for (char& c : out)
      if (c >= 'A' && c <= 'F') c = static_cast<char>(c + 32);
  return out;
}

void for_each_guid(std::string_view text, const std::function<void(std::size_t at, const std::string& guid)>& found) {
  // Its first dash is rarer than hexadecimal digits: documents in base64 have none at all.
  for (std::size_t dash = text.find('-'); dash != std::string_view::npos; dash = text.find('-', dash + 1)) {
    if (dash < 8 || dash - 8 + length > text.size()) continue;
    const std::string_view candidate = text.substr(dash - 8, length);
    if (!guid_at(candidate)) continue;
    found(dash - 8, lower_guid(candidate));
    dash += length - 9;
  }
}

}  // namespace ferry::smartiq
