// A run across platforms: the steps of a release file, at the same time where nothing speaks against it, as one
// recorded run with one statistics document.
//
// The whole is recorded as a run of operation "run"; its steps' runs are its children, and what became of each step is
// kept as soon as it is known, so that a release that was killed or failed can be resumed: steps that succeeded, and
// read the same as they did, are not carried out again. Failures that keep a release from starting are thrown; from
// then on every end is in the report.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "host/base/cancellation.hpp"
#include "host/promotion/promotion.hpp"
#include "host/release/release_file.hpp"

namespace ferry::host {

struct ReleaseRequest {
  Release release;
  bool preview = false;
  bool continue_on_error = false;
  std::vector<std::string> only;  // names of steps; empty: all. What they need and is not among them counts as done.
  int parallel = 0;               // 0: as the release file says
  std::string resume;             // id of a run of this release file to go on with
};

// state: ready, running, succeeded, partially_succeeded, failed, cancelled, not_started.
struct StepReport {
  ReleaseStep step;
  std::string state = "ready";
  std::string reason;  // of not_started; of succeeded: the run it was carried over from
  std::string run;     // id of its run, "" if it has none
  Statistics statistics;
  std::optional<RunError> error;
  std::optional<RunOutcome> outcome;  // of its last part, for the list of changes
  std::optional<Package> package;     // of an export
  std::string backup_sha256;          // of the target before it was changed
  bool can_prune = true;              // its connector can be asked to
};

struct ReleaseReport {
  RunRecord record;
  Statistics statistics;  // a section a step, and the total
  std::vector<StepReport> steps;
  std::optional<RunError> error;  // of the first step that ended with one, in the order of the file
};

// Called from the threads of the steps, several at once.
class ReleaseObserver {
 public:
  virtual ~ReleaseObserver() = default;
  // The names, in order, before anything else.
  virtual void on_release(const RunRecord&, const std::vector<ReleaseStep>&) = 0;
  // phase: check, export, preview, backup, import.
  virtual void on_step(const std::string& step, const std::string& state, const std::string& phase) = 0;
  virtual void on_step_progress(const std::string& step, const std::string& phase, const RunProgress&) = 0;
  virtual void on_end(const RunRecord&) = 0;
};

// The runner's environment is that of all steps; its observer gets their logs.
ReleaseReport run_release(Runner&, const ReleaseRequest&, ReleaseObserver&, const Cancellation&);

}  // namespace ferry::host
