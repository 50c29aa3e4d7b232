// Syncs of two environments of the accounting platform in the sandbox, and what the tables hold afterwards.
#pragma once

#include <map>
#include <string>

#include "tests/platforms/platforms.hpp"

namespace ferry::test {

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

}  // namespace ferry::test
