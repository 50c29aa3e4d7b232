// One operation from request to statistics, with real workers: what is recorded, what is told, what is left behind.
#include "host/runs/runner.hpp"

#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>

#include <thread>

#include "host/runs/run_log.hpp"
#include "tests/host/runs/run_fixture.hpp"

namespace ferry::host::test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

constexpr const char* canary = "canary-7f3a9c-secret";

class Received final : public RecordReceiver {
 public:
  void on_records(std::string_view stream, std::string_view lines, std::uint64_t count) override {
    text += std::string(stream) + " " + std::to_string(count) + " " + std::string(lines);
  }
  void on_checkpoint(std::string_view stream, std::string_view state) override {
    text += "checkpoint " + std::string(stream) + " " + std::string(state) + "\n";
  }
  std::string text;
};

class RunnerTest : public RunTest {
 protected:
  RunnerTest() {
    ::setenv("FERRY_TEST_TOKEN", canary, 1);
    configure(connection("animal", "zoo-follows-script", "secrets: {token: env:FERRY_TEST_TOKEN}") +
              connection("plain", "zoo-follows-script") + connection("healthy", "zoo-healthy"));
  }
  ~RunnerTest() override { ::unsetenv("FERRY_TEST_TOKEN"); }

  static RunRequest script(const std::string& operation, const std::vector<std::string>& steps,
                           const std::string& connection = "animal") {
    RunRequest request;
    request.operation = operation;
    request.connection = connection;
    for (const std::string& step : steps) {
      if (operation == "export") request.select.push_back({"", step});
      if (operation == "read") request.streams.push_back({.stream = step});
      if (operation == "import") request.import.mapping.push_back({"step", step, "x"});
    }
    return request;
  }
  RunOutcome run(const RunRequest& request, RecordReceiver* receiver = nullptr) {
    return runner().run(request, cancellation_, receiver);
  }
  Package package(const std::string& description = "{}") {
    PackageStore::Spool spool = packages_.spool();
    write_all(spool.fd(), "bytes", "spool");
    return packages_.keep(std::move(spool), std::string(64, 'a'), description);
  }
  void expect_nothing_left() const {
    for (const char* place : {"work", "packages/spool"})
      EXPECT_TRUE(!std::filesystem::exists(state() / place) || std::filesystem::is_empty(state() / place)) << place;
  }
};

TEST_F(RunnerTest, WhatIsWrongBeforehandLeavesNoRecord) {
  configure(connection("animal", "zoo-follows-script", "secrets: {token: env:FERRY_TEST_NO_SUCH_VARIABLE}") +
            connection("stranger", "nobody") + connection("set", "zoo-follows-script", "secrets: {tokne: env:HOME}") +
            connection("binary", "zoo-follows-script", "secrets: {token: env:FERRY_TEST_BINARY}") +
            connection("plain", "zoo-follows-script") + connection("healthy", "zoo-healthy"));
  ::setenv("FERRY_TEST_BINARY", "\xff\xfe\xfd\xfc", 1);
  RunRequest add_version = script("import", {}, "plain"), foreign = script("import", {}, "plain");
  add_version.package = package();
  add_version.import.policy = "add_version";
  foreign.package = package(R"({"connector":"somebody-else"})");
  RunRequest unknown = script("inspect", {}, "");
  unknown.connector = "zoo-folows-script";
  const std::vector<std::pair<RunRequest, std::string>> table = {
      {script("export", {}, "nowhere"), "usage unknown_connection"},
      {script("export", {}, "stranger"), "nobody"},
      {script("check", {}, "healthy"), "usage unsupported_operation: the connector zoo-healthy 1.0.0 does not offer"},
      {script("export", {}, "animal"), "usage missing_secret"},
      {script("export", {}, "set"), "usage bad_config"},
      {script("export", {}, "binary"), "usage bad_secret: the secret \"token\" of binary is no UTF-8 text"},
      {add_version,
       "usage unsupported_policy: the connector zoo-follows-script cannot import with --on-existing "
       "add_version; it can: abort, replace"},
      {foreign, "usage foreign_package: the package was exported by the connector somebody-else"},
      {script("import", {}, "plain"), "usage no_package: there is nothing to import"},
      {unknown, "zoo-follows-script"}};
  for (const auto& [request, words] : table)
    EXPECT_THAT(failure_of([&, &request = request] { run(request); }), HasSubstr(words));
  const Config* const none = nullptr;
  EXPECT_THAT(failure_of([&] {
                Environment environment = runner().environment();
                environment.config = none;
                Runner(environment).run(script("export", {}), cancellation_);
              }),
              StartsWith("usage bad_config"));
  ::unsetenv("FERRY_TEST_BINARY");
  EXPECT_THAT(store_->list(), IsEmpty());
  EXPECT_EQ(watcher_.all(), "");
  expect_nothing_left();
}

