#include <cstdio>
#include <stdexcept>

#include "tests/benchmark/sync_rows.hpp"
#include "tests/support/postgres/postgres_server.hpp"

namespace ferry::benchmark {
namespace {

class Loads {
 public:
  Loads(const SyncBench& bench, Results& results)
      : bench_(bench),
        results_(results),
        rounds_(bench.settings().quick ? 1 : 3),
        all_(bench.records("load") * static_cast<std::int64_t>(SyncBench::models().size())) {
    char text[40];
    std::snprintf(text, sizeof text, "%zu x %lld records", SyncBench::models().size(),
                  static_cast<long long>(bench.records("load")));
    size_ = text;
    bench_.warm("load");
  }

  void sqlite() {
    const std::string by_limit = bench_.settings().directory / "limit.db",
                      by_ferry = bench_.settings().directory / "ferry.db";
    const std::int64_t changed = bench_.records("load") / 100;
    const auto remove_both = [&] {
      remove_database(by_limit);
      remove_database(by_ferry);
    };
    const auto again = [&] { run(bench_.ferry("load", by_ferry, {"--full"})); };
    const std::vector<Cost> best =
        best_of(rounds_, {{remove_both, [&] { run(bench_.limit("load", by_limit)); }},
                          {[&] {
                             expect_number(by_limit, count_of(""), all_);
                             remove_both();
                           },
                           again},
                          {[&] { expect_number(by_ferry, count_of("load_"), all_); }, again},
                          {[&] {
                             expect_number(by_ferry, written("added + modified + removed"), 0);
                             bench_.modify("load", changed);
                             bench_.warm("load");
                           },
                           again}});
    expect_number(by_ferry, written("modified"), changed * static_cast<std::int64_t>(SyncBench::models().size()));
    remove_both();

    against_limit("SQLite", best[1], best[0]);
    results_.note("  the limit program", per_second(best[0]));
    add("sync again, nothing changed, against the first load", best[2], best[1], "the first load's", 2.0);
    add("sync again, 1 % changed, against the first load", best[3], best[1], "the first load's", 1.8);
  }

  void postgres() {
    test::PostgresServer server;
    std::string database;
    const auto anew = [&] {
      if (!database.empty()) server.query("DROP DATABASE " + database);
      database = server.make_database();
    };
    const auto check = [&](const std::string& table, const std::string& database) {
      const std::string found = server.query("SELECT count(*) FROM " + table, database).at(0).at(0);
      if (found != std::to_string(bench_.records("load"))) throw std::runtime_error(table + " has " + found + " rows");
    };
    const std::vector<Cost> best =
        best_of(rounds_, {{anew, [&] { run(bench_.limit("load", server.conninfo(database))); }},
                          {[&] {
                             check("limit_EXPENSES", database);
                             anew();
                           },
                           [&] { run(bench_.ferry("load", server.conninfo(database), {"--full"})); }}});
    check("load.expenses", database);
    against_limit("PostgreSQL", best[1], best[0]);
    results_.note("  the limit program", per_second(best[0]));
  }

 private:
  // Of all rows of all tables; the tables' names begin with the prefix.
  static std::string count_of(const std::string& prefix) {
    std::string sql;
    for (const std::string& model : SyncBench::models())
      sql += (sql.empty() ? "SELECT (SELECT count(*) FROM " : " + (SELECT count(*) FROM ") + prefix + model + ")";
    return sql;
  }
  // What the last run wrote.
  static std::string written(const std::string& what) {
    return "SELECT sum(" + what + ") FROM _ferry_model_runs WHERE run = (SELECT max(number) FROM _ferry_runs)";
  }

  std::string per_second(Cost cost) const {
    char text[80];
    std::snprintf(text, sizeof text, "%.2f s (cpu %.2f s) = %.0f records/s", cost.wall, cost.cpu,
                  static_cast<double>(all_) / cost.wall);
    return text;
  }
  void add(const std::string& figure, Cost cost, Cost against, const std::string& whose, double least) {
    const double speed = against.wall / cost.wall;
    char measured[160], target[60];
    std::snprintf(measured, sizeof measured, "%.2f x, %s", speed, per_second(cost).c_str());
    std::snprintf(target, sizeof target, ">= %.1f x %s speed", least, whose.c_str());
    results_.add_time(figure, measured, target, speed >= least);
  }
  void against_limit(const std::string& database, Cost ferry, Cost limit) {
    add("sync, first load of " + size_ + " into " + database, ferry, limit, "the limit program's", 0.8);
  }

  const SyncBench& bench_;
  Results& results_;
  const int rounds_;
  const std::int64_t all_;
  std::string size_;
};

}  // namespace

void sync_loads(const SyncBench& bench, Results& results) {
  Loads loads(bench, results);
  loads.sqlite();
  loads.postgres();
}

}  // namespace ferry::benchmark
