// Shows runs while they go on: one line each on standard error, drawn at most ten times a second, and once a second
// while nothing is heard of it, so that the time goes on; and passes on its logs.
#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "host/base/clock.hpp"
#include "host/cli/console.hpp"
#include "host/runs/runner.hpp"

namespace ferry::host {

// "export flows-dev · download · 12 of 30 (40 %) · 1.4 MiB · 350.0 KiB/s · 4 s"
// "read books · INVOICES · 12 of 30 (40 %) · 80012 records · 20003 a second · 81 requests · 4 s"
std::string progress_text(const RunRecord&, const RunProgress&, std::chrono::milliseconds elapsed);

// "waiting until 2026-11-21 20:15:30 for the rate limit", "" if it does not wait.
std::string waiting_words(const RunProgress&);

class ProgressObserver final : public RunObserver {
 public:
  ProgressObserver(Console& console, const Clock& clock,
                   std::chrono::milliseconds between_ticks = std::chrono::milliseconds(1000))
      : console_(console), clock_(clock), between_ticks_(between_ticks) {}
  ~ProgressObserver() override;

  void on_start(const RunRecord&) override;
  void on_progress(const RunRecord&, const RunProgress&) override;
  void on_log(const RunRecord&, int level, const std::string& source, const std::string& message) override;
  void on_end(const RunOutcome&) override;

 private:
  struct Running {
    RunRecord run;
    RunProgress progress;
    std::chrono::steady_clock::time_point started;
  };

  void draw() const;
  void tick();

  Console& console_;
  const Clock& clock_;
  const std::chrono::milliseconds between_ticks_;
  std::mutex mutex_;
  std::map<std::string, Running> running_;  // by id
  std::chrono::steady_clock::time_point drawn_{};
  std::condition_variable ended_;
  bool ending_ = false;
  std::thread ticker_;  // runs from the first run until the observer goes, if there is a line to draw
};

}  // namespace ferry::host
