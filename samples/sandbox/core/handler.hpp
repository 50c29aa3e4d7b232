// What a listener asks for every request: an environment with its faults, or the admin port.
#pragma once

#include <optional>

#include "samples/sandbox/core/environment.hpp"

namespace sandbox {

// Called by many threads at once.
class Handler {
 public:
  virtual ~Handler() = default;
  virtual Answer answer(const Request&) = 0;
  // What the wire does to this request; asked once for each, before answer().
  virtual std::optional<Faults> fault(const Request&) { return std::nullopt; }
  // The status the client was given; 0 if the connection was dropped instead. Called once a request, at its end.
  virtual void answered(const Request&, int /*status*/) {}
};

}  // namespace sandbox
