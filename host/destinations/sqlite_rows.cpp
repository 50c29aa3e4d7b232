#include "host/destinations/sqlite_rows.hpp"

#include <cstring>

namespace ferry::host {
namespace {

void bind_value(sqlite3_stmt* statement, int parameter, const Value& value) {
  switch (value.kind) {
    case Value::null: sqlite3_bind_null(statement, parameter); return;
    case Value::boolean:
    case Value::integer: sqlite3_bind_int64(statement, parameter, value.integer_value); return;
    case Value::real: sqlite3_bind_double(statement, parameter, value.real_value); return;
    default:
      sqlite3_bind_text64(statement, parameter, value.text_value.data(), value.text_value.size(), SQLITE_STATIC,
                          SQLITE_UTF8);
  }
}

void bind_hash(sqlite3_stmt* statement, int parameter, const RowHash& hash) {
  sqlite3_bind_blob(statement, parameter, hash.data(), static_cast<int>(hash.size()), SQLITE_STATIC);
}

RowHash hash_of(std::string_view blob) {
  RowHash hash{};
  std::memcpy(hash.data(), blob.data(), std::min(blob.size(), hash.size()));
  return hash;
}

FoundRow found_row(const Statement& row) {
  return {row.integer(0), hash_of(row.blob(1)), row.integer(2) != 0, row.integer(3)};
}

constexpr std::string_view found_columns = "rowid, \"_ferry_hash\", \"_ferry_deleted_at\" IS NOT NULL, \"_ferry_run\"";

// A statement that is ready to be used again when the scope ends.
class Use {
 public:
  explicit Use(Statement& statement) : statement_(statement) {}
  ~Use() { statement_.reset(); }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;

 private:
  Statement& statement_;
};

std::string parameters(std::size_t count) {
  std::string list;
  for (std::size_t i = 1; i <= count; ++i) list += (i == 1 ? "?" : ", ?") + std::to_string(i);
  return list;
}

// Columns in the order of the layout, as the values of a batch stand.
std::string layout_list(const SqliteModel& model) {
  std::string list;
  for (const std::string& name : model.names) list += (list.empty() ? "" : ", ") + quoted_name(name);
  return list;
}

class RealRows final : public SqliteRows {
 public:
  RealRows(Database& database, const SqliteModel& model, const SqliteRowsSettings& settings)
      : database_(database),
        model_(model),
        settings_(settings),
        width_(static_cast<int>(model.names.size())),
        find_(database, "SELECT " + std::string(found_columns) + " FROM " + model.state.table + " WHERE " +
                            key_condition(model)) {}

  std::optional<FoundRow> find(std::span<const Value> values) override {
    if (model_.integer_key()) {
      const std::int64_t key = values[model_.state.layout.key()[0]].integer_value;
      if (ascending_ && key > last_key_) return find_ahead(key);
      remember(key);
    }
    const Use use(find_);
    int parameter = 0;
    for (const std::size_t index : model_.state.layout.key()) bind_value(find_.get(), ++parameter, values[index]);
    if (!find_.step()) return std::nullopt;
    return found_row(find_);
  }
  void rest() override { stop_ahead(); }

  std::optional<std::int64_t> add(std::span<const Value> values, const RowHash& hash) override {
    stop_ahead();
    if (!add_)
      add_.emplace(database_, "INSERT INTO " + model_.state.table + " (" + layout_list(model_) + ", " +
                                  std::string(bookkeeping_columns) + ") VALUES (" +
                                  parameters(model_.names.size() + 4) + ") ON CONFLICT DO NOTHING");
    const Use use(*add_);
    bind_row(add_->get(), values, hash);
    sqlite3_bind_null(add_->get(), width_ + 3);
    add_->step();
    if (sqlite3_changes(database_.get()) == 0) return std::nullopt;
    return sqlite3_last_insert_rowid(database_.get());
  }

  void change(const FoundRow& found, std::span<const Value> values, const RowHash& hash, bool removed) override {
    stop_ahead();
    keep(found);
    if (!change_) change_.emplace(database_, change_sql());
    const Use use(*change_);
    bind_row(change_->get(), values, hash);
    if (removed)
      sqlite3_bind_int64(change_->get(), width_ + 3, settings_.now);
    else
      sqlite3_bind_null(change_->get(), width_ + 3);
    sqlite3_bind_int64(change_->get(), width_ + 5, found.id);
    change_->step();
  }

  void remove(const FoundRow& found) override {
    stop_ahead();
    keep(found);
    if (settings_.removals == RemovalPolicy::mark) {
      if (!mark_)
        mark_.emplace(database_, "UPDATE " + model_.state.table +
                                     " SET \"_ferry_deleted_at\" = ?1, \"_ferry_synced_at\" = ?1, \"_ferry_run\" = ?2 "
                                     "WHERE rowid = ?3");
      const Use use(*mark_);
      mark_->bind(settings_.now).bind(settings_.run).bind(found.id).step();
    } else {
      if (!take_out_) take_out_.emplace(database_, "DELETE FROM " + model_.state.table + " WHERE rowid = ?");
      const Use use(*take_out_);
      take_out_->bind(found.id).step();
    }
  }

