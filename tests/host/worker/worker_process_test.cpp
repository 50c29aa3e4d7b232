// The life of a worker: begun, listened to, stopped in steps, reaped whatever it does, gone when its host is.
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>

#include <fstream>
#include <thread>

#include "host/base/digest.hpp"
#include "host/packages/archive.hpp"
#include "tests/host/worker/worker_fixture.hpp"
#include "tests/support/process.hpp"

namespace ferry::host::test {
namespace {

using ferry::test::eventually;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

std::string text_of(const WorkerDone& done) {
  return std::string(fault_word(done.fault)) + " " + done.code + ": " + done.message;
}

class Stopwatch {
 public:
  milliseconds elapsed() const {
    return std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - begun_);
  }

 private:
  const std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
};

class WorkerProcess : public WorkerTest {
 protected:
  // Cancels as soon as the worker is in the stage.
  void cancel_in(const std::string& stage, Recorder& recorder) {
    recorder.hook = [this, stage, &recorder](const std::string&) {
      if (!recorder.stages.empty() && recorder.stages.back() == stage) cancellation_.cancel();
    };
  }
};

TEST_F(WorkerProcess, GoesThroughItsStagesAndDeliversThePackage) {
  Recorder recorder;
  const WorkerDone done = run(start_of("healthy"), recorder);
  EXPECT_EQ(done.status, FERRY_OK) << text_of(done);
  EXPECT_EQ(done.code, "");
  EXPECT_THAT(recorder.stages, ElementsAre("load", "create", "run", "destroy"));
  EXPECT_THAT(recorder.facts, ElementsAre(HasSubstr("\"exported\"")));
  ASSERT_TRUE(done.package);
  struct stat status {};
  ::fstat(package_.get(), &status);
  EXPECT_EQ(done.package->size, static_cast<std::uint64_t>(status.st_size));
  EXPECT_EQ(done.package->sha256, Sha256::of_fd(package_.get()));
  EXPECT_EQ(done.package->description_json, R"({"format":"ferry.package/1","connector":"zoo-healthy"})");
  EXPECT_EQ(ArchiveReader(package_.get()).description(), done.package->description_json);
}

TEST_F(WorkerProcess, AProgramThatIsNotThereIsAFailureWithWhatToDo) {
  Recorder recorder;
  try {
    run_worker(home_.path() / "ferry", start_of("healthy"), -1, limits_, recorder, cancellation_);
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), "spawn_failed");
    EXPECT_THAT(failure.message(), HasSubstr("was ferry moved or removed while it ran?"));
  }
  EXPECT_TRUE(all_reaped());
}

TEST_F(WorkerProcess, AnotherProtocolIsRefusedWithWhatToDo) {
  const std::filesystem::path other = home_.path() / "other";
  // A greeting of 14 bytes: {"protocol":2}
  std::ofstream(other) << "#!/bin/sh\nprintf '\\016\\000\\000\\000\\001\\000\\000\\000\\000\\000\\000\\000"
                          "{\"protocol\":2}' >&3\nexec sleep 60\n";
  std::filesystem::permissions(other, std::filesystem::perms::owner_all);
  Recorder recorder;
  const Stopwatch watch;
  const WorkerDone done = run_worker(other, start_of("healthy"), -1, limits_, recorder, cancellation_);
  EXPECT_THAT(text_of(done), HasSubstr("machine protocol: the worker speaks protocol 2, this ferry 1"));
  EXPECT_LT(watch.elapsed(), seconds(5));
  EXPECT_TRUE(all_reaped());
}

TEST_F(WorkerProcess, AProgramThatIsNoWorkerIsNotBelieved) {
  Recorder recorder;
  EXPECT_THAT(text_of(run_worker("/bin/true", start_of("healthy"), -1, limits_, recorder, cancellation_)),
              StartsWith("connector ended: its process ended while it was being loaded with exit code 0"));
  EXPECT_TRUE(all_reaped());
}

TEST_F(WorkerProcess, RunByHandItSaysWhatItIs) {
  ferry::test::Command command;
  command.arguments = {program, "--ferry-worker"};
  const ferry::test::Finished finished = ferry::test::run(command);
  EXPECT_EQ(finished.exit_code, 2);
  EXPECT_THAT(finished.err, HasSubstr("Nothing to do by hand"));
}