TEST_F(RunnerTest, AnExportIsRecordedWithItsPackage) {
  const RunOutcome outcome = run(script("export", {"entry a.json", "write {}"}));
  EXPECT_EQ(text_of(outcome.error), "");
  ASSERT_TRUE(outcome.package);
  EXPECT_TRUE(std::filesystem::exists(outcome.package->path));
  const RunRecord record = store_->show(outcome.record.id);
  EXPECT_EQ(record.operation, "export");
  EXPECT_EQ(record.connection, "animal");
  EXPECT_EQ(record.connector_id, "zoo-follows-script");
  EXPECT_EQ(record.connector_version, "1.0.0");
  EXPECT_EQ(record.connector_sha256, registry_.find("zoo-follows-script").library_sha256);
  EXPECT_EQ(record.ferry_version, FERRY_VERSION);
  EXPECT_EQ(record.state, "succeeded");
  EXPECT_EQ(record.package_sha256, outcome.package->sha256);
  EXPECT_EQ(record.package_size, outcome.package->size);
  EXPECT_EQ(record.request_json,
            R"({"select":[{"key":"entry a.json"},{"key":"write {}"}],"dependencies":true,"options":{}})");
  EXPECT_GE(*record.finished_at, record.started_at);
  EXPECT_THAT(watcher_.all(), AllOf(StartsWith("start export\n"), HasSubstr("end succeeded\n")));
  expect_nothing_left();
}

TEST_F(RunnerTest, TheDocumentSaysWhatTheRecordSays) {
  const RunOutcome outcome =
      run(script("read", {R"(fact {"fact":"item","type":"flow","outcome":"failed","id":"1","code":"c","message":"m"})",
                          R"(fact {"fact":"item","type":"flow","outcome":"added","count":2})", "records s 3 0"}));
  const RunRecord record = store_->show(outcome.record.id);
  EXPECT_EQ(record.state, "partially_succeeded");
  EXPECT_EQ(record.statistics_json, outcome.statistics.to_text());
  const Statistics statistics = Statistics::from_json(*parse_object(record.statistics_json));
  EXPECT_EQ(statistics.run.id, record.id);
  EXPECT_EQ(statistics.run.operation, record.operation);
  EXPECT_EQ(statistics.run.connection, record.connection);
  EXPECT_EQ(statistics.run.connector_id, record.connector_id);
  EXPECT_EQ(statistics.run.connector_version, record.connector_version);
  EXPECT_EQ(statistics.run.state, record.state);
  EXPECT_EQ(statistics.run.started_at, record.started_at);
  EXPECT_EQ(statistics.run.finished_at, record.finished_at);
  EXPECT_EQ(statistics.items.at("flow"), (OutcomeCounts{3, 2, 0, 0, 0, 0, 1, 0}));
  EXPECT_EQ(statistics.records->received, 3u);
  const std::vector<Item> items = store_->items(record.id, 10);
  ASSERT_EQ(items.size(), 2u);
  EXPECT_EQ(items[0], (Item{"flow", "1", "", "failed", 1, "c", "m"}));
  EXPECT_EQ(outcome.changes, items);
}

