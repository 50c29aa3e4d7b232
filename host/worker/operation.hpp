// Carries out the operation a worker was started for: load the connector, make an instance, run, destroy.
#pragma once

#include "host/worker/worker_session.hpp"

namespace ferry::host {

// On the operation's thread. Never throws: what goes wrong is in the result.
WorkerDone carry_out(WorkerSession&) noexcept;

}  // namespace ferry::host