TEST_F(WorkerProcess, CancelledBeforeItBeganItNeverRuns) {
  cancellation_.cancel();
  Recorder recorder;
  EXPECT_EQ(text_of(run(script("check", {"fact {}"}), recorder)), "cancelled cancelled: cancelled");
  EXPECT_THAT(recorder.facts, ElementsAre());
}

TEST_F(WorkerProcess, AConnectorThatListensEndsByItself) {
  Recorder recorder;
  cancel_in("run", recorder);
  limits_.cancel_grace = seconds(20);
  const Stopwatch watch;
  EXPECT_EQ(text_of(run(script("check", {"until_cancelled"}), recorder)), "cancelled cancelled: cancelled");
  EXPECT_LT(watch.elapsed(), seconds(10));
  EXPECT_EQ(recorder.result("until_cancelled"), "1: end");
}

TEST_F(WorkerProcess, ASleepIsCutShort) {
  Recorder recorder;
  cancel_in("run", recorder);
  limits_.cancel_grace = seconds(20);
  const Stopwatch watch;
  EXPECT_EQ(text_of(run(script("check", {"sleep 60000", "return 6"}), recorder)), "cancelled cancelled: cancelled")
      << "a connector that makes something else of the host's FERRY_CANCELLED was cancelled all the same";
  EXPECT_LT(watch.elapsed(), seconds(10));
}

TEST_F(WorkerProcess, CancelledInAnyStageItIsEndedByForceAndReaped) {
  const std::string stubborn = "pid,ignore_term,log here,";
  for (const auto& [stage, start] :
       std::map<std::string, WorkerStart>{{"load", start_of("hang_in_load")},
                                          {"create", script_at("create", stubborn + "hang")},
                                          {"run", script("check", {"pid", "ignore_term", "fork", "spin"})},
                                          {"destroy", script_at("destroy", stubborn + "spin")}}) {
    Recorder recorder;
    Cancellation cancellation;
    recorder.hook = [&, stage = stage](const std::string&) {
      if (!recorder.stages.empty() && recorder.stages.back() == stage) cancellation.cancel();
    };
    const Stopwatch watch;
    const WorkerDone done = run_worker(program, start, package_.get(), limits_, recorder, cancellation);
    EXPECT_EQ(done.fault, Fault::cancelled) << stage << ": " << text_of(done);
    EXPECT_EQ(done.code, "unresponsive") << stage << ": whoever ended by itself has said what it did";
    EXPECT_EQ(done.status, FERRY_CANCELLED) << stage;
    EXPECT_GE(watch.elapsed(), limits_.cancel_grace) << stage;
    EXPECT_LT(watch.elapsed(), seconds(10)) << stage;
    EXPECT_TRUE(all_reaped()) << stage;
    if (const std::string pid = recorder.result("pid"); pid.size() > 3) {
      const int group = std::stoi(pid.substr(3));
      EXPECT_TRUE(eventually([&] { return group_members(group).empty(); })) << stage << ": somebody was left";
    }
  }
}

TEST_F(WorkerProcess, WhatIsDoneBeforeTheCancellationCountsIsDone) {
  Recorder recorder;
  recorder.hook = [&](const std::string& event) {
    if (event == "fact") cancellation_.cancel();
  };
  EXPECT_EQ(run(script("check", {"fact {\"x\":1}"}), recorder).status, FERRY_OK);
}

