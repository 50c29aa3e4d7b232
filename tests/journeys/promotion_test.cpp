// What keeps a promotion from changing anything, on real servers.
#include "tests/journeys/real_servers.hpp"

namespace ferry::test {
namespace {

class PromotionJourney : public RealServersJourney {
 protected:
  // Refused by a guard: prod is as it was, and the words are there in both forms.
  void expect_guarded(const Words& words, const std::string& code, const Words& says, bool recorded = true) const {
    const std::string before = prod_nodes();
    expect_wrong(words, {guard, "guard", code, says, recorded});
    EXPECT_EQ(prod_nodes(), before);
    if (!recorded) return;
    const Json run = last_run("promote");
    EXPECT_EQ(run.text_or("state", ""), "failed");
    EXPECT_EQ(run["error"].text_or("code", ""), code);
    for (const Json& step : run["steps"].items())
      EXPECT_TRUE(step.text_or("operation", "") == "export" || step["preview"].as_bool()) << step.dump();
  }
};

TEST_F(PromotionJourney, AgainstTheOrderOfStages) {
  begin("[" + tab("a1", "Orders", "new") + "]", "[" + tab("a1", "Orders", "old") + "]");
  expect_guarded({"promote", "prod", "dev", "--on-existing", "replace"}, "stage_order",
                 {"prod is prod and dev is dev", "nothing was changed", "--force stage_order"}, false);
  EXPECT_THAT(dev->flows(), HasSubstr("new"));
  const Finished dry = ferry({"promote", "prod", "dev", "--on-existing", "replace", "--dry-run"});
  EXPECT_EQ(dry.exit_code, guard);
  EXPECT_THAT(dry.out, AllOf(HasSubstr("~  modified  flow  Orders"), HasSubstr("itself would be refused")));
  EXPECT_THAT(dry.err, HasSubstr("--force stage_order"));
  EXPECT_THAT(dev->flows(), HasSubstr("new"));
  EXPECT_EQ(ferry({"promote", "prod", "dev", "--on-existing", "replace", "--force", "stage_order"}).exit_code,
            succeeded);
  EXPECT_THAT(dev->flows(), HasSubstr("old"));
}

TEST_F(PromotionJourney, ToItself) {
  begin("[]", "[]");
  expect_wrong({"promote", "dev", "dev"}, {usage, "usage", "same_connection", {"two connections", "dev"}, false});
}

TEST_F(PromotionJourney, TheAbortPolicyStopsAtWhatExists) {
  begin("[" + tab("a1", "Orders", "new") + "," + tab("a2", "Added") + "]", "[" + tab("a1", "Orders", "old") + "]");
  const std::string before = prod_nodes();
  const Finished done = ferry({"promote", "dev", "prod"});
  EXPECT_EQ(done.exit_code, guard) << done.out << done.err;
  EXPECT_THAT(done.out, AllOf(HasSubstr("nothing was changed in prod"), HasSubstr("--on-existing replace")));
  EXPECT_THAT(done.err, HasSubstr("Orders"));
  EXPECT_EQ(prod_nodes(), before);
  expect_nothing_left();
  // An import says the same.
  ASSERT_EQ(ferry({"export", "dev", "-o", "some.zip"}).exit_code, succeeded);
  const Finished imported = ferry({"import", "prod", "some.zip"});
  EXPECT_EQ(imported.exit_code, guard) << imported.out << imported.err;
  EXPECT_THAT(imported.err, HasSubstr("Orders"));
  EXPECT_EQ(last_run("import").text_or("state", ""), "failed");
  EXPECT_EQ(prod_nodes(), before);
}

TEST_F(PromotionJourney, APreviewWithConflictsIsRefusedUnlessForced) {
  begin("[" + tab("a1", "Orders") + "," + tab("a2", "Added") + "]", "[" + tab("b1", "Orders") + "]");
  expect_guarded({"promote", "dev", "prod", "--on-existing", "replace"}, "preview_errors",
                 {"the preview shows problems", "nothing was changed", "--force preview_errors"});
  const Finished dry = ferry({"promote", "dev", "prod", "--on-existing", "replace", "--dry-run"});
  EXPECT_EQ(dry.exit_code, guard) << "as the real one";
  EXPECT_THAT(dry.out, AllOf(HasSubstr("as it is, the promotion itself would be refused"),
                             Not(HasSubstr("--on-existing replace, or"))));
  EXPECT_THAT(dry.err, HasSubstr("--force preview_errors"));
  const Finished forced = ferry({"promote", "dev", "prod", "--on-existing", "replace", "--force", "preview_errors"});
  EXPECT_EQ(forced.exit_code, items_failed) << forced.err;
  EXPECT_THAT(prod->flows(), AllOf(HasSubstr("Added"), HasSubstr("b1"), Not(HasSubstr("a1"))));
}

TEST_F(PromotionJourney, AMapSettlesTheConflict) {
  begin("[" + tab("a1", "Orders", "new") + "]", "[" + tab("b1", "Orders", "old") + "]");
  const Json statistics =
      ferry_json({"promote", "dev", "prod", "--on-existing", "replace", "--map", "flow/Orders=Orders"});
  EXPECT_EQ(statistics["totals"]["modified"].as_int(), 1);
  EXPECT_THAT(prod->flows(), AllOf(HasSubstr("b1"), HasSubstr("new")));
  // What was sent where is shown, also of the whole promotion.
  const std::string id(statistics["run"].text_or("id", ""));
  EXPECT_THAT(ferry({"runs", "show", id, "--items"}).out, HasSubstr("a1 → b1"));
  const Json run = ferry_json({"runs", "show", id, "--items"});
  ASSERT_EQ(run["items"].items().size(), 1u);
  EXPECT_EQ(run["items"].items()[0].text_or("target_id", ""), "b1");
}

TEST_F(PromotionJourney, ATargetThatIsGoneIsNotPromotedTo) {
  begin("[" + tab("a1", "Orders") + "]", "[]");
  connect("gone", "http://127.0.0.1:" + std::to_string(unused_port()), "prod");
  expect_wrong({"promote", "dev", "gone"},
               {platform, "platform", "connection_refused", {"gone: ", "check that the platform"}});
}

TEST_F(PromotionJourney, AnUnsupportedPolicyIsRefusedBeforeAnythingIsAsked) {
  ScriptedServer source({gives_flows()}), target({gives_flows()});
  connect("from", source.url(), "dev");
  connect("to", target.url(), "prod");
  expect_wrong({"promote", "from", "to", "--on-existing", "add_version"},
               {usage, "usage", "unsupported_policy", {"node-red", "add_version", "abort, replace, skip"}, false});
  write_package(path("some.zip"), "node-red", {{"manifest.json", R"({"format":"ferry.node-red/1","artefacts":[]})"}});
  expect_wrong({"import", "to", "some.zip", "--on-existing", "add_version"},
               {usage, "usage", "unsupported_policy", {"node-red", "add_version", "abort, replace, skip"}, false});
  EXPECT_EQ(source.connections() + target.connections(), 0);
}

}  // namespace
}  // namespace ferry::test
