// An interrupt at any request of any operation of any connector: the platform hangs, ferry does not.
//
// Each operation is interrupted while its first request hangs, its second, and so on until it needs no more. What is
// measured is printed and recorded, not judged: the bound is for a machine under any load.
#include <algorithm>
#include <iostream>
#include <mutex>
#include <thread>

#include "tests/platforms/work.hpp"

namespace ferry::test {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds bound{5'000};  // beside a platform that hangs for ten minutes

// How the platform hangs: before it did anything, or after it did what was asked.
struct Hang {
  const char* name;
  const char* more;    // members of the fault
  const char* beside;  // another fault, with a comma before it
  bool imports_only;
};

class Cancel : public Works {
 protected:
  struct Interrupted {
    Finished done;
    milliseconds took{0};
  };

  // nullopt: the operation ended before its request of that number, as `ended` tells.
  std::optional<Interrupted> interrupt(const Work& work, const Hang& hang, int request, Finished& ended) {
    sandbox_->reset(work.environment);
    sandbox_->faults(work.environment, R"([{"count":1,"latency_ms":600000,"after":)" + std::to_string(request) +
                                           hang.more + "}" + hang.beside + "]");
    Command command = platform_command(work.words);
    command.arguments.push_back("--json");
    command.environment["FERRY_STATE_DIR"] = state_of(work);
    Process running(command);
    eventually([&] { return sandbox_->faults_spent(work.environment) || !is_alive(running.id()); });
    if (!sandbox_->faults_spent(work.environment)) {
      ended = running.finish();
      return std::nullopt;
    }
    const Clock::time_point begun = Clock::now();
    running.signal(SIGINT);
    const Finished done = running.finish();
    return Interrupted{done, std::chrono::duration_cast<milliseconds>(Clock::now() - begun)};
  }

  // Of each environment, so that a thread that works on one looks at its own runs.
  std::string state_of(const Work& work) const {
    std::string name = work.environment;
    std::replace(name.begin(), name.end(), '/', '-');
    return path("state-" + name);
  }

  void expect_ended(const Work& work, const Interrupted& interrupted, int exit_code, const char* state_word) const {
    EXPECT_EQ(interrupted.done.exit_code, exit_code) << interrupted.done.out << interrupted.done.err;
    EXPECT_LT(interrupted.took, bound);
    Command shown = command({"runs", "list", "--limit", "1", "--json"});
    shown.environment["FERRY_STATE_DIR"] = state_of(work);
    const Json runs = Json::parse(run(shown).out);
    ASSERT_EQ(runs.items().size(), 1u);
    EXPECT_EQ(runs.items()[0].text_or("state", ""), state_word);
  }

  void expect_nothing_runs(const Work& work) const {
    const auto is_idle = [&] { return sandbox_->counter(work.environment, "jobs_running") == 0; };
    // Dev2Prod has no call to end a job: it runs to its own end.
    EXPECT_TRUE(work.platform() == "dev2prod" ? eventually(is_idle) : is_idle());
  }

  // The same command once more, on a platform that is well again.
  void expect_imported_once(const Work& work) const {
    sandbox_->faults(work.environment, "[]");
    EXPECT_LE(sandbox_->counter(work.environment, "imports_applied"), 1);
    Command command = platform_command(work.words);
    command.environment["FERRY_STATE_DIR"] = state_of(work);
    const Finished again = run(command);
    EXPECT_EQ(again.exit_code, succeeded) << again.out << again.err;
    EXPECT_EQ(sandbox_->counter(work.environment, "imports_applied"), 1);
  }

  // Of the operation when nothing hangs.
  int requests_of(const Work& work) const {
    sandbox_->reset(work.environment);
    Command command = platform_command(work.words);
    command.environment["FERRY_STATE_DIR"] = state_of(work);
    EXPECT_EQ(run(command).exit_code, succeeded);
    std::int64_t sum = 0;
    const Json counters = sandbox_->counters(work.environment);
    for (const auto& [pattern, count] : counters["requests"].members()) sum += count.as_int();
    return static_cast<int>(sum);
  }

