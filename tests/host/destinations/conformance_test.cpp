#include "tests/host/destinations/conformance.hpp"

namespace ferry::host {
namespace {

const std::string a1 = R"({"id":"a","number":1,"amount":1.50})", a2 = R"({"id":"a","number":2,"amount":1.50})";
const std::string b1 = R"({"id":"b","number":1})", b_gone = R"({"id":"b","number":1,"gone":true})";
const std::string c1 = R"({"id":"c","number":3,"amount":3})";

std::vector<std::string> outcomes(const ModelTally& tally) {
  std::vector<std::string> list;
  for (const Item& item : tally.changes) list.push_back(item.outcome + " " + item.id);
  return list;
}

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

std::uint64_t live(const TextRows& rows) { return rows.size(); }

}  // namespace

TEST_P(Conformance, IsEmptyAtFirst) {
  EXPECT_THAT(destination_->models(), IsEmpty());
  EXPECT_EQ(failure_of([&] { destination_->set_checkpoint("books", "INVOICES", "{}"); }), "usage unknown_model");
  EXPECT_EQ(failure_of([&] { destination_->undo("r1", false); }), "usage unknown_run");
}

TEST_P(Conformance, FirstRunAddsTheSecondFindsNothingNew) {
  const ModelTally first = sync("r1", {a1, b1, c1}, {.checkpoint = R"({"at":1})"});
  EXPECT_EQ(counts_text(first), "3 3 0 0 0 0");
  EXPECT_THAT(outcomes(first), ElementsAre("added a", "added b", "added c"));
  EXPECT_EQ(first.changes[0].type, "INVOICES");
  EXPECT_EQ(live(rows()), 3u);
  EXPECT_EQ(state().rows, 3u);
  EXPECT_EQ(state().checkpoint, R"({"at":1})");
  EXPECT_EQ(state().last_run, "r1");
  EXPECT_EQ(state().last_result, "succeeded");

  const ModelTally second = sync("r2", {a1, b1, c1});
  EXPECT_EQ(counts_text(second), "3 0 0 0 3 0");
  EXPECT_THAT(second.changes, IsEmpty());
  EXPECT_EQ(state().checkpoint, R"({"at":1})");
}

TEST_P(Conformance, WhatDiffersIsModifiedTheOrderOfMembersIsNoDifference) {
  sync("r1", {a1, b1});
  const ModelTally tally = sync("r2", {a2, R"({ "number":1, "id":"b" })"});
  EXPECT_EQ(counts_text(tally), "2 0 1 0 1 0");
  EXPECT_THAT(outcomes(tally), ElementsAre("modified a"));
  EXPECT_EQ(rows("id, number")[0], (std::vector<std::string>{"a", "2"}));
}

TEST_P(Conformance, ValuesKeepWhatTheyAre) {
  sync("r1",
       {R"({"id":"a","number":-9223372036854775808,"amount":123456789012345678901234567890.0123456789,"paid":true,)"
        R"("lines":[{"sku":"x \"y\"\n","n":1}]})",
        R"({"id":"b","number":9223372036854775807,"amount":0.00012,"paid":false,"lines":{}})",
        R"({"id":"c \u00e9\ud83d\ude00 \t \\ '","number":0,"amount":-10000})", R"({"id":"d"})"});
  EXPECT_EQ(rows("id, number"), (TextRows{{"a", "-9223372036854775808"},
                                          {"b", "9223372036854775807"},
                                          {"c \xC3\xA9\xF0\x9F\x98\x80 \t \\ '", "0"},
                                          {"d", "NULL"}}));
  const TextRows amounts = rows("id, CAST(amount AS text)");
  EXPECT_EQ(amounts[0][1], "123456789012345678901234567890.0123456789");
  EXPECT_EQ(std::stod(amounts[1][1]), 0.00012);
  EXPECT_EQ(std::stod(amounts[2][1]), -10000);
  EXPECT_EQ(amounts[3][1], "NULL");
}

