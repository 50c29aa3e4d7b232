// Starts a worker process, listens to it, and always ends and reaps it.
//
// The child gets a process group of its own, the channel on descriptor 3, the package on 4, pipes for stdout and
// stderr, a scrubbed environment, default signals. It is stopped in steps: CANCEL, a grace, SIGTERM, a short grace,
// SIGKILL to the whole group.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "host/base/cancellation.hpp"
#include "host/worker/worker_protocol.hpp"

namespace ferry::host {

struct WorkerLimits {
  std::chrono::milliseconds start{10'000};  // until the connector runs the operation
  // Longest time without a fact, byte or progress, not counting what ferry itself waits: for the platform, for the
  // listener, or because the connector asked the clock to sleep.
  std::chrono::milliseconds idle{300'000};
  std::chrono::milliseconds cancel_grace{2'000};  // from CANCEL to SIGTERM
  std::chrono::milliseconds term_grace{500};      // from SIGTERM to SIGKILL
};

// Called by run_worker, on its thread. A Failure thrown here ends the worker and becomes the result.
class WorkerListener {
 public:
  virtual ~WorkerListener() = default;
  virtual void on_fact(std::string_view fact_json) = 0;
  virtual void on_records(std::string_view stream, std::uint64_t count, std::string_view lines) = 0;
  virtual void on_checkpoint(std::string_view stream, std::string_view state_json) = 0;
  virtual void on_progress(const WorkerProgress&) = 0;
  // source: connector, stdout, stderr, worker
  virtual void on_log(int level, const std::string& source, const std::string& message) = 0;
  virtual void on_mask(std::string_view value) = 0;
  virtual std::string on_request(std::string_view request_json) = 0;  // the reply
};

// Runs one operation in a worker of its own. package: descriptor of the package file, or -1. Never throws for what the
// worker does; a result whose fault is connector begins with "it ...". Failure(machine) if no process can be started.
WorkerDone run_worker(const std::filesystem::path& executable, const WorkerStart&, int package, const WorkerLimits&,
                      WorkerListener&, const Cancellation&);

}  // namespace ferry::host
