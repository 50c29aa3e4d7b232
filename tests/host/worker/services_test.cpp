// The services as a connector meets them, through the whole way: library, worker, channel, host.
#include <fcntl.h>

#include <thread>

#include "host/base/digest.hpp"
#include "host/packages/archive.hpp"
#include "tests/host/worker/worker_fixture.hpp"
#include "tests/support/test_server.hpp"

namespace ferry::host::test {
namespace {

using std::chrono::milliseconds;
using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

std::string text_of(const WorkerDone& done) {
  return std::string(fault_word(done.fault)) + " " + done.code + ": " + done.message;
}

class Services : public WorkerTest {
 protected:
  // The steps under a check; what came of them.
  Recorder follow(const std::vector<std::string>& steps) {
    Recorder recorder;
    done_ = run(script("check", steps), recorder);
    return recorder;
  }
  WorkerDone done_;
};

TEST_F(Services, StateIsKeptByTheHost) {
  Recorder recorder;
  recorder.state["before"] = "kept from an earlier run";
  done_ = run(
      script("check", {"get before", "get none", "put a 1 \"two\" \\ ü", "get a", "remove a", "remove a", "get  a"}),
      recorder);
  EXPECT_EQ(done_.status, FERRY_OK) << done_.message;
  EXPECT_EQ(recorder.result("get before"), "0: kept from an earlier run");
  EXPECT_EQ(recorder.result("get none"), "0");
  EXPECT_EQ(recorder.result("get a"), "0: 1 \"two\" \\ ü");
  EXPECT_EQ(recorder.result("remove a"), "0") << "removing what is not there is no failure";
  EXPECT_THAT(recorder.state, Not(Contains(testing::Key("a"))));
}

TEST_F(Services, StateHasBounds) {
  Recorder recorder = follow({"put_big 1048576", "get big"});
  EXPECT_EQ(done_.status, FERRY_OK) << done_.message;
  EXPECT_EQ(recorder.result("get big"), "0: 1048576 bytes");
  for (const std::string& step : {std::string("put_big 1048577"), "put " + std::string(257, 'k') + " v",
                                  std::string("get "), std::string("put ")}) {
    recorder = follow({step, "return 0"});
    EXPECT_THAT(text_of(done_), StartsWith("connector bad_state: it used the state service beyond its bounds"));
    EXPECT_THAT(recorder.requests, IsEmpty());
  }
  recorder = follow({"put " + std::string(256, 'k') + " v"});
  EXPECT_EQ(recorder.state.size(), 1u);
  follow({"put_bytes"});
  EXPECT_THAT(text_of(done_), StartsWith("connector bad_state: it used the state service with what is no UTF-8 text"));
}

TEST_F(Services, StateTakesNoSecrets) {
  WorkerStart start = script("check", {"put cursor next=canary-secret"});
  start.secrets = {{"token", "canary-secret"}};
  Recorder recorder;
  EXPECT_EQ(text_of(run(start, recorder)),
            "connector bad_state: it tried to keep a secret in the state service, which is not encrypted");
  EXPECT_THAT(recorder.requests, IsEmpty());
}

TEST_F(Services, AStateThatCannotBeKeptIsTheMachinesFaultWhateverTheConnectorSays) {
  const Recorder recorder = follow({"put broken x", "fail 4 your password is wrong", "return 4"});
  EXPECT_THAT(recorder.result("put broken x"), EndsWith("the disk is gone"));
  EXPECT_EQ(text_of(done_), "machine state: the disk is gone");
}

TEST_F(Services, StateIsAnsweredWhileOtherThreadsLog) {
  const Recorder recorder = follow({"threads_log 500", "put_big 1000000", "get big", "threads_log 500"});
  EXPECT_EQ(done_.status, FERRY_OK) << done_.message;
  EXPECT_EQ(recorder.logs("connector").size(), 4004u);
}

TEST_F(Services, SecretsAreGivenAsGranted) {
  WorkerStart start = script("check", {"secret token", "secret unset", "secret foreign"});
  start.granted_secrets = {"token", "unset"};
  start.secrets = {{"token", "canary-secret"}};
  Recorder recorder;
  run(start, recorder);
  EXPECT_EQ(recorder.result("secret token"), "0: 13 bytes ***");
  EXPECT_EQ(recorder.result("secret unset"), "0: nothing");
  EXPECT_EQ(recorder.result("secret foreign"), "2: nothing");
}

TEST_F(Services, WhatLeavesTheWorkerIsMasked) {
  const std::string secret = "canary-7f3a9c";
  WorkerStart start =
      script("read", {"log " + secret, "progress " + secret, "fact {\"name\":\"" + secret + "\"}",
                      "log " + std::string(16 * 1024 - 6, 'x') + secret, "progress " + std::string(195, 'x') + secret,
                      "mask another-token", "log another-token", "fail 7 " + secret + " another-token", "return 7"});
  start.secrets = {{"token", secret}};
  Recorder recorder;
  const WorkerDone done = run(start, recorder);
  EXPECT_EQ(done.message, "*** ***");
  EXPECT_THAT(recorder.logs("connector"), Each(AllOf(Not(HasSubstr("canary")), Not(HasSubstr("another")))))
      << "not even the beginning of a secret that stands where a text is cut";
  EXPECT_THAT(recorder.phases, Each(Not(HasSubstr("canar"))));
  EXPECT_THAT(recorder.facts, ElementsAre(R"({"name":"***"})"));
  EXPECT_THAT(recorder.masks, ElementsAre("another-token"));
}

TEST_F(Services, MasksHaveBounds) {
  std::vector<std::string> steps = {"mask " + std::string(65 * 1024, 'x'), "return 0"};
  follow(steps);
  EXPECT_THAT(text_of(done_), StartsWith("connector bad_mask: it asked for more to be masked"));
}

TEST_F(Services, ASleepIsNoHanging) {
  limits_.idle = milliseconds(200);
  const Recorder recorder = follow({"sleep 700", "fact {}"});
  EXPECT_EQ(done_.status, FERRY_OK) << text_of(done_);
  EXPECT_EQ(recorder.facts.size(), 1u);
  follow({"sleep 300", "hang"});
  EXPECT_THAT(text_of(done_), StartsWith("connector hung")) << "after the sleep it is watched again";
}

TEST_F(Services, WaitingForASlowPlatformIsNoHanging) {
  limits_.idle = milliseconds(250);
  ferry::test::TestServer server([](ferry::test::Peer& peer) {
    peer.receive();
    Cancellation nobody;
    nobody.wait_for(milliseconds(800));
    peer.answer(200, "", "late");
  });
  WorkerStart start = script("check", {"http GET /slow", "hang"});
  start.http.emplace();
  start.http->base_url = server.url();
  Recorder recorder;
  const WorkerDone done = run(start, recorder);
  EXPECT_EQ(recorder.result("http GET /slow"), "0: late");
  EXPECT_THAT(text_of(done), StartsWith("connector hung")) << "after the answer it is watched again";
}

TEST_F(Services, ProgressCountsAsASignOfLife) {
  limits_.idle = milliseconds(400);
  Recorder recorder;
  recorder.hook = [&](const std::string&) {
    if (recorder.phases.size() > 8) cancellation_.cancel();
  };
  EXPECT_EQ(text_of(run(script("check", {"until_cancelled"}), recorder)), "cancelled cancelled: cancelled");
}

TEST_F(Services, HttpIsThereOnlyWhereItWasGranted) {
  const std::vector<std::string> steps = {
      "service ferry.http/1",   "service ferry.log/1",  "service ferry.state/1", "service ferry.clock/1",
      "service ferry.secret/1", "service ferry.http/2", "service ferry.http/1x", "service "};
  Recorder without = follow(steps);
  EXPECT_EQ(without.result("service ferry.http/1"), "0: no");
  for (const char* id : {"log", "state", "clock", "secret"})
    EXPECT_EQ(without.result(std::string("service ferry.") + id + "/1"), "0: yes");
  for (const char* id : {"ferry.http/2", "ferry.http/1x", ""})
    EXPECT_EQ(without.result(std::string("service ") + id), "0: no");
  WorkerStart start = script("check", steps);
  start.http.emplace();
  Recorder with;
  run(start, with);
  EXPECT_EQ(with.result("service ferry.http/1"), "0: yes");
}

TEST_F(Services, CallFunctionsWorkOnTheOperationsThreadOnly) {
  const Recorder recorder = follow({"thread_fact {}", "threads_log 1"});
  EXPECT_EQ(recorder.result("thread_fact {}"), "9");
  EXPECT_THAT(recorder.facts, IsEmpty());
  EXPECT_THAT(recorder.logs("connector"),
              Contains(HasSubstr("a [call] function of the host from a thread of its own")));
  EXPECT_THAT(recorder.logs("connector"), Contains("from a thread"));
}

TEST_F(Services, APackageIsReadAsItWasHandedOver) {
  ArchiveWriter writer(package_.get());
  writer.begin_entry("a/b.txt");
  writer.write("hello", 5);
  writer.begin_entry(description_entry);
  writer.write("{}", 2);
  writer.finish();
  WorkerStart start = script("inspect", {"package", "records s 1 0"});
  start.package = {Sha256::of_fd(package_.get()), std::filesystem::file_size(home_.path() / "package"), "{}"};
  Recorder recorder;
  EXPECT_EQ(run(start, recorder).status, FERRY_OK);
  EXPECT_EQ(recorder.result("package"),
            "0: " + std::to_string(start.package.size) + " " + start.package.sha256 + " a/b.txt=hello");
}

TEST_F(Services, TheFirstReasonCounts) {
  const Recorder recorder = follow({"fail 4 the first reason", "fail 7 another", "return 4"});
  EXPECT_EQ(text_of(done_), "credentials auth: the first reason");
  EXPECT_THAT(recorder.logs("connector"), Contains("the connector called fail twice; the first call counts"));
}

TEST_F(Services, TheReturnedStatusCounts) {
  const Recorder recorder = follow({"fail 4 something", "return 7"});
  EXPECT_EQ(text_of(done_), "platform remote: something");
  EXPECT_THAT(recorder.logs("connector"), Contains(HasSubstr("with the status \"auth\" and returned \"remote\"")));
}

TEST_F(Services, StatusesThatSayNothingTrueAreTheConnectorsFault) {
  follow({"fail 6 it failed", "return 0"});
  EXPECT_EQ(text_of(done_),
            "connector bad_status: it said that the operation failed (it failed) and returned FERRY_OK");
  follow({"return 1"});
  EXPECT_EQ(text_of(done_), "connector bad_status: it returned FERRY_CANCELLED although nobody had asked it to stop");
  follow({"return 77"});
  EXPECT_THAT(text_of(done_), StartsWith("connector internal: it failed with the status \"internal\""));
}

TEST_F(Services, TheHostsOwnFailurePassedOnKeepsItsCode) {
  WorkerStart start = script("check", {"http GET http://elsewhere.example/", "fail_as_told 7"});
  start.http.emplace();
  start.http->base_url = "http://127.0.0.1:9";
  const WorkerDone done = run(start);
  EXPECT_EQ(done.fault, Fault::usage);
  EXPECT_EQ(done.code, "host_not_allowed");
  EXPECT_THAT(done.message, StartsWith("I could not: "));

  start.request_json = "http GET http://elsewhere.example/\nfail 7 the platform said no\nreturn 7\n";
  EXPECT_EQ(text_of(run(start)), "platform remote: the platform said no") << "another reason is the connector's own";
}

// A disk that is full stays a full disk, whatever the connector makes of it.
TEST_F(Services, AFullDiskCannotBeExplainedAway) {
  const UniqueFd full = open_file("/dev/full", O_RDWR);
  for (const char* steps : {"write x\nfail 4 your password is wrong\nreturn 4\n", "write x\nreturn 0\n"}) {
    WorkerStart start = script("export", {});
    start.request_json = steps;
    Recorder recorder;
    const WorkerDone done = run_worker(program, start, full.get(), limits_, recorder, cancellation_);
    EXPECT_EQ(done.fault, Fault::machine);
    EXPECT_EQ(done.code, "disk_full");
    EXPECT_THAT(done.message, HasSubstr("make room there"));
  }
}

TEST_F(Services, ABreachOfTheContractCannotBeExplainedAway) {
  const WorkerDone done = run(script("export", {"entry ../../etc/passwd", "entry fine", "write x", "return 0"}));
  EXPECT_EQ(done.fault, Fault::connector);
  EXPECT_EQ(done.code, "bad_entry_name");
}

TEST_F(Services, TheHashOfAPackageIsTheHosts) {
  Recorder recorder;
  const WorkerDone done =
      run(script("export", {"write_much 100000", "hash it", "restart", "write PK", "write -", "hash", "hash again"}),
          recorder);
  EXPECT_EQ(recorder.result("hash"), "0: " + Sha256::of("PK-"));
  EXPECT_EQ(recorder.result("hash again"), recorder.result("hash"));
  ASSERT_TRUE(done.package) << done.message;
  EXPECT_EQ(done.package->size, 3u);
  EXPECT_EQ(done.package->sha256, Sha256::of("PK-"));

  EXPECT_EQ(run(script("export", {"write x", "hash", "write y", "return 0"})).code, "bad_package");
  EXPECT_EQ(run(script("export", {"hash", "return 0"})).code, "bad_package");
  EXPECT_EQ(run(script("export", {"entry a", "write x", "hash", "return 0"})).code, "bad_package");
}

TEST_F(Services, ARestartedPackageHoldsOnlyWhatCameAfter) {
  const WorkerDone done = run(script("export", {"write_much 100000", "restart", "write PK-but-short"}));
  ASSERT_TRUE(done.package) << done.message;
  EXPECT_EQ(done.package->size, 12u);
  EXPECT_EQ(done.package->sha256, Sha256::of("PK-but-short"));
}

}  // namespace
}  // namespace ferry::host::test