TEST_F(RunnerTest, AProblemOfErrorSeverityMakesItPartial) {
  const auto state_after = [&](const std::string& severity) {
    return run(script("read", {R"(fact {"fact":"problem","severity":")" + severity + R"(","code":"c","message":"m"})"}))
        .record.state;
  };
  EXPECT_EQ(state_after("notice"), "succeeded");
  EXPECT_EQ(state_after("warning"), "succeeded");
  EXPECT_EQ(state_after("error"), "partially_succeeded");
}

TEST_F(RunnerTest, AFailureSaysWhoseItIsInRecordAndDocument) {
  const std::vector<std::tuple<std::vector<std::string>, std::string, std::string>> table = {
      {{"fail 4 renew it", "return 4"}, "credentials auth: animal: renew it", "failed"},
      {{"fail 9 a bug", "return 9"},
       "connector internal: the connector zoo-follows-script 1.0.0 failed: a bug",
       "failed"},
      {{"crash"},
       "connector crashed: the connector zoo-follows-script 1.0.0 failed: it crashed during read (SIGSEGV)",
       "failed"},
      {{"fact {}"}, "connector bad_fact: the connector zoo-follows-script 1.0.0 failed: it reported a fact", "failed"},
      {{"lines s nonsense"},
       "connector bad_record: the connector zoo-follows-script 1.0.0 failed: it delivered",
       "failed"}};
  for (const auto& [steps, words, state_word] : table) {
    const RunOutcome outcome = run(script("read", steps));
    EXPECT_THAT(text_of(outcome.error), StartsWith(words));
    const RunRecord record = store_->show(outcome.record.id);
    EXPECT_EQ(record.state, state_word);
    EXPECT_EQ(text_of(record.error), text_of(outcome.error));
    ASSERT_FALSE(outcome.statistics.problems.empty());
    EXPECT_EQ(outcome.statistics.problems.back().message, outcome.error->message);
  }
  expect_nothing_left();
}

TEST_F(RunnerTest, ACancelledRunIsRecordedAsSuch) {
  watcher_.hook = [&](const std::string& event) {
    if (event.starts_with("progress waiting")) cancellation_.cancel();
  };
  const RunOutcome outcome = run(script("read", {"until_cancelled"}));
  EXPECT_EQ(text_of(outcome.error), "cancelled cancelled: cancelled");
  EXPECT_EQ(store_->show(outcome.record.id).state, "cancelled");
  expect_nothing_left();
}

TEST_F(RunnerTest, AnExportWithoutAPackageFails) {
  const RunOutcome outcome = run(script("export", {"log nothing to see"}));
  EXPECT_THAT(text_of(outcome.error), HasSubstr("its export ended well and gave no package"));
  expect_nothing_left();
}

TEST_F(RunnerTest, APackageThatIsGoneIsARecordedFailure) {
  RunRequest request = script("import", {"package"});
  request.package = package();
  std::filesystem::remove(request.package->path);
  const RunOutcome outcome = run(request);
  EXPECT_THAT(text_of(outcome.error), StartsWith("usage file_not_found"));
  EXPECT_EQ(store_->show(outcome.record.id).state, "failed");
}

TEST_F(RunnerTest, RecordsAndCheckpointsGoToWhoeverReceivesThem) {
  Received received;
  EXPECT_EQ(text_of(run(script("read", {"records s 2 5", "checkpoint s at 7"}), &received).error), "");
  EXPECT_EQ(received.text, "s 2 {\"n\":5}\n{\"n\":6}\ncheckpoint s at 7\n");
  EXPECT_EQ(text_of(run(script("read", {"records s 2 5"})).error), "") << "nobody has to receive them";
}

