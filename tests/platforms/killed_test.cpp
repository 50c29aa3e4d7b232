// A host that is killed at every stage of an import, then the same command again: the import is found, or done once.
#include <signal.h>

#include "tests/platforms/platforms.hpp"

namespace ferry::test {
namespace {

class Killed : public Platforms {
 protected:
  // Kills ferry as soon as the platform has had so many requests; false: its work was done by then, which is on record
  // even where it was killed while it ended.
  bool killed_after(const Words& words, const std::string& environment, std::int64_t requests) {
    Process running(platform_command(words));
    bool ended = false;
    eventually([&] {
      ended = !is_alive(running.id());
      return ended || requests_of(environment) >= requests;
    });
    if (!ended) running.signal(SIGKILL);
    const Finished done = running.finish();
    return done.exit_code == 128 + SIGKILL && last_run("import").text_or("state", "") != "succeeded";
  }
  static std::int64_t requests_of(const std::string& environment) {
    const Json counters = sandbox_->counters(environment);
    std::int64_t sum = 0;
    for (const auto& [name, count] : counters["requests"].members()) sum += count.as_int();
    return sum;
  }
};

TEST_F(Killed, AtEveryRequestOfAnImportIntoSpark) {
  ASSERT_EQ(on_platforms({"export", "spark-dev", "-o", "spark.zip", "--select", "folder=rates"}).exit_code, 0);
  const Words import = {"import", "spark-test", "spark.zip", "--on-existing", "add_version", "--no-backup"};
  int kills = 0;
  for (std::int64_t stage = 1; stage < 60; ++stage) {
    SCOPED_TRACE("killed after " + std::to_string(stage) + " requests");
    sandbox_->reset("spark/test");
    std::filesystem::remove_all(state());
    const bool killed = killed_after(import, "spark/test", stage);
    kills += killed ? 1 : 0;
    const Finished again = killed ? on_platforms(import) : Finished{0, "", "", {}};
    EXPECT_EQ(again.exit_code, succeeded) << again.out << again.err;
    EXPECT_EQ(sandbox_->counter("spark/test", "imports_applied"), 1);
    if (!killed) break;
  }
  EXPECT_GE(kills, 3);
}

TEST_F(Killed, AtEveryRequestOfAnImportIntoDev2Prod) {
  ASSERT_EQ(on_platforms({"export", "dev2prod-dev", "-o", "desk.zip"}).exit_code, 0);
  const Words import = {"import", "dev2prod-test", "desk.zip", "--on-existing", "replace", "--no-backup"};
  for (std::int64_t stage = 1; stage < 30; ++stage) {
    SCOPED_TRACE("killed after " + std::to_string(stage) + " requests");
    sandbox_->reset("dev2prod/test");
    std::filesystem::remove_all(state());
    const bool killed = killed_after(import, "dev2prod/test", stage);
    // The platform lists no jobs, and refuses a second one while one runs.
    eventually([] { return sandbox_->counter("dev2prod/test", "jobs_running") == 0; });
    if (killed) {
      const Finished again = on_platforms(import);
      EXPECT_EQ(again.exit_code, succeeded) << again.out << again.err;
    }
    EXPECT_EQ(sandbox_->counter("dev2prod/test", "imports_applied"), 1);
    if (!killed) break;
  }
}

TEST_F(Killed, AtEveryRequestOfAnImportIntoSmartIQ) {
  ASSERT_EQ(on_platforms({"export", "smartiq-dev", "-o", "smart.zip"}).exit_code, 0);
  const Words import = {"import", "smartiq-test", "smart.zip", "--on-existing", "replace", "--no-backup"};
  for (std::int64_t stage = 1; stage < 20; ++stage) {
    SCOPED_TRACE("killed after " + std::to_string(stage) + " requests");
    sandbox_->reset("smartiq/test");
    std::filesystem::remove_all(state());
    const bool killed = killed_after(import, "smartiq/test", stage);
    if (killed) {
      EXPECT_EQ(on_platforms(import).exit_code, succeeded);
    }
    EXPECT_EQ(sandbox_->counter("smartiq/test", "imports_applied"), 1);
    if (!killed) break;
  }
}

}  // namespace
}  // namespace ferry::test