  std::optional<FoundRow> at(std::int64_t id) override {
    if (!at_)
      at_.emplace(database_,
                  "SELECT " + std::string(found_columns) + " FROM " + model_.state.table + " WHERE rowid = ?");
    const Use use(*at_);
    if (!at_->bind(id).step()) return std::nullopt;
    return found_row(*at_);
  }

  std::string identity(std::int64_t id) override {
    if (!identity_) identity_.emplace(database_, identity_sql());
    const Use use(*identity_);
    return identity_->bind(id).step() ? identity_->text(0) : std::string();
  }

 private:
  std::string change_sql() const {
    std::string sql = "UPDATE " + model_.state.table + " SET ";
    for (std::size_t i = 0; i < model_.names.size(); ++i)
      sql += quoted_name(model_.names[i]) + " = ?" + std::to_string(i + 1) + ", ";
    const auto number = [&](int after) { return std::to_string(width_ + after); };
    return sql + "\"_ferry_hash\" = ?" + number(1) + ", \"_ferry_synced_at\" = ?" + number(2) +
           ", \"_ferry_deleted_at\" = ?" + number(3) + ", \"_ferry_run\" = ?" + number(4) + " WHERE rowid = ?" +
           number(5);
  }
  std::string identity_sql() const {
    std::string sql;
    for (const std::size_t index : model_.state.layout.key())
      sql += (sql.empty() ? "" : " || '/' || ") + quoted_name(model_.names[index]);
    return "SELECT " + sql + " FROM " + model_.state.table + " WHERE rowid = ?";
  }

  // Rows in the order of their keys, as platforms often send them: the next one is found by a step, not by a search.
  // What the table has in between is passed over, as long as that is little.
  std::optional<FoundRow> find_ahead(std::int64_t key) {
    constexpr int most_steps = 64;
    last_key_ = key;
    if (!ahead_)
      ahead_.emplace(database_, "SELECT " + std::string(found_columns) + " FROM " + model_.state.table +
                                    " WHERE rowid >= ? ORDER BY rowid");
    if (!stepping_) search_ahead(key);
    for (int steps = 0; at_row_ && ahead_->integer(0) < key; ++steps) {
      if (steps == most_steps)
        search_ahead(key);
      else
        at_row_ = ahead_->step();
    }
    if (!at_row_ || ahead_->integer(0) != key) return std::nullopt;
    return found_row(*ahead_);
  }
  void search_ahead(std::int64_t key) {
    ahead_->reset();
    stepping_ = true;
    at_row_ = ahead_->bind(key).step();
  }
  // A statement that is half-way would not see what is written, and would keep the log from being shortened.
  void stop_ahead() {
    if (stepping_) ahead_->reset();
    stepping_ = at_row_ = false;
  }
  void remember(std::int64_t key) {
    ascending_ = key > last_key_;
    last_key_ = key;
    stop_ahead();
  }

  void bind_row(sqlite3_stmt* statement, std::span<const Value> values, const RowHash& hash) const {
    for (int i = 0; i < width_; ++i) bind_value(statement, i + 1, values[static_cast<std::size_t>(i)]);
    bind_hash(statement, width_ + 1, hash);
    sqlite3_bind_int64(statement, width_ + 2, settings_.now);
    sqlite3_bind_int64(statement, width_ + 4, settings_.run);
  }

  // What the run itself wrote is no state to go back to.
  void keep(const FoundRow& found) {
    if (!settings_.images || found.run == settings_.run) return;
    if (!keep_)
      keep_.emplace(database_, "INSERT OR IGNORE INTO " + quoted_name(model_.before()) + " SELECT ?1, rowid, " +
                                   column_list(model_, true) + " FROM " + model_.state.table + " WHERE rowid = ?2");
    const Use use(*keep_);
    keep_->bind(settings_.run).bind(found.id).step();
  }

