// A random life of a platform and of a destination it is synced into: changes between and during runs, faults of the
// platform, page sizes, modes, and kills of ferry or its worker. All of it follows from the seed, but for the moments
// at which processes happen to be when they are killed.
#pragma once

#include <cstdint>
#include <random>
#include <string>

#include "tests/platforms/sync_survival/books.hpp"
#include "tests/support/process.hpp"

namespace ferry::test {

struct RunPlan {
  enum Victim { nobody, host, worker };

  int page_size = 20;
  std::vector<std::string> words;  // of the command line
  bool preview = false;
  std::string faults = "[]";
  Victim victim = nobody;
  std::int64_t after_requests = -1;  // of records; -1: by the time
  int after_ms = 0;
  std::int64_t change_after = -1;  // requests; -1: nothing changes while it runs

  std::string text() const;
};

class History {
 public:
  explicit History(std::uint64_t seed) : random_(seed) {}

  RunPlan plan();
  // Changes something on the platform.
  void change(Books&);
  bool chance(double of) { return std::uniform_real_distribution<>(0, 1)(random_) < of; }
  // Were records given members that no time of theirs tells of?
  bool members_changed() const { return members_ > 0; }

 private:
  int number(int from, int to) { return std::uniform_int_distribution<>(from, to)(random_); }
  std::string faults();

  std::mt19937_64 random_;
  int members_ = 0;
};

}  // namespace ferry::test
