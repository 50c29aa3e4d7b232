// Promotion between two shelves, which are two files: guards, steps, what is recorded and what stays as it was.
#include "host/promotion/promotion.hpp"

#include <sqlite3.h>

#include <algorithm>

#include "tests/host/runs/run_fixture.hpp"

namespace ferry::host::test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

constexpr const char* dev_books = R"([{"id":"b1","title":"Blue","text":"new"},{"id":"b2","title":"Red","text":"r"}])";
constexpr const char* prod_books = R"([{"id":"b1","title":"Blue","text":"old"},{"id":"b9","title":"Old","text":"o"}])";
// The title of b2 belongs to another book there: a conflict of names, which is an error.
constexpr const char* clashing_books =
    R"([{"id":"b1","title":"Blue","text":"old"},{"id":"b8","title":"Red","text":"o"}])";

class PromotionTest : public RunTest {
 protected:
  PromotionTest() {
    put("dev.json", dev_books);
    put("prod.json", prod_books);
    configure_shelves();
    request_.from = "dev";
    request_.to = "prod";
    request_.options.policy = "replace";
  }

  std::string path(const std::string& name) const { return home_.path() / name; }
  void put(const std::string& name, const std::string& text) const { std::ofstream(path(name)) << text; }
  std::string prod() const { return read_file(path("prod.json")); }

  // more: settings of dev, settings of prod
  void configure_shelves(const std::string& more_of_dev = "", const std::string& more_of_prod = "") {
    configure(shelf("dev", "dev", "dev.json", more_of_dev) + shelf("prod", "prod", "prod.json", more_of_prod) +
                  shelf("dev-too", "dev", "dev.json", "") + connection("other", "zoo-healthy", "stage: prod") +
                  connection("unstaged", "shelf", "settings: {file: " + path("prod.json") + "}"),
              "stages: [dev, prod]\n");
  }
  std::string shelf(const std::string& name, const std::string& stage, const std::string& file,
                    const std::string& more) const {
    return connection(
        name, "shelf",
        "stage: " + stage + "\n    settings: {file: " + path(file) + (more.empty() ? "" : ", " + more) + "}");
  }
  PromoteReport promote() {
    Runner runner = this->runner();
    return host::promote(runner, request_, cancellation_);
  }
  // The promotion's runs as they are recorded: "export dev succeeded".
  std::vector<std::string> steps(const PromoteReport& report) const {
    std::vector<std::string> found;
    for (const RunRecord& run : store_->children(report.record.id))
      found.push_back((run.preview ? "preview" : run.operation) + " " + run.connection + " " + run.state);
    return found;
  }
  static std::vector<std::string> problems(const Statistics& statistics) {
    std::vector<std::string> found;
    for (const Problem& problem : statistics.problems) found.push_back(problem.severity + " " + problem.code);
    return found;
  }
  // Of the document, the record and the report: they must say the same.
  void expect_recorded(const PromoteReport& report, const std::string& state_word) const {
    const RunRecord record = store_->show(report.record.id);
    EXPECT_EQ(record.state, state_word);
    EXPECT_EQ(report.record.state, state_word);
    EXPECT_EQ(record.operation, "promote");
    EXPECT_EQ(record.connection, "prod");
    EXPECT_EQ(text_of(record.error), text_of(report.error));
    const Statistics document = Statistics::from_json(*parse_object(record.statistics_json));
    EXPECT_EQ(document.run.id, record.id);
    EXPECT_EQ(document.run.operation, "promote");
    EXPECT_EQ(document.run.state, state_word);
    EXPECT_EQ(document.run.finished_at, record.finished_at);
    EXPECT_EQ(document.items, report.last().statistics.items);
    std::vector<std::string> messages;
    for (const Problem& problem : document.problems) messages.push_back(problem.message);
    EXPECT_TRUE(!report.error || std::count(messages.begin(), messages.end(), report.error->message) == 1)
        << "the document alone must say why it stopped, once";
  }

  PromoteRequest request_;
};

