// A rate limit as a person declares it for a connection.
#pragma once

#include <cstdint>

namespace ferry::host {

// 0: not declared.
struct RateLimit {
  std::int64_t requests = 0, per_ms = 0;
  int concurrent = 0;
  double reserve = 0;  // the share left to others, from 0 to below 1
};

}  // namespace ferry::host
