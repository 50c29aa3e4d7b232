// Pages and records as no platform should give them, and records that vanish without a word.
#include <signal.h>

#include <random>

#include "tests/platforms/sync_survival/listed_labs.hpp"
#include "tests/platforms/sync_survival/sync_journey.hpp"

namespace ferry::test {
namespace {

using Page = ListedLabs::Page;

class SyncPages : public SyncJourney {
 protected:
  void SetUp() override { configure({{.url = labs_.url(), .attempts = 1}}); }

  // Records from..to, without what lies between.
  static std::vector<std::string> records(int from, int to) {
    std::vector<std::string> all;
    for (int id = from; id <= to; ++id) all.push_back(ListedLabs::record(id));
    return all;
  }
  // As they were put by fill(). Without a lock: the server holds it while it makes a page.
  std::vector<std::string> listed(int from, int to) const {
    std::vector<std::string> all;
    for (int id = from; id <= to; ++id) all.push_back(filled_.at(std::to_string(id)).dump());
    return all;
  }
  static std::string cursor_behind(int id) { return std::to_string(id) + "-" + std::to_string(id); }
  Held held() const { return warehouse_.tables->held("books", "INVOICES"); }
  void fill(int count) {
    for (int id = 1; id <= count; ++id) labs_.put(id, "n" + std::to_string(id));
    filled_ = labs_.content();
  }
  // The run ends soon, says why, and what had come by then is kept.
  void expect_refused(const std::string& why, int most_requests = 20) {
    const Finished done = run(sync_command(warehouse_));
    EXPECT_EQ(done.exit_code, platform) << done.err;
    EXPECT_THAT(done.err, HasSubstr(why));
    EXPECT_LE(labs_.requests(), most_requests);
    expect_adds_up(done.out);
    EXPECT_EQ(held().live, held().told);
    expect_recovery();
  }
  // After the platform is well again, one run makes it right.
  void expect_recovery() {
    labs_.play(nullptr);
    sync(warehouse_, {"--mode", "full"});
    expect_exact(labs_.content(), held(), "after the platform was well again");
  }
  static std::int64_t count_of(const Json& statistics, const std::string& code) {
    std::int64_t count = 0;
    for (const Json& problem : statistics["problems"].items()) count += problem.text_or("code", "") == code ? 1 : 0;
    return count;
  }