TEST_F(PromotionTest, ExportsPreviewsBacksUpAndImports) {
  const PromoteReport report = promote();
  EXPECT_EQ(text_of(report.error), "");
  EXPECT_THAT(steps(report), ElementsAre("export dev succeeded", "preview prod succeeded", "export prod succeeded",
                                         "import prod succeeded"));
  EXPECT_EQ(report.statistics.items.at("book"), (OutcomeCounts{2, 1, 1, 0, 0, 0, 0, 0}));
  EXPECT_THAT(report.statistics.problems, IsEmpty());
  expect_recorded(report, "succeeded");
  EXPECT_THAT(prod(), AllOf(HasSubstr("\"new\""), HasSubstr("b2"), HasSubstr("b9")));

  const RunRecord record = store_->show(report.record.id);
  ASSERT_TRUE(report.backup && report.backup->package);
  EXPECT_EQ(record.backup_sha256, report.backup->package->sha256);
  EXPECT_EQ(store_->show(report.import->record.id).backup_sha256, record.backup_sha256);
  EXPECT_EQ(record.package_sha256, report.export_run.package->sha256);
  EXPECT_NE(record.package_sha256, record.backup_sha256);
  const auto request = parse_object(record.request_json);
  EXPECT_EQ(request->getValue<std::string>("from"), "dev");
  EXPECT_EQ(request->getObject("import")->getValue<std::string>("policy"), "replace");
}

TEST_F(PromotionTest, TheBackupPutsTheTargetBack) {
  const PromoteReport report = promote();
  ASSERT_TRUE(report.backup && report.backup->package);
  ImportRequest back{"prod", *report.backup->package, request_.options, false, ""};
  back.options.prune = true;
  Runner runner = this->runner();
  EXPECT_EQ(text_of(import_with_backup(runner, back, cancellation_).import.error), "");
  EXPECT_THAT(prod(), AllOf(HasSubstr("\"old\""), Not(HasSubstr("b2")), HasSubstr("b9")));
}

TEST_F(PromotionTest, GoesUpTheOrderOfStagesOnlyUnlessForced) {
  const std::vector<std::tuple<std::string, std::string, std::string>> refused = {
      {"prod", "dev",
       "guard stage_order: prod is prod and dev is dev: a promotion goes up the order of stages, so nothing was "
       "changed; --force stage_order promotes all the same"},
      {"dev", "dev-too", "guard stage_order: dev is dev and dev-too is dev"},
      {"dev", "dev", "usage same_connection"},
      {"dev", "other", "usage different_connectors: dev is a connection of shelf, other one of zoo-healthy"},
      {"dev", "nowhere", "usage unknown_connection"},
      {"nowhere", "dev", "usage unknown_connection"}};
  for (const auto& [from, to, words] : refused) {
    request_.from = from;
    request_.to = to;
    EXPECT_THAT(failure_of([&] { promote(); }), StartsWith(words));
  }
  request_.from = "prod";
  request_.to = "dev";
  request_.force = {"preview_errors", "preview_unknown"};
  EXPECT_THAT(failure_of([&] { promote(); }), StartsWith("guard stage_order")) << "these are other guards";
  EXPECT_THAT(store_->list(), IsEmpty()) << "nothing was begun";
  request_.force = {"stage_order"};
  EXPECT_EQ(text_of(promote().error), "");
}

TEST_F(PromotionTest, AgainstTheOrderOfStagesItCanBePreviewed) {
  put("dev.json", prod_books);
  put("prod.json", dev_books);
  request_.from = "prod";
  request_.to = "dev";
  request_.options.preview = true;
  const PromoteReport report = promote();
  EXPECT_THAT(text_of(report.error), StartsWith("guard stage_order: prod is prod and dev is dev"));
  EXPECT_THAT(steps(report), ElementsAre("export prod succeeded", "preview dev succeeded"));
  EXPECT_EQ(report.statistics.items.at("book").modified, 1u);
  EXPECT_EQ(read_file(path("dev.json")), prod_books);
  request_.force = {"stage_order"};
  EXPECT_EQ(text_of(promote().error), "");
}

// The dry run ends with the same words and the same fault as the real run.
TEST_F(PromotionTest, AGuardHasOneVerdictForBothRuns) {
  put("prod.json", clashing_books);
  for (const char* setting : {"", "preview: unsure"}) {
    configure_shelves("", setting);
    for (const std::vector<std::string>& force :
         std::vector<std::vector<std::string>>{{}, {"preview_errors"}, {"preview_unknown"}}) {
      request_.force = force;
      request_.options.preview = true;
      const PromoteReport dry = promote();
      EXPECT_EQ(prod(), clashing_books);
      request_.options.preview = false;
      const PromoteReport real = promote();
      EXPECT_EQ(text_of(dry.error), text_of(real.error)) << setting;
      put("prod.json", clashing_books);
    }
  }
}

