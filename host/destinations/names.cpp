#include "host/destinations/names.hpp"

namespace ferry::host {
namespace {

std::string plain(std::string_view name) {
  std::string result;
  for (const char c : name) {
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
      result += c;
    } else if (c >= 'A' && c <= 'Z') {
      result += static_cast<char>(c - 'A' + 'a');
    } else if ((static_cast<unsigned char>(c) & 0xC0u) != 0x80u) {  // a character is one _, however many bytes it has
      result += '_';
    }
  }
  if (result.empty() || (result.front() >= '0' && result.front() <= '9')) result.insert(0, 1, '_');
  return result;
}

}  // namespace

std::string safe_name(std::string_view name, const std::set<std::string>& taken, std::size_t longest) {
  const std::string base = plain(name);
  std::string result = base.substr(0, longest);
  for (unsigned number = 2; taken.contains(result); ++number) {
    const std::string suffix = "_" + std::to_string(number);
    result = base.substr(0, longest - suffix.size()) + suffix;
  }
  return result;
}

}  // namespace ferry::host
