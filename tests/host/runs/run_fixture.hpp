// A runner on a state directory and configuration of its own, with the connectors of the zoo and the shelf.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "host/base/files.hpp"
#include "host/base/json_text.hpp"
#include "host/runs/runner.hpp"
#include "tests/support/failure_of.hpp"

namespace ferry::host::test {

using ferry::test::failure_of;

inline std::string text_of(const std::optional<RunError>& error) {
  return error ? std::string(fault_word(error->fault)) + " " + error->code + ": " + error->message : "";
}

class Watcher final : public RunObserver {
 public:
  void on_start(const RunRecord& record) override {
    tell("start " + record.operation + (record.preview ? " preview" : ""));
    if (on_start_hook) on_start_hook(record);
  }
  void on_progress(const RunRecord&, const RunProgress& progress) override { tell("progress " + progress.phase); }
  void on_log(const RunRecord&, int, const std::string& source, const std::string& message) override {
    tell(source + ": " + message);
  }
  void on_end(const RunOutcome& outcome) override { tell("end " + outcome.record.state); }

  std::string all() const {
    std::lock_guard lock(mutex_);
    std::string joined;
    for (const std::string& line : events_) joined += line + "\n";
    return joined;
  }

  std::function<void(const std::string& event)> hook;
  std::function<void(const RunRecord&)> on_start_hook;

 private:
  void tell(const std::string& event) {
    {
      std::lock_guard lock(mutex_);
      events_.push_back(event);
    }
    if (hook) hook(event);
  }
  mutable std::mutex mutex_;
  std::vector<std::string> events_;
};

class RunTest : public testing::Test {
 protected:
  RunTest()
      : registry_({std::filesystem::path(FERRY_BINARY_DIR) / "zoo",
                   std::filesystem::path(FERRY_BINARY_DIR) / "test-connectors"}),
        store_(std::make_unique<RunStore>(state())),
        packages_(state() / "packages") {}

  std::filesystem::path state() const { return home_.path() / "state"; }
  void configure(const std::string& connections, const std::string& before = "") {
    std::ofstream(home_.path() / "ferry.yaml") << before << "connections:\n" << connections;
    config_ = std::make_unique<Config>(Config::load(home_.path() / "ferry.yaml"));
  }
  // One connection of the animal, with `more` of its members.
  static std::string connection(const std::string& name, const std::string& connector, const std::string& more = "") {
    return "  " + name + ":\n    connector: " + connector + "\n    url: http://127.0.0.1:9\n" +
           (more.empty() ? "" : "    " + more + "\n");
  }
  Runner runner() {
    return Runner(Environment{.config = config_.get(),
                              .registry = registry_,
                              .store = *store_,
                              .packages = packages_,
                              .clock = clock_,
                              .redactor = redactor_,
                              .observer = watcher_,
                              .executable = FERRY_BINARY_DIR "/bin/ferry",
                              .state_directory = state()});
  }

  TemporaryDirectory home_{testing::TempDir()};
  std::unique_ptr<Config> config_;
  Registry registry_;
  std::unique_ptr<RunStore> store_;
  PackageStore packages_;
  SystemClock clock_;
  Redactor redactor_;
  Watcher watcher_;
  Cancellation cancellation_;
};

}  // namespace ferry::host::test
