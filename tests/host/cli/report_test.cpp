// Golden texts: what a person reads is a feature.
#include "host/cli/report.hpp"

#include <gtest/gtest.h>

#include "host/cli/exit_code.hpp"

namespace ferry::host {
namespace {

RunOutcome outcome_of(const std::string& operation, const std::string& state) {
  RunOutcome outcome;
  outcome.record.id = "20261121-100000-7f3a12";
  outcome.record.operation = operation;
  outcome.record.connection = "flows-prod";
  outcome.record.connector_id = "node-red";
  outcome.record.connector_version = "1.2.0";
  outcome.record.state = state;
  outcome.record.started_at = 1'000'000;
  outcome.record.finished_at = 1'001'200;
  outcome.statistics.run.operation = operation;
  outcome.statistics.run.state = state;
  return outcome;
}

RunOutcome import_outcome() {
  RunOutcome outcome = outcome_of("import", "partially_succeeded");
  OutcomeCounts flows;
  flows.total = 4, flows.added = 1, flows.modified = 1, flows.unchanged = 1, flows.failed = 1;
  OutcomeCounts nodes;
  nodes.total = 1, nodes.removed = 1;
  outcome.statistics.items = {{"flow", flows}, {"config_node", nodes}};
  outcome.statistics.problems = {
      {"warning", "", "", "", "old_platform", "the platform is old"},
      {"error", "flow", "f4", "Billing", "dangling_reference", "refers to config node c9, which is nowhere"}};
  outcome.statistics.transfer = Transfer{3, 1, 2000, 1024, 10};
  outcome.changes = {{"flow", "f1", "Order intake", "added", 1, "", ""},
                     {"flow", "f2", "Orders", "modified", 1, "", ""},
                     {"config_node", "c1", "", "removed", 1, "", ""},
                     {"flow", "f4", "Billing", "failed", 1, "dangling_reference", "refers to ..."}};
  return outcome;
}

TEST(Report, ADurationIsNeverNegativeAndOnlyThereAtTheEnd) {
  EXPECT_EQ(duration_words(1000, 1850), "850 ms");
  EXPECT_EQ(duration_words(1000, 900), "0 ms");
  EXPECT_EQ(duration_words(1000, std::nullopt), "");
}

TEST(Report, AProblemBeginsWithWhatItIsAbout) {
  EXPECT_EQ(problem_text({"error", "ITEMS", "", "", "too_large", "a record was not taken"}),
            "ITEMS: a record was not taken");
  EXPECT_EQ(problem_text({"error", "ITEMS", "7", "", "too_large", "it was not taken"}), "ITEMS 7: it was not taken");
  EXPECT_EQ(problem_text({"error", "", "", "", "too_old", "it is old"}), "it is old");
}

TEST(Report, TellsAnImport) {
  EXPECT_EQ(run_report(import_outcome(), ReportOptions()),
            R"(import into flows-prod: done in part after 1.2 s  (node-red 1.2.0, run 20261121-100000-7f3a12)

TYPE         TOTAL  ADDED  MODIFIED  REMOVED  UNCHANGED  SKIPPED  FAILED  UNKNOWN
config_node      1      0         0        1          0        0       0        0
flow             4      1         1        0          1        0       1        0
total            5      1         1        1          1        0       1        0

  +  added     flow         Order intake  f1
  ~  modified  flow         Orders        f2
  -  removed   config_node  c1

1 error, 1 warning:
  error: flow "Billing" (f4): refers to config node c9, which is nowhere [dangling_reference]
  warning: the platform is old [old_platform]

3 requests, 1 repeated, waited 2.0 s for the platform, 10 B received, 1.0 KiB sent
)");
}

TEST(Report, TellsHowToPutTheTargetBack) {
  ImportReport report;
  report.import = import_outcome();
  report.backup = outcome_of("export", "succeeded");
  report.backup->package = Package{std::string(64, 'a'), 2048, "/s/p.zip", "{}"};
  ReportOptions options;
  options.ferry = "ferry --config c.yaml";
  const std::string text = import_report(report, options);
  EXPECT_NE(
      text.find("\nbackup of flows-prod before the import: 2.0 KiB, sha256:aaaaaaaaaaaa\n"
                "to put it back: ferry --config c.yaml import flows-prod sha256:aaaaaaaaaaaa --on-existing replace "
                "--prune\n"),
      std::string::npos)
      << text;

  report.import.statistics.items["flow"].added = 0;
  EXPECT_EQ(import_report(report, options).find("--prune"), std::string::npos);
  options.can_replace = false;
  EXPECT_NE(import_report(report, options).find("by hand"), std::string::npos);
  report.import.statistics.items.clear();
  EXPECT_EQ(import_report(report, options).find("put it back"), std::string::npos);
  options.can_replace = true;
  report.import.error = RunError{Fault::platform, "transient", "gone"};
  EXPECT_EQ(import_report(report, options).find("puts it back"), std::string::npos) << "nothing was written";
  report.import.error = RunError{Fault::cancelled, "cancelled", "cancelled"};
  EXPECT_EQ(import_report(report, options).find("puts it back"), std::string::npos) << "nothing was written";
  // What cannot be told, and connectors that were stopped in the middle: nobody knows how much was done.
  const std::string perhaps = "if anything was changed, this puts it back: ";
  report.import.statistics.items["flow"].unknown = 1;
  EXPECT_NE(import_report(report, options).find(perhaps), std::string::npos);
  report.import.statistics.items.clear();
  report.import.error = RunError{Fault::connector, "crashed", "it crashed"};
  EXPECT_NE(import_report(report, options).find(perhaps), std::string::npos);
}

TEST(Report, NamesAPolicyOnlyWhereAPolicyHelps) {
  ImportReport report;
  report.import = outcome_of("import", "failed");
  report.import.error = RunError{Fault::guard, "refused", "prune would remove what this package does not have"};
  ReportOptions options;
  options.policy = "abort";
  EXPECT_EQ(import_report(report, options).find("--on-existing"), std::string::npos);
  report.import.statistics.problems = {{"warning", "flow", "f1", "Orders", "exists", "other content"}};
  EXPECT_NE(import_report(report, options).find("--on-existing replace, or --on-existing skip"), std::string::npos);
  options.policy = "skip";
  EXPECT_EQ(import_report(report, options).find("--on-existing"), std::string::npos);
}

TEST(Report, ShowsBothEndsOfAMappedItem) {
  RunOutcome outcome = outcome_of("import", "succeeded");
  outcome.changes = {{"flow", "a1", "Orders", "modified", 1, "", "", "b1"}, {"flow", "a2", "", "added", 1, "", "", ""}};
  const std::string text = run_report(outcome, ReportOptions());
  EXPECT_NE(text.find("  ~  modified  flow  Orders  a1 → b1\n"), std::string::npos) << text;
  EXPECT_NE(text.find("  +  added     flow  a2\n"), std::string::npos) << text;
}

TEST(Report, CountsNoticesAsNotices) {
  RunOutcome outcome = outcome_of("check", "succeeded");
  outcome.statistics.problems = {{"notice", "", "", "", "platform", "Node-RED 4.1"}};
  EXPECT_NE(run_report(outcome, ReportOptions()).find("\n1 notice:\n  notice: Node-RED 4.1 [platform]\n"),
            std::string::npos);
  outcome.statistics.problems.insert(outcome.statistics.problems.begin(), 2, {"error", "", "", "", "e", "bad"});
  EXPECT_NE(run_report(outcome, ReportOptions()).find("\n2 errors, 1 notice:\n  error: bad"), std::string::npos);
}

TEST(Report, SaysThatADryRunChangedNothing) {
  ImportReport report;
  report.import = import_outcome();
  report.import.record.preview = report.import.statistics.run.preview = true;
  ReportOptions options;
  options.real_command = "ferry import flows-prod f.zip";
  std::string text = import_report(report, options);
  EXPECT_EQ(text.rfind("dry run of import into flows-prod: done in part", 0), 0u) << text;
  EXPECT_NE(text.find("\ndry run: nothing was changed\nto do it: ferry import flows-prod f.zip\n"), std::string::npos);
  report.import.statistics.items.clear();
  report.import.statistics.problems.clear();
  text = import_report(report, options);
  EXPECT_NE(text.find("nothing was changed\nthere is nothing to do\n"), std::string::npos) << text;
}

TEST(Report, TellsAnExportByItsTotals) {
  RunOutcome outcome = outcome_of("export", "succeeded");
  outcome.statistics.items["flow"].total = 12;
  EXPECT_EQ(run_report(outcome, ReportOptions()) +
                package_line({std::string(64, 'b'), 1'500'000, "/store", "{}"}, "flows.zip"),
            "export from flows-prod: succeeded in 1.2 s  (node-red 1.2.0, run 20261121-100000-7f3a12)\n"
            "\n"
            "TYPE  TOTAL\n"
            "flow     12\n"
            "package: flows.zip, 1.4 MiB, sha256:bbbbbbbbbbbb\n");
}

TEST(Report, CutsLongListsAndSaysWhereTheRestIs) {
  RunOutcome outcome = outcome_of("import", "succeeded");
  for (int i = 0; i < 25; ++i) {
    outcome.changes.push_back({"flow", "f" + std::to_string(i), "", "added", 1, "", ""});
    outcome.statistics.problems.push_back({"warning", "", "", "", "w", "text"});
  }
  outcome.changes_left_out = 100;
  const std::string text = run_report(outcome, ReportOptions());
  EXPECT_NE(text.find("… 105 more: ferry runs show 20261121-100000-7f3a12 --items\n"), std::string::npos) << text;
  EXPECT_NE(text.find("… 5 more: ferry runs show 20261121-100000-7f3a12 --json\n"), std::string::npos) << text;
}

TEST(Report, LeavesTheErrorOfTheRunToStandardError) {
  RunOutcome outcome = outcome_of("import", "failed");
  outcome.error = RunError{Fault::platform, "transient", "the platform is gone"};
  outcome.statistics.problems.push_back({"error", "", "", "", "transient", "the platform is gone"});
  EXPECT_EQ(run_report(outcome, ReportOptions()),
            "import into flows-prod: failed after 1.2 s  (node-red 1.2.0, run 20261121-100000-7f3a12)\n");
}

TEST(Report, ColoursWithoutChangingTheText) {
  ReportOptions options;
  options.style = Style(true);
  std::string text = run_report(import_outcome(), options);
  EXPECT_NE(text.find("\x1b[32m"), std::string::npos);
  for (std::size_t at = text.find('\x1b'); at != std::string::npos; at = text.find('\x1b'))
    text.erase(at, text.find('m', at) - at + 1);
  EXPECT_EQ(text, run_report(import_outcome(), ReportOptions()));
}

PromoteReport promotion() {
  PromoteReport report;
  report.record = outcome_of("promote", "succeeded").record;
  report.record.id = "P";
  report.export_run = outcome_of("export", "succeeded");
  report.export_run.record.connection = "flows-dev";
  report.export_run.package = Package{std::string(64, 'c'), 512, "/s", "{}"};
  report.preview = outcome_of("import", "succeeded");
  report.preview->record.preview = report.preview->statistics.run.preview = true;
  report.preview->statistics.items["flow"].total = report.preview->statistics.items["flow"].added = 2;
  return report;
}

TEST(Report, TellsTheStepsOfAPromotion) {
  PromoteReport report = promotion();
  report.record.preview = true;
  PromoteRequest request;
  request.from = "flows-dev";
  request.to = "flows-prod";
  ReportOptions options;
  options.real_command = "ferry promote flows-dev flows-prod";
  EXPECT_EQ(promote_report(report, request, options),
            R"(promotion of flows-dev to flows-prod: succeeded in 1.2 s  (run P)
  export   flows-dev   succeeded  1.2 s  512 B sha256:cccccccccccc  run 20261121-100000-7f3a12
  preview  flows-prod  succeeded  1.2 s                             run 20261121-100000-7f3a12

dry run of import into flows-prod: succeeded in 1.2 s  (node-red 1.2.0, run 20261121-100000-7f3a12)

TYPE  TOTAL  ADDED  MODIFIED  REMOVED  UNCHANGED  SKIPPED  FAILED  UNKNOWN
flow      2      2         0        0          0        0       0        0

dry run: nothing was changed
to do it: ferry promote flows-dev flows-prod
)");
}

TEST(Report, SaysThatWhatWasPreviewedWouldBeRefused) {
  PromoteReport report = promotion();
  report.record.preview = true;
  report.record.state = "failed";
  report.error = RunError{Fault::guard, "stage_order", "against the order"};
  PromoteRequest request;
  request.to = "flows-prod";
  const std::string text = promote_report(report, request, ReportOptions());
  EXPECT_NE(text.find("\ndry run: nothing was changed in flows-prod\n"
                      "as it is, the promotion itself would be refused\n"),
            std::string::npos)
      << text;
  EXPECT_EQ(text.find("to do it"), std::string::npos) << text;
}

TEST(Report, SaysThatARefusedPromotionChangedNothing) {
  PromoteReport report = promotion();
  report.error = RunError{Fault::guard, "preview_unknown", "cannot tell"};
  report.record.state = "failed";
  PromoteRequest request;
  request.to = "flows-prod";
  EXPECT_NE(promote_report(report, request, ReportOptions()).find("\nnothing was changed in flows-prod\n"),
            std::string::npos);
}

TEST(ExitCode, SaysWhoMustAct) {
  const struct {
    Fault fault;
    int code;
  } faults[] = {{Fault::usage, 2},     {Fault::machine, 2}, {Fault::credentials, 3}, {Fault::platform, 4},
                {Fault::connector, 5}, {Fault::guard, 6},   {Fault::cancelled, 130}};
  for (const auto& row : faults) EXPECT_EQ(static_cast<int>(exit_code_of(row.fault)), row.code);

  RunOutcome outcome = outcome_of("import", "succeeded");
  EXPECT_EQ(exit_code_of(outcome), ExitCode::success);
  outcome.statistics.items["flow"].unknown = 1;
  EXPECT_EQ(exit_code_of(outcome), ExitCode::success);
  outcome.statistics.run.preview = true;
  EXPECT_EQ(exit_code_of(outcome), ExitCode::items_failed);
  EXPECT_EQ(exit_code_of(import_outcome()), ExitCode::items_failed);
  outcome.statistics.run.state = "cancelled";
  EXPECT_EQ(exit_code_of(outcome), ExitCode::cancelled);
  outcome.error = RunError{Fault::credentials, "auth", "no"};
  EXPECT_EQ(exit_code_of(outcome), ExitCode::credentials);
}

}  // namespace
}  // namespace ferry::host
