// Shows a run while it goes on: one line on standard error, drawn at most ten times a second; and passes on its logs.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>

#include "host/base/clock.hpp"
#include "host/cli/console.hpp"
#include "host/runs/runner.hpp"

namespace ferry::host {

// "export flows-dev · download · 12 of 30 (40 %) · 1.4 MiB · 350.0 KiB/s · 4.0 s"
std::string progress_text(const RunRecord&, const RunProgress&, std::chrono::milliseconds elapsed);

class ProgressObserver final : public RunObserver {
 public:
  ProgressObserver(Console& console, const Clock& clock) : console_(console), clock_(clock) {}

  void on_start(const RunRecord&) override;
  void on_progress(const RunRecord&, const RunProgress&) override;
  void on_log(const RunRecord&, int level, const std::string& source, const std::string& message) override;
  void on_end(const RunOutcome&) override;

 private:
  Console& console_;
  const Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, std::chrono::steady_clock::time_point> started_;  // by run
  std::chrono::steady_clock::time_point drawn_{};
};

}  // namespace ferry::host
