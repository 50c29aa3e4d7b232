// The parts of the benchmark of sync, each of which adds its rows.
#pragma once

#include "tests/benchmark/sync_bench.hpp"

namespace ferry::benchmark {

// Everything, again with nothing and with little changed, into SQLite and PostgreSQL, against the limit program.
void sync_loads(const SyncBench&, Results&);
// Memory at two sizes, the first row, and a run in which nothing changed.
void sync_runs(const SyncBench&, Results&);
// Side by side with what people use today.
void sync_tools(const SyncBench&, Results&);

}  // namespace ferry::benchmark
