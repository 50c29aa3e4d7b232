// Turns Ctrl-C and SIGTERM into a cancellation while an operation is running; a second one leaves at once.
//
// The handlers are there only as long as the object is, and there is at most one object at a time.
#pragma once

#include <signal.h>

#include "host/base/cancellation.hpp"

namespace ferry::host {

class InterruptGuard {
 public:
  explicit InterruptGuard(Cancellation&);
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

 private:
  struct sigaction interrupt_before_ {
  }, terminate_before_{}, hangup_before_{};
};

}  // namespace ferry::host