TEST_P(Conformance, ColumnsThatHaveValuesOnlyInSomeRows) {
  sync("r1",
       {R"({"id":"a"})", R"({"id":"b","number":2})", R"({"id":"c"})", R"({"id":"d","paid":true})",
        R"({"id":"e","number":5})"},
       {.batch = 1});
  EXPECT_EQ(rows("id, number"), (TextRows{{"a", "NULL"}, {"b", "2"}, {"c", "NULL"}, {"d", "NULL"}, {"e", "5"}}));
  // What is null in all records of a run is null in the table.
  EXPECT_EQ(counts_text(sync("r2", {R"({"id":"b"})", R"({"id":"d","paid":true})"})), "2 0 1 0 1 0");
  EXPECT_EQ(rows("id, number"), (TextRows{{"a", "NULL"}, {"b", "NULL"}, {"c", "NULL"}, {"d", "NULL"}, {"e", "5"}}));
}

TEST_P(Conformance, RemovedRecordsAreMarkedAndCanComeBack) {
  sync("r1", {a1, b1});
  EXPECT_EQ(counts_text(sync("r2", {b_gone})), "1 0 0 1 0 0");
  EXPECT_EQ(rows("id"), (TextRows{{"a"}}));
  EXPECT_EQ(query("SELECT count(*) FROM " + state().table), (TextRows{{"2"}}));
  EXPECT_EQ(state().rows, 1u);
  EXPECT_EQ(counts_text(sync("r3", {b_gone, R"({"id":"never","gone":true})"})), "2 0 0 0 2 0");
  const ModelTally back = sync("r4", {b1});
  EXPECT_EQ(counts_text(back), "1 1 0 0 0 0");
  EXPECT_THAT(outcomes(back), ElementsAre("added b"));
  EXPECT_EQ(live(rows()), 2u);
  EXPECT_EQ(state().rows, 2u);
}

TEST_P(Conformance, RemovedRecordsAreTakenOut) {
  sync("r1", {a1, b1});
  EXPECT_EQ(counts_text(sync("r2", {b_gone, c1}, {.removals = RemovalPolicy::remove})), "2 1 0 1 0 0");
  EXPECT_EQ(query("SELECT count(*) FROM " + state().table), (TextRows{{"2"}}));
  EXPECT_EQ(counts_text(sync("r3", {b_gone}, {.removals = RemovalPolicy::remove})), "1 0 0 0 1 0");
}

TEST_P(Conformance, AFullReadRemovesWhatItDoesNotSee) {
  sync("r1", {a1, b1, c1}, {.kind = ReadKind::full});
  EXPECT_FALSE(state().generation_open);
  const ModelTally tally = sync("r2", {a2, c1}, {.kind = ReadKind::full});
  EXPECT_EQ(tally.counts.modified, 1u);
  EXPECT_EQ(tally.counts.removed, 1u);
  EXPECT_EQ(tally.counts.unchanged, 1u);
  EXPECT_EQ(tally.absent, 1u);
  EXPECT_THAT(outcomes(tally), UnorderedElementsAre("modified a", "removed b"));
  EXPECT_EQ(rows("id"), (TextRows{{"a"}, {"c"}}));
  EXPECT_EQ(sync("r3", {a2, c1}, {.kind = ReadKind::full}).counts.removed, 0u);
  EXPECT_EQ(sync("r4", {c1}, {.kind = ReadKind::full, .removals = RemovalPolicy::remove}).counts.removed, 1u);
  EXPECT_EQ(query("SELECT count(*) FROM " + state().table + " WHERE id = 'a'"), (TextRows{{"0"}}));
}

TEST_P(Conformance, AFullReadSeesWhatIsGoneThoughOneOfTheSeenWentMeanwhile) {
  sync("r1", {a1, b1, c1});
  const ModelTally tally = sync("r2", {a1, b1, b_gone}, {.kind = ReadKind::full});
  EXPECT_EQ(counts_text(tally), "4 0 0 2 2 0");
  EXPECT_EQ(tally.absent, 1u);
  EXPECT_EQ(live(rows()), 1u);
}

TEST_P(Conformance, AFullReadThatWasKilledGoesOn) {
  sync("r1", {a1, b1, c1, R"({"id":"d"})"});
  sync("r2", {a1, b1}, {.kind = ReadKind::full, .killed = true, .checkpoint = R"({"page":2})"});
  EXPECT_TRUE(state().generation_open);
  EXPECT_EQ(state().checkpoint, R"({"page":2})");
  DestinationWriter::Opened opened;
  const ModelTally tally = sync("r3", {c1}, {.kind = ReadKind::full, .resume = true}, invoices(), &opened);
  EXPECT_EQ(opened.state.checkpoint, R"({"page":2})");
  EXPECT_THAT(outcomes(tally), ElementsAre("removed d"));
  EXPECT_EQ(rows("id"), (TextRows{{"a"}, {"b"}, {"c"}}));
  EXPECT_FALSE(state().generation_open);
}