TEST_F(PromotionTest, AConnectionWithoutAStageMayBeAnyEnd) {
  request_.to = "unstaged";
  EXPECT_EQ(text_of(promote().error), "");
}

TEST_F(PromotionTest, APreviewThatCannotTellStopsItUnlessForced) {
  configure_shelves("", "preview: unsure");
  PromoteReport report = promote();
  EXPECT_THAT(text_of(report.error),
              AllOf(StartsWith("guard preview_unknown: the preview cannot tell what would happen "
                               "to 2 items, so nothing was changed"),
                    HasSubstr("--force preview_unknown imports")));
  EXPECT_THAT(steps(report), ElementsAre("export dev succeeded", "preview prod succeeded"));
  expect_recorded(report, "failed");
  EXPECT_EQ(prod(), prod_books);
  request_.force = {"preview_errors", "stage_order"};
  EXPECT_THAT(text_of(promote().error), StartsWith("guard preview_unknown")) << "these are other guards";
  request_.force = {"preview_unknown"};
  report = promote();
  EXPECT_EQ(text_of(report.error), "");
  EXPECT_THAT(problems(report.statistics), ElementsAre("warning preview_differs"));
}

TEST_F(PromotionTest, ErrorsInThePreviewStopItUnlessForced) {
  put("prod.json", clashing_books);
  PromoteReport report = promote();
  EXPECT_THAT(text_of(report.error),
              AllOf(StartsWith("guard preview_errors: the preview shows problems, so nothing was changed"),
                    HasSubstr("--force preview_errors imports the rest")));
  EXPECT_THAT(problems(report.statistics), ElementsAre("error name_conflict", "error preview_errors"));
  expect_recorded(report, "failed");
  EXPECT_EQ(prod(), clashing_books);
  request_.force = {"preview_unknown", "stage_order"};
  EXPECT_THAT(text_of(promote().error), StartsWith("guard preview_errors")) << "these are other guards";
  request_.force = {"preview_errors"};
  report = promote();
  EXPECT_EQ(text_of(report.error), "");
  expect_recorded(report, "partially_succeeded");
  EXPECT_THAT(prod(), HasSubstr("\"new\"")) << "what could be imported was";
}

// What the connector refuses itself is refused by the import as well.
TEST_F(PromotionTest, ARefusalOfTheConnectorIsNotForced) {
  request_.options.policy = "abort";
  request_.force = {promotion_guards.begin(), promotion_guards.end()};
  const PromoteReport report = promote();
  EXPECT_THAT(text_of(report.error), StartsWith("guard refused"));
  EXPECT_THAT(steps(report), ElementsAre("export dev succeeded", "preview prod failed"));
  EXPECT_EQ(prod(), prod_books);
}

TEST_F(PromotionTest, APreviewChangesNothing) {
  request_.options.preview = true;
  const PromoteReport report = promote();
  EXPECT_EQ(text_of(report.error), "");
  EXPECT_THAT(steps(report), ElementsAre("export dev succeeded", "preview prod succeeded"));
  expect_recorded(report, "succeeded");
  EXPECT_TRUE(report.statistics.run.preview);
  EXPECT_EQ(prod(), prod_books);
}

TEST_F(PromotionTest, AFailingExportStopsItAtOnce) {
  configure_shelves("fails: auth");
  const PromoteReport report = promote();
  EXPECT_EQ(text_of(report.error), "credentials auth: dev: the shelf is locked");
  EXPECT_THAT(steps(report), ElementsAre("export dev failed"));
  expect_recorded(report, "failed");
}

TEST_F(PromotionTest, WithoutABackupNothingIsChanged) {
  configure_shelves("", "fails: platform, in: export");
  PromoteReport report = promote();
  EXPECT_EQ(text_of(report.error),
            "platform transient: the target could not be exported before changing it, so nothing was changed "
            "(--no-backup imports without): prod: the shelf fell over");
  EXPECT_THAT(steps(report), ElementsAre("export dev succeeded", "preview prod succeeded", "export prod failed"));
  expect_recorded(report, "failed");
  EXPECT_EQ(prod(), prod_books);
  request_.backup = false;
  report = promote();
  EXPECT_EQ(text_of(report.error), "");
  EXPECT_FALSE(report.backup);
  EXPECT_EQ(report.record.backup_sha256, "");

  ImportRequest import{"prod", *report.export_run.package, request_.options, true, ""};
  Runner runner = this->runner();
  const ImportReport imported = import_with_backup(runner, import, cancellation_);
  EXPECT_THAT(text_of(imported.import.error),
              StartsWith("platform transient: the target could not be exported before changing it"));
  const RunRecord record = store_->show(imported.import.record.id);
  EXPECT_EQ(record.operation, "import");
  EXPECT_EQ(record.state, "failed");
  EXPECT_EQ(text_of(record.error), text_of(imported.import.error));
  EXPECT_EQ(record.package_sha256, import.package.sha256);
  EXPECT_TRUE(record.finished_at);
}

