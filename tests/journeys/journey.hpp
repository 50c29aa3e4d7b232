// What the journeys share: a home of its own for every test, ferry run as a person would, and one way to look at how a
// command ended: its words, its code, its JSON, its record, and what it left behind.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "ferry/json.hpp"
#include "host/base/files.hpp"
#include "tests/support/process.hpp"
#include "tests/support/test_server.hpp"

namespace ferry::test {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using Words = std::vector<std::string>;

// The codes of host/cli/exit_code.hpp, as they are documented: a change of one is a change for every script.
constexpr int succeeded = 0, items_failed = 1, usage = 2, credentials = 3, platform = 4, connector = 5, guard = 6,
              cancelled = 130;

// How a command must fail.
struct Wrong {
  int exit_code = usage;
  std::string fault, code;
  Words says;            // on standard error, and in the message of the JSON form
  bool recorded = true;  // a run had begun
};

class Journey : public ::testing::Test {
 protected:
  std::string path(const std::string& name) const { return home_.path() / name; }
  std::string state() const { return path("state"); }
  std::string write(const std::string& name, const std::string& text) const;
  std::string content(const std::string& name) const { return host::read_file(path(name), 64u << 20); }
  bool exists(const std::string& name) const { return std::filesystem::exists(path(name)); }

  // ferry.yaml with one connection a call: `more` are lines of its members, without the indentation.
  void connect(const std::string& name, const std::string& url, const std::string& stage = "dev",
               const Words& more = {"attempts: 1"});

  Command command(Words words) const;
  Finished ferry(Words words) const { return run(command(std::move(words))); }
  // A line of bash in which `ferry` is this ferry.
  Finished shell(const std::string& line) const;
  // As ferry(), with --json: what standard output holds is one JSON document, or the test fails.
  Json ferry_json(Words words, int exit_code = succeeded) const;

  // Runs it twice, for people and with --json, and looks at everything. Gives what the first run printed.
  Finished expect_wrong(const Words& words, const Wrong&) const;
  // The newest run that is no step of another, or of this operation, by `ferry runs show --json`; null if there is
  // none. Its statistics were checked.
  Json last_run(const std::string& operation = "") const;
  // Neither spool files, working directories nor leases; `output` was not written.
  void expect_nothing_left(const std::string& output = "package.zip") const;
  // No file below `folder` holds the text.
  static void expect_nowhere(const std::filesystem::path& folder, const std::string& text);

 private:
  host::TemporaryDirectory home_{std::filesystem::path(::testing::TempDir())};
  std::string config_;
};

// Against host/statistics/statistics.schema.json; and totals are the sum of the items.
void expect_valid_statistics(const std::string& text);

// A package with these entries, described as the connector's.
void write_package(const std::string& file, const std::string& connector,
                   const std::vector<std::pair<std::string, std::string>>& entries);

// The answer of GET /flows, and one with a flow of `bytes` that cannot be packed.
std::string flows_answer(const std::string& nodes = R"([{"id":"a1","type":"tab","label":"Orders"}])");
std::string large_flows(std::size_t bytes);
// A server that gives this answer to everything.
ScriptedServer::Answer gives_flows(const std::string& body = flows_answer());
// How many of its requests would have changed something.
std::size_t writes(const ScriptedServer&);

// Is there such a process? One that ended and was not yet collected by its parent is not.
bool is_alive(pid_t);
std::vector<pid_t> children_of(pid_t);

}  // namespace ferry::test