TEST_P(Conformance, AFullReadThatIsBegunAnewForgetsWhatWasSeen) {
  sync("r1", {a1, b1, c1});
  sync("r2", {a1}, {.kind = ReadKind::full, .killed = true, .checkpoint = R"({"page":2})"});
  const ModelTally tally = sync("r3", {b1, c1}, {.kind = ReadKind::full});
  EXPECT_THAT(outcomes(tally), ElementsAre("removed a"));
}

TEST_P(Conformance, WhatCouldNotBeTakenIsNotTakenForRemoved) {
  sync("r1", {a1, b1, c1});
  const std::string broken = R"({"id":"b","amount":{}})";
  EXPECT_EQ(sync("r2", {a1, broken}, {.kind = ReadKind::full}).counts.removed, 0u);
  sync("r3", {a1, broken}, {.kind = ReadKind::full, .killed = true, .checkpoint = R"({"page":2})"});
  EXPECT_EQ(sync("r4", {}, {.kind = ReadKind::full, .resume = true}).counts.removed, 0u);
  EXPECT_EQ(rows("id"), (TextRows{{"a"}, {"b"}, {"c"}}));
  EXPECT_EQ(sync("r5", {a1, b1}, {.kind = ReadKind::full}).counts.removed, 1u);
}

TEST_P(Conformance, AReadOfWhatIsNewEndsAGeneration) {
  sync("r1", {a1, b1, c1});
  sync("r2", {a1, b1}, {.kind = ReadKind::full, .killed = true, .checkpoint = R"({"page":2})"});
  sync("r3", {a2});
  EXPECT_FALSE(state().generation_open);
  EXPECT_EQ(sync("r4", {c1}, {.kind = ReadKind::full, .resume = true}).counts.removed, 2u);
}

TEST_P(Conformance, FailuresInARowAreCounted) {
  sync("r1", {a1}, {.result = "failed"});
  EXPECT_EQ(state().failures, 1u);
  sync("r2", {a1}, {.result = "cancelled"});
  EXPECT_EQ(state().failures, 2u);
  sync("r3", {a1}, {.preview = true, .result = "failed"});
  EXPECT_EQ(state().failures, 2u);
  sync("r4", {a1}, {.killed = true});
  EXPECT_EQ(state().failures, 2u) << "it may still run";
  EXPECT_EQ(state().last_result, "running");
  sync("r5", {a1}, {.result = "failed"});
  EXPECT_EQ(state().failures, 4u);
  sync("r6", {a1}, {.killed = true});
  sync("r7", {a1}, {.result = "partially_succeeded"});
  EXPECT_EQ(state().failures, 0u);
  sync("r8", {a1});
  EXPECT_EQ(state().failures, 0u);
}

TEST_P(Conformance, ARunThatEndedBeforeItCameToAModelIsAFailureOfIt) {
  destination_->note_failure({"r0", "books", now_}, {"INVOICES"}, "failed");
  EXPECT_THAT(destination_->models(), IsEmpty());
  sync("r1", {a1}, {.checkpoint = R"({"at":1})"});
  sync("r1 of the shop", {a1}, {.connection = "shop", .space = "shop"});
  const std::int64_t started = now_;
  now_ += 1000;
  const RunStamp second{"r2", "books", started};
  destination_->note_failure(second, {"BILLS", "INVOICES"}, "failed");
  EXPECT_EQ(state().failures, 1u);
  EXPECT_EQ(state().last_run, "r2");
  EXPECT_EQ(state().last_result, "failed");
  EXPECT_EQ(state().last_started_at, started);
  EXPECT_EQ(state().last_finished_at, now_);
  EXPECT_EQ(state().checkpoint, R"({"at":1})");
  EXPECT_EQ(state("INVOICES", "shop").failures, 0u);
  EXPECT_EQ(destination_->models().size(), 2u);

  sync("r3", {a1}, {.killed = true});
  destination_->note_failure({"r3", "books", now_}, {"INVOICES"}, "failed");
  EXPECT_EQ(state().failures, 2u);
  EXPECT_EQ(state().last_result, "failed");
  sync("r4", {a1});
  destination_->note_failure({"r4", "books", now_}, {"INVOICES"}, "failed");
  EXPECT_EQ(state().failures, 0u) << "the run had finished it";
}

