// Which part of which step may begin now. No threads, no clock: told what ended, it says what may begin.
//
// A step that changes a platform has two parts: prepare (a promotion's export and preview, an import's preview) and
// apply. Every other step is its prepare part alone. Nothing is applied before everything that can be prepared without
// another step's change is prepared, and well: in a release over several platforms no import begins that another
// platform's preflight would have stopped. Steps whose target or source another step changes first are prepared after
// that one. Two applies into one target never run at the same time.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "host/release/release_file.hpp"

namespace ferry::host {

class Schedule {
 public:
  enum class Part { prepare, apply };
  struct Unit {
    std::size_t step;
    Part part;
    bool operator==(const Unit&) const = default;
  };
  struct Options {
    bool preview = false;            // nothing is applied
    bool continue_on_error = false;  // a step that ends badly stops only what needs it
  };

  // targets: for each step, what it changes, such as the URL of its connection; steps of one target take turns.
  Schedule(const std::vector<ReleaseStep>& steps, std::vector<std::string> targets, Options);

  // A step that need not be carried out: it was, before this schedule began.
  void carried_over(std::size_t step);
  // The next part that may begin, taken as begun; false: none now.
  bool next(Unit&);
  void ended(const Unit&, bool well);
  // Nothing begins any more.
  void cancel() { cancelled_ = true; }
  // Nothing runs and nothing will begin.
  bool finished() const;

  bool changes(std::size_t step) const { return !options_.preview && steps_[step].changes(); }
  // Was it prepared before anything was changed, or would it have been in a real run?
  bool early(std::size_t step) const { return early_[step]; }
  // Of a step of which a part never began, the name of the step that is to blame, or "" if the release was cancelled.
  std::string stopped_by(std::size_t step) const;

 private:
  enum class State { open, running, well, badly };
  bool depends_on_change(std::size_t step) const;
  bool may_prepare(std::size_t step) const;
  bool may_apply(std::size_t step) const;
  bool ended_well(std::size_t step) const;
  bool ended_badly(std::size_t step) const;
  bool blocked(std::size_t step) const;
  bool barrier_passed() const;
  std::size_t index(const std::string& name) const;

  const std::vector<ReleaseStep>& steps_;
  const std::vector<std::string> targets_;
  const Options options_;
  std::vector<bool> early_;
  std::vector<State> prepare_, apply_;
  bool cancelled_ = false;
};

}  // namespace ferry::host
