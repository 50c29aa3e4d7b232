// A request to stop, which threads can ask about, wait for together with a descriptor, or be woken by.
//
// cancel() is safe from any thread and from a signal handler; it cannot be taken back.
#pragma once

#include <atomic>
#include <chrono>

#include "host/base/unique_fd.hpp"

namespace ferry::host {

class Cancellation {
 public:
  Cancellation();

  void cancel() noexcept;
  bool cancelled() const noexcept { return cancelled_.load(std::memory_order_acquire); }
  // Readable once cancelled: for poll().
  int wait_fd() const noexcept { return event_.get(); }
  // Waits; true: cancelled meanwhile.
  bool wait_for(std::chrono::milliseconds duration) const;
  // Throws Failure(cancelled).
  void throw_if_cancelled() const;

 private:
  UniqueFd event_;
  std::atomic<bool> cancelled_{false};
};

}  // namespace ferry::host