TEST_F(WorkerProcess, SaysHowAndWhereItEnded) {
  EXPECT_THAT(text_of(run(script("check", {"crash"}))), "connector crashed: it crashed during check (SIGSEGV)");
  EXPECT_THAT(text_of(run(script_at("create", "crash"))),
              "connector crashed: it crashed while it was being configured (create) (SIGSEGV)");
  EXPECT_THAT(text_of(run(script_at("destroy", "crash"))),
              "connector crashed: it crashed after check, while it was being closed (destroy) (SIGSEGV)");
  EXPECT_THAT(text_of(run(script("check", {"exit 0"}))),
              "connector ended: it ended its process during check without a result");
  EXPECT_THAT(text_of(run(script("check", {"exit 3"}))),
              "connector ended: its process ended during check with exit code 3");
  limits_.start = limits_.idle = milliseconds(600);
  EXPECT_THAT(text_of(run(start_of("hang_in_load"))),
              "connector hung: it hung while it was being loaded for 0.6 s (limits.start_ms of its manifest), so its "
              "process was ended");
  EXPECT_THAT(text_of(run(script("check", {"spin"}))),
              "connector hung: it hung during check: no fact, byte or progress for 0.6 s (limits.idle_ms of its "
              "manifest), so its process was ended");
  EXPECT_THAT(text_of(run(script_at("destroy", "hang"))),
              HasSubstr("it hung after check, while it was being closed (destroy)"));
}

TEST_F(WorkerProcess, WhatAConnectorSaidBeforeItCrashedIsKnownOnceItSentSomethingMore) {
  Recorder recorder;
  run(script("read", {"fact {\"n\":1}", "checkpoint s c", "crash"}), recorder);
  EXPECT_THAT(recorder.order, ElementsAre("fact", "checkpoint s c"));
}

TEST_F(WorkerProcess, AProcessThatLeftTheGroupWithTheChannelHoldsNobodyUp) {
  Recorder recorder;
  const Stopwatch watch;
  EXPECT_THAT(text_of(run(script("check", {"fork_away", "exit 0"}), recorder)), HasSubstr("without a result"));
  EXPECT_LT(watch.elapsed(), seconds(10));
}

TEST_F(WorkerProcess, AChannelThatIsShutEndsTheWorker) {
  const Stopwatch watch;
  EXPECT_EQ(run(script("check", {"shut_channel", "hang"})).fault, Fault::connector);
  EXPECT_LT(watch.elapsed(), seconds(5));
}

TEST_F(WorkerProcess, EndsWithItsHostEvenWhileTheConnectorSpins) {
  const std::filesystem::path config = home_.path() / "ferry.yaml";
  std::ofstream(config) << "connections:\n  animal:\n    connector: zoo-follows-script\n    url: http://127.0.0.1:9\n";
  ferry::test::Command command;
  const std::string state = home_.path() / "state", package = home_.path() / "p.zip";
  std::vector<std::string> words = {program, "--verbose", "--config", config, "--state-dir", state};
  words.insert(words.end(), {"--connector-path", FERRY_BINARY_DIR "/zoo/follows_script", "export", "animal"});
  words.insert(words.end(), {"-o", package});
  for (const char* step : {"step=pid", "step=fork", "step=spin"}) words.insert(words.end(), {"--select", step});
  command.arguments = words;
  ferry::test::Process host(command);
  int worker = 0;
  ASSERT_TRUE(host.wait_for([&](const ferry::test::Finished& so_far) {
    const std::size_t at = so_far.err.find("pid -> 0: "), forked = so_far.err.find("fork -> 0");
    if (at == std::string::npos || forked == std::string::npos) return false;
    worker = std::atoi(so_far.err.c_str() + at + 10);
    return true;
  }));
  ASSERT_EQ(group_members(worker).size(), 2u);
  host.signal(SIGKILL);
  EXPECT_TRUE(eventually([&] { return group_members(worker).empty(); }, seconds(1)));
}

TEST_F(WorkerProcess, RecordsAndCheckpointsArriveInTheirOrder) {
  std::vector<std::string> steps, expected;
  for (int i = 0; i < 50; ++i) {
    const std::string n = std::to_string(i);
    steps.insert(steps.end(),
                 {"records a 100 " + n, "records b 1 0", "fact {\"n\":" + n + "}", "checkpoint a at-" + n});
    expected.insert(expected.end(), {"records a", "records b", "fact", "checkpoint a at-" + n});
  }
  Recorder recorder;
  EXPECT_EQ(run(script("read", steps), recorder).status, FERRY_OK);
  EXPECT_EQ(recorder.order, expected);
  EXPECT_EQ(recorder.batches[1], (Batch{"b", 1, "{\"n\":0}\n"}));
  EXPECT_EQ(recorder.batches[2].count, 100u);
  EXPECT_THAT(recorder.batches[2].lines, StartsWith("{\"n\":1}\n{\"n\":2}\n"));
}

