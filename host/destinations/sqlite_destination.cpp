#include "host/destinations/sqlite_destination.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "host/base/failure.hpp"
#include "host/base/text.hpp"
#include "host/database/sqlite.hpp"
#include "host/destinations/sqlite_catalog.hpp"
#include "host/destinations/sqlite_writer.hpp"

namespace ferry::host {
namespace {

namespace fs = std::filesystem;

DatabaseWords words() {
  return {"the destination", "destination", "destination_busy", "another destination",
          "name another file, or restore this one"};
}

// A number with every digit it has: SQLite itself would write fifteen of them.
std::optional<std::string> text_at(const Statement& row, int column) {
  if (row.is_null(column)) return std::nullopt;
  if (sqlite3_column_type(row.get(), column) != SQLITE_FLOAT) return row.text(column);
  char text[32];
  const char* end = std::to_chars(text, text + sizeof text, sqlite3_column_double(row.get(), column)).ptr;
  return std::string(static_cast<const char*>(text), end);
}

class SqliteDestination final : public Destination {
 public:
  SqliteDestination(fs::path file, Now now, std::chrono::milliseconds wait)
      : file_(std::move(file)), now_(std::move(now)), wait_(wait) {}

  std::string description() const override { return "SQLite " + file_.string(); }

  std::vector<ModelState> models(const std::string& connection) override {
    std::vector<ModelState> states;
    if (!fs::exists(file_)) return states;
    if (!has_bookkeeping(database())) return states;
    for (SqliteModel& model : load_models(database(), connection)) states.push_back(std::move(model.state));
    return states;
  }

  std::unique_ptr<DestinationWriter> begin(const RunStamp& run, bool preview, const UndoRules& undo) override {
    if (preview && !fs::exists(file_)) {
      // A database of its own that vanishes with it: what would be made is compared with nothing.
      if (!nothing_) nothing_.emplace("", words());
      return std::make_unique<SqliteWriter>(*nothing_, run, true, undo, now_);
    }
    return std::make_unique<SqliteWriter>(database(), run, preview, undo, now_);
  }

  void note_failure(const RunStamp& run, const std::vector<std::string>& models, const std::string& result) override {
    if (!fs::exists(file_) || !has_bookkeeping(database())) return;
    make_bookkeeping(database());
    const std::string started = time_text(run.started_at), finished = time_text(now_());
    Transaction transaction(database());
    Statement note(database(),
                   "UPDATE _ferry_models SET last_run = ?1, last_started_at = ?2, last_finished_at = ?3, "
                   "last_result = ?4, failures = failures + 1 WHERE connection = ?5 AND model = ?6 "
                   "AND (last_run <> ?1 OR last_result = 'running')");
    for (const std::string& model : models) {
      note.bind(std::string_view(run.id)).bind(std::string_view(started)).bind(std::string_view(finished));
      note.bind(std::string_view(result)).bind(std::string_view(run.connection)).bind(std::string_view(model)).step();
      note.reset();
    }
    transaction.commit();
  }

  void set_checkpoint(const std::string& connection, const std::string& model, const std::string& checkpoint) override {
    Transaction transaction(database());
    const SqliteModel found = known(connection, model);
    Statement(database(), "UPDATE _ferry_models SET checkpoint = ?, generation = 0 WHERE number = ?")
        .bind(std::string_view(checkpoint))
        .bind(found.number)
        .step();
    transaction.commit();
  }

  std::vector<UndoneModel> undo(const std::string& run, bool preview) override {
    if (!fs::exists(file_) || !has_bookkeeping(database())) unknown_run(run);
    Transaction transaction(database());
    std::int64_t number = 0;
    {
      Statement query(database(), "SELECT number FROM _ferry_runs WHERE run = ?");
      if (!query.bind(std::string_view(run)).step()) unknown_run(run);
      number = query.integer(0);
    }
    std::vector<UndoneModel> undone;
    for (const SqliteModel& model : load_models(database()))
      if (undoable(model, number, run)) undone.push_back(undo_model(model, number));
    if (undone.empty()) throw Failure(Fault::usage, "cannot_undo", "undoing run " + run + ": it changed nothing");
    if (!preview) transaction.commit();
    return undone;
  }