  Content filled_;
  ListedLabs labs_;
  const Warehouse warehouse_ = sqlite();
};

TEST_F(SyncPages, ACursorThatLoopsEndsTheRun) {
  fill(30);
  labs_.play([this](const std::string& cursor, int number) {
    const int at = cursor.empty() ? 0 : std::stoi(cursor);
    return number > 40 ? Page{} : Page{listed(at + 1, at + 3), cursor_behind(at == 15 ? 3 : at + 3), 30};
  });
  expect_refused("cursor");
}

TEST_F(SyncPages, APageThatRepeatsForEverEndsTheRun) {
  fill(30);
  labs_.play([this](const std::string&, int number) {
    return number > 40 ? Page{} : Page{listed(1, 3), cursor_behind(3) + "-" + std::to_string(number), 30};
  });
  expect_refused("page of records");
}

TEST_F(SyncPages, PagesThatRepeatInTurnsEndTheRun) {
  fill(30);
  labs_.play([this](const std::string&, int number) {
    const int at = number % 3 * 3;
    return number > 40 ? Page{} : Page{listed(at + 1, at + 3), cursor_behind(9) + "-" + std::to_string(number), 30};
  });
  expect_refused("page of records");
}

TEST_F(SyncPages, EmptyPagesForEverEndTheRun) {
  fill(30);
  labs_.play([](const std::string&, int number) {
    return number > 2000 ? Page{} : Page{{}, cursor_behind(0) + "-" + std::to_string(number), 30};
  });
  expect_refused("without a record", 1000);
}

TEST_F(SyncPages, PagesThatOverlapAddNothing) {
  fill(12);
  labs_.play([this](const std::string& cursor, int) {
    const int at = cursor.empty() ? 0 : std::stoi(cursor);
    return Page{listed(std::max(1, at - 1), at + 3), at < 9 ? cursor_behind(at + 3) : "", 12};
  });
  const Json statistics = sync(warehouse_);
  expect_exact(labs_.content(), held(), "pages that overlap");
  EXPECT_EQ(statistics["totals"]["added"].as_int(), 12);
  EXPECT_EQ(count_of(statistics, "duplicates"), 1) << statistics.dump();
}

TEST_F(SyncPages, TheLastOfAnIdentityCounts) {
  labs_.play([](const std::string&, int) {
    return Page{
        {ListedLabs::record(1, R"("memo":"first")"), ListedLabs::record(2), ListedLabs::record(1, R"("memo":"last")")},
        "",
        3};
  });
  const Json statistics = sync(warehouse_);
  EXPECT_EQ(statistics["records"]["committed"].as_int(), 3);
  EXPECT_EQ(count_of(statistics, "duplicates"), 1);
  expect_exact(
      {{"1", Json::parse(ListedLabs::record(1, R"("memo":"last")"))}, {"2", Json::parse(ListedLabs::record(2))}},
      held(), "duplicates");
}

TEST_F(SyncPages, TotalsThatChangeAreNotRelyedOn) {
  fill(30);
  Content expected;
  for (int id = 1; id <= 30; ++id) expected[std::to_string(id)] = Json::parse(ListedLabs::record(id));
  labs_.play([](const std::string& cursor, int number) {
    const int at = cursor.empty() ? 0 : std::stoi(cursor);
    static const int totals[] = {7, 100'000, 0, 1};
    return Page{records(at + 1, at + 5), at < 25 ? std::to_string(at + 5) : "", totals[number % 4]};
  });
  sync(warehouse_);
  expect_exact(expected, held(), "totals that change");
}

TEST_F(SyncPages, NewMembersThatWantOneColumnAreTold) {
  fill(3);
  sync(warehouse_);
  labs_.play([](const std::string&, int) {
    return Page{{ListedLabs::record(4, R"("Due By":"a")"), ListedLabs::record(5, R"("due-by":"b")")}, "", 2};
  });
  for (const Words& words : {Words{"--dry-run"}, Words{"--max-removed", "50%"}}) {
    const Json statistics = sync(warehouse_, words);
    EXPECT_EQ(count_of(statistics, "schema_changed"), 2) << statistics.dump();
    EXPECT_EQ(count_of(statistics, "renamed"), 1) << statistics.dump();
    EXPECT_THAT(statistics.dump(), HasSubstr("is the column due_by_2"));
  }
}

TEST_F(SyncPages, RecordsThatCannotBeTakenAreKeptApart) {
  configure({{.url = labs_.url(), .attempts = 1, .more = {"sync: {max_record: 1KiB}"}}});
  fill(5);
  sync(warehouse_);
  const std::vector<std::string> wrong = {R"({"rootfi_updated_at":"2024-01-01T00:00:00.000Z"})",
                                          R"({"rootfi_id":null,"rootfi_updated_at":"2024-01-01T00:00:00.000Z"})",
                                          R"({"rootfi_id":"x","rootfi_updated_at":"2024-01-01T00:00:00.000Z"})",
                                          ListedLabs::record(8, "\"memo\":\"" + std::string(2000, 'm') + "\"")};
  labs_.play([&](const std::string&, int) {
    Page page{records(1, 4), "", 8};
    page.records.insert(page.records.begin() + 2, wrong.begin(), wrong.end());
    return page;
  });
  const Json statistics = sync(warehouse_, {"--mode", "full"}, items_failed);
  EXPECT_EQ(statistics["run"].text_or("state", ""), "partially_succeeded");
  EXPECT_EQ(statistics["totals"]["failed"].as_int(), 4);
  EXPECT_EQ(statistics["records"]["fetched"], statistics["records"]["committed"]);
  for (const char* code : {"no_identity", "wrong_type", "too_large"}) {
    const std::uint64_t expected = code == std::string("no_identity") ? 2 : 1;
    EXPECT_EQ(count_of(statistics, code), static_cast<std::int64_t>(expected)) << code;
    EXPECT_EQ(warehouse_.tables->count("_ferry_quarantine", std::string("code = '") + code + "'"), expected) << code;
  }
  // The fifth may be one of those that could not be taken: it is not removed.
  EXPECT_EQ(held().live, 5u);
  const Finished too_many = run(sync_command(warehouse_, {"--mode", "full", "--max-failed", "3"}));
  EXPECT_EQ(too_many.exit_code, usage) << too_many.err;
  EXPECT_THAT(too_many.out, HasSubstr("too_many_failed"));
  sync(warehouse_, {"--mode", "full", "--max-failed", "4"}, items_failed);
  labs_.remove(5);
  expect_recovery();
}

TEST_F(SyncPages, WhatOnlyTheDestinationCannotHoldIsToldLikeTheRest) {
  const Warehouse lake = postgres();
  fill(5);
  sync(lake);
  labs_.play([](const std::string&, int) {
    Page page{records(1, 3), "", 0};
    for (int id = 4; id <= 30; ++id) page.records.push_back(ListedLabs::record(id, R"("memo":"a\u0000b")"));
    return page;
  });
  const Json statistics = sync(lake, {"--mode", "full"}, items_failed);
  EXPECT_EQ(statistics["run"].text_or("state", ""), "partially_succeeded");
  EXPECT_EQ(statistics["totals"]["failed"].as_int(), 27);
  EXPECT_EQ(statistics["totals"]["removed"].as_int(), 0);
  EXPECT_EQ(count_of(statistics, "not_storable"), 20);
  EXPECT_EQ(count_of(statistics, "more_records_failed"), 1);
  EXPECT_EQ(count_of(statistics, "removals_not_looked_for"), 1);
  EXPECT_THAT(statistics.dump(), HasSubstr("a character of code 0"));
  const Finished too_many = run(sync_command(lake, {"--mode", "full", "--max-failed", "26"}));
  EXPECT_EQ(too_many.exit_code, usage) << too_many.err;
  EXPECT_THAT(too_many.out, HasSubstr("too_many_failed"));
}

TEST_F(SyncPages, WhatIsKeptApartIsBounded) {
  labs_.play([](const std::string& cursor, int number) {
    Page page{{}, number < 12 ? "c" + cursor : "", 0};
    for (int i = 0; i < 1000; ++i)
      page.records.push_back(R"({"rootfi_updated_at":"2024-01-01T00:00:00.000Z","n":)" +
                             std::to_string(number * 1000 + i) + "}");
    return page;
  });
  const Json statistics = sync(warehouse_, {}, items_failed);
  EXPECT_EQ(statistics["totals"]["failed"].as_int(), 12000);
  EXPECT_LE(statistics["problems"].items().size(), 30u);
  const std::uint64_t kept = warehouse_.tables->count("_ferry_quarantine");
  EXPECT_LE(kept, 10'000u);
  EXPECT_GE(kept, 100u);
}

// Only a read of everything shows that they are gone, and it may take several runs, each of them killed.
TEST_F(SyncPages, WhatVanishesIsFoundByReadsThatAreKilled) {
  int kills = 0;
  for (const unsigned seed : {1u, 2u, 3u}) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    const auto below = [&](int end) { return static_cast<int>(random() % static_cast<unsigned>(end)); };
    const Warehouse warehouse = sqlite("warehouse_" + std::to_string(seed) + ".db");
    int next = 1;
    for (int i = 0; i < 60; ++i) labs_.put(next++);
    sync(warehouse);
    for (int life = 0; life < 6; ++life) {
      configure({{.url = labs_.url(), .page_size = 3 + below(10)}});
      for (int i = 0; i < 4; ++i) labs_.put(below(2) == 0 ? next++ : 1 + below(next - 1), std::to_string(life));
      for (int i = 0; i < 4; ++i) labs_.remove(1 + below(next - 1));
      labs_.play(nullptr);
      const int victim_after = below(12);
      bool changed = false;
      Process running(sync_command(warehouse, life % 3 == 2 ? Words{} : Words{"--mode", "full"}));
      eventually([&] {
        if (!changed && labs_.requests() > victim_after / 2) {
          for (int i = 0; i < 2; ++i) labs_.remove(1 + below(next - 1));
          labs_.put(1 + below(next - 1), "meanwhile");
          changed = true;
        }
        return labs_.requests() >= victim_after || !is_alive(running.id());
      });
      running.signal(SIGKILL);
      kills += running.finish().exit_code == 128 + SIGKILL ? 1 : 0;
    }
    labs_.play(nullptr);
    // What an interrupted read had seen may have vanished since: the read after it is a whole one.
    sync(warehouse, {"--mode", "full"});
    sync(warehouse, {"--mode", "full"});
    expect_exact(labs_.content(), warehouse.tables->held("books", "INVOICES"), "after all");
    for (int id = 1; id < next; ++id) labs_.remove(id);
  }
  EXPECT_GE(kills, 3);
}

}  // namespace
}  // namespace ferry::test
