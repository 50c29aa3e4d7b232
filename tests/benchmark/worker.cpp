// A worker by itself: how long it takes to come and go, to ask the host something, and to deliver records.
#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <stdexcept>
#include <thread>

#include "ferry/json.hpp"
#include "host/base/digest.hpp"
#include "host/base/files.hpp"
#include "host/records/json_lines.hpp"
#include "host/worker/worker_process.hpp"
#include "tests/benchmark/benchmarks.hpp"
#include "tests/benchmark/run_operation.hpp"

namespace ferry::benchmark {
namespace {

using Clock = std::chrono::steady_clock;

double seconds(Clock::duration duration) { return std::chrono::duration<double>(duration).count(); }

struct RoundTrips : Listener {
  std::string on_request(std::string_view) override {
    times.push_back(Clock::now());
    return R"({"found":true,"value":"a value"})";
  }
  // Of the quickest five hundred in a row: what else the machine does interrupts the others.
  double seconds_each() const {
    const std::size_t row = std::min<std::size_t>(500, times.size() - 1);
    double best = 1e9;
    for (std::size_t i = row; i < times.size(); ++i)
      best = std::min(best, seconds(times[i] - times[i - row]) / static_cast<double>(row));
    return best;
  }
  std::vector<Clock::time_point> times;
};

struct RecordCounter : Listener {
  void on_records(std::string_view, std::uint64_t batch, std::string_view lines) override {
    if (count == 0) first = Clock::now();
    host::check_json_lines(lines, batch);
    count += batch;
    bytes += lines.size();
    last = Clock::now();
  }
  Clock::time_point first, last;
  std::uint64_t count = 0, bytes = 0;
};

void spawn(const Settings& settings, Results& results) {
  struct Case {
    const char *name, *folder, *operation;
  };
  for (const Case& one :
       {Case{"a C connector of the zoo, export", "zoo/healthy", "export"},
        Case{"the benchmarks' connector, check", "benchmark-connectors/ferry_benchmark_connector", "check"},
        Case{"node-red, catalog", "connectors/node_red", "catalog"}}) {
    const Operation operation(std::string(FERRY_BINARY_DIR "/") + one.folder, one.operation);
    const host::UniqueFd package = host::open_file(settings.directory / "package", O_RDWR | O_CREAT | O_TRUNC);
    const Cost cost = best_of(settings.quick ? 2 : 60, {[&] {
                                if (::ftruncate(package.get(), 0) != 0) throw std::runtime_error("ftruncate");
                                Listener listener;
                                operation.run(listener, package.get());
                              }})[0];
    results.add_time(std::string("worker: spawn, load, run, end: ") + one.name, milliseconds_text(cost), "<= 10 ms",
                     cost.wall <= 0.010);
  }
}

void round_trip(const Settings& settings, Results& results) {
  Operation operation(FERRY_BINARY_DIR "/benchmark-connectors/ferry_benchmark_connector", "check");
  operation.set("count", settings.quick ? 100 : 20'000);
  double best = 1e9, mean = 1e9;
  for (int i = 0; i < (settings.quick ? 1 : 7); ++i) {
    RoundTrips listener;
    operation.run(listener);
    best = std::min(best, listener.seconds_each());
    mean = std::min(
        mean, seconds(listener.times.back() - listener.times.front()) / static_cast<double>(listener.times.size() - 1));
  }
  char text[60];
  std::snprintf(text, sizeof text, "%.1f us (mean of 20,000: %.1f us)", best * 1e6, mean * 1e6);
  results.add_time("worker: round trip of a state get", text, "<= 20 us", best <= 20e-6);
}

void records(const Settings& settings, Results& results) {
  Operation operation(FERRY_BINARY_DIR "/benchmark-connectors/ferry_benchmark_connector", "read");
  operation.set("count", settings.quick ? 1'000 : 2'000'000);
  double best = 0, bytes = 0;
  for (int i = 0; i < (settings.quick ? 1 : 4); ++i) {
    RecordCounter listener;
    operation.run(listener);
    best = std::max(best, static_cast<double>(listener.count) / seconds(listener.last - listener.first));
    bytes = static_cast<double>(listener.bytes) / static_cast<double>(listener.count);
  }
  char text[80];
  std::snprintf(text, sizeof text, "%.2f M/s of %.0f bytes", best / 1e6, bytes);
  results.add_time("worker: records, checked by the host", text, ">= 1 M/s", best >= 1e6);
}

void idle_memory(const Settings& settings, Results& results) {
  Operation operation(FERRY_BINARY_DIR "/benchmark-connectors/ferry_benchmark_connector", "check");
  operation.set("idle_ms", settings.quick ? 200 : 1'000);
  std::uint64_t resident = 0, own = 0;
  std::thread watcher([&] {
    const auto deadline = Clock::now() + std::chrono::milliseconds(settings.quick ? 150 : 700);
    while (Clock::now() < deadline) {
      for (const pid_t child : children_of(::getpid())) {
        resident = std::max(resident, status_kib(child, "VmRSS:"));
        std::uint64_t sum = 0;
        std::ifstream rollup("/proc/" + std::to_string(child) + "/smaps_rollup");
        for (std::string line; std::getline(rollup, line);)
          if (line.starts_with("Private_")) sum += std::stoull(line.substr(line.find(':') + 1));
        own = std::max(own, sum);
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  });
  Listener listener;
  operation.run(listener);
  watcher.join();
  char text[80];
  std::snprintf(text, sizeof text, "%.1f MiB, of which its own %.1f MiB", static_cast<double>(resident) / 1024,
                static_cast<double>(own) / 1024);
  results.note("worker: memory while idle", text);
}

}  // namespace

void worker(const Settings& settings, Results& results) {
  spawn(settings, results);
  round_trip(settings, results);
  records(settings, results);
  idle_memory(settings, results);
}

}  // namespace ferry::benchmark
