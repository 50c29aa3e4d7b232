#include "host/http/rate_budget.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "host/base/files.hpp"

namespace ferry::host {
namespace {

using Place = RateBudget::Place;

class RateBudgetTest : public ::testing::Test {
 protected:
  std::int64_t limit_in(RateBudget& budget) {
    std::int64_t found = 0;
    budget.use([&](RateState& state) { found = state.limit; });
    return found;
  }
  const TemporaryDirectory home_{::testing::TempDir()};
  const std::filesystem::path file_ = home_.path() / "rate-limits" / "account";
};

TEST_F(RateBudgetTest, IsSharedAndKept) {
  {
    RateBudget one(file_), other(file_);
    one.use([](RateState& state) {
      state.limit = 100;
      state.marks[0] = {5, 7};
      state.mark_count = 1;
    });
    EXPECT_EQ(limit_in(other), 100);
  }
  RateBudget later(file_);
  later.use([](RateState& state) {
    EXPECT_EQ(state.mark_count, 1);
    EXPECT_EQ(state.marks[0].count, 7);
  });
  RateBudget own("");
  EXPECT_EQ(limit_in(own), 0);
}

TEST_F(RateBudgetTest, NothingIsLostBetweenThreads) {
  constexpr int threads = 4, times = 500;
  std::vector<std::thread> running;
  for (int i = 0; i < threads; ++i)
    running.emplace_back([&] {
      RateBudget budget(file_);
      for (int j = 0; j < times; ++j) budget.use([](RateState& state) { ++state.grants; });
    });
  for (std::thread& one : running) one.join();
  RateBudget budget(file_);
  budget.use([](RateState& state) { EXPECT_EQ(state.grants, threads * times); });
}

TEST_F(RateBudgetTest, PlacesOfOthersAreCounted) {
  RateBudget one(file_), other(file_), third(file_);
  one.take(Place::unanswered);
  other.take(Place::unanswered);
  other.take(Place::open);
  EXPECT_EQ(third.others(Place::unanswered), 2);
  EXPECT_EQ(one.others(Place::unanswered), 1);
  EXPECT_EQ(third.others(Place::open), 1);
  one.give_back(Place::unanswered);
  EXPECT_EQ(third.others(Place::unanswered), 1);
}

TEST_F(RateBudgetTest, PlacesAreCountedWhateverTheOrderTheyWereTakenIn) {
  std::vector<std::unique_ptr<RateBudget>> budgets;
  for (int i = 0; i < 8; ++i) budgets.push_back(std::make_unique<RateBudget>(file_));
  const RateBudget watcher(file_);
  for (const int i : {3, 0, 7, 1, 5, 2, 6, 4}) budgets[static_cast<std::size_t>(i)]->take(Place::open);
  EXPECT_EQ(watcher.others(Place::open), 8);
  int left = 8;
  for (const int i : {0, 6, 3, 5}) {
    budgets[static_cast<std::size_t>(i)]->give_back(Place::open);
    EXPECT_EQ(watcher.others(Place::open), --left);
  }
  for (const int i : {5, 0}) budgets[static_cast<std::size_t>(i)]->take(Place::open);
  EXPECT_EQ(watcher.others(Place::open), 6);
}

TEST_F(RateBudgetTest, AProcessThatIsKilledLeavesNoPlaceTaken) {
  RateBudget mine(file_);
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    RateBudget budget(file_);
    budget.take(Place::unanswered);
    budget.take(Place::open);
    const ssize_t written = ::write(ready[1], "x", 1);
    for (;;) ::pause();
    ::_exit(written == 1 ? 0 : 1);
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  EXPECT_EQ(mine.others(Place::unanswered), 1);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_EQ(mine.others(Place::unanswered), 0);
  EXPECT_EQ(mine.others(Place::open), 0);
  mine.use([](RateState& state) { ++state.grants; });
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST_F(RateBudgetTest, WhatIsNotWholeBeginsAnew) {
  {
    RateBudget budget(file_);
    budget.use([](RateState& state) { state.limit = 100; });
  }
  std::string bytes = read_file(file_);
  for (const std::size_t size : {std::size_t{0}, std::size_t{5}, bytes.size() / 2}) {
    replace_file(file_, bytes.substr(0, size));
    RateBudget budget(file_);
    EXPECT_EQ(limit_in(budget), 0) << size;
  }
  for (const std::size_t at : {std::size_t{0}, std::size_t{10}, std::size_t{30}, bytes.size() - 1}) {
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ 0x40);
    replace_file(file_, changed);
    RateBudget budget(file_);
    EXPECT_EQ(limit_in(budget), 0) << at;
  }
}

}  // namespace
}  // namespace ferry::host
