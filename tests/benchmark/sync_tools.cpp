#include <cstdio>
#include <filesystem>

#include "host/base/files.hpp"
#include "tests/benchmark/sync_rows.hpp"

namespace ferry::benchmark {
namespace {

struct Tool {
  std::string name;
  std::vector<std::string> command;
  std::string file, table;
  double faster;  // ferry is to be at least so many times
};

}  // namespace

// One model's pages, into files in memory where there is a place for such: sqlite-utils cannot be told when to wait for
// a disk, so nobody shall wait.
void sync_tools(const SyncBench& bench, Results& results) {
  const std::string sources = FERRY_SOURCE_DIR "/tests/benchmark/", first = bench.first_page("side", "INVOICES");
  const bool in_memory = std::filesystem::is_directory("/dev/shm");
  const host::TemporaryDirectory directory{in_memory ? std::filesystem::path("/dev/shm")
                                                     : std::filesystem::temp_directory_path()};
  const auto file = [&](const char* name) { return (directory.path() / name).string(); };
  const std::vector<Tool> tools = {
      {"ferry", bench.ferry("side", file("ferry.db"), {"--full", "--model", "INVOICES"}), file("ferry.db"),
       "side_invoices", 1},
      {"curl | jq | sqlite3 .import",
       {sources + "sync_by_curl.sh", "sqlite3", first, file("curl.db")},
       file("curl.db"),
       "invoices",
       3},
      {"sqlite-utils insert",
       {sources + "sync_by_curl.sh", "sqlite-utils", first, file("utils.db")},
       file("utils.db"),
       "invoices",
       5},
      {"a Singer tap and target",
       {"bash", "-c", R"(set -o pipefail; /usr/bin/python3 "$0" "$1" | /usr/bin/python3 "$2" "$3")",
        sources + "singer_tap.py", first, sources + "singer_target.py", file("singer.db")},
       file("singer.db"),
       "invoices",
       10}};
  std::vector<Contender> contenders;
  for (const Tool& tool : tools)
    contenders.push_back({[&tool] { remove_database(tool.file); }, [&tool] { run(tool.command); }});
  bench.warm("side");
  const std::vector<Cost> best = best_of(bench.settings().quick ? 1 : 2, contenders);

  const std::string size = std::to_string(bench.records("side")) + " records";
  results.note("sync, one model of " + size, milliseconds_text(best[0]));
  for (std::size_t i = 0; i < tools.size(); ++i) {
    expect_number(tools[i].file, "SELECT count(*) FROM " + tools[i].table, bench.records("side"));
    if (i == 0) continue;
    const double ratio = best[i].wall / best[0].wall;
    char measured[80], target[40];
    std::snprintf(measured, sizeof measured, "%.1f x (%s)", ratio, milliseconds_text(best[i]).c_str());
    std::snprintf(target, sizeof target, ">= %.0f x as fast", tools[i].faster);
    results.add_time("  against " + tools[i].name, measured, target, ratio >= tools[i].faster);
  }
}

}  // namespace ferry::benchmark