// A listener that is slower than the connector slows it down; its own time is not held against the connector.
TEST_F(WorkerProcess, ASlowListenerIsWaitedForAndNotTakenForAHangingConnector) {
  limits_.idle = milliseconds(300);
  Recorder recorder;
  int batches = 0;
  recorder.hook = [&](const std::string& event) {
    if (event != "records s" || ++batches % 10 != 0) return;
    Cancellation nobody;
    nobody.wait_for(milliseconds(400));
  };
  const std::vector<std::string> steps(40, "records s 20000 0");  // 10 MiB: far more than the socket holds
  const WorkerDone done = run(script("read", steps), recorder);
  EXPECT_EQ(done.status, FERRY_OK) << text_of(done);
  EXPECT_EQ(batches, 40);
}

TEST_F(WorkerProcess, AFailureOfTheListenerEndsTheWorkerAndIsTheResult) {
  for (const char* event : {"fact", "records s", "checkpoint s c", "log", "progress"}) {
    Recorder recorder;
    recorder.hook = [&](const std::string& happened) {
      if (happened == event && recorder.stages.size() >= 3)
        throw Failure(Fault::machine, "disk_full", std::string("no room for ") + event);
    };
    const Stopwatch watch;
    const WorkerDone done =
        run(script("read", {"log hello", "fact {}", "records s 1 0", "checkpoint s c", "progress there", "spin"}),
            recorder);
    EXPECT_EQ(text_of(done), std::string("machine disk_full: no room for ") + event);
    EXPECT_LT(watch.elapsed(), seconds(5)) << event;
  }
}

TEST_F(WorkerProcess, BatchesThatBreakTheContractEndTheOperation) {
  for (const char* step : {"unended {}", "big_batch 16777217", "records ", "lines  {}"}) {
    Recorder recorder;
    const WorkerDone done = run(script("read", {step, "return 0"}), recorder);
    EXPECT_THAT(text_of(done), StartsWith("connector bad_batch: it delivered a batch that is not as")) << step;
    EXPECT_THAT(recorder.batches, ElementsAre());
  }
  EXPECT_EQ(run(script("read", {"big_batch 16777215"})).status, FERRY_OK);
}

TEST_F(WorkerProcess, ADescriptionHasBounds) {
  EXPECT_THAT(text_of(run(script("export", {"describe []", "write x"}))),
              "connector bad_description: it described its package with what is no JSON object");
  EXPECT_THAT(text_of(run(script("export", {"describe_much 600000", "write x"}))), HasSubstr("at most 512 KiB"));
  EXPECT_EQ(run(script("export", {"describe_much 500000", "entry a", "write x"})).status, FERRY_OK);
}

TEST_F(WorkerProcess, ManyWorkersAtOnceDoNotDisturbOneAnother) {
  std::vector<std::thread> threads;
  std::atomic<int> good{0};
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&, i] {
      Recorder recorder;
      const WorkerDone done =
          run_worker(program, script("read", {"records s 10 " + std::to_string(i), i % 2 == 0 ? "crash" : "return 0"}),
                     -1, limits_, recorder, cancellation_);
      if (recorder.batches.size() == 1 && (done.code == "crashed") == (i % 2 == 0)) ++good;
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, 8);
  EXPECT_TRUE(all_reaped());
}

TEST_F(WorkerProcess, NoDescriptorIsLost) {
  const auto open_descriptors = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), std::filesystem::directory_iterator());
  };
  const auto before = open_descriptors();
  Recorder recorder;
  for (int i = 0; i < 3; ++i) {
    run(script("check", {"crash"}));
    run(start_of("healthy"));
    EXPECT_THROW(run_worker("/nowhere", start_of("healthy"), package_.get(), limits_, recorder, cancellation_),
                 Failure);
  }
  EXPECT_EQ(open_descriptors(), before);
}

}  // namespace
}  // namespace ferry::host::test
