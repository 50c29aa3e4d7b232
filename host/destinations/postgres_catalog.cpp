#include "host/destinations/postgres_catalog.hpp"

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

#include <algorithm>
#include <array>
#include <sstream>

#include "host/base/text.hpp"
#include "host/destinations/names.hpp"
#include "host/destinations/writing.hpp"

namespace ferry::host {
namespace {

constexpr std::array<std::string_view, 4> bookkeeping = {"_ferry_hash", "_ferry_synced_at", "_ferry_deleted_at",
                                                         "_ferry_run"};
constexpr std::string_view bookkeeping_columns =
    "\"_ferry_hash\" uuid NOT NULL, \"_ferry_synced_at\" timestamptz NOT NULL, \"_ferry_deleted_at\" timestamptz, "
    "\"_ferry_run\" bigint NOT NULL";

std::string_view sql_type(ColumnType type) {
  switch (type) {
    case ColumnType::boolean: return "boolean";
    case ColumnType::integer: return "bigint";
    case ColumnType::number: return "numeric";
    case ColumnType::json: return "jsonb";
    default: return "text";
  }
}

std::string columns_json(const PostgresModel& model) {
  Poco::JSON::Array columns;
  for (std::size_t i = 0; i < model.names.size(); ++i) {
    const Column& column = model.state.layout.columns()[i];
    Poco::JSON::Object one;
    one.set("member", column.member);
    one.set("column", model.names[i]);
    one.set("type", std::string(type_word(column.type)));
    one.set("key", column.key);
    columns.add(one);
  }
  std::ostringstream out;
  columns.stringify(out);
  return out.str();
}

void read_columns(std::string_view json, PostgresModel& model) {
  std::vector<Column> columns;
  Poco::JSON::Parser parser;
  const auto list = parser.parse(std::string(json)).extract<Poco::JSON::Array::Ptr>();
  for (unsigned i = 0; i < list->size(); ++i) {
    const auto one = list->getObject(i);
    columns.push_back({one->getValue<std::string>("member"),
                       parse_type(one->getValue<std::string>("type")).value_or(ColumnType::text),
                       one->getValue<bool>("key")});
    model.names.push_back(one->getValue<std::string>("column"));
  }
  model.state.layout = Layout(std::move(columns));
}

std::string unix_ms(std::string_view column) {
  return "(extract(epoch FROM " + std::string(column) + ") * 1000)::bigint";
}

std::optional<std::int64_t> time_at(const PostgresAnswer& rows, std::size_t row, int column) {
  if (rows.null(row, column)) return std::nullopt;
  return rows.number(row, column);
}

// Identity first, as people look for it there.
std::vector<std::size_t> key_first(const PostgresModel& model) {
  std::vector<std::size_t> order = model.state.layout.key();
  for (std::size_t i = 0; i < model.names.size(); ++i)
    if (!model.state.layout.columns()[i].key) order.push_back(i);
  return order;
}

std::string definition(const PostgresModel& model, std::size_t column) {
  return model.name(column) + " " + model.column_type(column) +
         (model.state.layout.columns()[column].key ? " NOT NULL" : "");
}

std::string definitions(const PostgresModel& model) {
  std::string keys, others;
  for (const std::size_t i : key_first(model))
    (model.state.layout.columns()[i].key ? keys : others) +=
        (model.state.layout.columns()[i].key ? definition(model, i) + ", " : ", " + definition(model, i));
  return keys + std::string(bookkeeping_columns) + others;
}

std::string listed(const PostgresModel& model, const std::vector<std::size_t>& columns, std::string_view before) {
  std::string list;
  for (const std::size_t i : columns) list += std::string(before) + model.name(i) + ", ";
  for (const std::string_view column : bookkeeping)
    list += std::string(before) + quote_identifier(column) + (column == bookkeeping.back() ? "" : ", ");
  return list;
}

}  // namespace

ColumnType PostgresModel::key_type(std::size_t column) const {
  const ColumnType type = state.layout.columns()[column].type;
  return type == ColumnType::json ? ColumnType::text : type;
}

std::string PostgresModel::column_type(std::size_t column) const {
  if (!state.layout.columns()[column].key) return std::string(sql_type(state.layout.columns()[column].type));
  const ColumnType type = key_type(column);
  return std::string(sql_type(type)) + (type == ColumnType::text ? " COLLATE \"C\"" : "");
}

std::string PostgresModel::key_list(std::string_view before) const {
  std::string list;
  for (const std::size_t i : state.layout.key()) list += (list.empty() ? "" : ", ") + std::string(before) + name(i);
  return list;
}

std::string PostgresModel::column_list(std::string_view before) const {
  return listed(*this, key_first(*this), before);
}

std::string PostgresModel::column_list(const std::vector<bool>& chosen) const {
  std::vector<std::size_t> columns = key_first(*this);
  std::erase_if(columns, [&](std::size_t i) { return !state.layout.columns()[i].key && !chosen[i]; });
  return listed(*this, columns, "");
}

std::string PostgresModel::same_key(std::string_view left, std::string_view right) const {
  std::string condition;
  for (const std::size_t i : state.layout.key())
    condition += (condition.empty() ? "" : " AND ") + std::string(left) + "." + name(i) + " = " + std::string(right) +
                 "." + name(i);
  return condition;
}

std::string PostgresModel::key_text(std::string_view before) const {
  std::string text;
  for (const std::size_t i : state.layout.key())
    text += (text.empty() ? "" : " || '/' || ") + std::string(before) + name(i) + "::text";
  return text;
}

PostgresCatalog::PostgresCatalog(PostgresConnection& connection, std::string schema, std::string default_space)
    : connection_(connection),
      schema_(std::move(schema)),
      default_space_(std::move(default_space)),
      own_schema_(schema_) {}

std::vector<PostgresModel> PostgresCatalog::load(const std::string& connection, const std::string& model) {
  const auto rows = connection_.run(
      "SELECT number, connection, model, table_schema, table_name, view_name, columns, checkpoint, rows, "
      "coalesce(generation::text, ''), last_run, last_mode, last_result, " +
          unix_ms("last_started_at") + ", " + unix_ms("last_finished_at") + ", " + unix_ms("last_full_at") + ", " +
          unix_ms("last_sweep_at") +
          ", quote_ident(table_schema) || '.' || quote_ident(table_name), "
          "quote_ident(table_schema) || '.' || quote_ident(view_name), "
          // Of a destination that an earlier ferry made, nothing counts them until a run adds the column.
          "coalesce((to_jsonb(m) ->> 'failures')::bigint, 0), EXISTS (SELECT FROM pg_class c JOIN pg_namespace n "
          "ON n.oid = c.relnamespace WHERE n.nspname = table_schema AND c.relname = table_name) FROM " +
          own("_ferry_models") +
          " AS m WHERE ($1 = '' OR connection = $1) AND ($2 = '' OR model = $2) "
          "ORDER BY connection COLLATE \"C\", model COLLATE \"C\"",
      PostgresParameters().text(connection).text(model));
  std::vector<PostgresModel> models;
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    PostgresModel& one = models.emplace_back();
    ModelState& state = one.state;
    one.number = rows.number(row, 0);
    state.connection = rows.text(row, 1);
    state.model = rows.text(row, 2);
    one.schema = rows.text(row, 3);
    one.table_name = rows.text(row, 4);
    one.view_name = rows.text(row, 5);
    read_columns(rows.text(row, 6), one);
    state.checkpoint = rows.text(row, 7);
    state.rows = static_cast<std::uint64_t>(rows.number(row, 8));
    one.generation = rows.text(row, 9);
    // Nothing of a sweep is gone on with.
    state.generation_open = !one.generation.empty() && one.generation != "{}";
    state.last_run = rows.text(row, 10);
    state.last_mode = rows.text(row, 11);
    state.last_result = rows.text(row, 12);
    state.last_started_at = time_at(rows, row, 13);
    state.last_finished_at = time_at(rows, row, 14);
    state.last_full_at = time_at(rows, row, 15);
    state.last_sweep_at = time_at(rows, row, 16);
    state.table = rows.text(row, 17);
    state.view = rows.text(row, 18);
    state.failures = static_cast<std::uint64_t>(rows.number(row, 19));
    if (!rows.flag(row, 20)) {
      begin_anew(state);
      one.generation.clear();
    }
  }
  return models;
}

