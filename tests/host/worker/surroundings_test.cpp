// What a connector finds around it: nothing it was not given, whatever this process has.
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>

#include <cstdlib>
#include <thread>

#include "tests/host/worker/worker_fixture.hpp"

namespace ferry::host::test {
namespace {

using testing::AnyOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;
using testing::UnorderedElementsAre;

class Surroundings : public WorkerTest {
 protected:
  // The lines of one kind: what tells_surroundings printed after the word.
  static std::vector<std::string> told(const Recorder& recorder, const std::string& word) {
    std::vector<std::string> found;
    for (const std::string& line : recorder.logs("stdout"))
      if (line.starts_with(word + " ")) found.push_back(line.substr(word.size() + 1));
    return found;
  }
  Recorder tell() {
    Recorder recorder;
    const WorkerDone done = run(start_of("tells_surroundings"), recorder);
    EXPECT_EQ(done.status, FERRY_OK) << done.message;
    return recorder;
  }
};

TEST_F(Surroundings, TheEnvironmentIsScrubbed) {
  ::setenv("FERRY_TEST_CANARY", "canary-7f3a9c", 1);
  ::setenv("LD_PRELOAD_NOT_REALLY", "x", 1);
  ::setenv("TZ", "Europe/Berlin", 1);
  const Recorder recorder = tell();
  ::unsetenv("FERRY_TEST_CANARY");
  ::unsetenv("LD_PRELOAD_NOT_REALLY");
  ::unsetenv("TZ");
  std::vector<std::string> expected = {"LANG=C.UTF-8", "TZ=Europe/Berlin"};
  for (const char* name : {"ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LSAN_OPTIONS"})
    if (const char* value = std::getenv(name)) expected.push_back(std::string(name) + "=" + value);
  EXPECT_THAT(told(recorder, "env"), testing::UnorderedElementsAreArray(expected));
}

TEST_F(Surroundings, TheWorkingDirectoryIsItsOwn) {
  EXPECT_THAT(told(tell(), "cwd"), ElementsAre(std::filesystem::canonical(home_.path()).string()));
}

// Also those that this process, or whoever started it, left open for its children.
TEST_F(Surroundings, OnlyItsOwnDescriptorsAreOpen) {
  const UniqueFd inherited(::open("/dev/zero", O_RDONLY));
  const UniqueFd high(::fcntl(inherited.get(), F_DUPFD, 200));
  const Recorder recorder = tell();
  EXPECT_THAT(
      told(recorder, "fd"),
      UnorderedElementsAre("0 /dev/null", StartsWith("1 pipe:"), StartsWith("2 pipe:"), StartsWith("3 socket:"),
                           "4 " + std::filesystem::canonical(home_.path() / "package").string(),
                           "5 anon_inode:[eventpoll]", "6 anon_inode:[eventfd]", HasSubstr("/tells_surroundings.so")))
      << "standard ones, channel, package, what the worker waits with, the library that was hashed";
}

TEST_F(Surroundings, WithoutAPackageThereIsNoDescriptorOfOne) {
  Recorder recorder;
  run_worker(program, start_of("tells_surroundings"), -1, limits_, recorder, cancellation_);
  EXPECT_THAT(told(recorder, "fd"), Not(Contains(HasSubstr("package"))));
}

// Workers that start at the same moment do not inherit each other's channels: one would keep the other's open.
TEST_F(Surroundings, WorkersOfOtherThreadsLeakNothingIntoOneAnother) {
  std::vector<std::thread> threads;
  std::vector<Recorder> recorders(8);
  for (Recorder& recorder : recorders)
    threads.emplace_back(
        [&] { run_worker(program, start_of("tells_surroundings"), -1, limits_, recorder, cancellation_); });
  for (std::thread& thread : threads) thread.join();
  for (const Recorder& recorder : recorders) EXPECT_EQ(told(recorder, "fd").size(), 7u);
}

TEST_F(Surroundings, SignalsAreAsInAFreshProcess) {
  struct sigaction ignore {
  }, before{};
  ignore.sa_handler = SIG_IGN;
  ::sigaction(SIGPIPE, &ignore, &before);
  sigset_t blocked, mask_before;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  sigaddset(&blocked, SIGUSR2);
  ::pthread_sigmask(SIG_BLOCK, &blocked, &mask_before);
  const Recorder recorder = tell();
  ::pthread_sigmask(SIG_SETMASK, &mask_before, nullptr);
  ::sigaction(SIGPIPE, &before, nullptr);
  EXPECT_THAT(told(recorder, "blocked"), IsEmpty());
#ifndef FERRY_SANITIZED  // a sanitizer handles crashes itself
  // A file that may not grow is no crash, but a write that fails.
  EXPECT_THAT(told(recorder, "handled"), AnyOf(IsEmpty(), ElementsAre(std::to_string(SIGXFSZ))));
#endif
}

TEST_F(Surroundings, ResourcesAreLimited) {
  rlimit descriptors{};
  ::getrlimit(RLIMIT_NOFILE, &descriptors);
  WorkerStart start = start_of("tells_surroundings");
  start.memory_mb = 200;
  Recorder recorder;
  run(start, recorder);
  const std::vector<std::string> limits = told(recorder, "limit");
  EXPECT_THAT(limits, Contains("core 0 0"));
  const std::string most = std::to_string(std::min<rlim_t>(descriptors.rlim_max, 256));
  EXPECT_THAT(limits, Contains("nofile " + most + " " + most));
#ifndef FERRY_SANITIZED
  EXPECT_THAT(limits, Contains("data 209715200 209715200"));
#endif
}

TEST_F(Surroundings, ItsProcessGroupIsItsOwn) { EXPECT_THAT(told(tell(), "group"), ElementsAre("own")); }

TEST_F(Surroundings, WhatItPrintsBecomesLogLines) {
  Recorder recorder;
  run(script("check", {"print hello \x1b[31mred", "print_bytes", "print_error oh", "print_part unended"}), recorder);
  EXPECT_THAT(recorder.logs("stdout"), ElementsAre("hello ?[31mred", "\xEF\xBF\xBD\xEF\xBF\xBD", "unended"));
  EXPECT_THAT(recorder.logs("stderr"), ElementsAre("oh"));
}

TEST_F(Surroundings, OutputIsBoundedInLengthAndNumber) {
  Recorder recorder;
  const WorkerDone done =
      run(script("check", {"print_long 1000000", "print_much 20000", "print_error still here"}), recorder);
  EXPECT_EQ(done.status, FERRY_OK);
  const std::vector<std::string> lines = recorder.logs("stdout");
  ASSERT_EQ(lines.size(), 501u);
  EXPECT_EQ(lines[0].size(), 80u * 1024);
  EXPECT_EQ(lines[1], "line 0");
  EXPECT_EQ(lines.back(), "19501 more lines of output were dropped");
  EXPECT_THAT(recorder.logs("stderr"), ElementsAre("still here"));
}

// A value that is masked is known before anything printed after it is shown.
TEST_F(Surroundings, AMaskIsKnownBeforeWhatIsPrintedAfterIt) {
  std::vector<std::string> steps;
  for (int i = 0; i < 50; ++i) {
    steps.push_back("mask secret-" + std::to_string(i));
    steps.push_back("print secret-" + std::to_string(i));
  }
  Recorder recorder;
  std::size_t early = 0, printed = 0;
  recorder.hook = [&](const std::string& event) {
    if (event != "log") return;
    const std::vector<std::string> lines = recorder.logs("stdout");
    for (; printed < lines.size(); ++printed)
      if (std::find(recorder.masks.begin(), recorder.masks.end(), lines[printed]) == recorder.masks.end()) ++early;
  };
  run(script("check", steps), recorder);
  EXPECT_EQ(printed, 50u);
  EXPECT_EQ(early, 0u);
}

}  // namespace
}  // namespace ferry::host::test
