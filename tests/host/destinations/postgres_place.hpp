// A database of its own on one real server, which all tests of the program share.
#pragma once

#include <atomic>

#include "host/destinations/postgres.hpp"
#include "tests/host/destinations/conformance.hpp"
#include "tests/support/postgres/postgres_server.hpp"

namespace ferry::host {

inline test::PostgresServer& shared_server() {
  static test::PostgresServer server;
  return server;
}

class PostgresPlace final : public DestinationUnderTest {
 public:
  explicit PostgresPlace(test::PostgresServer& server = shared_server())
      : server_(server), database_(server.make_database()) {}

  std::unique_ptr<Destination> open(Now now) override { return open_as("postgres", std::move(now)); }
  std::unique_ptr<Destination> open_as(const std::string& user, Now now) {
    PostgresSettings settings;
    settings.conninfo = server_.conninfo(database_, user);
    return open_postgres(settings, std::move(now));
  }
  TextRows query(const std::string& sql) override { return server_.query(sql, database_); }
  std::string own(const std::string& table) const override { return "ferry." + table; }
  void drop_table(const std::string& table) override { query("DROP TABLE " + table + " CASCADE"); }
  void make_foreign_table(const std::string& space, const std::string& model) override {
    std::string name = model;
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    query("CREATE SCHEMA " + space + "; CREATE TABLE " + space + "." + name + " (mine text)");
  }
  test::PostgresServer& server() { return server_; }
  const std::string& database() const { return database_; }

 private:
  test::PostgresServer& server_;
  const std::string database_;
};

}  // namespace ferry::host
