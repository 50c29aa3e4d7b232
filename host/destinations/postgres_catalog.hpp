// ferry's own tables in a PostgreSQL destination, all in one schema, and the tables of models as SQL makes them.
//
// destination.hpp names the tables; besides, for model number N, _ferry_before_N has the rows that runs changed, as
// they were, and _ferry_seen_N the identities that an open generation found unchanged, many a row. Works in the
// caller's transaction and throws what the connection throws.
//
// A preview is one transaction over the whole run, rolled back in the end. It makes and alters only tables of its
// session (withhold()), so that nobody who reads, and no run of another model, waits for it. Rows of a table that is
// there and keeps its columns are written and rolled back: another run into that model waits its turn, as it would for
// a real run, and vacuum has something to do afterwards.
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
  // To tables that an earlier ferry made.
  void add_what_is_new();
  // For a preview, in place of both: from here on ferry's own tables are copies of the session's own, and so is a
  // model's table that is new or whose columns change.
  void withhold();
  std::vector<PostgresModel> load(const std::string& connection = "", const std::string& model = "");
  // A model that is new: its names, its table and view; Failure(guard, foreign_table) if either is there already.
  PostgresModel create(const ModelSettings&, const Layout&, std::vector<std::string>& notices);
  // Lets the table, the model and what was kept of it grow; Failure(guard, identity_changed).
  void grow(PostgresModel&, const std::vector<LayoutChange>&, std::vector<std::string>& notices);
  // What a table that someone dropped leaves behind.
  void forget(const PostgresModel&);
  // Makes its view again if someone dropped that.
  void keep_view(const PostgresModel&);
  bool has_before(const PostgresModel& model) { return has(own_schema_, before_name(model)); }

  void begin_generation(PostgresModel&, std::int64_t run);
  void go_on_with_generation(PostgresModel&, std::int64_t run);
  void end_generation(PostgresModel&);

  std::string own(std::string_view table) const { return own_in(own_schema_, table); }
  std::string before(const PostgresModel& model) const { return own(before_name(model)); }
  std::string seen(const PostgresModel& model) const { return own(seen_name(model)); }
  PostgresConnection& connection() { return connection_; }

 private:
  static std::string own_in(const std::string& schema, std::string_view table) {
    return quote_identifier(schema) + "." + quote_identifier(table);
  }
  static std::string seen_name(const PostgresModel& model) { return "_ferry_seen_" + std::to_string(model.number); }
  static std::string before_name(const PostgresModel& model) { return "_ferry_before_" + std::to_string(model.number); }
  bool has(const std::string& schema, const std::string& name);
  bool withheld() const { return own_schema_ != schema_; }
  void withhold(PostgresModel&);
  void copy_withheld(PostgresModel&);
  void make_tables();
  void make_schema(const std::string& name);
  void make_view(const PostgresModel&);
  void add_name(PostgresModel&, std::vector<std::string>& notices);
  void save_layout(const PostgresModel&);
  std::set<std::string> names_in(const std::string& schema);
  void choose_names(PostgresModel&);

  PostgresConnection& connection_;
  const std::string schema_, default_space_;
  std::string own_schema_;  // of the tables that are worked with: schema_, or the session's own
};

inline constexpr std::size_t longest_postgres_name = 63;

}  // namespace ferry::host
