// The work of one step, by its operation: what is done before anything may change, and what changes.
//
// One thread at a time. prepare() and apply() fill the report's error, outcome and package; they throw Failure for what
// keeps a run from existing. finish() is called once, after the last of them, and leaves the step's statistics in the
// report.
#pragma once

#include <memory>
#include <optional>

#include "host/release/release.hpp"

namespace ferry::host {

class StepWork {
 public:
  virtual ~StepWork() = default;
  virtual void take(const Package&) {}  // of the step it comes from, before prepare()
  virtual void prepare(StepReport&) = 0;
  virtual void apply(StepReport&) {}
  // abandoned: why what was prepared is not applied.
  virtual void finish(StepReport&, const std::optional<RunError>& abandoned);
};

// Failure: the step cannot begin. parent is read when the work begins.
std::unique_ptr<StepWork> make_step_work(const Environment&, const ReleaseStep&, const std::string& parent,
                                         ReleaseObserver&, const Cancellation&);

}  // namespace ferry::host
