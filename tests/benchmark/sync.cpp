// Records of Integration Labs into tables: how fast, in how much memory, and how much faster than other tools.
#include "tests/benchmark/benchmarks.hpp"
#include "tests/benchmark/sync_rows.hpp"

namespace ferry::benchmark {

void sync(const Settings& settings, Results& results) {
  const SyncBench bench(settings);
  sync_runs(bench, results);
  sync_tools(bench, results);
  sync_loads(bench, results);
}

}  // namespace ferry::benchmark
