#include "host/destinations/sqlite_catalog.hpp"

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>

#include "host/base/clock.hpp"
#include "host/base/failure.hpp"
#include "host/base/json_text.hpp"
#include "host/destinations/names.hpp"
#include "host/destinations/writing.hpp"

namespace ferry::host {
namespace {

constexpr std::int64_t format = 1;
constexpr std::size_t longest_name = 60;  // as in PostgreSQL, so that a model is called the same in both

constexpr const char* bookkeeping = R"(
CREATE TABLE IF NOT EXISTS _ferry_format (version INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS _ferry_runs (
  number INTEGER PRIMARY KEY, run TEXT NOT NULL UNIQUE, connection TEXT NOT NULL, state TEXT NOT NULL,
  started_at TEXT NOT NULL, finished_at TEXT) STRICT;
CREATE TABLE IF NOT EXISTS _ferry_models (
  number INTEGER PRIMARY KEY, connection TEXT NOT NULL, model TEXT NOT NULL,
  table_name TEXT NOT NULL UNIQUE, view_name TEXT NOT NULL, columns TEXT NOT NULL,
  checkpoint TEXT NOT NULL DEFAULT '', generation INTEGER NOT NULL DEFAULT 0,
  generation_failed INTEGER NOT NULL DEFAULT 0, rows INTEGER NOT NULL DEFAULT 0,
  last_run TEXT NOT NULL DEFAULT '', last_mode TEXT NOT NULL DEFAULT '', last_result TEXT NOT NULL DEFAULT '',
  last_started_at TEXT, last_finished_at TEXT, last_full_at TEXT, last_sweep_at TEXT,
  failures INTEGER NOT NULL DEFAULT 0,
  UNIQUE (connection, model)) STRICT;
CREATE TABLE IF NOT EXISTS _ferry_model_runs (
  run INTEGER NOT NULL, model INTEGER NOT NULL, mode TEXT NOT NULL, result TEXT NOT NULL,
  added INTEGER NOT NULL DEFAULT 0, modified INTEGER NOT NULL DEFAULT 0, removed INTEGER NOT NULL DEFAULT 0,
  unchanged INTEGER NOT NULL DEFAULT 0, failed INTEGER NOT NULL DEFAULT 0,
  undo TEXT NOT NULL, checkpoint_before TEXT NOT NULL, rows_before INTEGER NOT NULL,
  PRIMARY KEY (run, model)) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS _ferry_model_runs_kept ON _ferry_model_runs (run, model, modified, removed)
  WHERE undo = 'kept';
CREATE TABLE IF NOT EXISTS _ferry_quarantine (
  number INTEGER PRIMARY KEY, run TEXT NOT NULL, connection TEXT NOT NULL, model TEXT NOT NULL, at TEXT NOT NULL,
  code TEXT NOT NULL, reason TEXT NOT NULL, identity TEXT NOT NULL, record TEXT NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS _ferry_quarantine_models ON _ferry_quarantine (connection, model, number);
CREATE TABLE IF NOT EXISTS _ferry_seen (
  model INTEGER NOT NULL, part INTEGER NOT NULL, low INTEGER NOT NULL, high INTEGER NOT NULL, count INTEGER NOT NULL,
  ids BLOB NOT NULL, PRIMARY KEY (model, part)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS _ferry_unions (name TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
)";

// An integer column grows into a number only by being made again, so that it is shown as what it is.
std::string_view sql_type(const Column& column) {
  switch (column.type) {
    case ColumnType::boolean:
    case ColumnType::integer: return "INTEGER";
    case ColumnType::number: return "ANY";  // a decimal that no double holds stays a text
    default: return "TEXT";
  }
}

std::string columns_json(const SqliteModel& model) {
  Poco::JSON::Array columns;
  for (std::size_t i = 0; i < model.names.size(); ++i) {
    const Column& column = model.state.layout.columns()[i];
    Poco::JSON::Object entry;
    entry.set("member", column.member);
    entry.set("name", model.names[i]);
    entry.set("type", std::string(type_word(column.type)));
    if (column.key) entry.set("key", true);
    columns.add(entry);
  }
  Poco::JSON::Object wrapped;
  wrapped.set("columns", columns);
  return json_text(wrapped);
}

void read_columns(SqliteModel& model, const std::string& json) {
  std::vector<Column> columns;
  if (const Poco::JSON::Object::Ptr wrapped = parse_object(json))
    if (const auto list = wrapped->getArray("columns"))
      for (unsigned i = 0; i < list->size(); ++i) {
        const auto entry = list->getObject(i);
        if (!entry) continue;
        columns.push_back({entry->optValue<std::string>("member", ""),
                           parse_type(entry->optValue<std::string>("type", "")).value_or(ColumnType::text),
                           entry->optValue<bool>("key", false)});
        model.names.push_back(entry->optValue<std::string>("name", ""));
      }
  model.state.layout = Layout(std::move(columns));
}

std::optional<std::int64_t> time_of(const Statement& row, int column) {
  return row.is_null(column) ? std::nullopt : parse_rfc3339(row.text(column));
}

bool exists(const Database& database, const std::string& name) {
  Statement query(database, "SELECT 1 FROM sqlite_master WHERE name = ? COLLATE NOCASE");
  return query.bind(std::string_view(name)).step();
}

// Of a destination that an earlier ferry made, nothing counts them until a run adds the column.
bool counts_failures(const Database& database) {
  return Statement(database, "SELECT 1 FROM pragma_table_info('_ferry_models') WHERE name = 'failures'").step();
}

std::set<std::string> taken_tables(const Database& database) {
  std::set<std::string> taken;
  Statement query(database, "SELECT table_name FROM _ferry_models UNION SELECT view_name FROM _ferry_models");
  while (query.step()) taken.insert(query.text(0));
  return taken;
}

std::string definition(const SqliteModel& model, const std::string& table) {
  std::string key, sql = "CREATE TABLE " + quoted_name(table) + " (";
  const std::vector<Column>& columns = model.state.layout.columns();
  for (const std::size_t index : model.state.layout.key()) {
    if (!key.empty()) key += ", ";
    key += quoted_name(model.names[index]);
    sql += quoted_name(model.names[index]) + " " + std::string(sql_type(columns[index])) +
           (model.integer_key() ? " PRIMARY KEY, " : " NOT NULL, ");
  }
  sql +=
      "\"_ferry_hash\" BLOB NOT NULL, \"_ferry_synced_at\" INTEGER NOT NULL, \"_ferry_deleted_at\" INTEGER, "
      "\"_ferry_run\" INTEGER NOT NULL";
  for (std::size_t i = 0; i < columns.size(); ++i)
    if (!columns[i].key) sql += ", " + quoted_name(model.names[i]) + " " + std::string(sql_type(columns[i]));
  if (!model.integer_key()) sql += ", UNIQUE (" + key + ")";
  return sql + ") STRICT";
}

void make_view(Database& database, const SqliteModel& model) {
  database.execute(("DROP VIEW IF EXISTS " + quoted_name(model.view)).c_str());
  database.execute(("CREATE VIEW " + quoted_name(model.view) + " AS SELECT " + column_list(model, false) + " FROM " +
                    quoted_name(model.table) + " WHERE \"_ferry_deleted_at\" IS NULL")
                       .c_str());
}

std::string before_definition(const SqliteModel& model) {
  std::string sql = "CREATE TABLE " + quoted_name(model.before()) +
                    " (\"_ferry_before_run\" INTEGER NOT NULL, \"_ferry_before_row\" INTEGER NOT NULL";
  for (const std::size_t index : model.state.layout.key()) sql += ", " + quoted_name(model.names[index]) + " ANY";
  sql += ", \"_ferry_hash\" BLOB, \"_ferry_synced_at\" INTEGER, \"_ferry_deleted_at\" INTEGER, \"_ferry_run\" INTEGER";
  for (std::size_t i = 0; i < model.names.size(); ++i)
    if (!model.state.layout.columns()[i].key) sql += ", " + quoted_name(model.names[i]) + " ANY";
  return sql + ", PRIMARY KEY (\"_ferry_before_run\", \"_ferry_before_row\")) STRICT, WITHOUT ROWID";
}

void add_what_is_new(Database& database) {
  if (counts_failures(database)) return;
  Transaction transaction(database);
  if (!counts_failures(database))  // another ferry may have come first
    database.execute("ALTER TABLE _ferry_models ADD COLUMN failures INTEGER NOT NULL DEFAULT 0");
  transaction.commit();
}

// SQLite changes no column's type in place.
void rebuild(Database& database, const SqliteModel& model) {
  const std::string made = model.table + "_ferry_rebuilt";
  const std::string columns = (model.integer_key() ? "" : "rowid, ") + column_list(model, true);
  database.execute(definition(model, made).c_str());
  database.execute(("DROP VIEW IF EXISTS " + quoted_name(model.view)).c_str());
  database.execute(("INSERT INTO " + quoted_name(made) + " (" + columns + ") SELECT " + columns + " FROM " +
                    quoted_name(model.table))
                       .c_str());
  database.execute(("DROP TABLE " + quoted_name(model.table)).c_str());
  database.execute(("ALTER TABLE " + quoted_name(made) + " RENAME TO " + quoted_name(model.table)).c_str());
}

}  // namespace

bool SqliteModel::integer_key() const {
  const std::vector<std::size_t>& key = state.layout.key();
  return key.size() == 1 && state.layout.columns()[key[0]].type == ColumnType::integer;
}

std::string quoted_name(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + "\"";
}

std::string time_text(std::int64_t unix_ms) { return rfc3339(unix_ms); }

bool has_bookkeeping(const Database& database) { return exists(database, "_ferry_models"); }

void make_bookkeeping(Database& database) {
  if (exists(database, "_ferry_format")) {
    Statement version(database, "SELECT version FROM _ferry_format");
    if (version.step() && version.integer(0) <= format) return add_what_is_new(database);
    throw Failure(Fault::machine, "destination",
                  "the destination was written by a newer ferry: update this one, or choose another destination");
  }
  Transaction transaction(database);
  database.execute(bookkeeping);
  database.execute(
      ("INSERT INTO _ferry_format SELECT " + std::to_string(format) + " WHERE NOT EXISTS (SELECT 1 FROM _ferry_format)")
          .c_str());
  transaction.commit();
}

std::vector<SqliteModel> load_models(const Database& database, const std::string& connection,
                                     const std::string& model) {
  std::vector<SqliteModel> models;
  Statement query(database,
                  "SELECT number, connection, model, table_name, view_name, columns, checkpoint, generation, rows, "
                  "last_run, last_mode, last_result, last_started_at, last_finished_at, last_full_at, last_sweep_at, " +
                      std::string(counts_failures(database) ? "failures" : "0") +
                      ", EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = table_name COLLATE NOCASE)"
                      " FROM _ferry_models WHERE (?1 = '' OR connection = ?1) AND (?2 = '' OR model = ?2) "
                      "ORDER BY connection, model");
  query.bind(std::string_view(connection)).bind(std::string_view(model));
  while (query.step()) {
    SqliteModel found;
    found.number = query.integer(0);
    found.table = query.text(3);
    found.view = query.text(4);
    read_columns(found, query.text(5));
    ModelState& state = found.state;
    state.connection = query.text(1);
    state.model = query.text(2);
    state.table = quoted_name(found.table);
    state.view = quoted_name(found.view);
    state.checkpoint = query.text(6);
    state.generation_open = query.integer(7) != 0;
    state.rows = static_cast<std::uint64_t>(query.integer(8));
    state.last_run = query.text(9);
    state.last_mode = query.text(10);
    state.last_result = query.text(11);
    state.last_started_at = time_of(query, 12);
    state.last_finished_at = time_of(query, 13);
    state.last_full_at = time_of(query, 14);
    state.last_sweep_at = time_of(query, 15);
    state.failures = static_cast<std::uint64_t>(query.integer(16));
    if (query.integer(17) == 0) begin_anew(state);
    models.push_back(std::move(found));
  }
  return models;
}

void name_column(SqliteModel& model, std::vector<std::string>& notices) {
  std::set<std::string> taken = {"_ferry_hash", "_ferry_synced_at", "_ferry_deleted_at", "_ferry_run", "rowid",
                                 "oid",         "_rowid_"};
  for (const std::string& name : model.names) taken.insert(name);
  const std::string& member = model.state.layout.columns()[model.names.size()].member;
  std::string name = safe_name(member, taken, longest_name);
  if (name != safe_name(member, {}, longest_name))
    notices.push_back("the member \"" + member + "\" of " + model.state.model + " is the column " + name +
                      ", as another column has the name it would have");
  model.names.push_back(std::move(name));
}

SqliteModel name_model(const Database& database, const ModelSettings& settings, const Layout& layout,
                       std::vector<std::string>& notices, const SqliteModel* former) {
  SqliteModel model;
  model.state.connection = settings.connection;
  model.state.model = settings.model;
  model.state.layout = layout;
  const std::string wanted = settings.space.empty() ? settings.model : settings.space + "_" + settings.model;
  std::set<std::string> taken = has_bookkeeping(database) ? taken_tables(database) : std::set<std::string>();
  if (former != nullptr) {
    taken.erase(former->table);
    taken.erase(former->view);
  }
  model.table = safe_name(wanted, taken, longest_name - 20);
  if (model.table != safe_name(wanted, {}, longest_name - 20))
    notices.push_back("the table of " + settings.model + " is " + model.table +
                      ", as another model's table has the name it would have");
  model.view = model.table + "_current";
  for (const std::string& name : {model.table, model.view})
    if (exists(database, name) && (former == nullptr || name != former->view))
      throw Failure(Fault::guard, "foreign_table",
                    "the destination has a table or view " + name +
                        " that ferry did not make; nothing was changed. "
                        "Rename it, or give the connection another `space` under `sync`");
  model.state.table = quoted_name(model.table);
  model.state.view = quoted_name(model.view);
  while (model.names.size() < layout.size()) name_column(model, notices);
  return model;
}

void create_model(Database& database, SqliteModel& model) {
  Statement insert(database,
                   "INSERT INTO _ferry_models (connection, model, table_name, view_name, columns) VALUES (?,?,?,?,?)");
  const std::string columns = columns_json(model);
  insert.bind(std::string_view(model.state.connection)).bind(std::string_view(model.state.model));
  insert.bind(std::string_view(model.table)).bind(std::string_view(model.view)).bind(std::string_view(columns)).step();
  model.number = sqlite3_last_insert_rowid(database.get());
  database.execute(definition(model, model.table).c_str());
  database.execute(before_definition(model).c_str());
  make_view(database, model);
}

void forget_model(Database& database, const SqliteModel& model) {
  database.execute(("DROP VIEW IF EXISTS " + quoted_name(model.view)).c_str());
  database.execute(("DROP TABLE IF EXISTS " + quoted_name(model.before())).c_str());
  // The number may serve again, for another model.
  for (const char* table : {"_ferry_seen WHERE model", "_ferry_model_runs WHERE model", "_ferry_models WHERE number"})
    Statement(database, "DELETE FROM " + std::string(table) + " = ?").bind(model.number).step();
}

void keep_view(Database& database, const SqliteModel& model) {
  if (!exists(database, model.view)) make_view(database, model);
}

void save_layout(const Database& database, const SqliteModel& model) {
  const std::string columns = columns_json(model);
  Statement(database, "UPDATE _ferry_models SET columns = ? WHERE number = ?")
      .bind(std::string_view(columns))
      .bind(model.number)
      .step();
}

void apply_change(Database& database, SqliteModel& model, const LayoutChange& change) {
  if (change.kind == LayoutChange::added) {
    const std::string name = quoted_name(model.names[change.index]);
    database.execute(
        ("ALTER TABLE " + quoted_name(model.table) + " ADD COLUMN " + name + " " + std::string(sql_type(change.column)))
            .c_str());
    database.execute(("ALTER TABLE " + quoted_name(model.before()) + " ADD COLUMN " + name + " ANY").c_str());
  } else {
    rebuild(database, model);
  }
  make_view(database, model);
  save_layout(database, model);
}

std::string column_list(const SqliteModel& model, bool bookkeeping, std::string_view before) {
  std::string list;
  const auto add = [&](const std::string& name) {
    if (!list.empty()) list += ", ";
    list += std::string(before) + quoted_name(name);
  };
  for (const std::size_t index : model.state.layout.key()) add(model.names[index]);
  if (bookkeeping)
    for (const char* name : {"_ferry_hash", "_ferry_synced_at", "_ferry_deleted_at", "_ferry_run"}) add(name);
  for (std::size_t i = 0; i < model.names.size(); ++i)
    if (!model.state.layout.columns()[i].key) add(model.names[i]);
  return list;
}

std::string key_condition(const SqliteModel& model, int first_parameter) {
  std::string condition;
  for (const std::size_t index : model.state.layout.key()) {
    if (!condition.empty()) condition += " AND ";
    condition += quoted_name(model.names[index]) + " = ?" + std::to_string(first_parameter++);
  }
  return condition;
}

}  // namespace ferry::host
