// Whether a request may be sent again, and how long to wait before.
//
// Pure functions. A request that changes something is repeated only if the platform provably did not take it, or has
// said (idempotency key) or the connector has said (repeatable) that a second time does no harm. Provably not taken is:
//   - no byte of the request had been handed to the network: look-up, connect, tunnel or handshake failed;
//   - 429, which by definition (RFC 6585) stands instead of processing;
//   - 503 with Retry-After, by which the platform itself asks for the same request later (RFC 9110 15.6.4). A 503
//     without it may as well come from a gateway whose server took the request, so it proves nothing; neither do 408,
//     500, 502, 504 or a connection that broke.
// 500 is repeated for methods that only read: as the answer to a write it is most often a lasting verdict.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "host/http/answer_head.hpp"
#include "host/http/http_client.hpp"
#include "host/http/transport_error.hpp"

namespace ferry::host {

struct Repeatability {
  bool harmless = false;  // sending it twice is as sending it once
  bool reads = false;     // changes nothing
};
Repeatability repeatability(const std::string& method, const HttpExchange&);

bool may_repeat(Repeatability, Trouble, bool request_begun);
bool may_repeat(Repeatability, int status, bool asked_to_wait);

// Retry-After or x-retry-after: seconds (fractions too) or a date. Never negative.
std::optional<std::chrono::milliseconds> asked_wait(const HttpHeaders&, std::int64_t now_unix_ms);
// Before attempt `next` (2, 3, ...): a random part of base * 2^(next - 2), at most of cap. random: from [0, 1).
std::chrono::milliseconds backoff(int next, std::chrono::milliseconds base, std::chrono::milliseconds cap,
                                  double random);

}  // namespace ferry::host
