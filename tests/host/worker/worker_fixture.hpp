// Runs connectors of the zoo in real workers of the real program, and keeps all that they tell.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "host/base/files.hpp"
#include "host/worker/worker_process.hpp"

namespace ferry::host::test {

inline constexpr const char* program = FERRY_BINARY_DIR "/bin/ferry";

struct Batch {
  std::string stream;
  std::uint64_t count;
  std::string lines;
  bool operator==(const Batch&) const = default;
};

class Recorder final : public WorkerListener {
 public:
  void on_fact(std::string_view fact) override;
  void on_records(std::string_view stream, std::uint64_t count, std::string_view lines) override;
  void on_checkpoint(std::string_view stream, std::string_view state) override;
  void on_progress(const WorkerProgress&) override;
  void on_log(int level, const std::string& source, const std::string& message) override;
  void on_mask(std::string_view value) override;
  std::string on_request(std::string_view request) override;

  // The log lines of one source: connector, stdout, stderr.
  std::vector<std::string> logs(const std::string& source) const;
  // What came of a step of follows_script: "0", "9: text"; "" if it was not logged.
  std::string result(const std::string& step) const;

  std::vector<std::string> facts, masks, phases, stages, requests;
  std::vector<Batch> batches;
  std::vector<std::string> order;  // "fact", "records STREAM", "checkpoint STREAM STATE"
  std::map<std::string, std::string> state;
  std::function<void(const std::string& event)> hook;  // called with each event of `order`, "log", "progress"

 private:
  void tell(const std::string& event);
  struct Line {
    std::string source, message;
  };
  std::vector<Line> lines_;
};

class WorkerTest : public testing::Test {
 protected:
  WorkerTest();

  // What the runner would say for a connector of the zoo.
  WorkerStart start_of(const std::string& animal, const std::string& operation = "export") const;
  // follows_script with these steps.
  WorkerStart script(const std::string& operation, const std::vector<std::string>& steps) const;
  // With the script in another stage than run: "create", "destroy".
  WorkerStart script_at(const std::string& stage, const std::string& steps) const;
  WorkerDone run(const WorkerStart&, Recorder&);
  WorkerDone run(const WorkerStart& start) {
    Recorder recorder;
    return run(start, recorder);
  }

  TemporaryDirectory home_;
  UniqueFd package_;  // an empty file of its own
  WorkerLimits limits_;
  Cancellation cancellation_;
};

// The processes whose group is this one, without those that only wait to be reaped.
std::vector<int> group_members(int group);
bool is_alive(int pid);  // and no zombie
// Is there no child of this process, neither alive nor waiting to be reaped?
bool all_reaped();

}  // namespace ferry::host::test