TEST_P(Conformance, WhatAnEarlierFerryMadeIsGoneOnWith) {
  const auto as_it_was = [&] {
    query("ALTER TABLE " + place_->own("_ferry_models") + " DROP COLUMN failures");
    destination_ = place_->open([this] { return now_; });
  };
  sync("r1", {a1, b1}, {.checkpoint = R"({"at":1})"});
  as_it_was();
  EXPECT_EQ(state().rows, 2u);
  EXPECT_EQ(state().failures, 0u);
  EXPECT_EQ(counts_text(sync("p", {a2, c1}, {.preview = true})), "2 1 1 0 0 0");
  EXPECT_EQ(counts_text(sync("r2", {a2, c1}, {.result = "failed"})), "2 1 1 0 0 0");
  EXPECT_EQ(state().failures, 1u);
  as_it_was();
  destination_->note_failure({"r3", "books", now_}, {"INVOICES"}, "failed");
  EXPECT_EQ(state().failures, 1u);
  EXPECT_EQ(state().checkpoint, R"({"at":1})");
}

TEST_P(Conformance, ASweepOnlyRemoves) {
  sync("r1", {a1, b1, c1}, {.checkpoint = R"({"at":1})"});
  const ModelTally tally = sync("r2", {R"({"id":"a"})", R"({"id":"c"})", R"({"id":"new"})"}, {.kind = ReadKind::sweep});
  EXPECT_EQ(tally.counts.unchanged, 3u);
  EXPECT_EQ(tally.counts.removed, 1u);
  EXPECT_EQ(rows("id, number"), (TextRows{{"a", "1"}, {"c", "3"}}));
  EXPECT_EQ(state().checkpoint, R"({"at":1})");
  EXPECT_TRUE(state().last_sweep_at.has_value());
}

TEST_P(Conformance, WhatIsNotCommittedWasNeverThere) {
  sync("r1", {a1});
  {
    const auto writer = destination_->begin({"r2", "books", now_}, false, {});
    const auto opened = writer->open({"books", "INVOICES", "books"}, invoices(), ReadKind::changes, false);
    RowReader reader("INVOICES", opened.state.layout, {});
    writer->write(*batch_of(reader, {a2, b1}));
    writer->checkpoint("INVOICES", R"({"at":9})");
  }
  EXPECT_EQ(rows("id, number"), (TextRows{{"a", "1"}}));
  EXPECT_EQ(state().checkpoint, "");
}

TEST_P(Conformance, NewMembersBecomeColumnsAndTypesWiden) {
  sync("r1", {a1});
  const ModelTally tally =
      sync("r2", {b1, R"({"id":"c","number":12345678901234567890123,"Due Date":"2024"})", R"({"id":"d","paid":"no"})"});
  EXPECT_EQ(tally.counts.added, 3u);
  EXPECT_EQ(
      rows("id, number, due_date"),
      (TextRows{
          {"a", "1", "NULL"}, {"b", "1", "NULL"}, {"c", "12345678901234567890123", "2024"}, {"d", "NULL", "NULL"}}));
  const Layout layout = state().layout;
  EXPECT_EQ(layout.columns()[1].type, ColumnType::number);
  EXPECT_EQ(layout.columns()[3].type, ColumnType::text);
  EXPECT_TRUE(layout.find("Due Date").has_value());
  EXPECT_EQ(counts_text(sync("r3", {a1, b1})), "2 0 0 0 2 0");

  Layout wanted = invoices();
  wanted.add({"extra", ColumnType::integer});
  DestinationWriter::Opened opened;
  sync("r4", {R"({"id":"e","extra":7})"}, {}, wanted, &opened);
  ASSERT_EQ(opened.changes.size(), 1u);
  EXPECT_EQ(opened.changes[0].column.member, "extra");
  EXPECT_EQ(query("SELECT extra FROM " + state().view + " WHERE id = 'e'"), (TextRows{{"7"}}));
}

TEST_P(Conformance, TheIdentityStaysWhatItIs) {
  sync("r1", {a1});
  Layout other({{"number", ColumnType::integer, true}});
  EXPECT_EQ(failure_of([&] {
              sync("r2", {}, {}, Layout({{"id", ColumnType::text}, {"nr", ColumnType::integer, true}}));
            }),
            "guard identity_changed");
}

