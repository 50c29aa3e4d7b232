// A release while it goes on: on a terminal one line a step, drawn anew at most five times a second, also while every
// step is silent; in a pipe nothing but the log.
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "host/base/clock.hpp"
#include "host/cli/console.hpp"
#include "host/release/release.hpp"

namespace ferry::host {

class ReleaseDisplay final : public ReleaseObserver {
 public:
  ReleaseDisplay(Console& console, const Clock& clock) : console_(console), clock_(clock) {}
  ~ReleaseDisplay() override;

  void on_release(const RunRecord&, const std::vector<ReleaseStep>&) override;
  void on_step(const std::string& step, const std::string& state, const std::string& phase) override;
  void on_step_progress(const std::string& step, const std::string& phase, const RunProgress&) override;
  void on_end(const RunRecord&) override;

  // What stands on the terminal now: one line a step.
  std::string text() const;

 private:
  struct Row {
    std::string step, work, state = "waits", phase;
    RunProgress progress;
    std::chrono::steady_clock::time_point started{};
    std::chrono::milliseconds took{0};
  };
  Row& row(const std::string& step);
  void stop();

  Console& console_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::condition_variable ended_;
  bool end_ = false;
  std::vector<Row> rows_;
  std::thread painter_;
};

}  // namespace ferry::host
