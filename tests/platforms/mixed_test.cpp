// The release of samples/mixed.yaml: four platforms in one run, one document.
#include "tests/platforms/platforms.hpp"

namespace ferry::test {

std::unique_ptr<host::TemporaryDirectory> Platforms::folder_;
std::unique_ptr<Sandbox> Platforms::sandbox_;

namespace {

class Mixed : public Platforms {
 protected:
  const std::string file_ = FERRY_SOURCE_DIR "/samples/mixed.yaml";
  static std::int64_t total(const Json& document, const char* outcome) { return document["totals"][outcome].as_int(); }
};

TEST_F(Mixed, PromotesThreePlatformsAndLooksAtTheFourth) {
  const Json preview = document({"run", file_, "--dry-run"});
  EXPECT_EQ(preview["run"].text_or("state", ""), "succeeded");
  EXPECT_GT(total(preview, "added") + total(preview, "modified"), 0);
  for (const char* target : {"spark/test", "smartiq/test", "dev2prod/test"})
    EXPECT_EQ(sandbox_->counter(target, "imports_applied"), 0) << target;

  const Json real = document({"run", file_});
  ASSERT_EQ(real["steps"].items().size(), 4u);
  for (const Json& step : real["steps"].items()) EXPECT_EQ(step.text_or("state", ""), "succeeded") << step.dump(2);
  for (const char* target : {"spark/test", "smartiq/test", "dev2prod/test"})
    EXPECT_EQ(sandbox_->counter(target, "imports_applied"), 1) << target;
  for (const char* outcome : {"added", "modified", "removed", "unchanged"})
    EXPECT_EQ(total(preview, outcome), total(real, outcome)) << outcome << ": the preview was a promise";

  const Json shown =
      Json::parse(on_platforms({"runs", "show", std::string(real["run"].text_or("id", "")), "--json"}).out);
  EXPECT_EQ(shown.text_or("operation", ""), "run");
}

TEST_F(Mixed, APlatformThatIsAwayStopsTheOthersBeforeTheyAreChanged) {
  sandbox_->faults("dev2prod/test", R"({"status":503})");
  const Json done = document({"run", file_}, platform);
  EXPECT_EQ(done["run"].text_or("state", ""), "partially_succeeded") << "the check succeeded";
  for (const char* target : {"spark/test", "smartiq/test"})
    EXPECT_EQ(sandbox_->counter(target, "imports_applied"), 0) << target;

  sandbox_->faults("dev2prod/test", "[]");
  const Json again = document({"run", file_, "--resume", std::string(done["run"].text_or("id", ""))});
  EXPECT_EQ(again["run"].text_or("state", ""), "succeeded");
  for (const char* target : {"spark/test", "smartiq/test", "dev2prod/test"})
    EXPECT_EQ(sandbox_->counter(target, "imports_applied"), 1) << target;
}

TEST_F(Mixed, WhatAConnectorCannotDoIsRefusedBeforeThePlatformIsAsked) {
  write_package(path("any.zip"), "", {{"a", "b"}});
  for (const Words& more : {Words{"--prune"}, Words{"--map", "package/a=b"}}) {
    Words words = {"import", "dev2prod-test", path("any.zip"), "--on-existing", "replace"};
    words.insert(words.end(), more.begin(), more.end());
    const Finished done = on_platforms(words);
    EXPECT_EQ(done.exit_code, usage);
    EXPECT_THAT(done.err, HasSubstr("the connector dev2prod "));
  }
  EXPECT_EQ(sandbox_->counter("dev2prod/test", "logins"), 0);
}

TEST_F(Mixed, AnInterruptCancelsEveryStep) {
  sandbox_->faults("dev2prod/test", R"({"job":"hang"})");
  Process running(platform_command({"run", file_, "--verbose"}));
  ASSERT_TRUE(running.wait_for(
      [](const Finished& so_far) { return so_far.err.find("step service-desk: preview") != std::string::npos; }));
  running.signal(SIGINT);
  const Finished done = running.finish();
  EXPECT_EQ(done.exit_code, cancelled) << done.err;
  EXPECT_THAT(done.out, HasSubstr("--resume"));
  EXPECT_EQ(sandbox_->counter("spark/test", "jobs_running"), 0);
}

}  // namespace
}  // namespace ferry::test
