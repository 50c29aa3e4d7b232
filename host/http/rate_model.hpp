// When the next request of an account may go. The arithmetic alone: no clock, no file, no lock.
//
// Three things are known of a limit, from best to worst, and each holds for itself:
//   - what the last answer said is left of the platform's window, and when that ends;
//   - what the connection declares: N requests per W, in any stretch of W, since nobody knows when a window begins;
//   - what a refusal (429) taught: N were taken within the W after which it told to come back. Held as if declared,
//     for a day. A server that is refused to once more than it should teaches again.
// While less than half of a window's requests were used lately nothing is slowed: few requests need no pacing. From
// there on, what is left is spread over the time that is left, and a machine that is late for one request is sooner
// with the next. The customer's own share (reserve) is never used.
//
// Times are unix milliseconds. A request counts from its answer on for a whole window, because it may have reached the
// platform as late as that; while it has no answer it counts as well.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

#include "host/http/limit_signals.hpp"
#include "host/http/rate_limit.hpp"

namespace ferry::host {

// What is kept between requests, runs and processes: no pointers, all zero at the beginning.
struct RateState {
  struct Mark {
    std::int64_t at, count;  // so many answers until then
  };
  static constexpr std::size_t most_marks = 512;

  std::int64_t limit, window_ms;            // as headers say; 0: unknown
  std::int64_t remaining, reset_at;         // in the window that ends then; reset_at 0: unknown
  std::int64_t reset_margin_ms;             // reset_at may be so much too early
  std::int64_t rounds_down;                 // 1: the platform gives whole seconds, and fewer than there are
  std::int64_t learned_limit, learned_ms;   // from refusals; 0: nothing
  std::int64_t learned_at, learned_grants;  // requests up to that number belong to the window it was learned in
  std::int64_t blocked_until;               // the platform asked to wait
  std::int64_t last_refusal, refusals;      // in a row
  std::int64_t stretch_began;               // since when requests follow one another, unrefused
  std::int64_t last_grant, grants;
  std::int64_t paced_us;  // when the last grant was due, in microseconds; it may have been asked for later
  std::int64_t mark_count;
  std::array<Mark, most_marks> marks;  // oldest first
};

class RateModel {
 public:
  RateModel(RateState& state, const RateLimit& declared) : state_(state), declared_(declared) {}

  // 0: it may go, and counts from now on; otherwise ask again after that time. unanswered: requests of the account that
  // wait for an answer. The granted request's number is state.grants.
  std::chrono::milliseconds take(std::int64_t now, int unanswered);
  // The request `number` was answered; unanswered: the others. asked: Retry-After.
  void answered(std::int64_t now, std::int64_t number, int unanswered, int status, const LimitSignals&,
                std::optional<std::chrono::milliseconds> asked);
  // It may have reached the platform, and there is no answer.
  void lost(std::int64_t now) { count_answer(now); }

 private:
  std::int64_t usable(std::int64_t limit) const;
  // When the next one may go.
  double due_in_window(std::int64_t now);
  double due_for_limit(std::int64_t limit, std::int64_t window, std::int64_t now, int unanswered) const;
  bool quiet(std::int64_t used, std::int64_t allowed, std::int64_t window, std::int64_t now) const;
  std::int64_t answers_since(std::int64_t time) const;
  void begin_next_window(std::int64_t now);
  void take_signals(std::int64_t now, std::int64_t number, int unanswered, const LimitSignals&);
  void refused(std::int64_t now, std::optional<std::chrono::milliseconds> asked, const LimitSignals&);
  void learn(std::int64_t now, std::int64_t free_at, std::int64_t fewest);
  void count_answer(std::int64_t now);
  void thin_out(std::int64_t now);

  RateState& state_;
  const RateLimit& declared_;
};

}  // namespace ferry::host