  void visit(const ModelState& state, const RowVisitor& visitor) override {
    const SqliteModel model = known(state.connection, state.model);
    if (model.state.table_gone) return;
    std::string list = "\"_ferry_hash\"";
    for (std::size_t i = 0; i < state.layout.size(); ++i) list += ", " + quoted_name(model.names[i]);
    Statement rows(database(),
                   "SELECT " + list + " FROM " + model.state.table + " WHERE \"_ferry_deleted_at\" IS NULL");
    RowContent content;
    while (rows.step()) {
      RowHash hash{};
      const std::string_view blob = rows.blob(0);
      std::memcpy(hash.data(), blob.data(), std::min(blob.size(), hash.size()));
      content.read(state.layout, [&](std::size_t i) { return text_at(rows, static_cast<int>(i) + 1); });
      visitor(content, hash);
    }
  }

  void make_union(const std::string& name, const std::vector<ModelState>& states) override {
    Transaction transaction(database());
    std::vector<SqliteModel> models;
    for (const ModelState& state : states) models.push_back(known(state.connection, state.model));
    std::vector<std::string> common;
    if (!models.empty())
      for (const std::string& column : models.front().names)
        if (std::all_of(models.begin(), models.end(), [&](const SqliteModel& model) {
              return std::find(model.names.begin(), model.names.end(), column) != model.names.end();
            }))
          common.push_back(column);
    refuse_foreign(name);
    std::string sql = "CREATE VIEW " + quoted_name(name) + " AS ";
    for (const SqliteModel& model : models) {
      if (&model != &models.front()) sql += " UNION ALL ";
      std::string connection = model.state.connection;
      for (std::size_t at = 0; (at = connection.find('\'', at)) != std::string::npos; at += 2)
        connection.insert(at, "'");
      sql += "SELECT '" + connection + "' AS \"connection\"";
      for (const std::string& column : common) sql += ", " + quoted_name(column);
      sql += " FROM " + model.state.view;
    }
    database().execute(("DROP VIEW IF EXISTS " + quoted_name(name)).c_str());
    database().execute(sql.c_str());
    Statement(database(), "INSERT OR IGNORE INTO _ferry_unions VALUES (?)").bind(std::string_view(name)).step();
    transaction.commit();
  }

 private:
  Database& database() {
    if (!database_) {
      database_.emplace(file_, words(), wait_);
      // Views over tables that are being made again would keep them from being renamed.
      database_->execute("PRAGMA legacy_alter_table = ON");
      database_->execute("PRAGMA cache_size = -8000");
      database_->execute("PRAGMA wal_autocheckpoint = 4000");
    }
    return *database_;
  }

  SqliteModel known(const std::string& connection, const std::string& model) {
    std::vector<std::string> names;
    if (fs::exists(file_) && has_bookkeeping(database()))
      for (SqliteModel& found : load_models(database(), connection)) {
        if (found.state.model == model) return std::move(found);
        names.push_back(found.state.model);
      }
    throw Failure(Fault::usage, "unknown_model",
                  description() + " has no model " + model + " of " + connection + suggestion(model, names));
  }

  [[noreturn]] void unknown_run(const std::string& run) const {
    throw Failure(Fault::usage, "unknown_run", description() + " knows no run " + run + "; see ferry runs list");
  }

  // Did the run change the model? Failure(usage, cannot_undo) if it did and that cannot be taken back.
  bool undoable(const SqliteModel& model, std::int64_t number, const std::string& run) {
    Statement query(database(), "SELECT undo FROM _ferry_model_runs WHERE run = ? AND model = ?");
    if (!query.bind(number).bind(model.number).step()) return false;
    const std::string kept = query.text(0);
    if (kept == "nothing") return false;
    const std::string what = "undoing run " + run + ": ";
    if (kept == "undone") throw Failure(Fault::usage, "cannot_undo", what + "it was undone before");
    if (kept != "kept")
      throw Failure(Fault::usage, "cannot_undo",
                    what + "what the rows of " + model.state.model + " were before is not kept" +
                        (kept == "off" ? " (undo: off)" : " any more (undo: keep, max)"));
    if (model.state.table_gone)
      throw Failure(Fault::usage, "cannot_undo", what + "the table of " + model.state.model + " was dropped since");
    Statement later(database(),
                    "SELECT r.run FROM _ferry_model_runs m JOIN _ferry_runs r ON r.number = m.run WHERE "
                    "m.model = ? AND m.run > ? AND m.undo NOT IN ('nothing', 'undone') ORDER BY m.run LIMIT 1");
    if (later.bind(model.number).bind(number).step())
      throw Failure(Fault::usage, "cannot_undo",
                    what + "a later run changed " + model.state.model + " as well; undo that first: ferry sync undo " +
                        later.text(0));
    return true;
  }