TEST_P(Conformance, NamesAreMadeSafeAndCollisionsAreTold) {
  const Layout layout({{"Order", ColumnType::text, true},
                       {"a-b", ColumnType::integer},
                       {"A_B", ColumnType::integer},
                       {"_ferry_run", ColumnType::text},
                       {"", ColumnType::text}});
  DestinationWriter::Opened opened;
  sync("r1", {R"({"Order":"x","a-b":1,"A_B":2,"_ferry_run":"mine","":"nameless"})"}, {.model = "Select \"From\""},
       layout, &opened);
  EXPECT_EQ(opened.notices.size(), 2u);
  const ModelState model = state("Select \"From\"");
  EXPECT_EQ(query("SELECT \"order\", a_b, a_b_2, _ferry_run_2, _ FROM " + model.view),
            (TextRows{{"x", "1", "2", "mine", "nameless"}}));
  EXPECT_EQ(model.layout.columns(), layout.columns());
  sync("r2", {R"({"Order":"y"})"}, {.model = "Select 'From'"}, layout, &opened);
  EXPECT_NE(state("Select 'From'").table, model.table);
}

TEST_P(Conformance, CollisionsInTheMiddleOfARunAreToldToo) {
  const std::vector<std::string> records = {a1, R"({"id":"b","Due Date":"1"})", R"({"id":"c","due-date":"2","x":3})",
                                            R"({"id":"d","due_date":"4","X":5})"};
  using testing::HasSubstr;
  for (const bool preview : {true, false}) {
    const ModelTally tally = sync("r1", records, {.preview = preview, .batch = 1});
    EXPECT_THAT(tally.notices, ElementsAre(HasSubstr("due_date_2"), HasSubstr("due_date_3"), HasSubstr("x_2")));
    EXPECT_EQ(tally.counts.added, 4u);
  }
  EXPECT_THAT(sync("r2", records).notices, IsEmpty());
}

TEST_P(Conformance, WhatCannotBeWrittenIsQuarantined) {
  const ModelTally tally = sync("r1", {a1, R"({"number":7})", R"({"id":"x","lines":5})", R"({"id":"y","amount":{}})"});
  EXPECT_EQ(tally.counts.total, 4u);
  EXPECT_EQ(tally.counts.failed, 2u);
  EXPECT_EQ(query("SELECT run, connection, model, code, identity FROM " + place_->own("_ferry_quarantine") +
                  " ORDER BY number"),
            (TextRows{{"r1", "books", "INVOICES", "no_identity", ""}, {"r1", "books", "INVOICES", "wrong_type", "y"}}));
}

TEST_P(Conformance, ConnectionsKeepApart) {
  sync("r1", {a1}, {});
  sync("r2", {a2, b1}, {.connection = "shop", .space = "shop"});
  EXPECT_EQ(state("INVOICES", "books").rows, 1u);
  EXPECT_EQ(state("INVOICES", "shop").rows, 2u);
  EXPECT_EQ(destination_->models().size(), 2u);
  destination_->make_union("All Invoices", destination_->models());
  destination_->make_union("All Invoices", destination_->models());
}

TEST_P(Conformance, APreviewCountsAsTheRunAndChangesNothing) {
  const std::vector<std::string> records = {a2, b_gone, c1, c1, R"({"id":"n","new":1})"};
  const auto dry_first = counts_text(sync("p0", records, {.preview = true}));
  EXPECT_THAT(destination_->models(), IsEmpty());
  EXPECT_EQ(dry_first, "5 3 0 0 2 0");
  sync("r1", {a1, b1, R"({"id":"d"})"}, {.checkpoint = "{}"});
  for (const ReadKind kind : {ReadKind::changes, ReadKind::full})
    for (const RemovalPolicy removals : {RemovalPolicy::mark, RemovalPolicy::remove}) {
      const TextRows before = query("SELECT * FROM " + state().table + " ORDER BY id");
      const ModelTally dry =
          sync("p", records, {.kind = kind, .preview = true, .removals = removals, .checkpoint = "{9}"});
      EXPECT_EQ(query("SELECT * FROM " + state().table + " ORDER BY id"), before);
      EXPECT_EQ(state().checkpoint, "{}");
      EXPECT_EQ(state().last_run, "r1");
      EXPECT_FALSE(state().layout.find("new").has_value());
      EXPECT_EQ(counts_text(dry), kind == ReadKind::changes ? "5 2 1 1 1 0" : "6 2 1 2 1 0");
    }
  const ModelTally real = sync("r2", records, {.kind = ReadKind::full});
  EXPECT_EQ(counts_text(real), "6 2 1 2 1 0");
  EXPECT_EQ(real.absent, 1u);
}

