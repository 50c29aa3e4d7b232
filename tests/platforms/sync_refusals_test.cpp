// ferry sync where something is in its way: limits, models that cannot be read, tables that are gone, wrong words.
#include "tests/platforms/sync_fixture.hpp"

namespace ferry::test {
namespace {

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

TEST_F(Sync, AConnectionThatFailsStopsNoOther) {
  sandbox_->faults("integration_labs/test", R"({"status":401})");
  const Json done = document({"sync", "--all", "--to", "warehouse"}, credentials);
  EXPECT_EQ(done["run"].text_or("state", ""), "partially_succeeded");
  const Finished again = ferry({"sync", "--all", "--to", "warehouse"});
  EXPECT_THAT(again.err, HasSubstr("shop: "));
  EXPECT_THAT(again.err, Not(HasSubstr("shop: shop: ")));
  EXPECT_EQ(rows("books_invoices_current"), "300");
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