TEST_F(PromotionTest, WhatIsNoPackageIsFoundBeforeTheTargetIsExported) {
  put("notes.txt", "These are notes.");
  ImportRequest import{"prod", packages_.adopt(path("notes.txt"), cancellation_), request_.options, true, ""};
  Runner runner = this->runner();
  const ImportReport report = import_with_backup(runner, import, cancellation_);
  ASSERT_TRUE(report.import.error);
  EXPECT_EQ(report.import.error->fault, Fault::usage);
  EXPECT_FALSE(report.backup);
  std::vector<std::string> begun;
  for (const RunRecord& run : store_->list()) begun.push_back(run.operation + " " + run.state);
  EXPECT_THAT(begun, ElementsAre("import failed", "inspect failed")) << "and no export";
  EXPECT_EQ(prod(), prod_books);
}

TEST_F(PromotionTest, AFailingImportKeepsTheBackup) {
  configure_shelves("", "fails: platform, in: import");
  const PromoteReport report = promote();
  EXPECT_EQ(text_of(report.error), "platform transient: prod: the shelf fell over");
  EXPECT_EQ(store_->show(report.import->record.id).backup_sha256, report.backup->package->sha256);
  EXPECT_EQ(store_->show(report.record.id).backup_sha256, report.backup->package->sha256);
  expect_recorded(report, "failed");
}

TEST_F(PromotionTest, AnImportThatDidSomethingElseThanItsPreviewSaysSo) {
  configure_shelves("", "preview: outdated");
  const PromoteReport report = promote();
  EXPECT_EQ(text_of(report.error), "");
  EXPECT_THAT(problems(report.statistics), ElementsAre("warning preview_differs"));
  EXPECT_EQ(report.statistics.items.at("book").added, 2u);
  expect_recorded(report, "succeeded");
}

// b1 was promoted, edited in the target, and did not change in the source.
TEST_F(PromotionTest, WhatWasEditedInTheTargetIsToldBeforeItIsOverwritten) {
  promote();
  EXPECT_THAT(problems(promote().statistics), IsEmpty());
  std::string edited = prod();
  edited.replace(edited.find("\"new\""), 5, "\"by hand\"");
  put("prod.json", edited);
  std::vector<std::string> told;
  watcher_.hook = [&](const std::string& event) {
    if (event.find("edited in the target") != std::string::npos) told.push_back(prod());
  };
  for (const bool preview : {true, false}) {
    request_.options.preview = preview;
    const PromoteReport report = promote();
    EXPECT_EQ(text_of(report.error), "");
    ASSERT_THAT(problems(report.statistics), ElementsAre("warning target_edited"));
    EXPECT_EQ(report.statistics.problems[0].id, "b1");
    EXPECT_THAT(report.statistics.problems[0].message, HasSubstr("the source has not changed since"));
    expect_recorded(report, "succeeded");
  }
  EXPECT_THAT(told, ElementsAre(edited, edited)) << "while the edit was still there";
  EXPECT_THAT(prod(), AllOf(HasSubstr("\"new\""), Not(HasSubstr("by hand"))));
  EXPECT_THAT(problems(promote().statistics), IsEmpty()) << "it is as it was promoted again";
}

TEST_F(PromotionTest, WhatChangedInTheSourceIsNoEditOfTheTarget) {
  promote();
  promote();
  put("dev.json", R"([{"id":"b1","title":"Blue","text":"newer"},{"id":"b2","title":"Red","text":"r"}])");
  EXPECT_THAT(problems(promote().statistics), IsEmpty());
  // b2 alone was edited, beside a b1 that changed in the source.
  put("dev.json", dev_books);
  put("prod.json", R"([{"id":"b1","title":"Blue","text":"newer"},{"id":"b2","title":"Red","text":"by hand"}])");
  const PromoteReport report = promote();
  ASSERT_THAT(problems(report.statistics), ElementsAre("warning target_edited"));
  EXPECT_EQ(report.statistics.problems[0].id, "b2");
}

