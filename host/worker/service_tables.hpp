// The services a connector may ask for by id: log, secret, state, clock, http.
#pragma once

#include <string_view>

#include "host/worker/worker_protocol.hpp"

namespace ferry::host {

// The table of the service, or nullptr if it is unknown or not granted to this operation.
const void* service_table(const WorkerStart&, std::string_view id) noexcept;

}  // namespace ferry::host
