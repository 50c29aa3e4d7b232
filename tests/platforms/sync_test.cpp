// ferry sync over the whole way: the connector, the platform in the sandbox, a file of SQLite.
#include <algorithm>
#include <map>
#include <sstream>

#include "tests/platforms/platforms.hpp"
#include "tests/support/postgres/postgres_server.hpp"

namespace ferry::test {
namespace {

using Counts = std::map<std::string, std::int64_t>;

class Sync : public Platforms {
 protected:
  void SetUp() override {
    Platforms::SetUp();
    const std::string models =
        "enabled: false, models: {INVOICES: {enabled: true, every: 15m}, CONTACTS: {enabled: true}}";
    write("ferry.yaml",
          "destinations:\n"
          "  warehouse:\n"
          "    sqlite: warehouse.db\n"
          "    unions: {all_invoices: [books.INVOICES, shop.INVOICES]}\n"
          "  archive: {sqlite: archive.db}\n"
          "  lake: {postgresql: env:LAKE, unions: {all_invoices: [books.INVOICES, shop.INVOICES]}}\n"
          "connections:\n" +
              connection("books", "DEV", "sync: {to: warehouse, " + models + "}") +
              connection("shop", "TEST", "sync: {to: warehouse, " + models + "}") +
              connection("undo", "DEV", "sync: {" + models + "}"));
  }

  static std::string connection(const std::string& name, const std::string& environment, const std::string& more) {
    return "  " + name + ":\n    connector: integration-labs\n    url: env:INTEGRATION_LABS_" + environment +
           "_URL\n    settings: {company_id: 1089, platform_sync: trigger}\n    secrets: {api_key: "
           "env:INTEGRATION_LABS_KEY}\n    " +
           more + "\n";
  }

  Command sync_command(Words words) const {
    Command made = platform_command(std::move(words));
    made.environment["FERRY_CONFIG"] = path("ferry.yaml");
    if (!lake_.empty()) made.environment["LAKE"] = lake_;
    return made;
  }
  Finished ferry(Words words) const { return run(sync_command(std::move(words))); }
  Json document(Words words, int exit_code = succeeded) const {
    words.insert(words.begin(), "--json");
    const Finished done = ferry(std::move(words));
    EXPECT_EQ(done.exit_code, exit_code) << done.err << done.out;
    Json out = Json::parse(done.out);
    if (out.find("format") != nullptr) expect_valid_statistics(done.out);
    return out;
  }
  void expect_error(Words words, int exit_code, const std::string& code, const std::string& text) const {
    const Finished done = ferry(words);
    EXPECT_EQ(done.exit_code, exit_code) << done.err << done.out;
    EXPECT_THAT(done.err, HasSubstr(text));
    words.insert(words.begin(), "--json");
    const Json said = Json::parse(ferry(words).out);
    const Json& problems = said["problems"];
    const Json& error = problems.is_array() ? problems.items().back() : said["error"];
    EXPECT_EQ(error.text_or("code", ""), code);
  }

  // The next sync of books, which would be incremental, brings all of the one model and says why.
  void expect_read_anew(const std::string& model, Words more) const {
    more.insert(more.begin(), {"sync", "books"});
    const Json statistics = document(more);
    EXPECT_EQ(counts(statistics, model), (Counts{{"total", 300}, {"added", 300}}));
    EXPECT_EQ(counts(statistics, "INVOICES")["added"], 0);
    int told = 0;
    for (const Json& problem : statistics["problems"].items()) told += problem.text_or("code", "") == "table_gone";
    EXPECT_EQ(told, 1) << statistics.dump();
  }

  // What happens on the accounting platform: a sync of it brings it over.
  static void change(const std::string& environment, const std::string& json) {
    std::string url = sandbox_->url("INTEGRATION_LABS_" + environment + "_URL");
    url.resize(url.rfind("/v3"));
    Command command;
    command.arguments = {"curl", "--silent", "--show-error", "--fail-with-body",      "--noproxy", "*", "-X",
                         "POST", "--data",   json,           url + "/sandbox/changes"};
    const Finished done = run(command);
    ASSERT_EQ(done.exit_code, 0) << done.err << done.out;
  }