  UndoneModel undo_model(const SqliteModel& model, std::int64_t number) {
    UndoneModel undone{model.state.model, model.state.table, 0, 0, 0};
    const std::string before = quoted_name(model.before());
    const auto count = [&](const std::string& sql) {
      Statement query(database(), sql);
      return query.bind(number).step() ? static_cast<std::uint64_t>(query.integer(0)) : 0;
    };
    const std::string image = "EXISTS (SELECT 1 FROM " + before +
                              " b WHERE b.\"_ferry_before_run\" = ?1 AND "
                              "b.\"_ferry_before_row\" = t.rowid)";
    const std::string row = "EXISTS (SELECT 1 FROM " + model.state.table +
                            " t WHERE t.rowid = \"_ferry_before_row\" AND "
                            "t.\"_ferry_deleted_at\" IS NULL)";
    undone.added_back = count("SELECT count(*) FROM " + before + " WHERE \"_ferry_before_run\" = ?1 AND NOT " + row);
    undone.changed_back = count("SELECT count(*) FROM " + before + " WHERE \"_ferry_before_run\" = ?1 AND " + row);
    undone.taken_out =
        count("SELECT count(*) FROM " + model.state.table + " t WHERE \"_ferry_run\" = ?1 AND NOT " + image);
    Statement(database(), "DELETE FROM " + model.state.table + " AS t WHERE \"_ferry_run\" = ?1 AND NOT " + image)
        .bind(number)
        .step();
    const std::string columns = column_list(model, true);
    const std::string number_column = model.integer_key() ? "" : "rowid, ";
    const std::string number_value = model.integer_key() ? "" : "\"_ferry_before_row\", ";
    Statement(database(), "INSERT OR REPLACE INTO " + model.state.table + " (" + number_column + columns + ") SELECT " +
                              number_value + columns + " FROM " + before + " WHERE \"_ferry_before_run\" = ?")
        .bind(number)
        .step();
    Statement(database(), "DELETE FROM " + before + " WHERE \"_ferry_before_run\" = ?").bind(number).step();
    Statement(database(),
              "UPDATE _ferry_models SET (checkpoint, generation, rows) = (SELECT checkpoint_before, 0, "
              "rows_before FROM _ferry_model_runs WHERE run = ?1 AND model = ?2) WHERE number = ?2")
        .bind(number)
        .bind(model.number)
        .step();
    Statement(database(), "UPDATE _ferry_model_runs SET undo = 'undone' WHERE run = ? AND model = ?")
        .bind(number)
        .bind(model.number)
        .step();
    return undone;
  }

  void refuse_foreign(const std::string& name) {
    Statement there(database(),
                    "SELECT 1 FROM sqlite_master WHERE name = ?1 COLLATE NOCASE AND NOT (type = 'view' AND "
                    "EXISTS (SELECT 1 FROM _ferry_unions WHERE name = ?1))");
    if (there.bind(std::string_view(name)).step())
      throw Failure(
          Fault::guard, "foreign_table",
          description() + " has a table or view " + name + " that ferry did not make; give the union another name");
  }

  const fs::path file_;
  const Now now_;
  const std::chrono::milliseconds wait_;
  std::optional<Database> database_, nothing_;
};

}  // namespace

std::unique_ptr<Destination> open_sqlite(const fs::path& file, Now now, std::chrono::milliseconds wait) {
  return std::make_unique<SqliteDestination>(file, std::move(now), wait);
}

}  // namespace ferry::host
