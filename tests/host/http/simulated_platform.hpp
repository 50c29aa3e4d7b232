// A platform that allows so many requests in a window, and clients that ask it as fast as they may: simulated, event by
// event, in a time of its own.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <queue>
#include <random>
#include <vector>

#include "host/http/rate_model.hpp"

namespace ferry::test {

enum class Windows { of_the_first_request, of_the_clock, sliding };
enum class Tells { nothing, retry_after, whole_seconds, headers, headers_in_whole_seconds };

struct PlatformLimit {
  Windows windows = Windows::of_the_first_request;
  Tells tells = Tells::retry_after;
  std::int64_t requests = 100, window_ms = 60'000;
};

class SimulatedPlatform {
 public:
  struct Answer {
    int status = 200;
    host::LimitSignals signals;
    std::optional<std::chrono::milliseconds> asked;
  };

  explicit SimulatedPlatform(PlatformLimit limit) : limit_(limit) {}

  Answer ask(std::int64_t now) {
    if (began_ < 0 || now >= began_ + limit_.window_ms) {
      began_ = limit_.windows == Windows::of_the_clock ? now / limit_.window_ms * limit_.window_ms : now;
      used_ = 0;
    }
    while (!taken_.empty() && taken_.front() + limit_.window_ms <= now) taken_.pop_front();
    const bool sliding = limit_.windows == Windows::sliding;
    const std::int64_t used = sliding ? static_cast<std::int64_t>(taken_.size()) : used_;
    const bool allowed = used < limit_.requests;
    if (allowed) {
      ++used_;
      taken_.push_back(now);
      times.push_back(now);
    } else {
      refusals.push_back(now);
    }
    const std::int64_t end = sliding ? taken_.front() + limit_.window_ms : began_ + limit_.window_ms;
    return answer(allowed, limit_.requests - used - (allowed ? 1 : 0), end - now);
  }

  std::vector<std::int64_t> times, refusals;

 private:
  Answer answer(bool allowed, std::int64_t remaining, std::int64_t left) const {
    Answer answer;
    if (!allowed) answer.status = 429;
    const bool whole = limit_.tells == Tells::whole_seconds || limit_.tells == Tells::headers_in_whole_seconds;
    if (whole) left = (left + 999) / 1000 * 1000;
    if (limit_.tells == Tells::headers || limit_.tells == Tells::headers_in_whole_seconds) {
      answer.signals.limit = limit_.requests;
      answer.signals.remaining = remaining;
      answer.signals.reset_in = std::chrono::milliseconds(left);
      answer.signals.whole_seconds = whole;
    }
    if (!allowed && limit_.tells != Tells::nothing) answer.asked = std::chrono::milliseconds(left);
    return answer;
  }

  const PlatformLimit limit_;
  std::int64_t began_ = -1, used_ = 0;
  std::deque<std::int64_t> taken_;
};

// `clients` ask one after another as fast as the model lets them, each over a network that takes up to `latency_ms`
// each way, from `begin` to `end`, and ask up to `late_ms` later than they may. The state may come from an earlier run.
inline void ask_without_end(SimulatedPlatform& platform, host::RateState& state, const host::RateLimit& declared,
                            int clients, std::int64_t latency_ms, std::int64_t begin, std::int64_t end,
                            std::int64_t late_ms = 0) {
  struct Event {
    std::int64_t at;
    enum { wants, arrives, is_answered } what;
    std::int64_t number = 0;
    SimulatedPlatform::Answer answer = {};
    bool operator<(const Event& other) const { return at > other.at; }
  };
  std::priority_queue<Event> events;
  for (int i = 0; i < clients; ++i) events.push({begin + i, Event::wants});
  host::RateModel model(state, declared);
  std::mt19937 random(1);
  const auto later = [&](std::int64_t now) { return now + 1 + static_cast<std::int64_t>(random()) % latency_ms; };
  int unanswered = 0;
  while (!events.empty()) {
    Event event = events.top();
    events.pop();
    if (event.at >= end) continue;
    if (event.what == Event::wants) {
      const std::int64_t wait = model.take(event.at, unanswered).count();
      if (wait > 0) {
        const std::int64_t late = late_ms > 0 ? static_cast<std::int64_t>(random()) % late_ms : 0;
        events.push({event.at + wait + late, Event::wants});
      } else {
        ++unanswered;
        events.push({later(event.at), Event::arrives, state.grants});
      }
    } else if (event.what == Event::arrives) {
      events.push({later(event.at), Event::is_answered, event.number, platform.ask(event.at)});
    } else {
      --unanswered;
      model.answered(event.at, event.number, unanswered, event.answer.status, event.answer.signals, event.answer.asked);
      events.push({event.at + 1, Event::wants});
    }
  }
}

}  // namespace ferry::test
