// Releases over several platforms: a mixed run against its longest step, a 200 MB package of Spark against curl, and a
// hundred connections at once.
#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "ferry/json.hpp"
#include "host/base/files.hpp"
#include "tests/benchmark/benchmarks.hpp"
#include "tests/support/sandbox/sandbox.hpp"

namespace ferry::benchmark {
namespace {

std::vector<std::string> ferry_command(const test::Sandbox& sandbox, const Settings& settings,
                                       const std::string& config, std::vector<std::string> words) {
  std::vector<std::string> command = {"/usr/bin/env"};
  for (const auto& [name, value] : sandbox.environment()) command.push_back(name + "=" + value);
  command.insert(command.end(), {FERRY_BINARY_DIR "/bin/ferry", "--config", config, "--state-dir",
                                 settings.directory / "state", "--connector-path", FERRY_BINARY_DIR "/connectors"});
  command.insert(command.end(), words.begin(), words.end());
  return command;
}

double seconds_of(const Json& run) {
  const auto milliseconds = [](std::string_view time) {  // "...T10:00:54.123Z" of one day
    const auto number = [&](std::size_t at, std::size_t size) {
      return std::stoll(std::string(time.substr(at, size)));
    };
    return ((number(11, 2) * 60 + number(14, 2)) * 60 + number(17, 2)) * 1000 + number(20, 3);
  };
  const auto took = milliseconds(run.text_or("finished_at", "")) - milliseconds(run.text_or("started_at", ""));
  return static_cast<double>(took < 0 ? took + 86'400'000 : took) / 1e3;
}

void mixed(const Settings& settings, Results& results, const test::Sandbox& sandbox) {
  double best = 1e9, whole = 0, longest = 0;
  for (int round = 0; round < (settings.quick ? 1 : 5); ++round) {
    for (const char* target : {"spark/test", "smartiq/test", "dev2prod/test"}) sandbox.reset(target);
    const Json document =
        Json::parse(output_of(ferry_command(sandbox, settings, FERRY_SOURCE_DIR "/samples/ferry.yaml",
                                            {"--json", "run", FERRY_SOURCE_DIR "/samples/mixed.yaml"})));
    double most = 0;
    for (const Json& step : document["steps"].items()) most = std::max(most, seconds_of(step["statistics"]["run"]));
    const double all = seconds_of(document["run"]);
    if (all / most >= best) continue;
    best = all / most;
    whole = all;
    longest = most;
  }
  char text[80];
  std::snprintf(text, sizeof text, "%.2f x (%.2f s, longest step %.2f s)", best, whole, longest);
  results.add_time("a run over 4 platforms against its longest step", text, "<= 1.15 x", best <= 1.15);
}

void package(const Settings& settings, Results& results, const test::Sandbox& sandbox) {
  const std::string config = settings.directory / "ferry.yaml", file = settings.directory / "spark.zip";
  std::ofstream(config) << "connections:\n"
                           "  from: {connector: spark, url: env:SPARK_DEV_URL, settings: {client_id: ferry}, secrets: "
                           "{client_secret: env:SPARK_CLIENT_SECRET}}\n"
                           "  to: {connector: spark, url: env:SPARK_TEST_URL, settings: {client_id: ferry}, secrets: "
                           "{client_secret: env:SPARK_CLIENT_SECRET}}\n";
  Peak peak;
  const auto ferry = [&] {
    sandbox.reset("spark/test");
    run(ferry_command(sandbox, settings, config,
                      {"--quiet", "export", "from", "-o", file, "--select", "service=large/package"}),
        &peak);
    run(ferry_command(sandbox, settings, config,
                      {"--quiet", "import", "to", file, "--on-existing", "replace", "--no-backup"}),
        &peak);
  };
  const auto curl = [&] {
    sandbox.reset("spark/test");
    run({FERRY_SOURCE_DIR "/tests/benchmark/spark_by_curl.sh", sandbox.url("SPARK_DEV_URL"),
         sandbox.url("SPARK_TEST_URL"), "large/package", settings.directory / "curl.zip"});
  };
  const std::vector<Cost> best = best_of(settings.quick ? 1 : 5, {curl, ferry});
  char text[100];
  std::snprintf(text, sizeof text, "%.2f x (%.0f ms, curl %.0f ms)", best[1].wall / best[0].wall, best[1].wall * 1e3,
                best[0].wall * 1e3);
  const std::string size = std::to_string(std::filesystem::file_size(file) / 1'000'000) + " MB";
  results.add_time("a Spark package, " + size + ", from tenant to tenant against curl", text, "<= 1.1 x",
                   best[1].wall <= 1.1 * best[0].wall);
  std::snprintf(text, sizeof text, "host %.1f MiB, worker %.1f MiB", static_cast<double>(peak.host_kib) / 1024,
                static_cast<double>(peak.worker_kib) / 1024);
  results.add("peak memory, a Spark package, " + size, text, "<= 64 MiB each",
              std::max(peak.host_kib, peak.worker_kib) <= 64 * 1024);
}

void many(const Settings& settings, Results& results, const test::Sandbox& sandbox) {
  const int count = settings.quick ? 8 : 100;
  std::ostringstream config, release;
  config << "connections:\n";
  release << "parallel: 64\nsteps:\n";
  for (int i = 0; i < count; ++i) {
    config << "  c" << i << ": {connector: smartiq, url: env:SMARTIQ_DEV_URL, settings: {username: admin}, secrets: "
           << "{password: env:SMARTIQ_PASSWORD}}\n";
    release << "  s" << i << ": {export: {connection: c" << i << "}}\n";
  }
  const std::string config_file = settings.directory / "many.yaml", release_file = settings.directory / "release.yaml";
  std::ofstream(config_file) << config.str();
  std::ofstream(release_file) << release.str();
  Json document;
  const Cost cost = cost_of([&] {
    document = Json::parse(
        output_of(ferry_command(sandbox, settings, config_file, {"--json", "run", release_file, "--parallel", "64"})));
  });
  const auto& steps = document["steps"].items();
  const auto well = std::count_if(steps.begin(), steps.end(),
                                  [](const Json& step) { return step.text_or("state", "") == "succeeded"; });
  results.add(std::to_string(count) + " connections in one run, 64 at once",
              std::to_string(well) + " finished, " + milliseconds_text(cost), "all finish", well == count);
}

}  // namespace

void platforms(const Settings& settings, Results& results) {
  const test::Sandbox sandbox(
      settings.directory,
      {"--option", "spark.dev.package_bytes=" + std::to_string(settings.quick ? 8'000'000 : 200'000'000), "--option",
       "spark.*.job_ms=200", "--option", "dev2prod.*.job_ms=200"});
  mixed(settings, results, sandbox);
  package(settings, results, sandbox);
  many(settings, results, sandbox);
}

}  // namespace ferry::benchmark
