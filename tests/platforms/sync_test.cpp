// ferry sync over the whole way: the connector, the platform in the sandbox, a file of SQLite.
#include <sstream>

#include "tests/platforms/sync_fixture.hpp"
#include "tests/support/postgres/postgres_server.hpp"

namespace ferry::test {
namespace {

TEST_F(Sync, ReadsEverythingThenOnlyCountsWhatStayed) {
  const Json first = document({"sync", "books"});
  EXPECT_EQ(counts(first, "INVOICES"), (Counts{{"total", 300}, {"added", 300}}));
  EXPECT_EQ(counts(first, "CONTACTS"), (Counts{{"total", 300}, {"added", 300}}));
  EXPECT_EQ(first["items"].items().size(), 2u) << "only what is enabled";
  EXPECT_EQ(first["records"]["committed"].as_int(), 600);
  EXPECT_EQ(rows("books_invoices_current"), "300");

  const Json second = document({"sync", "books"});
  EXPECT_EQ(second["totals"]["added"].as_int() + second["totals"]["modified"].as_int(), 0);

  const Finished report = ferry({"sync", "books", "--model", "INVOICES"});
  EXPECT_EQ(report.exit_code, succeeded) << report.err;
  EXPECT_THAT(report.out, HasSubstr("sync books → warehouse: succeeded in "));
  EXPECT_THAT(report.out, HasSubstr("\nINVOICES  books_invoices  incremental  succeeded "));
  EXPECT_EQ(report.err, "") << "a pipe gets no progress";
  EXPECT_THAT(report.out, Not(HasSubstr("to undo")));
}

TEST_F(Sync, BringsWhatChangedAndAFullOneWhatIsGone) {
  document({"sync", "books"});
  change("DEV", R"({"data_model":"INVOICES","company_id":1089,"add":2,"modify":3,"delete":4})");
  Counts changed = counts(document({"sync", "books"}), "INVOICES");
  EXPECT_EQ(changed["added"], 2);
  EXPECT_EQ(changed["modified"], 3);
  EXPECT_EQ(changed["removed"], 0) << "the platform tells of removals after a full sync only";

  const Json preview = document({"sync", "books", "--full", "--dry-run"});
  EXPECT_EQ(rows("books_invoices_current"), "302") << "a dry run changes nothing";
  const Json full = document({"sync", "books", "--full"});
  EXPECT_EQ(counts(full, "INVOICES")["removed"], 4);
  EXPECT_EQ(counts(preview, "INVOICES"), counts(full, "INVOICES")) << "the dry run was a promise";
  EXPECT_EQ(rows("books_invoices_current"), "298");
  EXPECT_EQ(sql("SELECT count(*) FROM books_invoices WHERE _ferry_deleted_at IS NOT NULL"), "4");
  document({"sync", "verify", "books"});
}

TEST_F(Sync, ADryRunShowsWhatWouldBeAndMakesNothing) {
  const Finished done = ferry({"sync", "books", "--dry-run"});
  EXPECT_EQ(done.exit_code, succeeded) << done.err;
  EXPECT_THAT(done.out, HasSubstr("dry run of sync books → warehouse"));
  EXPECT_THAT(done.out, HasSubstr("  +  added  INVOICES  "));
  EXPECT_THAT(done.out, HasSubstr("dry run: nothing was changed\nto do it: ferry sync books\n"));
  EXPECT_FALSE(exists("warehouse.db"));
}

TEST_F(Sync, ARunIsUndone) {
  document({"sync", "books"});
  const std::string before = sql("SELECT * FROM books_invoices_current ORDER BY 1");
  change("DEV", R"({"data_model":"INVOICES","company_id":1089,"add":2,"modify":3,"delete":4})");
  const std::string run = id_of(document({"sync", "books", "--full"}));
  const std::string after = sql("SELECT * FROM books_invoices_current ORDER BY 1");
  ASSERT_NE(before, after);

  const Json preview = document({"sync", "undo", run.substr(run.size() - 6), "--dry-run"});
  EXPECT_EQ(sql("SELECT * FROM books_invoices_current ORDER BY 1"), after);
  const Json undone = document({"sync", "undo", run});
  EXPECT_EQ(counts(undone, "INVOICES"), (Counts{{"total", 9}, {"added", 4}, {"modified", 3}, {"removed", 2}}));
  EXPECT_EQ(counts(preview, "INVOICES"), counts(undone, "INVOICES"));
  EXPECT_EQ(sql("SELECT * FROM books_invoices_current ORDER BY 1"), before);

  expect_error({"sync", "undo", run}, usage, "cannot_undo", "it was undone before");
  expect_error({"sync", "undo", id_of(preview)}, usage, "cannot_undo", "is no sync");
  expect_error({"sync", "undo", "nothing"}, usage, "unknown_run", "nothing");

  const Json again = document({"sync", "books", "--full"});
  EXPECT_EQ(counts(again, "INVOICES")["removed"], 4) << "it is found again";
}

TEST_F(Sync, AnUndoFindsTheFileThatWasNamedFromElsewhere) {
  const std::string named = id_of(document({"sync", "--to", "other.db", "--", "undo"}));
  EXPECT_EQ(sql("SELECT count(*) FROM undo_invoices_current", "other.db"), "300") << "a connection of that name";
  Command elsewhere = sync_command({"sync", "undo", named});
  elsewhere.directory = "/";
  const Finished done = run(elsewhere);
  EXPECT_EQ(done.exit_code, succeeded) << done.err;
  EXPECT_THAT(done.out, HasSubstr("TAKEN OUT"));
  EXPECT_EQ(sql("SELECT count(*) FROM undo_invoices_current", "other.db"), "0");
}

TEST_F(Sync, AVerificationFindsEveryDifference) {
  document({"sync", "books"});
  const Json same = document({"sync", "verify", "books"});
  EXPECT_EQ(same["totals"]["unchanged"].as_int(), 600);

  sql("DELETE FROM books_invoices WHERE rowid IN (SELECT rowid FROM books_invoices LIMIT 2);"
      "UPDATE books_invoices SET _ferry_hash = zeroblob(16) WHERE rowid IN (SELECT max(rowid) FROM books_invoices);"
      "UPDATE books_contacts SET rootfi_id = -1 WHERE rowid IN (SELECT max(rowid) FROM books_contacts)");
  const Json different = document({"sync", "verify", "books"}, items_failed);
  EXPECT_EQ(counts(different, "INVOICES"), (Counts{{"total", 300}, {"added", 2}, {"modified", 1}, {"unchanged", 297}}));
  EXPECT_EQ(counts(different, "CONTACTS"), (Counts{{"total", 301}, {"added", 1}, {"removed", 1}, {"unchanged", 299}}));

  // What was noted of a row is not asked alone.
  sql("UPDATE books_contacts SET name = 'HACKED' WHERE rowid IN (SELECT max(rowid) FROM books_contacts WHERE "
      "rootfi_id > 0)");
  EXPECT_EQ(counts(document({"sync", "verify", "books", "--model", "CONTACTS"}, items_failed), "CONTACTS"),
            (Counts{{"total", 301}, {"added", 1}, {"modified", 1}, {"removed", 1}, {"unchanged", 298}}));

  const Finished one = ferry({"sync", "verify", "books", "--model", "CONTACTS"});
  EXPECT_EQ(one.exit_code, items_failed);
  EXPECT_THAT(one.out, HasSubstr("\n  unexpected  CONTACTS  -1\n"));
  expect_error({"sync", "verify", "books", "--model", "CONTACT"}, usage, "unknown_model", "did you mean \"CONTACTS\"?");
  expect_error({"sync", "verify", "shop"}, usage, "nothing_synced", "ferry sync shop");
}

TEST_F(Sync, CheckpointsAreShownSetAndForgotten) {
  document({"sync", "books"});
  const Json shown = document({"sync", "state", "show", "books", "--model", "INVOICES"});
  ASSERT_EQ(shown.items().size(), 1u);
  ASSERT_TRUE(shown.items()[0]["checkpoint"].is_object()) << shown.dump();
  EXPECT_EQ(shown.items()[0].text_or("table", ""), "books_invoices");

  for (const char* nonsense : {"tomorrow", "[]", "\"x\"", "{\"a\":"})
    expect_error({"sync", "state", "set", "books", "--model", "INVOICES", "--checkpoint", nonsense}, usage,
                 "bad_checkpoint", "a checkpoint is a JSON object");
  EXPECT_EQ(document({"sync", "state", "show", "books", "--model", "INVOICES"}).dump(), shown.dump());

  const std::string kept = shown.items()[0]["checkpoint"].dump();
  const Json set = document({"sync", "state", "set", "books", "--model", "INVOICES", "--checkpoint", kept});
  EXPECT_EQ(set.items()[0]["checkpoint"].dump(), kept);

  const std::string long_numbers = R"({"since":12345678901234567890123,"part":0.1000000000000000055})";
  document({"sync", "state", "set", "books", "--model", "CONTACTS", "--checkpoint", long_numbers});
  EXPECT_EQ(document({"sync", "state", "show", "books", "--model", "CONTACTS"}).items()[0]["checkpoint"].dump(),
            long_numbers);
  document({"sync", "state", "set", "books", "--model", "CONTACTS", "--checkpoint", kept});

  document({"sync", "state", "reset", "books", "--model", "INVOICES"});
  EXPECT_TRUE(document({"sync", "state", "show", "books", "--model", "INVOICES"}).items()[0]["checkpoint"].is_null());
  EXPECT_FALSE(document({"sync", "state", "show", "books", "--model", "CONTACTS"}).items()[0]["checkpoint"].is_null());
  const Finished next = ferry({"sync", "books"});
  EXPECT_THAT(next.out, HasSubstr("\nINVOICES  books_invoices  full         succeeded"));
  EXPECT_THAT(next.out, HasSubstr("\nCONTACTS  books_contacts  incremental  succeeded"));
  expect_error({"sync", "state", "reset", "books", "--model", "INVOICE"}, usage, "unknown_model", "\"INVOICES\"");
}

TEST_F(Sync, ModelsAreListedWithWhatIsNext) {
  const auto model = [&](const std::string& name) {
    for (const Json& each : document({"models", "books"}).items())
      if (each.text_or("model", "") == name) return each;
    return Json();
  };
  EXPECT_TRUE(model("INVOICES")["due"].as_bool()) << "it was never synced";
  document({"sync", "books", "--due"});
  const Json invoices = model("INVOICES");
  EXPECT_FALSE(invoices["due"].as_bool());
  EXPECT_EQ(invoices.text_or("every", ""), "15m");
  EXPECT_EQ(invoices.text_or("table", ""), "books_invoices");
  EXPECT_EQ(invoices.text_or("last_result", ""), "succeeded");
  EXPECT_EQ(invoices["rows"].as_int(), 300);
  EXPECT_NE(invoices.text_or("next_due_at", ""), "");
  EXPECT_FALSE(model("BILLS")["enabled"].as_bool());
  EXPECT_EQ(model("CONTACTS").find("rows"), nullptr) << "without a frequency it is never due";
  EXPECT_THAT(ferry({"sync", "books", "--due"}).out, HasSubstr("no data model is due"));
  EXPECT_THAT(ferry({"models", "books"}).out, HasSubstr("\nINVOICES "));
}

TEST_F(Sync, AllConnectionsAreSyncedAtOnceAndCanBeLookedAtAsOne) {
  const Json done = document({"sync", "--all", "--to", "warehouse"});
  ASSERT_EQ(done["steps"].items().size(), 3u);
  for (const Json& step : done["steps"].items()) EXPECT_EQ(step.text_or("state", ""), "succeeded") << step.dump(2);
  EXPECT_EQ(done["totals"]["added"].as_int(), 2 * 600 + 600);
  EXPECT_EQ(done["records"]["committed"].as_int(), 1800);
  EXPECT_EQ(sql("SELECT connection, count(*) FROM all_invoices GROUP BY 1 ORDER BY 1"), "books|300\nshop|300");

  const Json shown = Json::parse(ferry({"runs", "show", id_of(done), "--json"}).out);
  EXPECT_EQ(shown["steps"].items().size(), 3u);
  expect_error({"sync", "undo", id_of(done)}, usage, "cannot_undo", "undone one by one: ");
  expect_error({"sync", "--all", "books"}, usage, "bad_option", "--all and NAME exclude each other");
  expect_error({"sync"}, usage, "missing_argument", "NAME is missing");
}

TEST_F(Sync, RecordsGoToAPipeAsLines) {
  const Finished done = ferry({"sync", "books", "--to", "-"});
  EXPECT_EQ(done.exit_code, succeeded) << done.err;
  EXPECT_THAT(done.err, HasSubstr("sync books → standard output: succeeded"));
  Counts records;
  std::string last;
  std::istringstream lines(done.out);
  for (std::string line; std::getline(lines, line);) {
    const Json json = Json::parse(line);
    const bool record = json.find("record") != nullptr;
    ASSERT_TRUE((record ? json["record"] : json["checkpoint"]).is_object()) << line;
    if (record) ++records[std::string(json.text_or("model", ""))];
    last = record ? "record" : "checkpoint";
  }
  EXPECT_EQ(records, (Counts{{"INVOICES", 300}, {"CONTACTS", 300}}));
  EXPECT_EQ(last, "checkpoint");
  expect_error({"sync", "books", "--to", "-", "--max-removed", "1"}, usage, "bad_option",
               "--max-removed means nothing");

  for (int times = 1; times <= 2; ++times) {
    const Json file = document({"sync", "books", "--to", "records.ndjson", "--model", "CONTACTS"});
    EXPECT_EQ(counts(file, "CONTACTS"), (Counts{{"total", 300}})) << "delivered, compared with nothing";
    const std::string text = content("records.ndjson");
    EXPECT_EQ(static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) / 300, times) << "appended";
  }
  Command piped = sync_command({});
  piped.arguments = {"/bin/bash", "-c",
                     "set -o pipefail; '" FERRY_BINARY_DIR "/bin/ferry' sync books --to - | head -n 1 >first"};
  const Finished gone = run(piped);
  EXPECT_EQ(gone.exit_code, succeeded) << "whoever read has what it wanted";
  EXPECT_EQ(gone.err, "");
  EXPECT_TRUE(Json::parse(content("first"))["record"].is_object());
}

TEST_F(Sync, PostgresIsADestinationLikeAnyOther) {
  ASSERT_TRUE(PostgresServer::available()) << "install PostgreSQL: samples/install-dependencies.sh --tests";
  PostgresServer server;
  const std::string database = server.make_database();
  lake_ = server.conninfo(database);
  const auto count = [&](const std::string& view) {
    return server.query("SELECT count(*) FROM " + view, database).at(0).at(0);
  };
  EXPECT_EQ(document({"sync", "--all", "--to", "lake"})["totals"]["added"].as_int(), 1800);
  EXPECT_EQ(count("public.all_invoices"), "600");

  change("DEV", R"({"data_model":"INVOICES","company_id":1089,"add":2,"modify":3,"delete":4})");
  const Json preview = document({"sync", "books", "--to", "lake", "--full", "--dry-run"});
  const Json full = document({"sync", "books", "--to", "lake", "--full"});
  EXPECT_EQ(counts(full, "INVOICES"), counts(preview, "INVOICES"));
  EXPECT_EQ(count("books.invoices_current"), "298");
  document({"sync", "verify", "books", "--to", "lake"});
  server.query(
      "UPDATE books.contacts SET name = 'HACKED' WHERE rootfi_id = (SELECT max(rootfi_id) FROM books.contacts)",
      database);
  EXPECT_EQ(counts(document({"sync", "verify", "books", "--to", "lake"}, items_failed), "CONTACTS"),
            (Counts{{"total", 300}, {"modified", 1}, {"unchanged", 299}}));

  // What someone dropped is read from nothing, whatever the checkpoint was.
  server.query("DROP TABLE books.contacts CASCADE; DROP VIEW books.invoices_current CASCADE", database);
  expect_read_anew("CONTACTS", {"--to", "lake"});
  EXPECT_EQ(count("books.contacts_current"), "300");
  EXPECT_EQ(count("books.invoices_current"), "298");

  const Json undone = document({"sync", "undo", id_of(full)});
  EXPECT_EQ(counts(undone, "INVOICES"), (Counts{{"total", 9}, {"added", 4}, {"modified", 3}, {"removed", 2}}));
  EXPECT_EQ(count("books.invoices_current"), "300");
  EXPECT_EQ(counts(document({"sync", "verify", "books", "--to", "lake"}, items_failed), "INVOICES"),
            (Counts{{"total", 302}, {"added", 2}, {"modified", 3}, {"removed", 4}, {"unchanged", 293}}))
      << "which a verification finds";

  const Finished state = ferry({"sync", "state", "show", "books", "--to", "lake"});
  EXPECT_THAT(state.out, HasSubstr("\nINVOICES "));
  document({"sync", "state", "reset", "books", "--to", "lake"});
  EXPECT_EQ(document({"models", "books", "--to", "lake"}).items().size(), document({"models", "books"}).items().size());
}

}  // namespace
}  // namespace ferry::test
