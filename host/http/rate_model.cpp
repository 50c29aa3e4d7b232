#include "host/http/rate_model.hpp"

#include <algorithm>
#include <cmath>

namespace ferry::host {
namespace {

constexpr std::int64_t a_second = 1'000;
constexpr std::int64_t a_day = 24LL * 3600 * 1000;
constexpr std::int64_t idle_ends_stretch = 60'000;
constexpr std::int64_t longest_backoff = 60'000;
constexpr std::int64_t between_looks = 10;  // while all that is allowed has no answer yet
constexpr int slices_of_a_window = 200;
constexpr int quiet_windows_after_refusal = 10;
constexpr std::int64_t fewest_to_learn_from = 5, refused_again_within = 3'600'000;
constexpr double clearly_better = 1.05;
constexpr double any_time = 0, most_made_up_for = 0.1;  // of a window
constexpr double usual_if_longer = 0.97,
                 usual_if_shorter = 1.1;  // a usual window of that part of the one that was seen

// The windows platforms have, in milliseconds.
constexpr std::int64_t usual_windows[] = {1'000,     2'000,     5'000,     10'000,     15'000,     20'000,
                                          30'000,    60'000,    120'000,   300'000,    600'000,    900'000,
                                          1'800'000, 3'600'000, 7'200'000, 21'600'000, 43'200'000, 86'400'000};

std::int64_t rounded_up(double value) { return static_cast<std::int64_t>(std::ceil(value)); }

}  // namespace

std::int64_t RateModel::usable(std::int64_t limit) const {
  return std::max<std::int64_t>(
      static_cast<std::int64_t>(std::floor(static_cast<double>(limit) * (1 - declared_.reserve) + 1e-9)), 1);
}

std::int64_t RateModel::answers_since(std::int64_t time) const {
  std::int64_t sum = 0;
  for (std::int64_t i = state_.mark_count; i-- > 0 && state_.marks[static_cast<std::size_t>(i)].at >= time;)
    sum += state_.marks[static_cast<std::size_t>(i)].count;
  return sum;
}

std::chrono::milliseconds RateModel::take(std::int64_t now, int unanswered) {
  // After a clock was set back, nothing that was noted has a meaning.
  if (state_.last_grant > now + a_second)
    state_.mark_count = state_.blocked_until = state_.reset_at = state_.stretch_began = state_.last_refusal = 0;
  state_.last_grant = std::min(state_.last_grant, now);
  state_.paced_us = std::min(state_.paced_us, 1'000 * now);
  double due = static_cast<double>(state_.blocked_until);
  if (state_.blocked_until <= now) {
    due = std::max(due, due_in_window(now));
    if (declared_.requests > 0)
      due = std::max(due, due_for_limit(declared_.requests, declared_.per_ms, now, unanswered));
    if (state_.learned_limit > 0 && now - state_.learned_at > std::max(a_day, 2 * state_.learned_ms))
      state_.learned_limit = 0;
    if (state_.learned_limit > 0)
      due = std::max(due, due_for_limit(state_.learned_limit, state_.learned_ms, now, unanswered));
  }
  if (const std::int64_t wait = rounded_up(due) - now; wait > 0) return std::chrono::milliseconds(wait);
  if (state_.stretch_began == 0 || now - state_.last_grant > idle_ends_stretch) state_.stretch_began = now;
  state_.last_grant = now;
  state_.paced_us = std::llround(1'000 * due);
  ++state_.grants;
  --state_.remaining;
  return std::chrono::milliseconds(0);
}

bool RateModel::quiet(std::int64_t used, std::int64_t allowed, std::int64_t window, std::int64_t now) const {
  const bool refused_lately =
      state_.last_refusal > 0 && now - state_.last_refusal < quiet_windows_after_refusal * window;
  return 2 * used < allowed && !refused_lately;
}

// After the end of a window its successor is as large, until an answer says otherwise.
void RateModel::begin_next_window(std::int64_t now) {
  if (state_.reset_at == 0 || now < state_.reset_at + state_.reset_margin_ms) return;
  if (state_.window_ms == 0 || state_.limit == 0) {
    state_.reset_at = 0;
    return;
  }
  state_.reset_at += ((now - state_.reset_at) / state_.window_ms + 1) * state_.window_ms;
  state_.remaining = state_.limit;
}

double RateModel::due_in_window(std::int64_t now) {
  begin_next_window(now);
  if (state_.reset_at == 0) return any_time;
  const std::int64_t allowed = state_.limit > 0 ? usable(state_.limit) : state_.remaining;
  const std::int64_t left = state_.remaining - std::max<std::int64_t>(state_.limit - allowed, 0);
  if (left <= 0) return static_cast<double>(state_.reset_at + state_.reset_margin_ms);
  const std::int64_t window = std::max<std::int64_t>(state_.window_ms, state_.reset_at - now);
  if (quiet(answers_since(now - window), allowed, window, now)) return static_cast<double>(now);
  const auto last = static_cast<double>(state_.last_grant);
  return last + (static_cast<double>(state_.reset_at) - last) / static_cast<double>(left + 1);
}

double RateModel::due_for_limit(std::int64_t limit, std::int64_t window, std::int64_t now, int unanswered) const {
  const std::int64_t allowed = usable(limit);
  const auto begin = std::find_if(state_.marks.begin(), state_.marks.begin() + state_.mark_count,
                                  [&](const RateState::Mark& mark) { return mark.at + window >= now; });
  const auto end = state_.marks.begin() + state_.mark_count;
  std::int64_t used = unanswered;
  for (auto mark = begin; mark != end; ++mark) used += mark->count;
  if (used >= allowed) {
    std::int64_t too_many = used - allowed + 1;
    for (auto mark = begin; mark != end; ++mark)
      if ((too_many -= mark->count) <= 0) return static_cast<double>(mark->at + window + 1);
    return static_cast<double>(now + between_looks);
  }
  if (quiet(used, allowed, window, now)) return static_cast<double>(now);
  // From when the last request was due, and not from when it went: what a busy machine is late is made up for.
  const double last = std::max(static_cast<double>(state_.paced_us) / 1'000,
                               static_cast<double>(state_.last_grant) - static_cast<double>(window) * most_made_up_for);
  // The smallest even gap with which nothing ever has to stop for what has not left the window yet.
  double gap = static_cast<double>(window) / static_cast<double>(allowed + 1);
  double free = static_cast<double>(allowed - used + 1);
  for (auto mark = begin; mark != end; ++mark) {
    gap = std::max(gap, (static_cast<double>(mark->at + window) - last) / free);
    free += static_cast<double>(mark->count);
  }
  return last + gap;
}

void RateModel::answered(std::int64_t now, std::int64_t number, int unanswered, int status, const LimitSignals& signals,
                         std::optional<std::chrono::milliseconds> asked) {
  take_signals(now, number, unanswered, signals);
  if (status == 429) {
    refused(now, asked, signals);
    return;
  }
  if (status == 503 && asked) state_.blocked_until = std::max(state_.blocked_until, now + asked->count());
  state_.refusals = 0;
  if (number <= state_.learned_grants && now < state_.blocked_until) {
    ++state_.learned_limit;  // taken before the refusal, told after it
    return;
  }
  count_answer(now);
}

void RateModel::take_signals(std::int64_t now, std::int64_t number, int unanswered, const LimitSignals& signals) {
  if (signals.limit) state_.limit = *signals.limit;
  if (signals.window) state_.window_ms = signals.window->count();
  if (!signals.remaining || (!signals.reset_in && state_.window_ms == 0)) return;
  const std::int64_t reset_in = signals.reset_in ? signals.reset_in->count() : state_.window_ms;
  if (!signals.window) state_.window_ms = std::max(state_.window_ms, reset_in);
  // Requests that went after this one, or have no answer yet, may not be counted in what the platform says is left.
  const std::int64_t most = *signals.remaining;
  const std::int64_t least = most - std::max<std::int64_t>(state_.grants - number, 0) - unanswered;
  const bool known = state_.reset_at > 0 && std::abs(now + reset_in - state_.reset_at) <= state_.window_ms / 2 + 1;
  if (!known || state_.remaining < least || state_.remaining > most) state_.remaining = least;
  const std::int64_t told = std::max<std::int64_t>(now + reset_in, 1);
  // Of several times in whole seconds, which are rounded up by most, the earliest is the nearest.
  const bool nearer =
      known && signals.whole_seconds && state_.rounds_down == 0 && std::abs(told - state_.reset_at) <= a_second;
  state_.reset_at = nearer ? std::min(told, state_.reset_at) : told;
  state_.reset_margin_ms = state_.rounds_down != 0 ? a_second : 1;
}

void RateModel::refused(std::int64_t now, std::optional<std::chrono::milliseconds> asked, const LimitSignals& signals) {
  ++state_.refusals;
  std::int64_t wait =
      std::min<std::int64_t>(1'000LL << std::min<std::int64_t>(state_.refusals - 1, 10), longest_backoff);
  if (asked)
    wait = asked->count();
  else if (signals.reset_in && signals.remaining.value_or(0) == 0)
    wait = signals.reset_in->count() + state_.reset_margin_ms;
  const std::int64_t free_at = now + std::max<std::int64_t>(wait, 1);
  // A single refusal after a few requests tells nothing of the limit: others may have used it up.
  const bool again = state_.last_refusal > 0 && now - state_.last_refusal < refused_again_within;
  state_.last_refusal = now;
  if (signals.whole_seconds && signals.reset_in && signals.reset_in->count() <= a_second) state_.rounds_down = 1;
  // What is declared or told is better than what can be guessed.
  if (state_.reset_at == 0) learn(now, free_at, again ? 1 : fewest_to_learn_from);
  if (state_.reset_at > 0) state_.remaining = 0;
  state_.blocked_until = std::max(state_.blocked_until, free_at);
  state_.stretch_began = 0;
}

// The platform's window ends at free_at, so it is at least as long as it asked to wait. That all of the requests since
// it was last free were taken in one window is the first guess, and one that was usual is likelier than one that was
// not; a shorter one explains the refusal better if more were taken for its length.
void RateModel::learn(std::int64_t now, std::int64_t free_at, std::int64_t fewest) {
  const std::int64_t began = state_.stretch_began > 0 ? state_.stretch_began : now;
  double best_rate = 0;
  const auto consider = [&](std::int64_t window, std::int64_t since) {
    const std::int64_t taken = answers_since(std::max(since, began));
    const double rate = static_cast<double>(taken) / static_cast<double>(window);
    if (taken < fewest || rate <= best_rate * clearly_better) return;
    best_rate = rate;
    state_.learned_limit = taken;
    state_.learned_ms = window;
    state_.learned_at = now;
    state_.learned_grants = state_.grants;
  };
  // A wait in whole seconds is too long by a part of one, and so is what was seen.
  std::int64_t whole = std::max<std::int64_t>(free_at - began, 1);
  for (const std::int64_t usual : usual_windows)
    if (const double ratio = static_cast<double>(usual) / static_cast<double>(whole);
        ratio < usual_if_shorter && (ratio > usual_if_longer || usual + std::min(a_second, usual / 2) > whole)) {
      whole = usual;
      break;
    }
  consider(whole, began);
  for (std::size_t i = std::size(usual_windows); i-- > 0;) {
    const std::int64_t window = usual_windows[i];
    const std::int64_t tolerance = std::min<std::int64_t>(1'000, window / 5);
    if (window < whole && window + tolerance >= free_at - now) consider(window, free_at - window - tolerance);
  }
  // The next window begins empty.
  if (best_rate > 0) state_.mark_count = 0;
}

void RateModel::count_answer(std::int64_t now) {
  const auto count = static_cast<std::size_t>(state_.mark_count);
  const std::int64_t shortest =
      std::min(declared_.requests > 0 ? declared_.per_ms : a_day, state_.learned_limit > 0 ? state_.learned_ms
                                                                  : state_.reset_at > 0    ? state_.window_ms
                                                                                           : a_day);
  const bool window_known = shortest < a_day;
  if (count > 0 && (now <= state_.marks[count - 1].at ||
                    (window_known && count > 1 && now - state_.marks[count - 2].at < shortest / slices_of_a_window))) {
    state_.marks[count - 1].at = std::max(now, state_.marks[count - 1].at);
    ++state_.marks[count - 1].count;
    return;
  }
  if (count == RateState::most_marks) thin_out(now);
  state_.marks[static_cast<std::size_t>(state_.mark_count++)] = {now, 1};
}

// Drops what is too old to matter, else joins the older half by pairs: as its later one, so that nothing leaves a
// window too early.
void RateModel::thin_out(std::int64_t now) {
  const std::int64_t longest =
      std::max({declared_.requests > 0 ? declared_.per_ms : 0, state_.learned_limit > 0 ? state_.learned_ms : 0,
                state_.window_ms, idle_ends_stretch});
  auto& marks = state_.marks;
  const auto end = marks.begin() + state_.mark_count;
  const auto kept = std::find_if(marks.begin(), end, [&](const RateState::Mark& mark) {
    return mark.at + longest >= now && mark.at >= state_.stretch_began;
  });
  if (kept != marks.begin()) {
    state_.mark_count = std::move(kept, end, marks.begin()) - marks.begin();
    if (state_.mark_count < static_cast<std::int64_t>(RateState::most_marks)) return;
  }
  std::size_t to = 0;
  for (std::size_t from = 0; from < marks.size();) {
    if (from < marks.size() / 2) {
      marks[to++] = {marks[from + 1].at, marks[from].count + marks[from + 1].count};
      from += 2;
    } else {
      marks[to++] = marks[from++];
    }
  }
  state_.mark_count = static_cast<std::int64_t>(to);
}

}  // namespace ferry::host