  Database& database_;
  const SqliteModel& model_;
  const SqliteRowsSettings settings_;
  const int width_;
  Statement find_;
  std::int64_t last_key_ = 0;
  bool ascending_ = false, stepping_ = false, at_row_ = false;
  std::optional<Statement> ahead_;
  std::optional<Statement> at_, add_, change_, mark_, take_out_, keep_, identity_;  // prepared when first used
};

// What would be written stands in a temporary table, on disk where it is big: identity, row, hash and whether it is
// gone.
class WithheldRows final : public SqliteRows {
 public:
  WithheldRows(Database& database, const SqliteModel& model, bool there, const SqliteRowsSettings& settings)
      : model_(model), settings_(settings), table_("temp." + quoted_name("_ferry_withheld_" + model.state.model)) {
    database.execute(("CREATE TABLE IF NOT EXISTS " + table_ + " (" + keys("ANY") +
                      ", _ferry_id INTEGER, _ferry_hash BLOB, _ferry_removed INTEGER, PRIMARY KEY (" + keys("") +
                      ")) STRICT, WITHOUT ROWID")
                         .c_str());
    database.execute(("CREATE INDEX IF NOT EXISTS " + std::string("temp.") +
                      quoted_name("_ferry_withheld_ids_" + model.state.model) + " ON " +
                      quoted_name("_ferry_withheld_" + model.state.model) + " (_ferry_id) WHERE _ferry_id IS NOT NULL")
                         .c_str());
    if (there) real_ = real_rows(database, model, settings);
    find_.emplace(database,
                  "SELECT _ferry_id, _ferry_hash, _ferry_removed FROM " + table_ + " WHERE " + key_condition(model));
    find_id_.emplace(database, "SELECT _ferry_id, _ferry_hash, _ferry_removed FROM " + table_ + " WHERE _ferry_id = ?");
    const std::size_t parts = model.state.layout.key().size();
    put_.emplace(database, "INSERT OR REPLACE INTO " + table_ + " VALUES (" + parameters(parts + 3) + ")");
    // A row that is only known by its number gets its identity from the table.
    if (there)
      put_id_.emplace(database, "INSERT OR REPLACE INTO " + table_ + " SELECT " + keys("") +
                                    ", rowid, \"_ferry_hash\", 1 FROM " + model.state.table + " WHERE rowid = ?");
  }

  std::optional<FoundRow> find(std::span<const Value> values) override {
    {
      const Use use(*find_);
      bind_keys(find_->get(), values);
      if (find_->step()) return withheld(*find_);
    }
    return real_ ? real_->find(values) : std::nullopt;
  }

  std::optional<std::int64_t> add(std::span<const Value> values, const RowHash& hash) override {
    if (find(values)) return std::nullopt;
    put(values, std::nullopt, hash, false);
    return 0;
  }

  void change(const FoundRow& found, std::span<const Value> values, const RowHash& hash, bool removed) override {
    put(values, found.id == 0 ? std::nullopt : std::optional(found.id), hash, removed);
  }

  void remove(const FoundRow& found) override {
    if (!put_id_ || found.id == 0) return;
    const Use use(*put_id_);
    put_id_->bind(found.id).step();
  }

  std::optional<FoundRow> at(std::int64_t id) override {
    {
      const Use use(*find_id_);
      if (find_id_->bind(id).step()) return withheld(*find_id_);
    }
    return real_ ? real_->at(id) : std::nullopt;
  }

  void rest() override {
    if (real_) real_->rest();
  }
  std::string identity(std::int64_t id) override { return real_ ? real_->identity(id) : std::string(); }

 private:
  FoundRow withheld(const Statement& row) const {
    return {row.integer(0), hash_of(row.blob(1)), row.integer(2) != 0, settings_.run};
  }
  std::string keys(const std::string& type) const {
    std::string list;
    for (const std::size_t index : model_.state.layout.key())
      list += (list.empty() ? "" : ", ") + quoted_name(model_.names[index]) +
              (type.empty() ? "" : " " + type + " NOT NULL");
    return list;
  }
  void bind_keys(sqlite3_stmt* statement, std::span<const Value> values) const {
    int parameter = 0;
    for (const std::size_t index : model_.state.layout.key()) bind_value(statement, ++parameter, values[index]);
  }
  void put(std::span<const Value> values, std::optional<std::int64_t> id, const RowHash& hash, bool removed) {
    const Use use(*put_);
    bind_keys(put_->get(), values);
    const int at = static_cast<int>(model_.state.layout.key().size());
    if (id)
      sqlite3_bind_int64(put_->get(), at + 1, *id);
    else
      sqlite3_bind_null(put_->get(), at + 1);
    bind_hash(put_->get(), at + 2, hash);
    sqlite3_bind_int64(put_->get(), at + 3, removed ? 1 : 0);
    put_->step();
  }

  const SqliteModel& model_;
  const SqliteRowsSettings settings_;
  const std::string table_;
  std::unique_ptr<SqliteRows> real_;
  std::optional<Statement> find_, find_id_, put_, put_id_;
};

}  // namespace

std::unique_ptr<SqliteRows> real_rows(Database& database, const SqliteModel& model,
                                      const SqliteRowsSettings& settings) {
  return std::make_unique<RealRows>(database, model, settings);
}

std::unique_ptr<SqliteRows> withheld_rows(Database& database, const SqliteModel& model, bool there,
                                          const SqliteRowsSettings& settings) {
  return std::make_unique<WithheldRows>(database, model, there, settings);
}

}  // namespace ferry::host
