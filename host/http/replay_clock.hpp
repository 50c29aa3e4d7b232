// The clock of a replay: begins at the time of the recording, so that what expires had not expired, and waits for
// nothing. Thread-safe.
#pragma once

#include <atomic>

#include "host/base/clock.hpp"

namespace ferry::host {

class ReplayClock final : public Clock {
 public:
  explicit ReplayClock(std::int64_t begins_at_unix_ms) : offset_ms_(begins_at_unix_ms - system_.now_unix_ms()) {}

  std::int64_t now_unix_ms() const override { return system_.now_unix_ms() + offset_ms_ + slept_ms_; }
  std::chrono::steady_clock::time_point steady_now() const override {
    return system_.steady_now() + std::chrono::milliseconds(slept_ms_);
  }
  void sleep(std::chrono::milliseconds duration, const Cancellation& cancellation) override {
    cancellation.throw_if_cancelled();
    slept_ms_ += duration.count();
  }

 private:
  SystemClock system_;
  const std::int64_t offset_ms_;
  std::atomic<std::int64_t> slept_ms_{0};
};

}  // namespace ferry::host
