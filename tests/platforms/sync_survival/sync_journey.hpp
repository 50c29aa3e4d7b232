// Syncs of ferry, the real program, from the sandbox into a destination: what the tests of this folder share.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tests/journeys/journey.hpp"
#include "tests/platforms/sync_survival/books.hpp"
#include "tests/platforms/sync_survival/exactness.hpp"
#include "tests/platforms/sync_survival/tables.hpp"

namespace ferry::test {

// Where a sync goes, and how that is read.
struct Warehouse {
  std::string to;       // of --to
  std::string address;  // of PostgreSQL, given to ferry as WAREHOUSE_URL; else ""
  std::unique_ptr<Tables> tables;
};

// What ferry.yaml says of the connection.
struct ConnectionWords {
  std::string name = "books", url;
  std::int64_t company = Books::company;
  int page_size = 20, attempts = 5;
  Words more = {};  // lines of its members, without the indentation
};

class SyncJourney : public Journey {
 protected:
  static void TearDownTestSuite() { server_.reset(); }

  // One server for the tests of a suite.
  static PostgresServer& server() {
    if (!server_) server_ = std::make_unique<PostgresServer>();
    return *server_;
  }
  Warehouse sqlite(const std::string& name = "warehouse.db") const {
    return {path(name), "", sqlite_tables(path(name))};
  }
  static Warehouse postgres() {
    const std::string database = server().make_database();
    return {"env:WAREHOUSE_URL", server().conninfo(database), postgres_tables(server(), database)};
  }

  void configure(const std::vector<ConnectionWords>& connections) const {
    std::string text = "connections:\n";
    for (const ConnectionWords& one : connections) {
      text += "  " + one.name + ":\n    connector: integration-labs\n    url: " + one.url +
              "\n    secrets: {api_key: env:INTEGRATION_LABS_KEY}\n    settings: {company_id: " +
              std::to_string(one.company) + ", page_size: " + std::to_string(one.page_size) +
              "}\n    attempts: " + std::to_string(one.attempts) + "\n";
      for (const std::string& line : one.more) text += "    " + line + "\n";
    }
    write("ferry.yaml", text);
  }

  Command sync_command(const Warehouse& warehouse, const Words& more = {}, const std::string& name = "books") const {
    Words words = {"sync", name, "--to", warehouse.to, "--json"};
    words.insert(words.end(), more.begin(), more.end());
    Command made = command(words);
    made.environment["FERRY_CONFIG"] = path("ferry.yaml");
    made.environment["INTEGRATION_LABS_KEY"] = "sandbox";
    if (!warehouse.address.empty()) made.environment["WAREHOUSE_URL"] = warehouse.address;
    made.deadline = std::chrono::seconds(120);
    return made;
  }
  // The statistics of a sync that must end so.
  Json sync(const Warehouse& warehouse, const Words& more = {}, int exit_code = succeeded,
            const std::string& name = "books") const {
    const Finished done = run(sync_command(warehouse, more, name));
    EXPECT_EQ(done.exit_code, exit_code) << done.err << done.out;
    if (done.out.empty()) return {};
    expect_adds_up(done.out);
    return Json::parse(done.out);
  }

 private:
  static inline std::unique_ptr<PostgresServer> server_;
};

}  // namespace ferry::test
