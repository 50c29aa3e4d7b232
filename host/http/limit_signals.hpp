// What an answer's headers say of the platform's rate limit, whichever way they say it: X-RateLimit-*, X-Rate-Limit-*,
// RateLimit-* and RateLimit with RateLimit-Policy (the IETF's drafts). Pure; what is not understood is not there.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "host/http/answer_head.hpp"

namespace ferry::host {

struct LimitSignals {
  std::optional<std::int64_t> limit;      // requests a window
  std::optional<std::int64_t> remaining;  // in this one
  std::optional<std::chrono::milliseconds> reset_in;
  std::optional<std::chrono::milliseconds> window;
  bool whole_seconds = false;  // reset_in may be up to a second off
};

// Reset is understood as a delay in seconds, a time in seconds or milliseconds since 1970, or a date; a time is taken
// by the platform's own clock (Date) where that differs from ours.
LimitSignals limit_signals(const HttpHeaders&, std::int64_t now_unix_ms);

}  // namespace ferry::host
