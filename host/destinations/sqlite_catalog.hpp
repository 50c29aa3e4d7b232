// ferry's own tables in a SQLite destination, and the tables of models as SQL makes them. destination.hpp names them;
// times are RFC 3339 texts here, and unix milliseconds in the rows of models.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "host/database/sqlite.hpp"
#include "host/destinations/destination.hpp"

namespace ferry::host {

struct SqliteModel {
  std::int64_t number = 0;  // in _ferry_models
  ModelState state;
  std::string table, view;         // unquoted
  std::vector<std::string> names;  // of the columns, in the order of the layout; unquoted

  // The key is the row's number itself.
  bool integer_key() const;
  std::string before() const { return "_ferry_before_" + std::to_string(number); }
};

std::string quoted_name(std::string_view name);
std::string time_text(std::int64_t unix_ms);

// Makes what is not there, or not there yet of what an earlier ferry made. Failure(machine, destination): a newer ferry
// made them.
void make_bookkeeping(Database&);
bool has_bookkeeping(const Database&);

std::vector<SqliteModel> load_models(const Database&, const std::string& connection = "",
                                     const std::string& model = "");
// A model that is new: its names, none of them taken; Failure(guard, foreign_table) if its table is there already.
// former: what was kept of it when its table was dropped, whose names are free.
SqliteModel name_model(const Database&, const ModelSettings&, const Layout&, std::vector<std::string>& notices,
                       const SqliteModel* former = nullptr);
// Adds a name for the last column of the layout.
void name_column(SqliteModel&, std::vector<std::string>& notices);

// In a transaction: the model's row, table and view.
void create_model(Database&, SqliteModel&);
// What a table that someone dropped leaves behind.
void forget_model(Database&, const SqliteModel&);
// Makes its view again if someone dropped that.
void keep_view(Database&, const SqliteModel&);
void apply_change(Database&, SqliteModel&, const LayoutChange&);
void save_layout(const Database&, const SqliteModel&);

// Lists of columns: "a", "b", ...
std::string column_list(const SqliteModel&, bool bookkeeping, std::string_view before = "");
// "a" = ?1 AND "b" = ?2
std::string key_condition(const SqliteModel&, int first_parameter = 1);
inline constexpr std::string_view bookkeeping_columns =
    "\"_ferry_hash\", \"_ferry_synced_at\", \"_ferry_deleted_at\", \"_ferry_run\"";

}  // namespace ferry::host
