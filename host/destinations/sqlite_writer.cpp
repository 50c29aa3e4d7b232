#include "host/destinations/sqlite_writer.hpp"

#include "host/base/text.hpp"
#include "host/destinations/writing.hpp"
#include "host/statistics/run_state.hpp"

namespace ferry::host {

SqliteWriter::SqliteWriter(Database& database, RunStamp run, bool preview, UndoRules undo, Now now)
    : database_(database), run_(std::move(run)), preview_(preview), undo_(undo), now_(std::move(now)) {
  if (preview_) {
    ensure_transaction();  // temporary tables go with it
    database_.execute(
        "CREATE TABLE temp._ferry_withheld_seen (model INTEGER NOT NULL, part INTEGER NOT NULL, "
        "low INTEGER NOT NULL, high INTEGER NOT NULL, count INTEGER NOT NULL, ids BLOB NOT NULL, "
        "PRIMARY KEY (model, part)) STRICT, WITHOUT ROWID");
    number_ = -1;
    return;
  }
  make_bookkeeping(database_);
  Transaction transaction(database_);
  prune_images();
  const std::string started = time_text(run_.started_at);
  Statement(database_, "INSERT INTO _ferry_runs (run, connection, state, started_at) VALUES (?, ?, 'running', ?)")
      .bind(std::string_view(run_.id))
      .bind(std::string_view(run_.connection))
      .bind(std::string_view(started))
      .step();
  number_ = sqlite3_last_insert_rowid(database_.get());
  transaction.commit();
}

SqliteWriter::~SqliteWriter() {
  models_.clear();
  if (open_) sqlite3_exec(database_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
}

void SqliteWriter::ensure_transaction() {
  if (open_) return;
  database_.execute(preview_ ? "BEGIN" : "BEGIN IMMEDIATE");
  open_ = true;
}

SqliteWriter::Model& SqliteWriter::model(const std::string& name) { return open_model(models_, name); }

std::unique_ptr<SqliteRows> SqliteWriter::make_rows(const Model& model) {
  const SqliteRowsSettings settings{number_, now_(), model.removals, undo_.enabled};
  if (preview_) return withheld_rows(database_, model.table, model.there, settings);
  return real_rows(database_, model.table, settings);
}

DestinationWriter::Opened SqliteWriter::open(const ModelSettings& settings, const Layout& wanted, ReadKind kind,
                                             bool resume) {
  ensure_transaction();
  Opened opened;
  Model& made = models_[settings.model];
  made.kind = kind;
  made.removals = settings.removals;
  std::vector<SqliteModel> known;
  if (has_bookkeeping(database_)) known = load_models(database_, settings.connection, settings.model);
  made.there = !known.empty() && !known.front().state.table_gone;
  if (made.there) {
    made.table = std::move(known.front());
    if (!preview_) keep_view(database_, made.table);
    Layout grown = made.table.state.layout;
    opened.changes = grown.grow_to(wanted);
    grow(made, opened.changes, opened.notices);
  } else {
    const SqliteModel* former = known.empty() ? nullptr : &known.front();
    if (former != nullptr && !preview_) forget_model(database_, *former);
    made.table = name_model(database_, settings, wanted, opened.notices, former);
    made.table.number = -static_cast<std::int64_t>(models_.size());  // in a preview, where it gets none
    if (!preview_) create_model(database_, made.table);
    made.there = !preview_;
  }
  ModelState& state = made.table.state;
  made.rows_before = static_cast<std::int64_t>(state.rows);
  made.expect_new = state.rows == 0;
  if (!preview_) {
    Statement begun(database_,
                    "INSERT INTO _ferry_model_runs (run, model, mode, result, undo, checkpoint_before, rows_before) "
                    "SELECT ?, number, '', 'running', ?, checkpoint, rows FROM _ferry_models WHERE number = ?");
    begun.bind(number_).bind(std::string_view(undo_.enabled ? "kept" : "off")).bind(made.table.number).step();
    const std::string started = time_text(now_());
    Statement(database_,
              // One without an end was killed.
              "UPDATE _ferry_models SET last_run = ?, last_started_at = ?, last_finished_at = NULL, "
              "failures = failures + (last_result = 'running'), last_result = 'running' WHERE number = ?")
        .bind(std::string_view(run_.id))
        .bind(std::string_view(started))
        .bind(made.table.number)
        .step();
  }
  resume = resume && state.generation_open && kind == ReadKind::full;
  made.seen_may_be_gone = resume;
  if ((kind != ReadKind::changes || state.generation_open) && !preview_) {
    if (!resume) drop_seen(made);
    Statement(database_,
              "UPDATE _ferry_models SET generation = ?1, generation_failed = generation_failed AND ?2, "
              "checkpoint = CASE WHEN ?3 THEN '' ELSE checkpoint END WHERE number = ?4")
        .bind(kind == ReadKind::full ? number_ : 0)
        .bind(static_cast<std::int64_t>(resume))
        .bind(static_cast<std::int64_t>(kind == ReadKind::full && !resume))
        .bind(made.table.number)
        .step();
  }
  if (resume && made.there) {
    Statement last(database_, "SELECT coalesce(max(part), 0) FROM _ferry_seen WHERE model = ?");
    if (last.bind(made.table.number).step()) made.part = last.integer(0);
    if (preview_) {
      last.reset();
      Statement(database_, "INSERT INTO temp._ferry_withheld_seen SELECT * FROM main._ferry_seen WHERE model = ?")
          .bind(made.table.number)
          .step();
    }
  }
  made.rows = make_rows(made);
  opened.state = state;
  if (kind == ReadKind::full && !resume) opened.state.checkpoint.clear();
  return opened;
}

void SqliteWriter::grow(Model& model, const std::vector<LayoutChange>& changes, std::vector<std::string>& notices) {
  if (changes.empty()) return;
  model.rows.reset();
  for (const LayoutChange& change : changes) {
    const bool key =
        change.kind == LayoutChange::widened ? model.table.state.layout.columns()[change.index].key : change.column.key;
    if (key)
      throw Failure(Fault::guard, "identity_changed",
                    "the identity of " + model.table.state.model + " (" + change.column.member +
                        ") has another type than in the table " + model.table.table +
                        ", whose rows could not be recognised any more; rename or drop that table and its row in "
                        "_ferry_models, and sync again");
    model.table.state.layout.apply(change);
    if (change.kind == LayoutChange::added) name_column(model.table, notices);
    // A withheld change is one of the names and types known here; the table stays as it is.
    if (!preview_) apply_change(database_, model.table, change);
  }
}

void SqliteWriter::write(const RowBatch& batch) {
  ensure_transaction();
  Model& model = this->model(batch.stream);
  if (!batch.changes.empty()) {
    grow(model, batch.changes, model.tally.notices);
    model.rows = make_rows(model);
  }
  for (std::size_t i = 0; i < batch.rows.size(); ++i) write_row(model, batch.row(i), batch.rows[i]);
  for (const RejectedRecord& rejected : batch.rejected) quarantine(model, rejected);
}

void SqliteWriter::write_row(Model& model, std::span<const Value> values, const Row& row) {
  ModelTally& tally = model.tally;
  ++tally.counts.total;
  std::optional<FoundRow> found;
  if (model.kind == ReadKind::sweep) {
    found = model.rows->find(values);
    if (found) model.seen.push_back(found->id);
    ++tally.counts.unchanged;
    return;
  }
  if (model.expect_new && !row.removed) {
    if (const auto id = model.rows->add(values, row.hash)) {
      if (model.kind == ReadKind::full) model.seen.push_back(*id);
      ++tally.counts.added;
      ++model.row_change;
      if (tally.changes.size() < ModelTally::most_changes)
        note(model, "added", identity_of(model.table.state.layout, values));
      return;
    }
  }
  found = model.rows->find(values);
  model.expect_new = false;
  if (!found) {
    if (row.removed) {  // gone there, and never here
      ++tally.counts.unchanged;
      return;
    }
    const auto id = model.rows->add(values, row.hash);
    if (model.kind == ReadKind::full && id) model.seen.push_back(*id);
    model.expect_new = true;
    ++tally.counts.added;
    ++model.row_change;
    if (tally.changes.size() < ModelTally::most_changes)
      note(model, "added", identity_of(model.table.state.layout, values));
    return;
  }
  if (found->run == number_) ++tally.duplicates;
  if (model.kind == ReadKind::full && !row.removed) model.seen.push_back(found->id);
  if (row.removed ? found->removed : !found->removed && found->hash == row.hash) {
    ++tally.counts.unchanged;
    return;
  }
  const char* outcome = "modified";
  if (row.removed) {
    outcome = "removed";
    model.seen_may_be_gone = true;
    ++tally.counts.removed;
    --model.row_change;
    if (model.removals == RemovalPolicy::mark)
      model.rows->change(*found, values, row.hash, true);
    else
      model.rows->remove(*found);
  } else {
    if (found->removed) {
      outcome = "added";
      ++tally.counts.added;
      ++model.row_change;
    } else {
      ++tally.counts.modified;
    }
    model.rows->change(*found, values, row.hash, false);
  }
  if (tally.changes.size() < ModelTally::most_changes)
    note(model, outcome, identity_of(model.table.state.layout, values));
}

void SqliteWriter::note(Model& model, const char* outcome, std::string identity) {
  if (model.tally.changes.size() >= ModelTally::most_changes) return;
  Item item;
  item.type = model.table.state.model;
  item.id = std::move(identity);
  item.outcome = outcome;
  model.tally.changes.push_back(std::move(item));
}

void SqliteWriter::quarantine(const Model& model, const RejectedRecord& rejected) {
  ModelTally& tally = models_[model.table.state.model].tally;
  ++tally.counts.total;
  ++tally.counts.failed;
  if (preview_) return;
  const std::string at = time_text(now_());
  const std::string record = shortened(valid_utf8(rejected.record), longest_quarantined);
  Statement insert(database_,
                   "INSERT INTO _ferry_quarantine (run, connection, model, at, code, reason, identity, "
                   "record) VALUES (?,?,?,?,?,?,?,?)");
  insert.bind(std::string_view(run_.id)).bind(std::string_view(run_.connection));
  insert.bind(std::string_view(model.table.state.model)).bind(std::string_view(at));
  insert.bind(std::string_view(rejected.code)).bind(std::string_view(rejected.reason));
  insert.bind(std::string_view(rejected.identity)).bind(std::string_view(record)).step();
}

void SqliteWriter::checkpoint(const std::string& name, const std::string& state_json) {
  Model& model = this->model(name);
  model.checkpoint = state_json;
  model.checkpoint_new = true;
}

void SqliteWriter::save(Model& model) {
  if (model.rows) model.rows->rest();
  keep_seen(model);
  if (preview_) return;
  const OutcomeCounts& counts = model.tally.counts;
  Statement(database_,
            "UPDATE _ferry_models SET rows = max(0, ?), checkpoint = CASE WHEN ? THEN ? ELSE checkpoint END, "
            "generation_failed = generation_failed OR ? WHERE number = ?")
      .bind(model.rows_before + model.row_change)
      .bind(static_cast<std::int64_t>(model.checkpoint_new))
      .bind(std::string_view(model.checkpoint))
      .bind(static_cast<std::int64_t>(model.kind != ReadKind::changes && counts.failed > 0))
      .bind(model.table.number)
      .step();
  model.checkpoint_new = false;
  Statement(database_,
            "UPDATE _ferry_model_runs SET added = ?, modified = ?, removed = ?, unchanged = ?, failed = ? "
            "WHERE run = ? AND model = ?")
      .bind(static_cast<std::int64_t>(counts.added))
      .bind(static_cast<std::int64_t>(counts.modified))
      .bind(static_cast<std::int64_t>(counts.removed))
      .bind(static_cast<std::int64_t>(counts.unchanged))
      .bind(static_cast<std::int64_t>(counts.failed))
      .bind(number_)
      .bind(model.table.number)
      .step();
}

void SqliteWriter::commit() {
  if (!open_) ensure_transaction();
  for (auto& [name, model] : models_) save(model);
  if (preview_) return;
  database_.execute("COMMIT");
  open_ = false;
}

void SqliteWriter::finish(const std::string& name, const std::string& mode, const std::string& result) {
  Model& model = this->model(name);
  ensure_transaction();
  if (!preview_) {
    const bool well = ended_well(result);
    const std::string finished = time_text(now_());
    Statement(database_,
              "UPDATE _ferry_models SET last_mode = ?1, last_result = ?2, last_finished_at = ?3, "
              "failures = CASE WHEN ?4 THEN 0 ELSE failures + 1 END, "
              "generation = CASE WHEN ?4 THEN 0 ELSE generation END, "
              "last_full_at = CASE WHEN ?4 AND ?5 THEN last_started_at ELSE last_full_at END, "
              "last_sweep_at = CASE WHEN ?4 AND ?6 THEN last_started_at ELSE last_sweep_at END WHERE number = ?7")
        .bind(std::string_view(mode))
        .bind(std::string_view(result))
        .bind(std::string_view(finished))
        .bind(static_cast<std::int64_t>(well))
        .bind(static_cast<std::int64_t>(model.kind == ReadKind::full))
        .bind(static_cast<std::int64_t>(model.kind == ReadKind::sweep))
        .bind(model.table.number)
        .step();
    save(model);
    // What changed nothing is not there to be undone.
    Statement(database_,
              "UPDATE _ferry_model_runs SET mode = ?, result = ?, undo = CASE WHEN added + modified + removed "
              "= 0 THEN 'nothing' ELSE undo END WHERE run = ? AND model = ?")
        .bind(std::string_view(mode))
        .bind(std::string_view(result))
        .bind(number_)
        .bind(model.table.number)
        .step();
    if (well && model.kind != ReadKind::changes) {
      model.seen.clear();
      drop_seen(model);
    }
    if (model.tally.counts.failed > 0)
      Statement(database_,
                "DELETE FROM _ferry_quarantine WHERE connection = ?1 AND model = ?2 AND number <= (SELECT "
                "number FROM _ferry_quarantine WHERE connection = ?1 AND model = ?2 ORDER BY number DESC "
                "LIMIT 1 OFFSET ?3)")
          .bind(std::string_view(run_.connection))
          .bind(std::string_view(name))
          .bind(most_quarantined)
          .step();
  }
  commit();
}

void SqliteWriter::end_run(const std::string& state) {
  if (preview_) return;
  // What was not committed by now belongs to work that failed.
  for (auto& [name, model] : models_)
    if (model.rows) model.rows->rest();
  if (open_) database_.execute("ROLLBACK");
  open_ = false;
  const std::string finished = time_text(now_());
  Statement(database_, "UPDATE _ferry_runs SET state = ?, finished_at = ? WHERE number = ?")
      .bind(std::string_view(state))
      .bind(std::string_view(finished))
      .bind(number_)
      .step();
}

const ModelTally& SqliteWriter::tally(const std::string& name) const { return models_.at(name).tally; }

// Images of runs that are too old, and of the oldest where there are too many.
void SqliteWriter::prune_images() {
  constexpr std::int64_t bytes_of_an_image = 600;  // about
  const std::string oldest = time_text(now_() - undo_.keep_ms);
  std::int64_t images = 0;
  {
    Statement query(database_,
                    "SELECT coalesce(sum(modified + removed), 0) FROM _ferry_model_runs WHERE undo = 'kept'");
    if (query.step()) images = query.integer(0);
  }
  struct Kept {
    std::int64_t run, model, images;
  };
  std::vector<Kept> pruned;
  {
    Statement query(database_,
                    "SELECT m.run, m.model, m.modified + m.removed, r.started_at FROM _ferry_model_runs m "
                    "JOIN _ferry_runs r ON r.number = m.run WHERE m.undo = 'kept' ORDER BY m.run");
    while (query.step()) {
      const bool many = images * bytes_of_an_image > static_cast<std::int64_t>(undo_.most_bytes);
      if (undo_.enabled && !many && query.text(3) >= oldest) break;
      pruned.push_back({query.integer(0), query.integer(1), query.integer(2)});
      images -= query.integer(2);
    }
  }
  for (const Kept& one : pruned) {
    Statement(database_,
              "DELETE FROM \"_ferry_before_" + std::to_string(one.model) + "\" WHERE \"_ferry_before_run\" = ?")
        .bind(one.run)
        .step();
    Statement(database_, "UPDATE _ferry_model_runs SET undo = 'pruned' WHERE run = ? AND model = ?")
        .bind(one.run)
        .bind(one.model)
        .step();
  }
}

}  // namespace ferry::host
