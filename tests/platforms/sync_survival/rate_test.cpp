// Syncs from platforms that allow so many requests in a window: they use them, and no more.
//
// What is late by a part of a window costs that part of its requests, whatever the pace. So the requests are few, 67 ms
// for each, and what a busy machine takes for one of them does not count.
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <map>
#include <memory>

#include "tests/platforms/sync_survival/sync_journey.hpp"

namespace ferry::test {
namespace {

struct Window {
  std::int64_t taken = 0, refused = 0;
  std::int64_t joined = 0;  // so long after it began, in ms
};
using Windows = std::map<std::int64_t, Window>;  // of the platform's clock

class SyncRate : public SyncJourney {
 protected:
  static constexpr std::int64_t allowed = 30, window_ms = 2000, fewest_measured = 3;

  // Those in which the platform was asked for records.
  static Windows windows(Books& books) {
    Windows found;
    for (const Json& entry : books.log().items()) {
      if (entry.text_or("target", "").find("/v3/") == std::string_view::npos) continue;
      const std::int64_t at = entry["at_ms"].as_int();
      Window& window = found.try_emplace(at / window_ms, Window{0, 0, at % window_ms}).first->second;
      ++(entry["status"].as_int() == 429 ? window.refused : window.taken);
    }
    return found;
  }

  // Until a window of the clock begins: what a sync asks for in it is then all that is asked for in it.
  static void wait_for_a_window() {
    ASSERT_TRUE(eventually([] {
      const auto now = std::chrono::system_clock::now().time_since_epoch();
      return std::chrono::duration_cast<std::chrono::milliseconds>(now).count() % window_ms < window_ms / 10;
    }));
  }

  struct Running {
    Warehouse warehouse;
    std::unique_ptr<Process> sync;
  };
  // Only a whole window shows what a limit is. Where a busy machine takes so long that the sync is not refused in the
  // window in which it began, it begins anew.
  Running begin_learning() {
    for (int chances = 5;; --chances) {
      Running made{sqlite("learnt" + std::to_string(chances) + ".db"), nullptr};
      wait_for_a_window();
      made.sync = std::make_unique<Process>(sync_command(made.warehouse, {"--model", "INVOICES"}, "learnt"));
      Windows found;
      const bool refused = eventually([&] {
        found = windows(learnt_);
        return std::any_of(found.begin(), found.end(), [](const auto& window) { return window.second.refused > 0; });
      });
      if (!refused || found.size() == 1 || chances == 0) return made;
      made.sync->signal(SIGINT);
      made.sync->finish();
      learnt_.begin_anew();
      std::filesystem::remove_all(state());
    }
  }

  // learning: so many windows may have a refusal. What the last one asks for is whole seconds, of which the last is
  // over in the middle of the next window; from then on all is measured, but for the window that ends with the work.
  static void expect_used(const std::string& what, const Windows& all, std::int64_t learning) {
    SCOPED_TRACE(what);
    ASSERT_FALSE(all.empty());
    const std::int64_t first = all.begin()->first, end = all.rbegin()->first;
    std::int64_t begin = first + 1, taken = 0;
    for (const auto& [at, window] : all) {
      if (window.refused == 0) continue;
      EXPECT_LT(at - first, learning) << "windows after the first one, and refused";
      begin = at + 2;
    }
    ASSERT_GE(end - begin, fewest_measured);
    for (const auto& [at, window] : all)
      if (at >= begin && at < end) taken += window.taken;
    const std::int64_t could_be = allowed * (end - begin);
    const double share = static_cast<double>(taken) / static_cast<double>(could_be);
    RecordProperty(what, std::to_string(share));
    std::cout << what << ": used " << taken << " of " << could_be << " requests\n";
    EXPECT_GE(share, 0.95);
  }

  static std::vector<std::string> options(std::int64_t windows, bool told) {
    return {"records=" + std::to_string(allowed * windows + allowed / 6), "rate_limit=" + std::to_string(allowed),
            "rate_window_ms=" + std::to_string(window_ms),
            std::string("rate_limit_headers=") + (told ? "true" : "false")};
  }

  Books told_{options(5, true)}, learnt_{options(6, false)};
};

TEST_F(SyncRate, WhatIsAllowedIsUsedAndNoMore) {
  configure(
      {{.name = "told", .url = told_.url(), .page_size = 1}, {.name = "learnt", .url = learnt_.url(), .page_size = 1}});
  const Warehouse warehouse = sqlite("told.db");
  const Running learning = begin_learning();
  // At the same time, so that the test is short; but not while the other must be quick to be refused.
  Process telling(sync_command(warehouse, {"--model", "INVOICES"}, "told"));
  for (Process* running : {learning.sync.get(), &telling}) {
    const Finished done = running->finish();
    EXPECT_EQ(done.exit_code, succeeded) << done.err;
    expect_adds_up(done.out);
  }
  // Before the content is read, which takes requests as well.
  const Windows learnt = windows(learnt_), told = windows(told_);
  EXPECT_GT(learnt.begin()->second.refused, 0);
  // A refusal in a window that was joined late shows a window that is too short; the first whole one puts that right.
  expect_used("learnt", learnt, learnt.begin()->second.joined < window_ms / 16 ? 1 : 2);
  expect_used("told", told, 0);
  expect_exact(learnt_.content("INVOICES"), learning.warehouse.tables->held("learnt", "INVOICES"), "learnt");
  expect_exact(told_.content("INVOICES"), warehouse.tables->held("told", "INVOICES"), "told");
}

}  // namespace
}  // namespace ferry::test
