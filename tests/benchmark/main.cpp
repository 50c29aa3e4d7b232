// ferry_benchmark [--quick] [NAME]...: measures and prints a table. 0: every target was met; 1: one was not; 2: a
// benchmark could not run.
#include <cstdio>
#include <cstring>
#include <exception>
#include <filesystem>
#include <functional>
#include <utility>
#include <vector>

#include "host/base/files.hpp"
#include "tests/benchmark/benchmarks.hpp"

int main(int argc, char** argv) {
  using namespace ferry::benchmark;
  const std::vector<std::pair<const char*, std::function<void(const Settings&, Results&)>>> all = {
      {"start_up", start_up}, {"worker", worker},       {"transfer", transfer},           {"memory", memory},
      {"flows", flows},       {"platforms", platforms}, {"sync", ferry::benchmark::sync}, {"sandbox", sandbox}};
  Settings settings;
  std::vector<const char*> chosen;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--quick") == 0)
      settings.quick = true;
    else
      chosen.push_back(argv[i]);
  }
  Results results(!settings.quick);
  try {
    for (const auto& [name, benchmark] : all) {
      bool wanted = chosen.empty();
      for (const char* one : chosen) wanted = wanted || std::strcmp(one, name) == 0;
      if (!wanted) continue;
      std::fprintf(stderr, "measuring %s ...\n", name);
      const ferry::host::TemporaryDirectory directory{std::filesystem::temp_directory_path()};
      settings.directory = directory.path();
      benchmark(settings, results);
    }
  } catch (const std::exception& error) {
    results.print();
    std::fprintf(stderr, "ferry_benchmark: %s\n", error.what());
    return 2;
  }
  return results.print() ? 0 : 1;
}