void PostgresCatalog::make_schema(const std::string& name) {
  const auto there = [&] {
    return connection_.run("SELECT 1 FROM pg_namespace WHERE nspname = $1", PostgresParameters().text(name)).rows() > 0;
  };
  if (there()) return;  // who may use it need not be one who may make it
  connection_.run("SAVEPOINT making_schema");
  try {
    connection_.run("CREATE SCHEMA " + quote_identifier(name));
  } catch (const PostgresFailure& failure) {
    if (!failure.is_conflict() && failure.state() != "42P06") throw;
    connection_.run("ROLLBACK TO making_schema");  // another run made it meanwhile
  }
}

bool PostgresCatalog::has(const std::string& schema, const std::string& name) {
  const auto found = connection_.run(
      "SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2",
      PostgresParameters().text(schema).text(name));
  return found.rows() > 0;
}

std::set<std::string> PostgresCatalog::names_in(const std::string& schema) {
  std::set<std::string> names;
  const auto rows =
      connection_.run("SELECT table_name, view_name FROM " + own("_ferry_models") + " WHERE table_schema = $1",
                      PostgresParameters().text(schema));
  for (std::size_t row = 0; row < rows.rows(); ++row)
    for (const int column : {0, 1}) names.emplace(rows.text(row, column));
  return names;
}