TEST_P(Conformance, APreviewGoesOnWithAFullRead) {
  sync("r1", {a1, b1, c1, R"({"id":"d"})"});
  sync("r2", {a2, b1}, {.kind = ReadKind::full, .killed = true, .checkpoint = R"({"page":2})"});
  const std::vector<std::string> rest = {R"({"id":"c","number":3,"amount":3,"new":1})", R"({"id":"e"})"};
  for (const bool preview : {true, true, false}) {
    const ModelTally tally = sync("r3", rest, {.kind = ReadKind::full, .resume = true, .preview = preview});
    EXPECT_EQ(counts_text(tally), "3 1 1 1 0 0");
    EXPECT_EQ(tally.duplicates, 0u);
    EXPECT_EQ(state().generation_open, preview);
  }
  EXPECT_EQ(rows("id"), (TextRows{{"a"}, {"b"}, {"c"}, {"e"}}));
}

TEST_P(Conformance, APreviewOfSeveralModelsThatAreNew) {
  const auto writer = destination_->begin({"p", "books", now_}, true, {});
  for (const char* model : {"BILLS", "INVOICES"}) {
    writer->open({"books", model, "books"}, invoices(), ReadKind::full, false);
    RowReader reader(model, invoices(), {});
    writer->write(*batch_of(reader, {a1, b1}));
    writer->commit();
  }
  for (const char* model : {"BILLS", "INVOICES"}) {
    writer->remove_unseen(model);
    EXPECT_EQ(counts_text(writer->tally(model)), "2 2 0 0 0 0") << model;
  }
}

TEST_P(Conformance, UndoPutsBackWhatWas) {
  for (const RemovalPolicy removals : {RemovalPolicy::mark, RemovalPolicy::remove}) {
    SCOPED_TRACE(removals == RemovalPolicy::mark ? "mark" : "remove");
    place_ = GetParam().make();
    destination_ = place_->open([this] { return now_; });
    sync("r1", {a1, b1, R"({"id":"d","number":4})"}, {.checkpoint = R"({"at":1})"});
    const TextRows before = query("SELECT * FROM " + state().table + " ORDER BY id");
    sync("r2", {a2, b_gone, c1, R"({"id":"c","number":9})"},
         {.kind = ReadKind::full, .removals = removals, .checkpoint = R"({"at":2})"});
    EXPECT_EQ(rows("id, number"), (TextRows{{"a", "2"}, {"c", "9"}}));

    const TextRows after = query("SELECT * FROM " + state().table + " ORDER BY id");
    const std::vector<UndoneModel> would = destination_->undo("r2", true);
    ASSERT_EQ(would.size(), 1u);
    EXPECT_EQ(query("SELECT * FROM " + state().table + " ORDER BY id"), after);
    EXPECT_EQ(state().checkpoint, R"({"at":2})");

    EXPECT_EQ(failure_of([&] { destination_->undo("r1", false); }), "usage cannot_undo");
    const std::vector<UndoneModel> undone = destination_->undo("r2", false);
    ASSERT_EQ(undone.size(), 1u);
    for (const UndoneModel& one : {would[0], undone[0]}) {
      EXPECT_EQ(one.model, "INVOICES");
      EXPECT_EQ(one.added_back, 2u);
      EXPECT_EQ(one.changed_back, 1u);
      EXPECT_EQ(one.taken_out, 1u);
    }
    EXPECT_EQ(query("SELECT * FROM " + state().table + " ORDER BY id"), before);
    EXPECT_EQ(state().checkpoint, R"({"at":1})");
    EXPECT_EQ(state().rows, 3u);
    EXPECT_EQ(failure_of([&] { destination_->undo("r2", false); }), "usage cannot_undo");
    EXPECT_EQ(counts_text(sync("r3", {a1, b1})), "2 0 0 0 2 0");
    EXPECT_EQ(failure_of([&] { destination_->undo("r3", false); }), "usage cannot_undo");
    destination_->undo("r1", false);
    EXPECT_THAT(rows(), IsEmpty());
    EXPECT_EQ(state().checkpoint, "");
  }
}

