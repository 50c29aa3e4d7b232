// What work throws, as a line that tests compare.
#pragma once

#include <functional>
#include <string>

#include "host/base/failure.hpp"

namespace ferry::test {

// "guard stage_order: text"; "" if no Failure was thrown.
inline std::string failure_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const host::Failure& failure) {
    return std::string(host::fault_word(failure.fault())) + " " + failure.code() + ": " + failure.message();
  }
  return "";
}

}  // namespace ferry::test