// A table and a view that no other model has. What is there under their names is foreign only if ferry's models are
// still those the names were chosen beside: else another run may have made it since.
void PostgresCatalog::choose_names(PostgresModel& model) {
  constexpr std::string_view view_suffix = "_current";
  for (std::set<std::string> taken = names_in(model.schema);;) {
    model.table_name = safe_name(model.state.model, taken, longest_postgres_name - view_suffix.size());
    std::set<std::string> with_table = taken;
    with_table.insert(model.table_name);
    model.view_name = safe_name(model.table_name + std::string(view_suffix), with_table, longest_postgres_name);
    const std::string* there = has(model.schema, model.table_name)  ? &model.table_name
                               : has(model.schema, model.view_name) ? &model.view_name
                                                                    : nullptr;
    if (there == nullptr) return;
    std::set<std::string> taken_now = names_in(model.schema);
    if (taken_now == taken)
      throw Failure(Fault::guard, "foreign_table",
                    "the destination has " + model.schema + "." + *there + " already, which ferry did not make, and " +
                        model.state.model +
                        " would be kept under that name; nothing was touched: rename or drop it, or give the "
                        "connection another schema");
    taken = std::move(taken_now);
  }
}

PostgresModel PostgresCatalog::create(const ModelSettings& settings, const Layout& layout,
                                      std::vector<std::string>& notices) {
  PostgresModel model;
  model.state.connection = settings.connection;
  model.state.model = settings.model;
  model.schema = settings.space.empty() ? default_space_ : safe_name(settings.space, {}, longest_postgres_name);
  choose_names(model);
  if (model.table_name != safe_name(settings.model, {}, 4 * settings.model.size() + 8))
    notices.push_back("the table of " + settings.model + " is called " + model.table_name +
                      ", because the name it would have is taken or too long");

  for (const Column& column : layout.columns()) {
    model.state.layout.add(column);
    add_name(model, notices);
  }
  if (!withheld()) make_schema(model.schema);
  const auto made = connection_.run("INSERT INTO " + own("_ferry_models") +
                                        " (connection, model, table_schema, table_name, view_name, columns) "
                                        "VALUES ($1, $2, $3, $4, $5, $6) RETURNING number, quote_ident(table_schema) "
                                        "|| '.' || quote_ident(table_name), "
                                        "quote_ident(table_schema) || '.' || quote_ident(view_name)",
                                    PostgresParameters()
                                        .text(settings.connection)
                                        .text(settings.model)
                                        .text(model.schema)
                                        .text(model.table_name)
                                        .text(model.view_name)
                                        .text(columns_json(model)));
  model.number = made.number(0, 0);
  model.state.table = made.text(0, 1);
  model.state.view = made.text(0, 2);
  if (withheld()) withhold(model);
  connection_.run("CREATE TABLE " + model.table() + " (" + definitions(model) + ", PRIMARY KEY (" + model.key_list() +
                  "))");
  if (withheld()) return model;
  connection_.run("CREATE TABLE " + before(model) + " (\"_ferry_before_run\" bigint NOT NULL, " + definitions(model) +
                  ", PRIMARY KEY (\"_ferry_before_run\", " + model.key_list() + "))");
  make_view(model);
  return model;
}

// The name of the last column of the layout.
void PostgresCatalog::add_name(PostgresModel& model, std::vector<std::string>& notices) {
  std::set<std::string> taken(bookkeeping.begin(), bookkeeping.end());
  taken.insert("_ferry_before_run");
  taken.insert(model.names.begin(), model.names.end());
  const std::string& member = model.state.layout.columns().back().member;
  model.names.push_back(safe_name(member, taken, longest_postgres_name));
  if (model.names.back() != safe_name(member, {}, member.size() + 8))
    notices.push_back("the member " + printable(member) + " of " + model.state.model + " is in the column " +
                      model.names.back() + ", because the name it would have is taken or too long");
}