TEST_F(PromotionTest, EditsAreNotGuessed) {
  request_.options.preview = true;
  promote();
  EXPECT_THAT(problems(promote().statistics), IsEmpty()) << "nothing was imported there before";
  request_.options.preview = false;
  promote();
  promote();
  configure_shelves("", "fails: platform, in: import");
  promote();
  configure_shelves();
  put("prod.json", R"([{"id":"b1","title":"Blue","text":"half"},{"id":"b2","title":"Red","text":"r"}])");
  EXPECT_THAT(problems(promote().statistics), IsEmpty()) << "an import that failed may have left that";
}

TEST_F(PromotionTest, ItsResultIsToldEvenIfItsEndCannotBeRecorded) {
  watcher_.on_start_hook = [&](const RunRecord& run) {
    if (run.operation != "import" || run.preview) return;
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open((state() / "runs.db").c_str(), &database), SQLITE_OK);
    sqlite3_exec(database, "CREATE TRIGGER broken BEFORE UPDATE ON runs BEGIN SELECT RAISE(ABORT, 'no room'); END",
                 nullptr, nullptr, nullptr);
    sqlite3_close(database);
  };
  const PromoteReport report = promote();
  EXPECT_EQ(text_of(report.error), "");
  EXPECT_EQ(report.statistics.totals().added, 1u);
  EXPECT_THAT(problems(report.statistics),
              ElementsAre("warning run_not_recorded", "warning run_not_recorded", "warning run_not_recorded"))
      << "of the import, its backup and the promotion";
}

struct Moment {
  const char* dev;
  const char* prod;
  std::vector<std::string> steps;
  const char* message;
};

TEST_F(PromotionTest, CancelledInAnyStepItStopsThereAndSaysSo) {
  const std::vector<Moment> moments = {
      {"slow: true", "", {"export dev cancelled"}, "cancelled"},
      {"", "slow: true, in: preview", {"export dev succeeded", "preview prod cancelled"}, "cancelled"},
      {"",
       "slow: true, in: export",
       {"export dev succeeded", "preview prod succeeded", "export prod cancelled"},
       "cancelled before anything was changed"},
      {"",
       "slow: true, in: import",
       {"export dev succeeded", "preview prod succeeded", "export prod succeeded", "import prod cancelled"},
       "cancelled"}};
  for (const Moment& moment : moments) {
    configure_shelves(moment.dev, moment.prod);
    Cancellation cancellation;
    watcher_.hook = [&](const std::string& event) {
      if (event == "connector: looking for the shelf") cancellation.cancel();
    };
    Runner runner = this->runner();
    const PromoteReport report = host::promote(runner, request_, cancellation);
    EXPECT_EQ(text_of(report.error), std::string("cancelled cancelled: ") + moment.message);
    EXPECT_EQ(steps(report), moment.steps);
    expect_recorded(report, "cancelled");
    EXPECT_EQ(prod(), prod_books);
  }
}

TEST_F(PromotionTest, CancelledBeforehandItChangesNothing) {
  cancellation_.cancel();
  const PromoteReport report = promote();
  EXPECT_EQ(text_of(report.error), "cancelled cancelled: cancelled");
  EXPECT_EQ(prod(), prod_books);
}

TEST_F(PromotionTest, OptionsGoWhereTheyAreDeclared) {
  request_.connector_options = R"({"depth":2,"note":"of May","drafts":"keep"})";
  const PromoteReport report = promote();
  EXPECT_FALSE(report.error);
  const auto asked = [&](const RunRecord& record) {
    return json_text(*parse_object(store_->show(record.id).request_json)->getObject("options"));
  };
  EXPECT_EQ(asked(report.export_run.record), R"({"depth":2})");
  EXPECT_EQ(asked(report.preview->record), R"({"note":"of May","drafts":"keep"})");
  EXPECT_EQ(asked(report.import->record), R"({"note":"of May","drafts":"keep"})");
  EXPECT_EQ(asked(report.backup->record), "{}") << "the target is backed up as its settings say";
}

TEST_F(PromotionTest, AnOptionThatNeitherEndHasIsRefusedBeforeAnythingIsAsked) {
  request_.connector_options = R"({"dpth":2})";
  EXPECT_THAT(failure_of([&] { promote(); }), StartsWith("usage unsupported_option: the connector shelf has no option "
                                                         "\"dpth\" for export or import; did you mean \"depth\"?"));
  EXPECT_THAT(store_->list(), IsEmpty());
}

}  // namespace
}  // namespace ferry::host::test
