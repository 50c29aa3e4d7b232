// Golden texts: what a person reads is a feature.
#include "host/cli/sync_report.hpp"

#include <gmock/gmock.h>

namespace ferry::host {
namespace {

using testing::HasSubstr;
using testing::Not;

RunRecord record_of(const std::string& operation, const std::string& state) {
  RunRecord record;
  record.id = "20261121-100000-7f3a12";
  record.operation = operation;
  record.connection = "books";
  record.connector_id = "integration-labs";
  record.connector_version = "1.0.0";
  record.state = state;
  record.started_at = 1'000'000;
  record.finished_at = 1'003'200;
  return record;
}

DestinationConfig warehouse() {
  DestinationConfig place;
  place.name = "warehouse";
  place.file = "/data/w.db";
  return place;
}

SyncedModel synced(std::string model, std::string table, std::string mode, std::uint64_t records,
                   std::uint64_t rows_before) {
  SyncedModel one;
  one.model = std::move(model);
  one.table = std::move(table);
  one.mode = std::move(mode);
  one.state = "succeeded";
  one.received = records;
  one.rows_before = rows_before;
  one.fetched = records;
  return one;
}

SyncReport synced() {
  SyncReport report;
  report.record = record_of("sync", "succeeded");
  SyncedModel contacts = synced("CONTACTS", "\"books_contacts\"", "incremental", 20, 300);
  contacts.tally.counts.total = contacts.tally.counts.unchanged = 20;
  SyncedModel invoices = synced("INVOICES", "\"books_in-voices\"", "full", 1000, 990);
  OutcomeCounts& counts = invoices.tally.counts;
  counts.added = 12, counts.modified = 3, counts.removed = 2, counts.unchanged = 985, counts.total = 1002;
  invoices.tally.changes = {{"INVOICES", "i1", "", "added", 1, "", ""}, {"INVOICES", "i2", "", "removed", 1, "", ""}};
  report.statistics.items = {{"CONTACTS", contacts.tally.counts}, {"INVOICES", counts}};
  report.statistics.transfer = Transfer{3, 0, 0, 10, 1024};
  report.models = {contacts, invoices};
  return report;
}

TEST(SyncReport, TellsEveryModelOnALine) {
  EXPECT_EQ(sync_report(synced(), warehouse(), false, ReportOptions()),
            R"(sync books → warehouse: succeeded in 3.2 s  (integration-labs 1.0.0, run 20261121-100000-7f3a12)

MODEL     TABLE              MODE         STATE      RECORDS  ADDED  MODIFIED  REMOVED  UNCHANGED  FAILED
CONTACTS  books_contacts     incremental  succeeded       20      0         0        0         20       0
INVOICES  "books_in-voices"  full         succeeded     1000     12         3        2        985       0
total                                                   1020     12         3        2       1005       0

3 requests, 1.0 KiB received, 10 B sent
to undo: ferry sync undo 20261121-100000-7f3a12
)");
}

TEST(SyncReport, OffersToUndoOnlyWhatCanBeUndone) {
  DestinationConfig place = warehouse();
  place.undo.enabled = false;
  EXPECT_THAT(sync_report(synced(), place, false, ReportOptions()), Not(HasSubstr("to undo")));
  SyncReport nothing = synced();
  nothing.statistics.items.erase("INVOICES");
  EXPECT_THAT(sync_report(nothing, warehouse(), false, ReportOptions()), Not(HasSubstr("to undo")));
}

TEST(SyncReport, ADryRunShowsSomeOfTheChangesAndHowToMakeThem) {
  SyncReport report = synced();
  report.record.preview = true;
  ReportOptions options;
  options.real_command = "ferry sync books";
  const std::string text = sync_report(report, warehouse(), false, options);
  EXPECT_THAT(text, HasSubstr("dry run of sync books → warehouse: succeeded"));
  EXPECT_THAT(text, HasSubstr("\n  +  added    INVOICES  i1\n  -  removed  INVOICES  i2\n"));
  EXPECT_THAT(text, HasSubstr("  … 15 more: ferry runs show 20261121-100000-7f3a12 --items\n"));
  EXPECT_THAT(text, testing::EndsWith("\ndry run: nothing was changed\nto do it: ferry sync books\n"));
  report.statistics.items.clear();
  EXPECT_THAT(sync_report(report, warehouse(), false, options), testing::EndsWith("there is nothing to do\n"));
}

TEST(SyncReport, SaysThatThereIsNothingToRead) {
  SyncReport report;
  report.record = record_of("sync", "succeeded");
  EXPECT_THAT(sync_report(report, warehouse(), true, ReportOptions()), HasSubstr("\nno data model is due\n"));
  EXPECT_THAT(sync_report(report, warehouse(), false, ReportOptions()), HasSubstr("\nno data model is enabled\n"));
}

TEST(SyncReport, OfLinesTellsOnlyHowMany) {
  DestinationConfig lines;
  lines.name = lines.file = "-";
  lines.kind = DestinationConfig::Kind::ndjson;
  const std::string text = sync_report(synced(), lines, false, ReportOptions());
  EXPECT_THAT(text, HasSubstr("sync books → standard output: succeeded"));
  EXPECT_THAT(text, HasSubstr("\nMODEL     MODE         STATE      RECORDS\n"));
  EXPECT_THAT(text, Not(HasSubstr("to undo")));
}

TEST(SyncReport, OfSeveralConnectionsTellsEachAndTheWhole) {
  SyncAllReport report;
  report.record = record_of("sync", "partially_succeeded");
  report.record.connector_id = "ferry";
  report.steps = {{{"books", warehouse()}, "succeeded", synced(), {}},
                  {{"shop", warehouse()}, "not_started", {}, RunError{Fault::usage, "missing_secret", "is not set"}}};
  const std::string text = sync_all_report(report, false, ReportOptions());
  EXPECT_THAT(text, HasSubstr("sync books → warehouse: succeeded"));
  EXPECT_THAT(text, HasSubstr("sync shop → warehouse: not started\n\nerror: is not set [missing_secret]\n"));
  EXPECT_THAT(text, testing::EndsWith("\nsync of 2 connections: done in part after 3.2 s  (run "
                                      "20261121-100000-7f3a12)\n"));
}

TEST(SyncReport, OfAnUndoneRunSaysWhatBecameOfTheRows) {
  UndoReport report;
  report.record = record_of("undo", "succeeded");
  report.undone = "20261121-090000-aaaaaa";
  report.models = {{"INVOICES", "\"books_invoices\"", 2, 3, 12}};
  EXPECT_EQ(
      undo_report(report, warehouse(), ReportOptions()),
      R"(undoing the sync books → warehouse of run 20261121-090000-aaaaaa: succeeded in 3.2 s  (integration-labs 1.0.0, run 20261121-100000-7f3a12)

MODEL     TABLE           ADDED BACK  CHANGED BACK  TAKEN OUT
INVOICES  books_invoices           2             3         12
)");
}

TEST(SyncReport, OfAVerificationShowsExamples) {
  VerifyReport report;
  report.record = record_of("verify", "partially_succeeded");
  report.models = {{"INVOICES", 99, 100, 98, 2, 0, 1, {{"INVOICES", "i7", "", "added", 1, "missing", ""}}}};
  report.statistics.problems = {{"error", "INVOICES", "", "", "differs", "2 records are missing"}};
  EXPECT_EQ(
      verify_report(report, warehouse(), ReportOptions()),
      R"(verification of books in warehouse: done in part after 3.2 s  (integration-labs 1.0.0, run 20261121-100000-7f3a12)

MODEL     RECORDS  ROWS  SAME  MISSING  DIFFERENT  UNEXPECTED
INVOICES      100    99    98        2          0           1

for example:
  missing  INVOICES  i7

1 error:
  error: INVOICES: 2 records are missing [differs]
)");
}

}  // namespace
}  // namespace ferry::host