void PostgresCatalog::make_view(const PostgresModel& model) {
  std::string list;
  for (const std::size_t i : key_first(model)) list += (list.empty() ? "" : ", ") + model.name(i);
  connection_.run("CREATE OR REPLACE VIEW " + model.view() + " AS SELECT " + list + " FROM " + model.table() +
                  " WHERE \"_ferry_deleted_at\" IS NULL");
}

void PostgresCatalog::keep_view(const PostgresModel& model) {
  if (!withheld() && !has(model.schema, model.view_name)) make_view(model);
}

void PostgresCatalog::grow(PostgresModel& model, const std::vector<LayoutChange>& changes,
                           std::vector<std::string>& notices) {
  if (changes.empty()) return;
  bool widened = false;
  for (const LayoutChange& change : changes) {
    if (change.column.key || (change.kind == LayoutChange::widened && model.state.layout.columns()[change.index].key))
      throw Failure(Fault::guard, "identity_changed",
                    "the identity of " + model.state.model + " (" + printable(change.column.member) +
                        ") is another than that of its table " + model.state.table +
                        ", whose rows could not be recognised any more; drop that table, and sync again");
    widened = widened || change.kind == LayoutChange::widened;
  }
  if (withheld()) copy_withheld(model);
  if (widened && !withheld()) connection_.run("DROP VIEW IF EXISTS " + model.view());
  for (const LayoutChange& change : changes) {
    model.state.layout.apply(change);
    std::string alteration;
    if (change.kind == LayoutChange::added) {
      add_name(model, notices);
      alteration = " ADD COLUMN " + definition(model, change.index);
    } else {
      const std::string type = model.column_type(change.index);
      alteration = " ALTER COLUMN " + model.name(change.index) + " TYPE " + type + " USING " +
                   model.name(change.index) + "::" + type;
    }
    connection_.run("ALTER TABLE " + model.table() + alteration);
    if (!withheld()) connection_.run("ALTER TABLE " + before(model) + alteration);
  }
  if (!withheld()) make_view(model);
  save_layout(model);
}

void PostgresCatalog::save_layout(const PostgresModel& model) {
  connection_.run("UPDATE " + own("_ferry_models") + " SET columns = $1 WHERE number = $2",
                  PostgresParameters().text(columns_json(model)).number(model.number));
}

void PostgresCatalog::forget(const PostgresModel& model) {
  connection_.run("DROP VIEW IF EXISTS " + model.view() + "; DROP TABLE IF EXISTS " + before(model) + ", " +
                  seen(model));
  connection_.run("DELETE FROM " + own("_ferry_models") + " WHERE number = $1",
                  PostgresParameters().number(model.number));
}

void PostgresCatalog::begin_generation(PostgresModel& model, std::int64_t run) {
  end_generation(model);
  std::string columns;
  for (const std::size_t i : model.state.layout.key())
    columns += (columns.empty() ? "" : ", ") + model.name(i) + " " + std::string(sql_type(model.key_type(i))) + "[]" +
               (model.key_type(i) == ColumnType::text ? " COLLATE \"C\"" : "");
  connection_.run("CREATE TABLE " + seen(model) + " (" + columns + ")");
  model.generation = run == 0 ? "{}" : "{" + std::to_string(run) + "}";
  connection_.run("UPDATE " + own("_ferry_models") + " SET generation = $1::bigint[] WHERE number = $2",
                  PostgresParameters().text(model.generation).number(model.number));
}

void PostgresCatalog::go_on_with_generation(PostgresModel& model, std::int64_t run) {
  if (withheld()) connection_.run("CREATE TABLE " + seen(model) + " AS TABLE " + own_in(schema_, seen_name(model)));
  connection_.run("UPDATE " + own("_ferry_models") + " SET generation = generation || $1::bigint WHERE number = $2",
                  PostgresParameters().number(run).number(model.number));
  model.generation.insert(model.generation.size() - 1, "," + std::to_string(run));
}

void PostgresCatalog::end_generation(PostgresModel& model) {
  if (model.generation.empty()) return;
  connection_.run("DROP TABLE IF EXISTS " + seen(model));
  connection_.run("UPDATE " + own("_ferry_models") +
                      " SET generation = NULL, generation_failed = false "
                      "WHERE number = $1",
                  PostgresParameters().number(model.number));
  model.generation.clear();
}

}  // namespace ferry::host
