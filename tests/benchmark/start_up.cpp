// What a person waits for before ferry does anything: linking, and reading the manifests of 50 connectors.
#include <fstream>

#include "host/base/files.hpp"
#include "tests/benchmark/benchmarks.hpp"

namespace ferry::benchmark {
namespace {

namespace fs = std::filesystem;

void install_connectors(const fs::path& directory, int count) {
  fs::create_directory(directory);
  const fs::path original = FERRY_BINARY_DIR "/benchmark-connectors/ferry_benchmark_connector";
  for (int i = 1; i <= count; ++i) {
    const fs::path copy = directory / ("connector-" + std::to_string(i));
    fs::copy(original, copy);
    std::string manifest = host::read_file(copy / "connector.json");
    manifest.replace(manifest.find("ferry-benchmark"), 15, "benchmark-" + std::to_string(i));
    std::ofstream(copy / "connector.json") << manifest;
  }
}

}  // namespace

void start_up(const Settings& settings, Results& results) {
  const std::string ferry = FERRY_BINARY_DIR "/bin/ferry";
  const fs::path connectors = settings.directory / "connectors";
  install_connectors(connectors, 50);
  const std::vector<std::string> list = {ferry, "--connector-path", connectors, "connectors", "list"};
  if (output_of(list).find("benchmark-50") == std::string::npos)
    throw std::runtime_error("the connectors are not listed");

  const std::vector<Cost> best = best_of(settings.quick ? 3 : 60, {[] { run({"/bin/true"}); },
                                                                   [&] {
                                                                     run({ferry, "--version"});
                                                                   },
                                                                   [&] { run(list); }});
  const double limit = 3 * best[0].wall + 0.010;
  char target[80];
  std::snprintf(target, sizeof target, "<= 3 x true + 10 ms = %.2f ms", limit * 1e3);
  results.note("/bin/true", milliseconds_text(best[0]));
  results.add_time("ferry --version", milliseconds_text(best[1]), target, best[1].wall <= limit);
  results.add_time("ferry connectors list, 50 installed", milliseconds_text(best[2]), target, best[2].wall <= limit);
}

}  // namespace ferry::benchmark
