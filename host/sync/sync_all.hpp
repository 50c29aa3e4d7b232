// Syncs several connections at the same time, as one run with a step a connection.
//
// Every step is a sync of its own, on a thread of its own; one that fails stops no other. The whole is recorded as a
// run of operation "sync" without a connection: its statistics are the sum of its steps, and its error that of the
// first step that has one.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "host/sync/sync.hpp"

namespace ferry::host {

struct SyncStep {
  std::string connection;
  DestinationConfig place;
};

struct SyncStepReport {
  SyncStep step;
  std::string state;  // of a run, or not_started
  SyncReport sync;    // without a run's id if it was not started
  std::optional<RunError> error;
};

struct SyncAllReport {
  RunRecord record;
  Statistics statistics;
  std::vector<SyncStepReport> steps;  // as they were given
  std::optional<RunError> error;
};

// One step: opens its destination and syncs. Called on several threads at once; what it throws is the step's error.
using SyncOne = std::function<SyncReport(const SyncStep&, const SyncRequest&)>;

// request: for each of them, but for its connection and its parent.
SyncAllReport sync_all(Environment&, const std::vector<SyncStep>&, const SyncRequest&, const SyncOne&,
                       const Cancellation&);

}  // namespace ferry::host
