// ferry's own tables in a PostgreSQL destination, all in one schema, and the tables of models as SQL makes them.
//
// destination.hpp names the tables; besides, for model number N, _ferry_before_N has the rows that runs changed, as
// they were, and _ferry_seen_N the identities that an open generation found unchanged, many a row. Works in the
// caller's transaction and throws what the connection throws.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "host/destinations/destination.hpp"
#include "host/destinations/postgres_connection.hpp"

namespace ferry::host {

struct PostgresModel {
  std::int64_t number = 0;  // in _ferry_models
  ModelState state;
  std::string schema, table_name, view_name;  // unquoted
  std::vector<std::string> names;             // of the columns, in the order of the layout; unquoted
  std::string generation;                     // numbers of its runs, "{1,2}"; "": none is open

  std::string table() const { return quote_identifier(schema) + "." + quote_identifier(table_name); }
  std::string view() const { return quote_identifier(schema) + "." + quote_identifier(view_name); }
  std::string name(std::size_t column) const { return quote_identifier(names[column]); }
  // A key of a type that has several spellings of one value is kept as its text.
  ColumnType key_type(std::size_t column) const;
  std::string column_type(std::size_t column) const;  // in SQL
  // "a", "b", ...; all: identity, the others, bookkeeping, in the order rows are sent in.
  std::string key_list(std::string_view before = "") const;
  std::string column_list(std::string_view before = "") const;
  // Without the columns that are neither of the identity nor chosen.
  std::string column_list(const std::vector<bool>& chosen) const;
  // l."a" = r."a" AND ...
  std::string same_key(std::string_view left, std::string_view right) const;
  // The identity as one text.
  std::string key_text(std::string_view before) const;
};

class PostgresCatalog {
 public:
  PostgresCatalog(PostgresConnection& connection, std::string schema, std::string default_space);

  // Failure(guard, foreign_table): tables of these names that ferry did not make; (machine, destination): a newer one
  // did.
  bool there();
  void make();
  // To tables that an earlier ferry made. A preview does without: it would keep everyone out until it ends.
  void add_what_is_new();
  std::vector<PostgresModel> load(const std::string& connection = "", const std::string& model = "");
  // A model that is new: its names, its table and view; Failure(guard, foreign_table) if either is there already.
  PostgresModel create(const ModelSettings&, const Layout&, std::vector<std::string>& notices);
  // Lets the table, the model and what was kept of it grow; Failure(guard, identity_changed).
  void grow(PostgresModel&, const std::vector<LayoutChange>&, std::vector<std::string>& notices);
  // What a table that someone dropped leaves behind.
  void forget(const PostgresModel&);
  bool has_table(const PostgresModel& model) { return has(model.schema, model.table_name); }
  bool has_before(const PostgresModel& model) { return has(schema_, before_name(model)); }

  void begin_generation(PostgresModel&, std::int64_t run);
  void end_generation(PostgresModel&);

  std::string own(std::string_view table) const { return quote_identifier(schema_) + "." + quote_identifier(table); }
  std::string before(const PostgresModel& model) const { return own(before_name(model)); }
  std::string seen(const PostgresModel& model) const { return own("_ferry_seen_" + std::to_string(model.number)); }
  PostgresConnection& connection() { return connection_; }

 private:
  static std::string before_name(const PostgresModel& model) { return "_ferry_before_" + std::to_string(model.number); }
  bool has(const std::string& schema, const std::string& name);
  void make_schema(const std::string& name);
  void make_view(const PostgresModel&);
  void add_name(PostgresModel&, std::vector<std::string>& notices);
  void save_layout(const PostgresModel&);
  std::set<std::string> names_in(const std::string& schema);
  void choose_names(PostgresModel&);

  PostgresConnection& connection_;
  const std::string schema_, default_space_;
};

inline constexpr std::size_t longest_postgres_name = 63;

}  // namespace ferry::host
