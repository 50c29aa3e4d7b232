// Ctrl-C, a polite end, and an end nobody could prepare for, in the middle of a download and of an import.
#include <signal.h>

#include "tests/journeys/journey.hpp"

namespace ferry::test {
namespace {

using namespace std::chrono_literals;

class InterruptJourney : public Journey {
 protected:
  // Some of the flows, and then nothing more.
  static void stall(Peer& peer) {
    peer.send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n{\"rev\":");
    peer.hang();
  }
  static ScriptedServer::Answer stalls() {
    return [](Peer& peer, const ReceivedRequest&) { stall(peer); };
  }
  // Starts it and waits until the server was asked `requests` times.
  std::unique_ptr<Process> start(const Words& words, const ScriptedServer& server, std::size_t requests) const {
    auto process = std::make_unique<Process>(command(words));
    EXPECT_TRUE(eventually([&] { return server.requests().size() >= requests; }));
    return process;
  }
  void expect_gone(const std::vector<pid_t>& processes) const {
    for (const pid_t one : processes)
      EXPECT_TRUE(eventually([&] { return !is_alive(one); })) << "process " << one << " outlived ferry";
  }
};

class SignalInterruptJourney : public InterruptJourney, public ::testing::WithParamInterface<int> {};

TEST_P(SignalInterruptJourney, InADownload) {
  ScriptedServer server({stalls()});
  connect("dev", server.url());
  for (const bool json : {false, true}) {
    Words words = {"export", "dev", "-o", "package.zip"};
    if (json) words.push_back("--json");
    const auto process = start(words, server, json ? 2 : 1);
    const std::vector<pid_t> workers = children_of(process->id());
    EXPECT_EQ(workers.size(), 1u);
    process->signal(GetParam());
    const Finished done = process->finish();
    EXPECT_EQ(done.exit_code, cancelled) << done.err;
    EXPECT_THAT(done.err, AllOf(HasSubstr("stopping"), HasSubstr("cancelled")));
    expect_gone(workers);
    expect_nothing_left();
    const Json run = last_run();
    EXPECT_EQ(run.text_or("state", ""), "cancelled");
    EXPECT_EQ(run["error"].text_or("fault", ""), "cancelled");
    if (json) {
      expect_valid_statistics(done.out);
      EXPECT_EQ(Json::parse(done.out)["run"].text_or("state", ""), "cancelled");
    } else {
      EXPECT_THAT(done.out, HasSubstr("export from dev: cancelled after"));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Signals, SignalInterruptJourney, ::testing::Values(SIGINT, SIGTERM, SIGHUP),
                         [](const auto& tested) { return std::string(::sigabbrev_np(tested.param)); });

TEST_F(InterruptJourney, BeforeAnImportHasChangedAnything) {
  ScriptedServer server({stalls()});
  connect("prod", server.url(), "prod");
  write_package(path("some.zip"), "node-red", {{"manifest.json", R"({"format":"ferry.node-red/1","artefacts":[]})"}});
  const auto process = start({"import", "prod", "some.zip"}, server, 1);
  process->signal(SIGINT);
  const Finished done = process->finish();
  EXPECT_EQ(done.exit_code, cancelled) << done.err;
  EXPECT_THAT(done.err, HasSubstr("cancelled before anything was changed"));
  EXPECT_THAT(done.err, Not(HasSubstr("--no-backup"))) << "whoever cancels needs no way to go on";
  EXPECT_EQ(writes(server), 0u);
  expect_nothing_left();
}

TEST_F(InterruptJourney, WhileAnImportIsComparing) {
  ScriptedServer source({gives_flows(flows_answer(R"([{"id":"b1","type":"tab","label":"New"}])"))});
  connect("dev", source.url());
  ASSERT_EQ(ferry({"export", "dev", "-o", "some.zip"}).exit_code, succeeded);
  ScriptedServer server({gives_flows(), stalls()});
  connect("prod", server.url(), "prod");
  const auto process = start({"import", "prod", "some.zip"}, server, 2);
  process->signal(SIGINT);
  const Finished done = process->finish();
  EXPECT_EQ(done.exit_code, cancelled) << done.err;
  EXPECT_THAT(done.out, AllOf(HasSubstr("backup of prod before the import"), Not(HasSubstr("puts it back"))))
      << "nothing was written";
  EXPECT_THAT(done.err, Not(HasSubstr("may have been carried out")));
  EXPECT_EQ(writes(server), 0u);
}

TEST_F(InterruptJourney, WhileAnImportIsWriting) {
  ScriptedServer source({gives_flows(flows_answer(R"([{"id":"b1","type":"tab","label":"New"}])"))});
  connect("dev", source.url());
  ASSERT_EQ(ferry({"export", "dev", "-o", "some.zip"}).exit_code, succeeded);
  // The backup, what runs, the installed types; then the deployment.
  ScriptedServer server(
      {gives_flows(), gives_flows(), gives_flows("[]"), [](Peer& peer, const ReceivedRequest&) { peer.hang(); }});
  connect("prod", server.url(), "prod");
  const auto process = start({"import", "prod", "some.zip"}, server, 4);
  EXPECT_EQ(writes(server), 1u);
  process->signal(SIGINT);
  const Finished done = process->finish();
  EXPECT_EQ(done.exit_code, cancelled) << done.err;
  // It may have happened or not: it is counted so, said so, and the report says how to undo it.
  EXPECT_THAT(done.err, AllOf(HasSubstr("the deployment had been sent"), HasSubstr("may have been carried out")));
  const Json run = last_run("import");
  EXPECT_EQ(run["statistics"]["totals"]["unknown"].as_int(), 1);
  EXPECT_EQ(run["statistics"]["totals"]["added"].as_int(), 0);
  EXPECT_THAT(done.out, HasSubstr("if anything was changed, this puts it back: ferry import prod sha256:"));
  EXPECT_EQ(last_run("import").text_or("state", ""), "cancelled");
  EXPECT_FALSE(last_run("import")["backup_sha256"].is_null());
  expect_nothing_left();
}

TEST_F(InterruptJourney, APromotionIsCancelledWhole) {
  ScriptedServer source({gives_flows()}), target({stalls()});
  connect("dev", source.url());
  connect("prod", target.url(), "prod");
  const auto process = start({"promote", "dev", "prod"}, target, 1);
  process->signal(SIGINT);
  const Finished done = process->finish();
  EXPECT_EQ(done.exit_code, cancelled) << done.err;
  EXPECT_THAT(done.out,
              AllOf(HasSubstr("promotion of dev to prod: cancelled"), HasSubstr("nothing was changed in prod")));
  EXPECT_EQ(last_run("promote").text_or("state", ""), "cancelled");
  EXPECT_EQ(writes(target), 0u);
  expect_nothing_left();
}

TEST_F(InterruptJourney, TheSecondInterruptLeavesAtOnce) {
  ScriptedServer server({stalls()});
  connect("dev", server.url());
  const auto process = start({"export", "dev", "-o", "package.zip"}, server, 1);
  const std::vector<pid_t> workers = children_of(process->id());
  process->signal(SIGINT);
  process->signal(SIGINT);
  EXPECT_EQ(process->finish().exit_code, cancelled);
  expect_gone(workers);
  EXPECT_FALSE(exists("package.zip"));
}

TEST_F(InterruptJourney, AKilledFerryTakesItsWorkerAlongAndIsClearedUpAfter) {
  ScriptedServer server({stalls(), gives_flows()});
  connect("dev", server.url());
  const auto process = start({"export", "dev", "-o", "package.zip"}, server, 1);
  const std::vector<pid_t> workers = children_of(process->id());
  ASSERT_EQ(workers.size(), 1u);
  process->signal(SIGKILL);
  EXPECT_EQ(process->finish().exit_code, 128 + SIGKILL);
  expect_gone(workers);
  EXPECT_FALSE(exists("package.zip"));
  // The next look says what is known, and what was left is cleared away when something is done.
  const Json run = last_run();
  EXPECT_EQ(run.text_or("state", ""), "failed");
  EXPECT_EQ(run["error"].text_or("code", ""), "host_died");
  EXPECT_FALSE(run["finished_at"].is_null() && run.text_or("state", "") == "running");
  EXPECT_EQ(ferry({"export", "dev", "-o", "next.zip"}).exit_code, succeeded);
  expect_nothing_left();
}

}  // namespace
}  // namespace ferry::test
