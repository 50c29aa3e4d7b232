// What a destination holds, read by other means than ferry's: SQLite's own interface and plain queries.
//
// Throws std::runtime_error for what cannot be read. For one thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "ferry/json.hpp"
#include "tests/support/postgres/postgres_server.hpp"

namespace ferry::test {

// One model: its rows that are not removed, by identity, each the values of `columns`.
struct Held {
  struct Column {
    std::string member, name, type;
  };
  std::vector<Column> columns;
  std::map<std::string, std::vector<Json>> rows;
  std::uint64_t live = 0;     // rows that are not removed, identities counted as often as they are there
  std::uint64_t told = 0;     // what _ferry_models says of that
  std::uint64_t in_view = 0;  // what the view for people shows
  std::uint64_t twice = 0;    // identities that more than one row has, removed or not
  std::uint64_t removed = 0;  // rows marked as removed

  bool operator==(const Held& other) const { return rows == other.rows && live == other.live; }
};

class Tables {
 public:
  virtual ~Tables() = default;
  // Nothing if the model is not there.
  virtual Held held(const std::string& connection, const std::string& model) const = 0;
  virtual std::uint64_t count(const std::string& table_of_ferry, const std::string& where = "true") const = 0;
};

std::unique_ptr<Tables> sqlite_tables(const std::string& file);
// The server outlives it.
std::unique_ptr<Tables> postgres_tables(const PostgresServer& server, const std::string& database);

}  // namespace ferry::test
