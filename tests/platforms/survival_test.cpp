// Every fault with every operation of every connector: the run ends, in bounded time, well or with a classified error;
// nothing is imported twice, and nothing is left running on the platform where it can be stopped.
#include <map>
#include <set>
#include <thread>

#include "tests/platforms/work.hpp"

namespace ferry::test {
namespace {

struct Trouble {
  const char* name;
  const char* json;
  bool passes;         // a repetition gets over it: the run must succeed
  bool items = false;  // the platform itself reports what went wrong
};

const std::vector<Trouble>& troubles() {
  static const std::vector<Trouble> all = {
      {"latency", R"({"latency_ms":150})", true},
      {"429 for seconds", R"({"status":429,"retry_after":"1","count":1})", true},
      {"429 until a date", R"({"status":429,"retry_after":"date","count":1})", true},
      {"429 x-retry-after", R"({"status":429,"retry_after":"0.1","retry_after_header":"x-retry-after","count":1})",
       true},
      {"503 once", R"({"status":503,"count":1})", true},
      {"500 for ever", R"({"status":500})", false},
      {"dropped once", R"({"drop":true,"count":1})", true},
      {"truncated once", R"({"truncate_at":5,"count":1})", true},
      {"slow", R"({"bytes_per_second":20000})", true},
      {"a page instead of JSON", R"({"content_type":"text/html"})", true},
      {"expired token", R"({"expire_tokens":true,"count":1})", true},
      {"failing jobs", R"({"job":"fail"})", false, true},
      {"jobs that end in part", R"({"job":"partial"})", false, true},
  };
  return all;
}

class Survival : public Works {};

// A connector that asks nothing of the platform for this is well whatever the platform does.
bool asks_nothing(const Work& work) {
  return work.name == std::string("catalog") && work.platform() != "integration_labs";
}

TEST_F(Survival, EveryFaultWithEveryOperation) {
  make_packages();
  const std::set<int> classified = {succeeded, items_failed, usage, credentials, platform};
  const auto suffer = [&](const Work& work, const Trouble& trouble) {
    SCOPED_TRACE(work.title() + " with " + trouble.name);
    sandbox_->reset(work.environment);
    sandbox_->faults(work.environment, trouble.json);
    const Finished done = on_platforms(work.words);
    const std::string all = done.out + done.err;
    EXPECT_TRUE(classified.count(done.exit_code)) << done.exit_code << "\n" << all;
    // An API key does not expire: one that is refused stays so.
    const bool key_refused = work.platform() == "integration_labs" && trouble.name == std::string("expired token");
    if (trouble.passes && !key_refused) {
      EXPECT_EQ(done.exit_code, succeeded) << all;
    } else if (!trouble.items && !asks_nothing(work)) {
      EXPECT_NE(done.exit_code, succeeded) << all;
    }
    EXPECT_TRUE(done.exit_code == succeeded || all.find("error") != std::string::npos) << all;
    EXPECT_TRUE(work.imports_into == nullptr || sandbox_->counter(work.imports_into, "imports_applied") <= 1);
  };
  // Each environment has a thread of its own, as one waits most of the time.
  const std::map<std::string, std::vector<Work>> by_environment = works();
  std::vector<std::thread> threads;
  for (const auto& [environment, list] : by_environment)
    threads.emplace_back([&suffer, &list = list] {
      for (const Work& work : list)
        for (const Trouble& trouble : troubles()) suffer(work, trouble);
    });
  for (std::thread& thread : threads) thread.join();
}

// The platform did the work, and its answer was lost: the same command again finds that, or finds nothing to do.
TEST_F(Survival, AnImportWhoseAnswerWasLostIsNotDoneTwice) {
  make_packages();
  const std::vector<std::pair<Work, const char*>> imports = {
      {{"import", "spark/test", {"import", "spark-test", "spark.zip", "--on-existing", "add_version", "--no-backup"}},
       R"({"match":"POST /test/api/v4/import","applied_first":true,"drop":true,"count":1})"},
      {{"import", "smartiq/test", {"import", "smartiq-test", "smart.zip", "--on-existing", "replace", "--no-backup"}},
       R"({"match":"sync/import","applied_first":true,"drop":true,"count":1})"}};
  for (const auto& [work, fault] : imports) {
    SCOPED_TRACE(work.environment);
    sandbox_->faults(work.environment, fault);
    const Finished first = on_platforms(work.words);
    EXPECT_EQ(sandbox_->counter(work.environment, "imports_applied"), 1) << first.out << first.err;
    sandbox_->faults(work.environment, "[]");
    if (first.exit_code != succeeded) on_platforms(work.words);
    EXPECT_EQ(sandbox_->counter(work.environment, "imports_applied"), 1);
  }
}

TEST_F(Survival, ACancelledImportLeavesNoJobBehind) {
  make_packages();
  sandbox_->faults("spark/test", R"({"job":"hang"})");
  Process running(platform_command({"import", "spark-test", "spark.zip", "--on-existing", "replace", "--no-backup"}));
  ASSERT_TRUE(eventually([&] { return sandbox_->counter("spark/test", "jobs_running") > 0; }));
  running.signal(SIGINT);
  const Finished done = running.finish();
  EXPECT_EQ(done.exit_code, cancelled) << done.err;
  EXPECT_EQ(sandbox_->counter("spark/test", "jobs_running"), 0);
}

}  // namespace
}  // namespace ferry::test
