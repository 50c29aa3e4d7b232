#include "host/http/rate_model.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/host/http/simulated_platform.hpp"

namespace ferry::host {
namespace {

using std::chrono::milliseconds;
using test::PlatformLimit;
using test::SimulatedPlatform;
using test::Tells;
using test::Windows;

constexpr std::int64_t start = 1'800'000'017'345;
const RateLimit undeclared;

struct Use {
  double share = 0;              // of what was allowed in the whole windows after the first two
  std::int64_t refusals = 0;     // all of them
  std::int64_t late = 0;         // those after the first window
  std::int64_t longest_gap = 0;  // between two requests, after the first two windows
};

// The windows of the clock, and one that ferry joins in its middle, are known after the first whole one.
Use use_of(const PlatformLimit& limit, const RateLimit& declared, int clients, std::int64_t late = 0) {
  SimulatedPlatform platform(limit);
  RateState state{};
  const std::int64_t window = limit.window_ms, end = start + 10 * window;
  const std::int64_t latency = std::clamp<std::int64_t>(window * 4 / limit.requests / 10, 1, 40);
  test::ask_without_end(platform, state, declared, clients, latency, start, end, late);
  const bool told = limit.tells >= Tells::headers || declared.requests > 0;
  const std::int64_t first =
      start + window + window / 2 + (limit.windows == Windows::of_the_clock && !told ? window : 0);
  const std::int64_t from = (start / window + 2) * window, to = end / window * window;
  Use use;
  std::int64_t taken = 0, before = 0;
  for (const std::int64_t time : platform.times) {
    if (time < from || time >= to) continue;
    if (before > 0) use.longest_gap = std::max(use.longest_gap, time - before);
    before = time;
    ++taken;
  }
  use.share = static_cast<double>(taken) / (static_cast<double>((to - from) / window * limit.requests));
  use.refusals = static_cast<std::int64_t>(platform.refusals.size());
  use.late = std::count_if(platform.refusals.begin(), platform.refusals.end(),
                           [&](std::int64_t time) { return time >= first; });
  return use;
}

std::string name_of(const PlatformLimit& limit, int clients) {
  static constexpr const char* windows[] = {"of the first request", "of the clock", "sliding"};
  static constexpr const char* tells[] = {"nothing", "Retry-After", "whole seconds", "headers", "headers in seconds"};
  return std::string(windows[static_cast<int>(limit.windows)]) + ", tells " + tells[static_cast<int>(limit.tells)] +
         ", " + std::to_string(limit.requests) + " in " + std::to_string(limit.window_ms) + " ms, clients " +
         std::to_string(clients);
}

const std::pair<std::int64_t, std::int64_t> sizes[] = {
    {100, 60'000}, {500, 60'000}, {1000, 3'600'000}, {20, 1'000}, {5, 60'000}};

TEST(RateModelTest, UsesWhatIsToldAndIsNeverRefused) {
  for (const Windows windows : {Windows::of_the_first_request, Windows::of_the_clock, Windows::sliding})
    for (const int clients : {1, 8})
      for (const auto& [requests, window] : sizes) {
        const PlatformLimit limit{windows, Tells::headers, requests, window};
        SCOPED_TRACE(name_of(limit, clients));
        const Use use = use_of(limit, undeclared, clients);
        EXPECT_GE(use.share, 0.95);
        EXPECT_EQ(use.late, 0);
      }
}

TEST(RateModelTest, WholeSecondsAreMetOnceAtMost) {
  for (const Windows windows : {Windows::of_the_first_request, Windows::of_the_clock, Windows::sliding})
    for (const auto& [requests, window] : sizes) {
      if (window < 60'000) continue;
      const PlatformLimit limit{windows, Tells::headers_in_whole_seconds, requests, window};
      SCOPED_TRACE(name_of(limit, 1));
      const Use use = use_of(limit, undeclared, 1);
      EXPECT_GE(use.share, 0.95);
      EXPECT_LE(use.late, 1);
    }
}

TEST(RateModelTest, UsesWhatIsDeclaredAndIsNeverRefused) {
  for (const Windows windows : {Windows::of_the_first_request, Windows::of_the_clock, Windows::sliding})
    for (const int clients : {1, 8})
      for (const auto& [requests, window] : sizes) {
        const PlatformLimit limit{windows, Tells::nothing, requests, window};
        SCOPED_TRACE(name_of(limit, clients));
        const Use use = use_of(limit, {requests, window, 0, 0}, clients);
        EXPECT_GE(use.share, 0.95);
        EXPECT_EQ(use.refusals, 0);
      }
}

TEST(RateModelTest, LearnsFromTheRefusalsOfTheFirstWindow) {
  for (const Windows windows : {Windows::of_the_first_request, Windows::of_the_clock, Windows::sliding})
    for (const Tells tells : {Tells::retry_after, Tells::whole_seconds})
      for (const int clients : {1, 4})
        for (const auto& [requests, window] : sizes) {
          if ((tells == Tells::whole_seconds && window < 60'000) || requests < 20) continue;
          const PlatformLimit limit{windows, tells, requests, window};
          SCOPED_TRACE(name_of(limit, clients));
          const Use use = use_of(limit, undeclared, clients);
          EXPECT_GE(use.share, 0.95);
          EXPECT_EQ(use.late, 0);
        }
}

TEST(RateModelTest, WhatABusyMachineIsLateIsMadeUpFor) {
  constexpr std::int64_t window = 20'000, requests = 50, late = 200;  // evenly there are 400 ms between two
  for (const Windows windows : {Windows::of_the_first_request, Windows::of_the_clock, Windows::sliding})
    for (const Tells tells : {Tells::nothing, Tells::retry_after}) {
      const PlatformLimit limit{windows, tells, requests, window};
      SCOPED_TRACE(name_of(limit, 1));
      const RateLimit declared{tells == Tells::nothing ? requests : 0, window, 0, 0};
      const Use use = use_of(limit, declared, 1, late);
      EXPECT_GE(use.share, 0.95);
      EXPECT_EQ(use.late, 0);
    }
}

TEST(RateModelTest, NoMillisecondIsTooShortToCount) {
  // Evenly there are 1.4 ms between two requests.
  EXPECT_GE(use_of({Windows::sliding, Tells::nothing, 700, 1'000}, {700, 1'000, 0, 0}, 8).share, 0.95);
}

TEST(RateModelTest, AWaitInWholeSecondsIsOfAUsualWindow) {
  for (const std::int64_t window : {2'000, 5'000, 10'000, 15'000, 20'000, 30'000, 60'000})
    for (const std::int64_t burst : {30, 300, 900}) {
      SCOPED_TRACE(std::to_string(window) + ", refused after " + std::to_string(burst));
      RateState state{};
      RateModel model(state, undeclared);
      for (int i = 0; i <= 20; ++i) {
        const std::int64_t now = start + i * burst / 20;
        EXPECT_EQ(model.take(now, 0).count(), 0);
        const bool refused = i == 20;
        const std::int64_t left = (window - burst + 999) / 1000;
        model.answered(now, state.grants, 0, refused ? 429 : 200, {},
                       refused ? std::optional(milliseconds(1'000 * left)) : std::nullopt);
      }
      EXPECT_EQ(state.learned_limit, 20);
      EXPECT_EQ(state.learned_ms, window);
    }
}

TEST(RateModelTest, SpreadsInsteadOfBurstAndStall) {
  for (const Tells tells : {Tells::headers, Tells::retry_after}) {
    const PlatformLimit limit{Windows::of_the_first_request, tells, 100, 60'000};
    // Evenly it would be 600 ms.
    EXPECT_LE(use_of(limit, undeclared, 1).longest_gap, 2'000);
  }
  EXPECT_LE(use_of({Windows::sliding, Tells::nothing, 100, 60'000}, {100, 60'000, 0, 0}, 1).longest_gap, 2'000);
}

TEST(RateModelTest, AFewRequestsAreNotSlowed) {
  RateState state{};
  const RateLimit declared{100, 60'000, 0, 0};
  RateModel model(state, declared);
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(model.take(start + i, 0).count(), 0) << i;
    model.answered(start + i, state.grants, 0, 200, {}, std::nullopt);
  }
  const std::int64_t wait = model.take(start + 50, 0).count();
  EXPECT_GT(wait, 600);
  EXPECT_LT(wait, 1'300);
}

TEST(RateModelTest, TheReserveIsLeftToOthers) {
  const PlatformLimit limit{Windows::of_the_first_request, Tells::headers, 100, 60'000};
  for (const RateLimit& declared : {RateLimit{0, 0, 0, 0.2}, RateLimit{100, 60'000, 0, 0.2}}) {
    const Use use = use_of(limit, declared, 4);
    EXPECT_GE(use.share, 0.95 * 0.8);
    EXPECT_LE(use.share, 0.81);
    EXPECT_EQ(use.refusals, 0);
  }
}

TEST(RateModelTest, WhatOthersUseIsNotUsedAgain) {
  RateState state{};
  RateModel model(state, undeclared);
  LimitSignals signals;
  signals.limit = 100;
  signals.remaining = 0;
  signals.reset_in = milliseconds(30'000);
  EXPECT_EQ(model.take(start, 0).count(), 0);
  model.answered(start + 10, state.grants, 0, 200, signals, std::nullopt);
  EXPECT_EQ(model.take(start + 10, 0).count(), 30'001);
}

TEST(RateModelTest, WaitsAsLongAsItIsAskedTo) {
  RateState state{};
  RateModel model(state, undeclared);
  EXPECT_EQ(model.take(start, 0).count(), 0);
  model.answered(start, state.grants, 0, 503, {}, milliseconds(7'000));
  EXPECT_EQ(model.take(start + 1'000, 0).count(), 6'000);
  EXPECT_EQ(model.take(start + 7'000, 0).count(), 0);
}

TEST(RateModelTest, ARefusalThatSaysNothingBlocksLongerEachTime) {
  RateState state{};
  RateModel model(state, undeclared);
  std::int64_t now = start;
  for (const std::int64_t expected : {1'000, 2'000, 4'000}) {
    EXPECT_EQ(model.take(now, 0).count(), 0);
    model.answered(now, state.grants, 0, 429, {}, std::nullopt);
    const std::int64_t wait = model.take(now, 0).count();
    EXPECT_EQ(wait, expected);
    now += wait;
  }
}

TEST(RateModelTest, WhatWasLearnedIsKeptForADay) {
  RateState state{};
  RateModel model(state, undeclared);
  for (int i = 0; i < 5; ++i) {
    model.take(start, 0);
    model.answered(start, state.grants, 0, 200, {}, std::nullopt);
  }
  model.take(start + 1, 0);
  model.answered(start + 1, state.grants, 0, 429, {}, milliseconds(59'999));
  EXPECT_EQ(state.learned_limit, 5);
  EXPECT_EQ(state.learned_ms, 60'000);
  EXPECT_EQ(model.take(start + 60'000, 0).count(), 0);
  EXPECT_GT(model.take(start + 60'001, 1).count(), 0);
  EXPECT_EQ(model.take(start + 90'000'000, 0).count(), 0);
  EXPECT_EQ(state.learned_limit, 0);
}

TEST(RateModelTest, OneRefusalAfterAFewRequestsTeachesNothing) {
  RateState state{};
  RateModel model(state, undeclared);
  model.take(start, 0);
  model.answered(start, state.grants, 0, 200, {}, std::nullopt);
  model.take(start, 0);
  model.answered(start, state.grants, 0, 429, {}, milliseconds(1'000));
  EXPECT_EQ(state.learned_limit, 0);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(model.take(start + 1'000, 0).count(), 0);
}

TEST(RateModelTest, AClockThatIsSetBackStopsNothing) {
  RateState state{};
  const RateLimit declared{10, 1'000, 0, 0};
  RateModel model(state, declared);
  for (int i = 0; i < 8; ++i) {
    model.take(start, 0);
    model.answered(start, state.grants, 0, 200, {}, std::nullopt);
  }
  EXPECT_LE(model.take(start - 3'600'000, 0).count(), 1'000);
}

}  // namespace
}  // namespace ferry::host
