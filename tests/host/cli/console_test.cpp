#include "host/cli/console.hpp"

#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <signal.h>

#include <atomic>

#include "host/cli/display.hpp"
#include "host/cli/interrupt.hpp"
#include "host/cli/progress.hpp"
#include "tests/host/cli/files_for_test.hpp"

namespace ferry::host {
namespace {

class ManualClock final : public Clock {
 public:
  std::int64_t now_unix_ms() const override { return 1737971051843; }
  std::chrono::steady_clock::time_point steady_now() const override { return now.load(); }
  void sleep(std::chrono::milliseconds duration, const Cancellation&) override { go_on(duration); }
  void go_on(std::chrono::milliseconds duration) { now = now.load() + duration; }

  std::atomic<std::chrono::steady_clock::time_point> now{std::chrono::steady_clock::time_point(std::chrono::hours(1))};
};

class ConsoleTest : public testing::Test {
 protected:
  ConsoleTest() {
    options_.out_fd = out_.get();
    options_.error_fd = error_.get();
  }

  TestFiles files_;
  UniqueFd out_ = open_file(files_.path("out"), O_CREAT | O_WRONLY | O_APPEND);
  UniqueFd error_ = open_file(files_.path("error"), O_CREAT | O_WRONLY | O_APPEND);
  ConsoleOptions options_;
  Redactor redactor_;
  ManualClock clock_;
};

TEST_F(ConsoleTest, KeepsResultsAndDiagnosticsApart) {
  Console console(options_, redactor_, clock_);
  EXPECT_FALSE(console.printed());
  console.print("result\n");
  console.log(FERRY_LOG_INFO, "node-red", "too quiet to be heard");
  console.log(FERRY_LOG_WARNING, "node-red", "old \x1b[2J server");
  console.error("usage", "bad", "first line\nsecond line");
  console.flush();
  EXPECT_TRUE(console.printed());
  EXPECT_EQ(files_.read("out"), "result\n");
  EXPECT_EQ(files_.read("error"), "node-red: warning: old ?[2J server\nferry: error: first line\nsecond line\n");
}

TEST_F(ConsoleTest, WritesLogLinesAsJson) {
  options_.log_json = true;
  Console console(options_, redactor_, clock_);
  console.error("guard", "stage_order", "not \"up\"\nbut down");
  const std::string text = files_.read("error");
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
  const auto line = Poco::JSON::Parser().parse(text).extract<Poco::JSON::Object::Ptr>();
  EXPECT_EQ(line->getValue<std::string>("time"), "2025-01-27T09:44:11.843Z");
  EXPECT_EQ(line->getValue<std::string>("level"), "error");
  EXPECT_EQ(line->getValue<std::string>("fault"), "guard");
  EXPECT_EQ(line->getValue<std::string>("code"), "stage_order");
  EXPECT_EQ(line->getValue<std::string>("message"), "not \"up\"\nbut down");
}

TEST_F(ConsoleTest, MasksSecretsInEverything) {
  redactor_.add("canary-7f3a");
  options_.show_progress = true;
  Console console(options_, redactor_, clock_);
  console.print("a canary-7f3a b\n");
  console.log(FERRY_LOG_ERROR, "node-red", "canary-7f3a");
  console.error("usage", "bad", "canary-7f3a");
  console.note("canary-7f3a");
  console.progress("canary-7f3a");
  console.flush();
  EXPECT_EQ(files_.read("out"), "a *** b\n");
  EXPECT_EQ(files_.read("error").find("canary"), std::string::npos);
}

TEST_F(ConsoleTest, RemovesTheProgressLineBeforeAnythingElse) {
  options_.show_progress = true;
  Console console(options_, redactor_, clock_);
  console.progress("export · 1");
  console.progress("export · 2");
  console.print("result\n");
  console.flush();
  console.progress("");
  EXPECT_EQ(files_.read("error"), "export · 1\r\x1b[Kexport · 2\r\x1b[K");
}

TEST_F(ConsoleTest, ShowsNoProgressWhereNobodyLooks) {
  Console console(options_, redactor_, clock_);
  console.progress("export");
  EXPECT_EQ(files_.read("error"), "");
}

TEST_F(ConsoleTest, TakesAReaderThatWentAwayForAnEnd) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const UniqueFd writer(ends[1]);
  ::close(ends[0]);
  const auto before = ::signal(SIGPIPE, SIG_IGN);
  options_.out_fd = writer.get();
  Console console(options_, redactor_, clock_);
  console.print("x");
  EXPECT_NO_THROW(console.flush());
  EXPECT_TRUE(console.closed());
  EXPECT_NO_THROW(console.print(std::string(200'000, 'x')));
  ::signal(SIGPIPE, before);
}

TEST_F(ConsoleTest, FailsWhenItsOutputCannotBeWritten) {
  const UniqueFd full = open_file("/dev/full", O_WRONLY);
  options_.out_fd = full.get();
  Console console(options_, redactor_, clock_);
  console.print("x");
  try {
    console.flush();
    FAIL() << "nothing was said";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.fault(), Fault::machine);
    EXPECT_EQ(failure.code(), "disk_full");
    EXPECT_THAT(failure.message(), testing::HasSubstr("standard output"));
  }
}

TEST(Progress, SaysPhaseShareBytesRateAndTime) {
  RunRecord run;
  run.operation = "export";
  run.connection = "flows-dev";
  RunProgress progress;
  using std::chrono::milliseconds;
  EXPECT_EQ(progress_text(run, progress, milliseconds(0)), "export flows-dev");
  progress = {"download", 12, 30, {}};
  progress.transfer.bytes_received = 4 << 20;
  progress.transfer.retries = 2;
  EXPECT_EQ(progress_text(run, progress, milliseconds(4000)),
            "export flows-dev · download · 12 of 30 (40 %) · 4.0 MiB · 1.0 MiB/s · 2 retries · 4 s");
  progress = {"", 7, 0, {}};
  run.preview = true;
  EXPECT_EQ(progress_text(run, progress, milliseconds(250'000)), "preview flows-dev · 7 · 4 min 10 s");
  progress.done = 0;
  progress.waiting_until = 1'800'000'000'000;
  EXPECT_EQ(progress_text(run, progress, milliseconds(0)),
            "preview flows-dev · waiting until " + local_time(1'800'000'000'000));
  progress.waiting_for_limit = true;
  EXPECT_THAT(progress_text(run, progress, milliseconds(0)), testing::EndsWith(" for the rate limit"));
}

TEST(Progress, OfARunThatReadsSaysHowManyRecords) {
  RunRecord run;
  run.operation = "read";
  run.connection = "books";
  RunProgress progress{"INVOICES", 12, 30, {}};
  progress.records = 80'012;
  progress.transfer.requests = 81;
  progress.transfer.bytes_received = 4 << 20;
  EXPECT_EQ(progress_text(run, progress, std::chrono::milliseconds(4000)),
            "read books · INVOICES · 12 of 30 (40 %) · 80012 records · 20003 a second · 81 requests · 4 s");
}

TEST_F(ConsoleTest, DrawsProgressAtMostTenTimesASecond) {
  options_.show_progress = true;
  Console console(options_, redactor_, clock_);
  ProgressObserver observer(console, clock_);
  RunRecord run;
  run.id = "r";
  run.operation = "export";
  observer.on_start(run);
  for (std::uint64_t i = 0; i < 100; ++i) {
    observer.on_progress(run, {"", i + 1, 100, {}});
    clock_.go_on(std::chrono::milliseconds(10));
  }
  const std::string text = files_.read("error");
  EXPECT_EQ(std::count(text.begin(), text.end(), '%'), 10) << text;
}

TEST_F(ConsoleTest, TheTimeGoesOnWhileNothingIsHeard) {
  options_.show_progress = true;
  Console console(options_, redactor_, clock_);
  ProgressObserver observer(console, clock_, std::chrono::milliseconds(1));
  RunRecord run;
  run.id = "r";
  run.operation = "export";
  observer.on_start(run);
  observer.on_progress(run, {"download", 0, 0, {}});
  clock_.go_on(std::chrono::seconds(7));
  const auto shown = [&] { return files_.read("error").find("export · download · 7 s") != std::string::npos; };
  for (int i = 0; i < 20'000 && !shown(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  EXPECT_TRUE(shown());
  RunOutcome outcome;
  outcome.record = run;
  observer.on_end(outcome);
  const std::string text = files_.read("error");
  EXPECT_EQ(text.substr(text.size() - 4), "\r\x1b[K") << "the line is gone";
}

TEST_F(ConsoleTest, PrintsOnStandardErrorOnceStandardOutputIsGivenAway) {
  Console console(options_, redactor_, clock_);
  console.print("before\n");
  console.print_on_standard_error();
  console.print("after\n");
  console.flush();
  EXPECT_EQ(files_.read("out"), "before\n");
  EXPECT_EQ(files_.read("error"), "after\n");
}

TEST(Interrupt, CancelsWhatIsRunningAndLeavesTheHandlersAsTheyWere) {
  struct sigaction before {
  }, after{};
  ::sigaction(SIGINT, nullptr, &before);
  Cancellation cancellation;
  {
    const InterruptGuard guard(cancellation);
    ::raise(SIGTERM);
    EXPECT_TRUE(cancellation.cancelled());
  }
  ::sigaction(SIGINT, nullptr, &after);
  EXPECT_EQ(before.sa_handler, after.sa_handler);
}

TEST(InterruptDeathTest, ASecondOneLeavesAtOnce) {
  EXPECT_EXIT(
      {
        Cancellation cancellation;
        const InterruptGuard guard(cancellation);
        ::raise(SIGINT);
        ::raise(SIGINT);
      },
      testing::ExitedWithCode(130), "stopping");
}

}  // namespace
}  // namespace ferry::host
