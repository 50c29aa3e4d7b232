// The rows of one model in SQLite: where one stands, and how it is added, changed and taken away. Two ways: for real,
// or withheld, where what would be written is only remembered so that later rows are compared with it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "host/database/sqlite.hpp"
#include "host/destinations/sqlite_catalog.hpp"

namespace ferry::host {

struct FoundRow {
  std::int64_t id = 0;  // the row's number
  RowHash hash{};
  bool removed = false;
  std::int64_t run = 0;  // that wrote it last
};

// One model and run, on the thread of its writer.
class SqliteRows {
 public:
  virtual ~SqliteRows() = default;

  virtual std::optional<FoundRow> find(std::span<const Value> values) = 0;
  // Adds the row unless its identity is there already: then nullopt.
  virtual std::optional<std::int64_t> add(std::span<const Value> values, const RowHash&) = 0;
  virtual void change(const FoundRow&, std::span<const Value> values, const RowHash&, bool removed) = 0;
  // A record that is gone: the row is marked or taken out.
  virtual void remove(const FoundRow&) = 0;
  // Is the row still there, and when did it change last? For rows no record came for.
  virtual std::optional<FoundRow> at(std::int64_t id) = 0;
  virtual std::string identity(std::int64_t id) = 0;
  // Before a commit, and before others write: nothing may be held open.
  virtual void rest() = 0;
};

struct SqliteRowsSettings {
  std::int64_t run = 0;  // number
  std::int64_t now = 0;  // unix ms
  RemovalPolicy removals = RemovalPolicy::mark;
  bool images = true;  // what was there before is kept
};

// The references outlive the rows. The model's layout must not change meanwhile: make them anew.
std::unique_ptr<SqliteRows> real_rows(Database&, const SqliteModel&, const SqliteRowsSettings&);
// there: the model's table exists. What is withheld is kept in temporary tables called after the model.
std::unique_ptr<SqliteRows> withheld_rows(Database&, const SqliteModel&, bool there, const SqliteRowsSettings&);

}  // namespace ferry::host
