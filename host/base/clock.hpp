// Time, passed in so that tests can own it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "host/base/cancellation.hpp"

namespace ferry::host {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual std::int64_t now_unix_ms() const = 0;
  virtual std::chrono::steady_clock::time_point steady_now() const = 0;
  // Sleeps; throws Failure(cancelled) as soon as `cancellation` is.
  virtual void sleep(std::chrono::milliseconds, const Cancellation&) = 0;
};

class SystemClock final : public Clock {
 public:
  std::int64_t now_unix_ms() const override {
    using namespace std::chrono;
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
  }
  std::chrono::steady_clock::time_point steady_now() const override { return std::chrono::steady_clock::now(); }
  void sleep(std::chrono::milliseconds duration, const Cancellation& cancellation) override {
    cancellation.wait_for(duration);
    cancellation.throw_if_cancelled();
  }
};

// RFC 3339 UTC with milliseconds: 2026-11-21T10:00:54.000Z
std::string rfc3339(std::int64_t unix_ms);
// The reverse, of exactly that form.
std::optional<std::int64_t> parse_rfc3339(const std::string& text);

}  // namespace ferry::host
