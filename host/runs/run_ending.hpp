// The end of a run that exists: whatever its work throws, the run ends, is recorded and is told.
#pragma once

#include <exception>
#include <optional>
#include <string>
#include <utility>

#include "host/base/failure.hpp"
#include "host/runs/run.hpp"
#include "host/runs/run_store.hpp"

namespace ferry::host {

// Why the work stopped: what it gives, a std::optional<RunError>, or what it threw.
template <typename Work>
std::optional<RunError> ended_with(Work&& work) {
  try {
    return std::forward<Work>(work)();
  } catch (const Failure& failure) {
    return RunError{failure.fault(), failure.code(), failure.what()};
  } catch (const std::exception& error) {  // of a library
    return RunError{Fault::machine, "internal", std::string("inside ferry: ") + error.what()};
  }
}

// The work is done and must be told, even where it cannot be recorded: a Failure of `recording` becomes a warning.
template <typename Recording>
void record_or_warn(Statistics& statistics, Recording&& recording) {
  try {
    std::forward<Recording>(recording)();
  } catch (const Failure& failure) {
    statistics.problems.push_back({"warning", "", "", "", "run_not_recorded", failure.what()});
  }
}

// What became of it: the error decides, and without one whether something failed.
inline std::string state_at_end(const std::optional<RunError>& error, const Statistics& statistics) {
  if (error) return error->fault == Fault::cancelled ? "cancelled" : "failed";
  return statistics.has_errors() ? "partially_succeeded" : "succeeded";
}

inline RunIdentity identity_of(const RunRecord& record) {
  return {record.id,
          record.operation,
          record.connection,
          record.connector_id,
          record.connector_version,
          record.preview,
          record.state,
          1,
          record.started_at,
          record.finished_at};
}

inline void record_end(RunStore& store, const RunRecord& record, Statistics& statistics) {
  record_or_warn(statistics, [&] { store.finish(record); });
}

}  // namespace ferry::host
