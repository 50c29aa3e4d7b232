// The main job, from the first look to putting it back, on two real Node-REDs.
#include "tests/journeys/real_servers.hpp"

namespace ferry::test {
namespace {

class HappyJourney : public RealServersJourney {
 protected:
  static std::string sample(const std::string& name) {
    return host::read_file(std::string(FERRY_SOURCE_DIR "/samples/node-red/") + name);
  }
  static void expect_totals(const Json& statistics, const std::map<std::string, int>& expected) {
    for (const auto& [name, value] : statistics["totals"].members()) {
      if (name == "total") continue;
      EXPECT_EQ(value.as_int(), expected.contains(name) ? expected.at(name) : 0) << name << "\n" << statistics.dump();
    }
  }
  // Every run that was recorded has a document that holds, steps and dry runs too.
  void expect_valid_records() const {
    const Json runs = ferry_json({"runs", "list"});
    EXPECT_FALSE(runs.items().empty());
    for (const Json& run : runs.items()) {
      const Json shown = ferry_json({"runs", "show", std::string(run.text_or("id", ""))});
      EXPECT_EQ(shown["statistics"]["run"].text_or("state", ""), run.text_or("state", "?"));
      expect_valid_statistics(shown["statistics"].dump());
    }
  }
  // The command that ferry prints after "to put it back: ".
  static std::string put_back_command(const std::string& text) {
    const std::string marker = "to put it back: ";
    const std::size_t at = text.find(marker);
    EXPECT_NE(at, std::string::npos) << text;
    return at == std::string::npos ? "false"
                                   : text.substr(at + marker.size(), text.find('\n', at) - at - marker.size());
  }
};

TEST_F(HappyJourney, ExportsInspectsPreviewsImportsAndPutsBack) {
  begin(sample("dev-flows.json"), sample("prod-flows.json"));
  const std::string as_it_was = prod_nodes();

  expect_totals(ferry_json({"connections", "check", "prod"}), {});
  EXPECT_EQ(ferry_json({"catalog", "prod"}).items().size(), 3u);
  Json statistics = ferry_json({"export", "dev", "-o", "package.zip"});
  EXPECT_EQ(statistics["totals"]["total"].as_int(), 6);
  // The same content is the same package, byte for byte.
  ASSERT_EQ(ferry({"export", "dev", "-o", "again.zip"}).exit_code, succeeded);
  EXPECT_EQ(content("again.zip"), content("package.zip"));

  const Json inspected = ferry_json({"inspect", "package.zip"});
  EXPECT_EQ(inspected.text_or("connector", ""), "node-red");
  EXPECT_EQ(inspected["artefacts"].items().size(), 6u);
  EXPECT_EQ(inspected.text_or("state", ""), "succeeded");
  EXPECT_THAT(ferry({"inspect", "package.zip"}).out, AllOf(HasSubstr("TYPE"), HasSubstr("Invoices")));

  const Words import = {"import", "prod", "package.zip", "--on-existing", "replace", "--map", "flow/Reports=Reports"};
  Words preview = import;
  preview.push_back("--dry-run");
  statistics = ferry_json(preview);
  expect_totals(statistics, {{"added", 1}, {"modified", 2}, {"unchanged", 3}});
  EXPECT_TRUE(statistics["run"]["preview"].as_bool());
  EXPECT_EQ(prod_nodes(), as_it_was);
  const std::string promised = statistics["items"].dump();

  const Finished done = ferry(import);
  ASSERT_EQ(done.exit_code, succeeded) << done.err;
  EXPECT_THAT(done.out, AllOf(HasSubstr("+  added     flow  Invoices"), HasSubstr("~  modified  flow  Orders")));
  EXPECT_NE(prod_nodes(), as_it_was);
  const Json run = last_run("import");
  EXPECT_EQ(run["statistics"]["items"].dump(), promised);
  EXPECT_EQ(run["connector"].text_or("version", ""), "0.1.0");
  EXPECT_EQ(run["package"].text_or("sha256", "").substr(0, 12), done.out.substr(done.out.rfind("sha256:") + 7, 12));

  statistics = ferry_json(import);
  expect_totals(statistics, {{"unchanged", 6}});

  const Finished back = shell(put_back_command(done.out));
  EXPECT_EQ(back.exit_code, succeeded) << back.out << back.err;
  EXPECT_EQ(prod_nodes(), as_it_was);
  expect_valid_records();
  expect_nothing_left("none");
}

TEST_F(HappyJourney, PromotesAndPutsBack) {
  begin("[" + tab("a1", "Orders", "new") + "," + tab("a2", "Added") + "]",
        "[" + tab("a1", "Orders", "old") + "," + tab("a9", "Kept") + "]");
  const std::string as_it_was = prod_nodes();
  Json statistics = ferry_json({"promote", "dev", "prod", "--on-existing", "replace", "--dry-run"});
  expect_totals(statistics, {{"added", 1}, {"modified", 1}});
  EXPECT_EQ(prod_nodes(), as_it_was);

  const Finished done = ferry({"promote", "dev", "prod", "--on-existing", "replace"});
  ASSERT_EQ(done.exit_code, succeeded) << done.err;
  EXPECT_THAT(prod->flows(), AllOf(HasSubstr("Added"), HasSubstr("Kept"), HasSubstr("new")));
  const Json run = last_run("promote");
  ASSERT_EQ(run["steps"].items().size(), 4u);
  for (const Json& step : run["steps"].items()) {
    EXPECT_EQ(step.text_or("state", ""), "succeeded");
    EXPECT_EQ(step.text_or("parent", ""), run.text_or("id", "?"));
  }
  expect_totals(ferry_json({"promote", "dev", "prod", "--on-existing", "replace"}), {{"unchanged", 2}});

  ASSERT_EQ(shell(put_back_command(done.out)).exit_code, succeeded);
  EXPECT_EQ(prod_nodes(), as_it_was);
  expect_valid_records();
}

TEST_F(HappyJourney, PrunesOnlyWhereAsked) {
  begin("[" + tab("a1", "Orders") + "]", "[" + tab("a1", "Orders") + "," + tab("a9", "Old") + "]");
  ASSERT_EQ(ferry({"export", "dev", "-o", "package.zip"}).exit_code, succeeded);
  expect_totals(ferry_json({"import", "prod", "package.zip"}), {{"unchanged", 1}});
  EXPECT_THAT(prod->flows(), HasSubstr("Old"));
  expect_totals(ferry_json({"import", "prod", "package.zip", "--prune"}), {{"unchanged", 1}, {"removed", 1}});
  EXPECT_THAT(prod->flows(), Not(HasSubstr("Old")));
}

TEST_F(HappyJourney, SkipsWhatExists) {
  begin("[" + tab("a1", "Orders", "new") + "," + tab("a2", "Added") + "]", "[" + tab("a1", "Orders", "old") + "]");
  ASSERT_EQ(ferry({"export", "dev", "-o", "package.zip"}).exit_code, succeeded);
  expect_totals(ferry_json({"import", "prod", "package.zip", "--on-existing", "skip"}), {{"added", 1}, {"skipped", 1}});
  EXPECT_THAT(prod->flows(), AllOf(HasSubstr("Added"), HasSubstr("old")));
}

TEST_F(HappyJourney, ASelectionBringsWhatItNeeds) {
  begin(sample("dev-flows.json"), "[]");
  const Json statistics = ferry_json({"export", "dev", "-o", "package.zip", "--select", "flow=Orders"});
  EXPECT_EQ(statistics["totals"]["total"].as_int(), 3);
  expect_totals(ferry_json({"import", "prod", "package.zip"}), {{"added", 3}});
  const Finished done = ferry({"export", "dev", "-o", "other.zip", "--select", "flow=Ordres"});
  EXPECT_EQ(done.exit_code, usage) << done.err;
  EXPECT_THAT(done.err, HasSubstr("Ordres"));
  EXPECT_FALSE(exists("other.zip"));
}

}  // namespace
}  // namespace ferry::test
