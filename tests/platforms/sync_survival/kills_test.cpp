// ferry and its workers are killed at random moments, while the platform changes and fails: afterwards the destination
// is exactly what the platform has.
//
// FERRY_SYNC_KILLS: how many kills each destination must survive (50). FERRY_SYNC_SEED: where the seeds begin (1); a
// failure names its own.
#include <signal.h>

#include <cstdlib>
#include <iostream>

#include "tests/platforms/sync_survival/history.hpp"
#include "tests/platforms/sync_survival/sync_journey.hpp"

namespace ferry::test {
namespace {

std::uint64_t number_of(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

class SyncKills : public SyncJourney {
 protected:
  static constexpr int runs_of_a_life = 9;

  void survive(const std::function<Warehouse()>& make) {
    const std::uint64_t wanted = number_of("FERRY_SYNC_KILLS", 50);
    std::uint64_t seed = number_of("FERRY_SYNC_SEED", 1);
    const std::uint64_t first = seed;
    for (; hosts_ + workers_ < wanted && !HasFailure(); ++seed) {
      SCOPED_TRACE("FERRY_SYNC_SEED=" + std::to_string(seed) + " FERRY_SYNC_KILLS=1");
      std::filesystem::remove_all(state());
      live(seed, make());
    }
    std::cout << "survived " << hosts_ << " kills of ferry and " << workers_ << " of its worker in " << runs_
              << " runs of " << seed - first << " lives, seeds " << first << " to " << seed - 1 << "; " << documents_
              << " statistics add up\n";
  }

 private:
  void live(std::uint64_t seed, const Warehouse& warehouse) {
    books_.begin_anew();
    History history(seed);
    removals_ = history.chance(0.5) ? "mark" : "delete";
    for (int i = 0; i < runs_of_a_life; ++i) {
      for (int left = i == 0 ? 0 : 2; left > 0 && history.chance(0.6); --left) history.change(books_);
      const RunPlan plan = history.plan();
      SCOPED_TRACE("run " + std::to_string(i) + ": " + plan.text());
      run_once(plan, history, warehouse);
      if (HasFatalFailure()) return;
    }
    books_.faults("[]");
    books_.bring_all();
    set_page_size(20);
    // What changed without a time that tells of it is for a full read alone.
    if (!history.members_changed()) {
      sync(warehouse);
      expect_all_exact(warehouse, "after an incremental run");
    }
    // The first goes on with a read that was interrupted, whose first pages are as they were then.
    sync(warehouse, {"--mode", "full"});
    const Json full = sync(warehouse, {"--mode", "full"});
    expect_all_exact(warehouse, "after a full run");
    if (!history.members_changed()) {
      EXPECT_EQ(full["totals"]["unchanged"], full["totals"]["total"]) << full.dump();
    }
    documents_ += expect_all_add_up(state());
  }

  void run_once(const RunPlan& plan, History& history, const Warehouse& warehouse) {
    using Clock = std::chrono::steady_clock;
    set_page_size(plan.page_size);
    books_.faults(plan.faults);
    const std::vector<Held> before = plan.preview ? all(warehouse) : std::vector<Held>();
    const std::int64_t requests_before = books_.requests();
    Process running(sync_command(warehouse, plan.words));
    const auto begun = Clock::now();
    bool ended = false, changes = plan.change_after >= 0;
    eventually(
        [&] {
          if (ended = !is_alive(running.id()); ended) return true;
          const std::int64_t requests = books_.requests() - requests_before;
          if (changes && requests >= plan.change_after) {
            history.change(books_);
            changes = false;
          }
          if (plan.victim == RunPlan::nobody) return false;
          return plan.after_requests >= 0 ? requests >= plan.after_requests
                                          : Clock::now() - begun >= std::chrono::milliseconds(plan.after_ms);
        },
        std::chrono::seconds(60));
    const std::vector<pid_t> workers = children_of(running.id());
    bool killed_worker = false;
    if (!ended && plan.victim == RunPlan::host) running.signal(SIGKILL);
    if (!ended && plan.victim == RunPlan::worker)
      for (const pid_t worker : workers) killed_worker = ::kill(worker, SIGKILL) == 0;
    const Finished done = running.finish();
    ++runs_;
    if (done.exit_code == 128 + SIGKILL) {
      ++hosts_;
      EXPECT_TRUE(eventually([&] { return std::none_of(workers.begin(), workers.end(), is_alive); }))
          << "a worker outlived its host";
    } else {
      // A worker that had done its work by then is not missed.
      if (killed_worker && done.exit_code != succeeded) ++workers_;
      // Where one model could not be read, others were.
      const bool expected = done.exit_code == succeeded || done.exit_code == items_failed ||
                            done.exit_code == platform || (killed_worker && done.exit_code == connector);
      EXPECT_TRUE(expected) << done.exit_code << "\n" << done.err << done.out;
      expect_adds_up(done.out);
    }
    if (plan.preview) {
      EXPECT_TRUE(before == all(warehouse)) << "a dry run changed something";
    }
  }

  void set_page_size(int size) const {
    configure({{.url = books_.url(), .page_size = size, .more = {"sync: {removals: " + removals_ + "}"}}});
  }
  std::vector<Held> all(const Warehouse& warehouse) const {
    std::vector<Held> found;
    for (const std::string& model : books_.models()) found.push_back(warehouse.tables->held("books", model));
    return found;
  }
  void expect_all_exact(const Warehouse& warehouse, const std::string& when) {
    for (const std::string& model : books_.models()) {
      const Held held = warehouse.tables->held("books", model);
      expect_exact(books_.content(model), held, model + " " + when);
      if (removals_ == "delete") {
        EXPECT_EQ(held.removed, 0u) << model;
      }
    }
  }

  Books books_{{"records=200"}};
  std::string removals_ = "mark";
  std::uint64_t hosts_ = 0, workers_ = 0, runs_ = 0;
  int documents_ = 0;
};

TEST_F(SyncKills, IntoSqlite) {
  int life = 0;
  survive([&] { return sqlite("warehouse_" + std::to_string(++life) + ".db"); });
}

TEST_F(SyncKills, IntoPostgresql) {
  ASSERT_TRUE(PostgresServer::available()) << "install PostgreSQL: samples/install-dependencies.sh --tests";
  survive([] { return postgres(); });
}

}  // namespace
}  // namespace ferry::test
