// Variables of the environment. Nothing in ferry changes them while it runs, so threads may ask.
#pragma once

#include <cstdlib>
#include <string>

namespace ferry::host {

// Its value; "" where it is not set.
inline std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace ferry::host
