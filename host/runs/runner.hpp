// Carries out one operation from request to statistics: looks up connection and connector, checks the configuration,
// starts the worker, counts its facts, keeps its package, records the run.
//
// run() may be called from several threads at once. It throws Failure only for what happens before a run exists
// (unknown connection, bad configuration, missing secret, connector not found); from then on every end is a RunOutcome.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "host/base/cancellation.hpp"
#include "host/base/clock.hpp"
#include "host/base/redactor.hpp"
#include "host/config/config.hpp"
#include "host/connectors/registry.hpp"
#include "host/packages/package_store.hpp"
#include "host/runs/run.hpp"
#include "host/runs/run_store.hpp"
#include "host/runs/traffic_folders.hpp"

namespace ferry::host {

struct RunProgress {
  std::string phase;                  // "download", "" if the connector says nothing
  std::uint64_t done = 0, total = 0;  // total 0: unknown
  Transfer transfer;
  std::int64_t waiting_until = 0;  // unix ms; 0: it does not wait
  bool waiting_for_limit = false;  // of the platform
  std::uint64_t records = 0;       // that arrived so far
};

// Called from the thread that runs; with two runs at once, from two threads.
class RunObserver {
 public:
  virtual ~RunObserver() = default;
  virtual void on_start(const RunRecord&) {}
  virtual void on_progress(const RunRecord&, const RunProgress&) {}
  virtual void on_log(const RunRecord&, int level, const std::string& source, const std::string& message) {
    (void)level, (void)source, (void)message;
  }
  virtual void on_end(const RunOutcome&) {}
};

// Records on their way out of a run: of catalog ("catalog"), read, inspect.
class RecordReceiver {
 public:
  virtual ~RecordReceiver() = default;
  // lines: JSON objects, each ended by \n, valid UTF-8.
  virtual void on_records(std::string_view stream, std::string_view lines, std::uint64_t count) = 0;
  virtual void on_checkpoint(std::string_view stream, std::string_view state_json) = 0;
  // true: on_records itself refuses lines that are no JSON objects, or another number of them; so nobody else looks.
  virtual bool checks_records() const { return false; }
};

// What a runner works with; all of it outlives the runner.
struct Environment {
  const Config* config;  // nullptr: no configuration (inspect of a file)
  const Registry& registry;
  RunStore& store;
  PackageStore& packages;
  Clock& clock;
  Redactor& redactor;
  RunObserver& observer;
  std::filesystem::path executable;  // ferry itself, to be run as a worker
  std::filesystem::path state_directory;
  int log_level = 1;                  // what connectors are asked for: FERRY_LOG_...
  TrafficFolders* traffic = nullptr;  // records or replays what runs send; nullptr: neither
};

class Runner {
 public:
  explicit Runner(Environment);

  RunOutcome run(const RunRequest&, const Cancellation&, RecordReceiver* = nullptr);
  // Records the run as ended by what kept it from beginning. Throws as run().
  RunOutcome not_begun(const RunRequest&, RunError);
  // Throws what run() would throw, but for a package that is not there yet: for work of several runs, of which the
  // first need not begin if a later one cannot.
  void check(const RunRequest&);
  Environment& environment() noexcept { return environment_; }

 private:
  Environment environment_;
};

}  // namespace ferry::host
