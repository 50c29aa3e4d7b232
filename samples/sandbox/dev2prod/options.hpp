// Reading the options of an environment. BadRequest for a number that is none.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "samples/sandbox/core/environment.hpp"

namespace sandbox::dev2prod {

inline std::string option(const Settings& settings, const std::string& name, const std::string& fallback = "") {
  const auto found = settings.options.find(name);
  return found == settings.options.end() ? fallback : found->second;
}

inline std::int64_t number_option(const Settings& settings, const std::string& name, std::int64_t fallback) {
  const std::string text = option(settings, name);
  if (text.empty()) return fallback;
  if (text.size() > 15 || text.find_first_not_of("0123456789") != std::string::npos) {
    throw BadRequest{"The option " + name + " must be a number, not '" + text + "'."};
  }
  return std::stoll(text);
}

// "a,b,c"
inline std::vector<std::string> list_option(const Settings& settings, const std::string& name) {
  std::vector<std::string> list;
  std::string rest = option(settings, name);
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(','), rest.size());
    list.push_back(rest.substr(0, end));
    rest.erase(0, end + 1);
  }
  return list;
}

}  // namespace sandbox::dev2prod
