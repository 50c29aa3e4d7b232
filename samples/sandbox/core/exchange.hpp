// One request and its answer on a connection, with what the faults of the wire make of it.
#pragma once

#include "samples/sandbox/core/handler.hpp"
#include "samples/sandbox/core/wire.hpp"

namespace sandbox {

// False when the connection is over. Throws what Wire throws.
bool serve_exchange(Wire&, Handler&, Pause&, bool is_secure);

}  // namespace sandbox
