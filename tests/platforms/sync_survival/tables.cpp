#include "tests/platforms/sync_survival/tables.hpp"

#include <sqlite3.h>

#include <cstdio>
#include <filesystem>
#include <functional>
#include <stdexcept>

namespace ferry::test {
namespace {

std::string in_quotes(const std::string& name) {
  std::string out = "\"";
  for (const char c : name) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

void read_columns(const std::string& text, Held& held) {
  const Json json = Json::parse(text);
  for (const Json& column : json.is_array() ? json.items() : json["columns"].items())
    held.columns.push_back({std::string(column.text_or("member", "")),
                            std::string(column.text_or("name", column.text_or("column", ""))),
                            std::string(column.text_or("type", ""))});
}

std::string column_list(const Held& held) {
  std::string list;
  for (const Held::Column& column : held.columns) list += (list.empty() ? "" : ", ") + in_quotes(column.name);
  return list;
}

class SqliteTables final : public Tables {
 public:
  explicit SqliteTables(std::string file) : file_(std::move(file)) {}

  Held held(const std::string& connection, const std::string& model) const override {
    Held held;
    if (!std::filesystem::exists(file_)) return held;
    const Handle handle = open();
    if (texts(handle, "SELECT name FROM sqlite_master WHERE name = '_ferry_models'").empty()) return held;
    const auto known =
        texts(handle, "SELECT columns, table_name, view_name, rows FROM _ferry_models WHERE connection = '" +
                          connection + "' AND model = '" + model + "'");
    if (known.empty()) return held;
    read_columns(known[0][0], held);
    const std::string table = in_quotes(known[0][1]);
    held.told = std::stoull(known[0][3]);
    each(handle, "SELECT " + column_list(held) + " FROM " + table + " WHERE _ferry_deleted_at IS NULL",
         [&](sqlite3_stmt* row) {
           std::vector<Json> values;
           for (std::size_t i = 0; i < held.columns.size(); ++i)
             values.push_back(value_of(row, static_cast<int>(i), held.columns[i].type));
           ++held.live;
           const std::string identity(reinterpret_cast<const char*>(sqlite3_column_text(row, 0)));
           held.rows[identity] = std::move(values);
         });
    const auto count = [&](const std::string& what) { return std::stoull(texts(handle, "SELECT " + what)[0][0]); };
    held.in_view = count("count(*) FROM " + in_quotes(known[0][2]));
    held.removed = count("count(*) FROM " + table + " WHERE _ferry_deleted_at IS NOT NULL");
    held.twice = count("count(*) - count(DISTINCT " + in_quotes(held.columns[0].name) + ") FROM " + table);
    if (const auto damage = texts(handle, "PRAGMA integrity_check"); damage[0][0] != "ok")
      throw std::runtime_error("the database is damaged: " + damage[0][0]);
    return held;
  }

  std::uint64_t count(const std::string& table, const std::string& where) const override {
    return std::stoull(texts(open(), "SELECT count(*) FROM " + table + " WHERE " + where)[0][0]);
  }

 private:
  using Handle = std::unique_ptr<sqlite3, int (*)(sqlite3*)>;

  Handle open() const {
    sqlite3* opened = nullptr;
    const int result = sqlite3_open_v2(file_.c_str(), &opened, SQLITE_OPEN_READWRITE, nullptr);
    Handle handle(opened, sqlite3_close);
    if (result != SQLITE_OK) throw std::runtime_error(file_ + ": " + sqlite3_errmsg(opened));
    sqlite3_busy_timeout(opened, 10'000);
    return handle;
  }

  static void each(const Handle& handle, const std::string& sql, const std::function<void(sqlite3_stmt*)>& take) {
    sqlite3_stmt* made = nullptr;
    const int result = sqlite3_prepare_v2(handle.get(), sql.c_str(), -1, &made, nullptr);
    const std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> statement(made, sqlite3_finalize);
    if (result != SQLITE_OK) throw std::runtime_error(sql + ": " + sqlite3_errmsg(handle.get()));
    int step = 0;
    while ((step = sqlite3_step(made)) == SQLITE_ROW) take(made);
    if (step != SQLITE_DONE) throw std::runtime_error(sql + ": " + sqlite3_errmsg(handle.get()));
  }

  static TextRows texts(const Handle& handle, const std::string& sql) {
    TextRows rows;
    each(handle, sql, [&](sqlite3_stmt* row) {
      std::vector<std::string>& texts = rows.emplace_back();
      for (int i = 0; i < sqlite3_column_count(row); ++i) {
        const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(row, i));
        texts.emplace_back(text == nullptr ? "" : text);
      }
    });
    return rows;
  }

  static Json value_of(sqlite3_stmt* row, int column, const std::string& type) {
    switch (sqlite3_column_type(row, column)) {
      case SQLITE_NULL: return nullptr;
      case SQLITE_INTEGER:
        if (type == "boolean") return sqlite3_column_int64(row, column) != 0;
        return sqlite3_column_int64(row, column);
      case SQLITE_FLOAT: {
        char text[40];
        std::snprintf(text, sizeof text, "%.17g", sqlite3_column_double(row, column));
        return Json::number(text);
      }
      default: break;
    }
    const std::string text(reinterpret_cast<const char*>(sqlite3_column_text(row, column)),
                           static_cast<std::size_t>(sqlite3_column_bytes(row, column)));
    return type == "json" ? Json::parse(text) : type == "number" ? Json::number(text) : Json(text);
  }

  const std::string file_;
};

class PostgresTables final : public Tables {
 public:
  PostgresTables(const PostgresServer& server, std::string database)
      : server_(server), database_(std::move(database)) {}

  Held held(const std::string& connection, const std::string& model) const override {
    Held held;
    const auto query = [&](const std::string& sql) { return server_.query(sql, database_); };
    if (query("SELECT 1 FROM pg_tables WHERE schemaname = 'ferry' AND tablename = '_ferry_models'").empty())
      return held;
    const TextRows known = query(
        "SELECT columns, table_schema, table_name, view_name, rows FROM ferry._ferry_models WHERE connection = '" +
        connection + "' AND model = '" + model + "'");
    if (known.empty()) return held;
    read_columns(known[0][0], held);
    const std::string schema = in_quotes(known[0][1]) + ".", table = schema + in_quotes(known[0][2]);
    held.told = std::stoull(known[0][4]);
    for (const auto& row : query("SELECT row_to_json(t) FROM " + table + " t WHERE _ferry_deleted_at IS NULL")) {
      const Json json = Json::parse(row[0]);
      std::vector<Json> values;
      for (const Held::Column& column : held.columns) values.push_back(json[column.name]);
      ++held.live;
      const std::string identity = values[0].is_number() ? values[0].number_text() : values[0].as_string();
      held.rows[identity] = std::move(values);
    }
    const auto count = [&](const std::string& what) { return std::stoull(query("SELECT " + what)[0][0]); };
    held.in_view = count("count(*) FROM " + schema + in_quotes(known[0][3]));
    held.removed = count("count(*) FROM " + table + " WHERE _ferry_deleted_at IS NOT NULL");
    held.twice = count("count(*) - count(DISTINCT " + in_quotes(held.columns[0].name) + ") FROM " + table);
    return held;
  }

  std::uint64_t count(const std::string& table, const std::string& where) const override {
    return std::stoull(server_.query("SELECT count(*) FROM ferry." + table + " WHERE " + where, database_)[0][0]);
  }

 private:
  const PostgresServer& server_;
  const std::string database_;
};

}  // namespace

std::unique_ptr<Tables> sqlite_tables(const std::string& file) { return std::make_unique<SqliteTables>(file); }

std::unique_ptr<Tables> postgres_tables(const PostgresServer& server, const std::string& database) {
  return std::make_unique<PostgresTables>(server, database);
}

}  // namespace ferry::test
