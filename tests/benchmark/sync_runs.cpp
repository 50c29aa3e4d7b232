#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <future>
#include <stdexcept>

#include "tests/benchmark/sync_rows.hpp"

namespace ferry::benchmark {
namespace {

void memory_of_sync(const SyncBench& bench, Results& results, const std::string& file) {
  // Host and worker at their highest, together, in MiB. A short load does not always reach what it may take.
  const auto load = [&](const std::string& environment, const std::string& size, int rounds) {
    Peak peak;
    for (int round = 0; round < rounds; ++round) {
      run(bench.ferry(environment, file, {"--full"}), &peak);
      remove_database(file);
    }
    const double host = static_cast<double>(peak.host_kib) / 1024, worker = static_cast<double>(peak.worker_kib) / 1024;
    char text[60];
    std::snprintf(text, sizeof text, "%.1f + %.1f = %.1f MiB", host, worker, host + worker);
    results.add("sync, peak memory of host and worker, " + size + " records", text, "<= 96 MiB", host + worker <= 96);
    return host + worker;
  };
  const double few = load("small", "100 k", bench.settings().quick ? 1 : 5);
  if (bench.settings().quick) return;
  const double many = load("large", "4 M", 1);
  char text[40];
  std::snprintf(text, sizeof text, "%+.1f %%", (many / few - 1) * 100);
  results.add("sync, peak memory, 4 M against 100 k", text, "within 10 %", std::max(few / many, many / few) <= 1.1);
}

// Seconds from the start of the process until another can read a row of a model.
double until_first_row(const SyncBench& bench, const std::string& file) {
  const auto start = std::chrono::steady_clock::now();
  auto ended = std::async(std::launch::async, [&] { run(bench.ferry("small", file, {"--full"})); });
  double seconds = 0;
  while (seconds == 0) {
    // Before there is a journal nobody may look: a reader would stand in the way of the database's making.
    if (std::filesystem::exists(file + "-wal"))
      for (const std::string& model : SyncBench::models())
        if (seconds == 0 && number_in(file, "SELECT 1 FROM small_" + model + " LIMIT 1"))
          seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (ended.wait_for(std::chrono::milliseconds(1)) == std::future_status::ready) break;
  }
  ended.get();
  if (seconds == 0) throw std::runtime_error("no row was seen while ferry ran");
  return seconds;
}

void first_row(const SyncBench& bench, Results& results, const std::string& file) {
  double best = 1e9;
  for (int round = 0; round < (bench.settings().quick ? 1 : 5); ++round) {
    remove_database(file);
    best = std::min(best, until_first_row(bench, file));
  }
  char text[40];
  std::snprintf(text, sizeof text, "%.0f ms", best * 1e3);
  results.add_time("sync, from the start to the first committed row", text, "< 300 ms", best < 0.3);
}

// Of a database that the small environment was loaded into.
void nothing_changed(const SyncBench& bench, Results& results, const std::string& file) {
  const int rounds = bench.settings().quick ? 1 : 10;
  run(bench.ferry("small", file));
  const std::int64_t before = bench.requests("small");
  const Cost best = best_of(rounds, {[&] { run(bench.ferry("small", file)); }})[0];
  const double requests = static_cast<double>(bench.requests("small") - before) / rounds;
  results.add_time("sync, nothing changed since the checkpoint", milliseconds_text(best), "< 100 ms", best.wall < 0.1);
  char text[40];
  std::snprintf(text, sizeof text, "%.1f requests of %zu models", requests, SyncBench::models().size());
  results.add("sync, nothing changed since the checkpoint", text, "one a model",
              requests <= static_cast<double>(SyncBench::models().size()));
}

}  // namespace

void sync_runs(const SyncBench& bench, Results& results) {
  const std::string file = bench.settings().directory / "runs.db";
  bench.warm("small");
  memory_of_sync(bench, results, file);
  first_row(bench, results, file);
  nothing_changed(bench, results, file);
  remove_database(file);
}

}  // namespace ferry::benchmark