  void interrupt_everywhere(const Work& work, const Hang& hang) {
    const int requests = requests_of(work);
    for (int request = 0;; ++request) {
      const ::testing::ScopedTrace trace(
          __FILE__, __LINE__, work.title() + ", " + hang.name + " at request " + std::to_string(request + 1));
      std::filesystem::remove_all(state_of(work));
      Finished ended;
      const std::optional<Interrupted> interrupted = interrupt(work, hang, request, ended);
      if (!interrupted) {
        EXPECT_EQ(ended.exit_code, succeeded) << ended.out << ended.err;
        break;
      }
      // SmartIQ's last request ends the session: the platform's part was done by then, and is recorded as that. What an
      // export has left to do is its output.
      const bool only_log_off_left = work.platform() == "smartiq" && request == requests - 1;
      if (only_log_off_left)
        expect_ended(work, *interrupted, work.name == std::string("export") ? cancelled : succeeded, "succeeded");
      else
        expect_ended(work, *interrupted, cancelled, "cancelled");
      expect_nothing_runs(work);
      if (work.imports_into != nullptr) expect_imported_once(work);
      keep(work.title() + ", " + hang.name, *interrupted);
    }
  }

  void keep(const std::string& where, const Interrupted& interrupted) {
    const std::lock_guard lock(mutex_);
    ++interrupts_;
    if (interrupted.took <= worst_) return;
    worst_ = interrupted.took;
    worst_at_ = where;
  }

  std::mutex mutex_;
  int interrupts_ = 0;
  milliseconds worst_{-1};
  std::string worst_at_;
};

TEST_F(Cancel, AtEveryRequestOfEveryOperation) {
  const std::vector<Hang> hangs = {{"asked in vain", "", "", false},
                                   {"done without an answer", R"(,"applied_first":true)", "", true}};
  make_packages();
  std::vector<std::thread> threads;
  const std::map<std::string, std::vector<Work>> all = works();
  for (const auto& [environment, list] : all)
    threads.emplace_back([&, &list = list] {
      for (const Work& work : list)
        for (const Hang& hang : hangs)
          if (!hang.imports_only || work.imports_into != nullptr) interrupt_everywhere(work, hang);
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_GE(interrupts_, 40);
  RecordProperty("interrupts", interrupts_);
  RecordProperty("worst_ms", static_cast<int>(worst_.count()));
  std::cout << interrupts_ << " interrupts, the slowest end after " << worst_.count() << " ms: " << worst_at_ << "\n";
}

// Jobs that never end by themselves, begun by a request whose answer never comes: they are found and cancelled.
TEST_F(Cancel, EndsTheJobWhoseBeginWasNotAnswered) {
  make_packages();
  const std::map<std::string, std::vector<Work>> all = works();
  for (const auto& [environment, name, post] : {std::tuple{"spark/dev", "export", "POST /dev/api/v4/export"},
                                                {"spark/test", "import", "POST /test/api/v4/import"}}) {
    const std::vector<Work>& list = all.at(environment);
    const auto work = std::find_if(list.begin(), list.end(),
                                   [&wanted = name](const Work& one) { return one.name == std::string(wanted); });
    SCOPED_TRACE(work->title());
    const std::string more = std::string(R"(,"applied_first":true,"match":")") + post + '"';
    Finished ended;
    const auto interrupted = interrupt(*work, {"", more.c_str(), R"(,{"job":"hang"})", false}, 0, ended);
    ASSERT_TRUE(interrupted) << ended.err;
    expect_ended(*work, *interrupted, cancelled, "cancelled");
    EXPECT_EQ(sandbox_->counter(environment, "jobs_running"), 0);
    EXPECT_EQ(sandbox_->counter(environment, "imports_applied"), 0);
  }
}

}  // namespace
}  // namespace ferry::test