TEST_P(Conformance, UndoReachesBackOnlyAsFarAsItMay) {
  sync("r1", {a1});
  UndoRules off;
  off.enabled = false;
  sync("r2", {a2}, {.undo = off});
  EXPECT_EQ(failure_of([&] { destination_->undo("r2", false); }), "usage cannot_undo");
  sync("r3", {a1});
  now_ += UndoRules{}.keep_ms + 5000;
  sync("r4", {});
  EXPECT_EQ(failure_of([&] { destination_->undo("r3", false); }), "usage cannot_undo");
}

TEST_P(Conformance, AForeignTableIsNotTouched) {
  place_->make_foreign_table("books", "INVOICES");
  EXPECT_EQ(failure_of([&] { sync("r1", {a1}); }), "guard foreign_table");
  EXPECT_THAT(destination_->models(), IsEmpty());
}

TEST_P(Conformance, ARunThatCannotBeginLeavesNothing) {
  place_->make_foreign_table("books", "INVOICES");
  {
    const auto writer = destination_->begin({"r1", "books", now_}, false, {});
    writer->open({"books", "BILLS", "books"}, invoices(), ReadKind::full, false);
    EXPECT_EQ(failure_of([&] {
                writer->open({"books", "INVOICES", "books"}, invoices(), ReadKind::full, false);
              }),
              "guard foreign_table");
    writer->end_run("failed");
  }
  EXPECT_THAT(destination_->models(), IsEmpty());
}

TEST_P(Conformance, CheckpointsCanBeSetAndForgotten) {
  sync("r1", {a1}, {.checkpoint = R"({"at":1})"});
  destination_->set_checkpoint("books", "INVOICES", R"({"at":0})");
  EXPECT_EQ(state().checkpoint, R"({"at":0})");
  destination_->set_checkpoint("books", "INVOICES", "");
  EXPECT_EQ(state().checkpoint, "");
  EXPECT_EQ(failure_of([&] { destination_->set_checkpoint("books", "INVOICE", ""); }), "usage unknown_model");
}

TEST_P(Conformance, IdentitiesOfSeveralParts) {
  const Layout layout({{"year", ColumnType::integer, true},
                       {"number", ColumnType::number, true},
                       {"open", ColumnType::boolean, true},
                       {"value", ColumnType::text}});
  const std::vector<std::string> records = {R"({"year":2024,"number":1.5,"open":true,"value":"x"})",
                                            R"({"year":2024,"number":1.5,"open":false,"value":"y"})",
                                            R"({"year":2025,"number":2,"open":true,"value":"z"})"};
  EXPECT_EQ(counts_text(sync("r1", records, {.kind = ReadKind::full}, layout)), "3 3 0 0 0 0");
  const ModelTally tally = sync("r2", {records[0], records[2]}, {.kind = ReadKind::full}, layout);
  EXPECT_EQ(tally.counts.removed, 1u);
  EXPECT_EQ(tally.counts.unchanged, 2u);
  EXPECT_EQ(query("SELECT value FROM " + state().view + " ORDER BY year"), (TextRows{{"x"}, {"z"}}));
}

TEST_P(Conformance, ManyRowsInManyBatches) {
  std::vector<std::string> records;
  for (int i = 0; i < 50'000; ++i)
    records.push_back("{\"id\":\"" + std::to_string(i % 49'000) + "\",\"number\":" + std::to_string(i) + "}");
  const ModelTally first = sync("r1", records, {.kind = ReadKind::full, .batch = 1000});
  EXPECT_EQ(first.counts.total, 50'000u);
  EXPECT_EQ(first.counts.added, 49'000u);
  EXPECT_EQ(first.duplicates, 1'000u);
  EXPECT_EQ(first.changes.size(), ModelTally::most_changes);
  records.resize(49'000);
  for (int i = 0; i < 1000; ++i) records[static_cast<std::size_t>(i)].insert(1, "\"paid\":true,");
  records.pop_back();
  const ModelTally second = sync("r2", records, {.kind = ReadKind::full, .batch = 1000});
  EXPECT_EQ(counts_text(second), "49000 0 1000 1 47999 0");
  EXPECT_EQ(state().rows, 48'999u);
}

}  // namespace ferry::host
