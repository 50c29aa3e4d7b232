// Calls into the connector. What it throws is caught where it can be: a library with a C++ runtime of its own ends the
// process instead, which the host reports as a crash.
#pragma once

#include <exception>
#include <string>

#include "host/base/failure.hpp"

namespace ferry::host {

// What `work` returns; Failure(connector, threw) that names the connector's function.
template <class Work>
auto across(const char* function, Work&& work) {
  const auto threw = [&](const std::string& detail) {
    return Failure(Fault::connector, "threw",
                   std::string("it threw out of ") + function + " instead of returning a status" + detail);
  };
  try {
    return work();
  } catch (const Failure&) {  // the host's own, from around the call
    throw;
  } catch (const std::exception& error) {
    throw threw(std::string(": ") + error.what());
  } catch (...) {
    throw threw("");
  }
}

}  // namespace ferry::host
