#include "host/packages/entry_name.hpp"

#include <algorithm>

#include "host/base/text.hpp"

namespace ferry::host {
namespace {

bool is_separator(char c) { return c == '/' || c == '\\'; }

// Calls visit(component) for each, also empty ones.
template <class Visit>
void for_each_component(std::string_view name, Visit visit) {
  for (;;) {
    const auto end = std::find_if(name.begin(), name.end(), is_separator);
    visit(name.substr(0, static_cast<std::size_t>(end - name.begin())));
    if (end == name.end()) return;
    name.remove_prefix(static_cast<std::size_t>(end - name.begin()) + 1);
  }
}

bool has_drive(std::string_view name) {
  return name.size() >= 2 && name[1] == ':' && ((name[0] | 0x20) >= 'a' && (name[0] | 0x20) <= 'z');
}

}  // namespace

NameVerdict check_entry_name(std::string_view name) {
  if (name.empty()) return {"bad_entry_name", "has no name"};
  if (std::any_of(name.begin(), name.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }))
    return {"bad_entry_name", "has a control character in its name"};
  // Other encodings have no reliable mark, so two programs would see two different names.
  if (valid_utf8(name) != name) return {"bad_entry_name", "has a name that is not UTF-8"};
  if (is_separator(name.front()) || has_drive(name)) return {"entry_absolute", "has an absolute path"};
  NameVerdict verdict;
  for_each_component(name, [&](std::string_view component) {
    if (component == "..") verdict = {"entry_outside", "leaves the archive's directory by \"..\""};
  });
  return verdict;
}

std::string clean_entry_name(std::string_view name) {
  std::string clean;
  clean.reserve(name.size());
  for_each_component(name, [&](std::string_view component) {
    if (component.empty() || component == ".") return;
    if (!clean.empty()) clean += '/';
    clean += component;
  });
  return clean;
}

std::string quoted_entry_name(std::string_view name) { return '"' + shortened(printable(valid_utf8(name)), 200) + '"'; }

}  // namespace ferry::host