  std::string sql(const std::string& statement, const std::string& file = "warehouse.db") const {
    Command command;
    command.arguments = {"sqlite3", path(file), statement};
    const Finished done = run(command);
    EXPECT_EQ(done.exit_code, 0) << done.err;
    return done.out.empty() ? "" : done.out.substr(0, done.out.size() - 1);
  }
  std::string rows(const std::string& view) const { return sql("SELECT count(*) FROM " + view); }

  // Of one model, only what is not zero.
  static Counts counts(const Json& statistics, const std::string& model) {
    Counts out;
    for (const Json& item : statistics["items"].items())
      if (item.text_or("type", "") == model)
        for (const auto& [name, value] : item.members())
          if (value.is_number() && value.as_int() > 0) out[name] = value.as_int();
    return out;
  }
  static std::string id_of(const Json& statistics) { return std::string(statistics["run"].text_or("id", "")); }

  std::string lake_;  // how to reach a database of PostgreSQL
};

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

TEST_F(Sync, ALimitStopsBeforeTheFirstWrite) {
  document({"sync", "books"});
  const std::string before = sql("SELECT sum(rootfi_id), max(_ferry_run) FROM books_invoices");
  change("DEV", R"({"data_model":"INVOICES","company_id":1089,"add":5,"modify":9,"delete":31})");
  expect_error({"sync", "books", "--full", "--max-removed", "10%"}, guard, "too_many_removed",
               "31 of 300 rows would be removed of INVOICES, and --max-removed is 10%");
  expect_error({"sync", "books", "--full", "--max-changed", "8", "--dry-run"}, guard, "too_many_changed",
               "--max-changed is 8");
  expect_error({"sync", "books", "--full", "--max-removed", "0", "--max-changed", "8"}, guard, "too_many_removed",
               "--max-removed is 0");
  // What did not happen is not told as if it had.
  EXPECT_THAT(ferry({"sync", "books", "--full", "--max-removed", "30"}).out, Not(HasSubstr("to undo")));
  const Json refused = document({"sync", "books", "--full", "--max-removed", "30"}, guard);
  EXPECT_EQ(counts(refused, "INVOICES"), Counts());
  EXPECT_EQ(refused["items"].items()[0].text_or("state", ""), "not_started");
  EXPECT_EQ(refused["records"]["received"].as_int(), 600 + 5);  // the removed among them
  EXPECT_EQ(refused["records"]["committed"].as_int(), 0);
  EXPECT_EQ(sql("SELECT sum(rootfi_id), max(_ferry_run) FROM books_invoices"), before);
  const Json done = document({"sync", "books", "--full", "--max-removed", "31", "--max-changed", "9"});
  EXPECT_EQ(counts(done, "INVOICES")["removed"], 31);
}

TEST_F(Sync, AnEmptyAnswerRemovesNothingUnlessThatIsAllowed) {
  document({"sync", "books"});
  const std::string config = host::read_file(path("ferry.yaml"), 1u << 20);
  std::string other = config;
  other.replace(other.find("company_id: 1089, platform_sync: trigger"), 40, "company_id: 4711");
  write("ferry.yaml", other);
  expect_error({"sync", "books", "--full", "--model", "INVOICES"}, guard, "nothing_read",
               "the platform has no record of INVOICES at all, and its table has 300 rows: none was removed");
  EXPECT_EQ(rows("books_invoices_current"), "300");
  const Json done = document({"sync", "books", "--full", "--model", "INVOICES", "--max-removed", "100%"});
  EXPECT_EQ(counts(done, "INVOICES")["removed"], 300);
  write("ferry.yaml", config);
  EXPECT_EQ(counts(document({"sync", "books", "--full"}), "INVOICES")["added"], 300);
}

TEST_F(Sync, AModelThatCannotBeReadKeepsNoOtherFromBeingRead) {
  for (const std::vector<std::string>& options : {std::vector<std::string>(), {"--max-removed", "5"}}) {
    for (const std::string bad : {"CONTACTS", "INVOICES"}) {
      std::filesystem::remove(path("warehouse.db"));
      sandbox_->faults("integration_labs/dev", R"({"match":"/accounting/)" +
                                                   std::string(bad == "CONTACTS" ? "contacts" : "invoices") +
                                                   R"(","status":403})");
      Words words = {"sync", "books"};
      words.insert(words.end(), options.begin(), options.end());
      const Json done = document(words, items_failed);
      EXPECT_EQ(done["run"].text_or("state", ""), "partially_succeeded");
      for (const Json& item : done["items"].items())
        EXPECT_EQ(item.text_or("state", ""), item.text_or("type", "") == bad ? "failed" : "succeeded") << bad;
      EXPECT_EQ(counts(done, bad == "CONTACTS" ? "INVOICES" : "CONTACTS")["added"], 300);
      const Json& problem = done["problems"].items().back();
      EXPECT_EQ(problem.text_or("type", ""), bad);
      EXPECT_THAT(std::string(problem.text_or("message", "")), HasSubstr("403"));
    }
  }
  sandbox_->faults("integration_labs/dev", "[]");
  const Json done = document({"sync", "books"});
  EXPECT_EQ(done["totals"]["added"].as_int(), 300);
  EXPECT_EQ(rows("books_invoices_current") + rows("books_contacts_current"), "300300");
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

TEST_F(Sync, ATableThatSomeoneDroppedIsReadFromNothing) {
  document({"sync", "books"});
  sql("DROP TABLE books_contacts; DROP VIEW books_invoices_current");
  expect_read_anew("CONTACTS", {});
  EXPECT_EQ(rows("books_contacts_current"), "300");
  EXPECT_EQ(rows("books_invoices_current"), "300");
  document({"sync", "verify", "books"});
  sql("DROP TABLE books_contacts");
  EXPECT_EQ(counts(document({"sync", "verify", "books"}, items_failed), "CONTACTS"),
            (Counts{{"total", 300}, {"added", 300}}));
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

TEST_F(Sync, WhatKeepsFailingIsTriedLaterAndLater) {
  const auto invoices = [&] {
    for (const Json& each : document({"models", "books"}).items())
      if (each.text_or("model", "") == "INVOICES") return each;
    return Json();
  };
  document({"sync", "books"});
  EXPECT_EQ(invoices().find("failures"), nullptr);
  change("DEV", R"({"data_model":"INVOICES","company_id":1089,"delete":31})");
  for (int times = 1; times <= 2; ++times) {
    expect_error({"sync", "books", "--full", "--max-removed", "0"}, guard, "too_many_removed", "31 of 300");
    EXPECT_EQ(invoices()["failures"].as_int(), 2 * times) << "a guard's no is a failure";
  }
  EXPECT_EQ(invoices().text_or("last_result", ""), "failed");
  EXPECT_FALSE(invoices()["due"].as_bool());
  EXPECT_THAT(ferry({"models", "books"}).out, HasSubstr("  failed              4  "));
  EXPECT_THAT(ferry({"sync", "books", "--due"}).out, HasSubstr("no data model is due"));

  sandbox_->faults("integration_labs/dev", R"({"match":"/accounting/","status":401})");
  document({"sync", "books", "--model", "INVOICES"}, credentials);
  EXPECT_EQ(invoices()["failures"].as_int(), 5);
  sandbox_->faults("integration_labs/dev", "[]");
  document({"sync", "books"});
  EXPECT_EQ(invoices().find("failures"), nullptr);
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

TEST_F(Sync, AConnectionThatFailsStopsNoOther) {
  sandbox_->faults("integration_labs/test", R"({"status":401})");
  const Json done = document({"sync", "--all", "--to", "warehouse"}, credentials);
  EXPECT_EQ(done["run"].text_or("state", ""), "partially_succeeded");
  const Finished again = ferry({"sync", "--all", "--to", "warehouse"});
  EXPECT_THAT(again.err, HasSubstr("shop: "));
  EXPECT_THAT(again.err, Not(HasSubstr("shop: shop: ")));
  EXPECT_EQ(rows("books_invoices_current"), "300");
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

TEST_F(Sync, WhatIsWrongIsToldBeforeAnythingIsDone) {
  expect_error({"sync", "books", "--model", "INVOICE"}, usage, "unknown_model", "did you mean \"INVOICES\"?");
  expect_error({"sync", "books", "--model", "INVOICES=yesterday"}, usage, "bad_date", "YYYY-MM-DD");
  expect_error({"sync", "books", "--max-removed", "-3"}, usage, "bad_limit", "--max-removed");
  expect_error({"sync", "books", "--to", "no/such/w.db"}, usage, "no_folder", "/no/such; make it with mkdir -p");
  expect_error({"sync", "state", "show", "books", "--to", "empty.db"}, usage, "nothing_synced",
               "ferry sync books --to empty.db brings them there");
  expect_error({"sync", "books", "--to", "warehaus"}, usage, "unknown_destination", "did you mean \"warehouse\"?");
  expect_error({"sync", "nobody"}, usage, "unknown_connection", "nobody");
  EXPECT_FALSE(exists("warehouse.db"));
}

TEST_F(Sync, WhatIsMisspeltInTheConfigurationIsToldWithItsLine) {
  const auto configure = [&](const std::string& models) {
    write("ferry.yaml",
          "destinations:\n  warehouse:\n    sqlite: warehouse.db\n"
          "    unions: {all_invoices: [books.INVOICE, shop.INVOICES]}\nconnections:\n" +
              connection("books", "DEV", "sync: {enabled: false, models: {" + models + "}}") +
              connection("shop", "TEST", "sync: {enabled: false}"));
  };
  configure("INVOICE: {}");
  expect_error({"sync", "books", "--due"}, usage, "unknown_model",
               "ferry.yaml:11: connections.books.sync.models.INVOICE: there is no data model INVOICE; did you mean "
               "\"INVOICES\"?");
  configure("INVOICES: {enabled: true}");
  const Finished due = ferry({"sync", "books", "--due"});
  EXPECT_EQ(due.exit_code, succeeded) << due.err;
  EXPECT_THAT(due.out, HasSubstr("no data model of books has a frequency, so none is ever due"));
  EXPECT_THAT(due.out, Not(HasSubstr("no data model is due")));
  const Finished synced = ferry({"sync", "books", "--model", "INVOICES", "--model", "INVOICES"});
  EXPECT_EQ(synced.exit_code, succeeded) << synced.err;
  EXPECT_THAT(synced.out, HasSubstr("ferry.yaml:4: destinations.warehouse.unions.all_invoices[0]: the union "
                                    "all_invoices is not made: "));
  EXPECT_THAT(synced.out, HasSubstr("holds no data model INVOICE of books; did you mean \"INVOICES\"?"));
}

TEST_F(Sync, ATableThatIsNotFerrysIsNotTouched) {
  sql("CREATE TABLE books_invoices (mine TEXT); INSERT INTO books_invoices VALUES ('kept')");
  expect_error({"sync", "books"}, guard, "foreign_table", "books_invoices");
  EXPECT_EQ(sql("SELECT * FROM books_invoices"), "kept");
  EXPECT_EQ(sql("SELECT count(*) FROM sqlite_master WHERE name = 'books_contacts'"), "0");
}

}  // namespace
}  // namespace ferry::test