TEST_F(RunnerTest, InspectingNeedsNoConfigurationAndGetsNoHttp) {
  RunRequest request;
  request.operation = "inspect";
  request.connector = "zoo-follows-script";
  request.package = package();
  config_.reset();
  const RunOutcome outcome = run(request);
  EXPECT_EQ(text_of(outcome.error), "");
  EXPECT_EQ(outcome.record.connection, "");
  EXPECT_EQ(outcome.record.package_sha256, std::string(64, 'a'));
}

TEST_F(RunnerTest, StateBelongsToConnectorAndConnection) {
  run(script("read", {"put cursor 17"}));
  run(script("read", {"get cursor"}, "plain"));
  EXPECT_THAT(watcher_.all(), HasSubstr("connector: get cursor -> 0\n"));
  run(script("read", {"get cursor"}));
  EXPECT_THAT(watcher_.all(), HasSubstr("connector: get cursor -> 0: 17\n"));
  EXPECT_EQ(store_->state("zoo-follows-script/animal", "cursor"), "17");
  configure(connection("animal", "zoo-prints-secret"));
  EXPECT_EQ(store_->state("zoo-prints-secret/animal", "cursor"), std::nullopt);
}

TEST_F(RunnerTest, WhatIsKeptOfManyItemsIsBounded) {
  const RunOutcome outcome = run(script("read", {"facts 3000"}));
  EXPECT_EQ(text_of(outcome.error), "");
  EXPECT_EQ(outcome.changes.size(), RunOutcome::most_changes);
  EXPECT_EQ(outcome.changes_left_out, 2000u);
  EXPECT_EQ(outcome.statistics.totals().added, 3000u);
  EXPECT_EQ(store_->items(outcome.record.id, 10'000).size(), 3000u);
}

TEST_F(RunnerTest, TheLogOfARunIsBoundedAndIsValidJsonLines) {
  const RunOutcome outcome = run(script("read", {"print_bytes", "print_long 50000", "threads_log 15000"}));
  EXPECT_EQ(text_of(outcome.error), "");
  const std::filesystem::path file = state() / "logs" / (outcome.record.id + ".jsonl");
  const std::string text = read_file(file);
  EXPECT_LT(text.size(), RunLog::most_bytes + 1000);
  EXPECT_THAT(text.substr(text.size() - 100), HasSubstr("the log of this run ends here: it is too long"));
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    ASSERT_TRUE(parse_object(line)) << line;
    ASSERT_LT(line.size(), 5000u);
  }
}

TEST_F(RunnerTest, NoSecretReachesAnythingThatStays) {
  const std::string leak = R"(fact {"fact":"item","type":"t","outcome":"failed","name":")" + std::string(canary) +
                           R"(","code":"c","message":")" + canary + R"("})";
  RunRequest request = script(
      "export", {"secret token", std::string("print ") + canary, std::string("print_error ") + canary,
                 std::string("progress ") + canary, leak, std::string("describe {\"d\":\"") + canary + "\"}", "entry a",
                 "write x", std::string("print ") + std::string(4096 - 8, 'x') + canary, "get_token", "return 7"});
  const RunOutcome failed = run(request);
  EXPECT_THAT(text_of(failed.error), HasSubstr("refused: ***"));
  request.select.resize(request.select.size() - 2);
  const RunOutcome kept = run(request);
  EXPECT_EQ(kept.record.state, "partially_succeeded") << text_of(kept.error);
  std::string everything = watcher_.all() + failed.statistics.to_text() + kept.statistics.to_text();
  store_.reset();  // the write-ahead log goes into the database
  for (const auto& entry : std::filesystem::recursive_directory_iterator(state()))
    if (entry.is_regular_file()) everything += read_file(entry.path());
  for (const char* secret : {"canary-7f3a9c", "later-token", "canary-7"})
    EXPECT_EQ(everything.find(secret), std::string::npos) << everything.substr(everything.find(secret), 200);
  EXPECT_THAT(everything, HasSubstr("***"));
}

TEST_F(RunnerTest, ASecretOfSeveralLinesIsMaskedLineByLine) {
  ::setenv("FERRY_TEST_TOKEN", "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQ\nQEFAASCBKcwggSjAgEAAoIBAQ\n", 1);
  run(script("read", {"secret token", "print MIIEvQIBADANBgkqhkiG9w0BAQ"}));
  EXPECT_THAT(watcher_.all(), AllOf(HasSubstr("stdout: ***"), Not(HasSubstr("MIIEvQ")), Not(HasSubstr("QEFAAS"))));
}

class BreakingStore : public RunnerTest {
 protected:
  // As a full disk would: from now on nothing can be written to the table.
  void break_table(const std::string& table) const {
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open((state() / "runs.db").c_str(), &database), SQLITE_OK);
    const std::string sql =
        "CREATE TRIGGER broken_insert BEFORE INSERT ON " + table +
        " BEGIN SELECT RAISE(ABORT, 'no room'); END; CREATE TRIGGER broken_update BEFORE UPDATE ON " + table +
        " BEGIN SELECT RAISE(ABORT, 'no room'); END;";
    EXPECT_EQ(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(database);
    sqlite3_close(database);
  }
  static std::vector<std::string> codes(const RunOutcome& outcome) {
    std::vector<std::string> found;
    for (const Problem& problem : outcome.statistics.problems) found.push_back(problem.severity + " " + problem.code);
    return found;
  }
};

TEST_F(BreakingStore, WhatCannotBeRecordedIsNotBegun) {
  break_table("runs");
  EXPECT_THAT(failure_of([&] { run(script("read", {"facts 1"})); }),
              AllOf(StartsWith("machine state_store"), HasSubstr("no room")));
  EXPECT_EQ(watcher_.all(), "");
}

TEST_F(BreakingStore, TheResultIsToldEvenIfItsEndCannotBeRecorded) {
  watcher_.on_start_hook = [&](const RunRecord&) { break_table("runs"); };
  const RunOutcome outcome = run(script("export", {"facts 2", "entry a", "write x"}));
  EXPECT_EQ(outcome.record.state, "succeeded");
  EXPECT_EQ(outcome.statistics.totals().added, 2u);
  EXPECT_TRUE(outcome.package);
  EXPECT_THAT(codes(outcome), ElementsAre("warning run_not_recorded"));
}

TEST_F(BreakingStore, ItemsThatCannotBeRecordedStopNothing) {
  watcher_.on_start_hook = [&](const RunRecord&) { break_table("run_items"); };
  const RunOutcome outcome = run(script("export", {"facts 1200", "entry a", "write x"}));
  EXPECT_EQ(outcome.record.state, "succeeded") << text_of(outcome.error);
  EXPECT_EQ(outcome.statistics.totals().added, 1200u);
  EXPECT_EQ(outcome.changes.size(), 1000u);
  EXPECT_THAT(codes(outcome), ElementsAre("warning items_not_recorded"));
}

TEST_F(RunnerTest, RunsAtOnceDoNotDisturbOneAnother) {
  Runner shared = runner();
  std::vector<std::thread> threads;
  std::vector<RunOutcome> outcomes(6);
  for (std::size_t i = 0; i < outcomes.size(); ++i)
    threads.emplace_back([&, i] {
      const std::string n = std::to_string(i);
      outcomes[i] = shared.run(
          script("export",
                 {"put key " + n, "facts " + n + "00", "entry a", "write " + n, i % 3 == 2 ? "crash" : "log fine"},
                 i % 2 == 0 ? "animal" : "plain"),
          cancellation_);
    });
  for (std::thread& thread : threads) thread.join();
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    EXPECT_EQ(outcomes[i].record.state, i % 3 == 2 ? "failed" : "succeeded") << text_of(outcomes[i].error);
    const std::uint64_t added = outcomes[i].statistics.totals().added;
    EXPECT_TRUE(added == i * 100 || i % 3 == 2) << added;
  }
  EXPECT_EQ(store_->list().size(), outcomes.size());
  expect_nothing_left();
}

}  // namespace
}  // namespace ferry::host::test
