#include "host/destinations/postgres_writer.hpp"

#include "host/base/clock.hpp"
#include "host/base/text.hpp"
#include "host/destinations/writing.hpp"
#include "host/statistics/run_state.hpp"

namespace ferry::host {
namespace {

// Few enough that a commit waits for the server only briefly.
constexpr std::size_t rows_at_once = 5'000;
constexpr std::size_t bytes_at_once = 4u << 20;  // of all models; as much again is with the server
constexpr std::size_t most_waiting_quarantined = 64;

// Text that PostgreSQL keeps.
std::string storable(std::string_view text, std::size_t longest) {
  std::string result = shortened(valid_utf8(text), longest);
  for (std::size_t at = 0; (at = result.find('\0', at)) != std::string::npos;) result.replace(at, 1, "\xEF\xBF\xBD");
  return result;
}

}  // namespace

PostgresWriter::PostgresWriter(std::unique_ptr<PostgresConnection> connection, std::string schema, std::string space,
                               RunStamp run, bool preview, UndoRules undo, Now now)
    : connection_(std::move(connection)),
      catalog_(*connection_, std::move(schema), std::move(space)),
      run_(std::move(run)),
      preview_(preview),
      undo_(undo),
      now_(std::move(now)) {
  try {
    begin_run();
  } catch (...) {
    connection_->rollback();
    throw;
  }
}

PostgresWriter::~PostgresWriter() {
  rollback();
  connection_->unlock_all();
}

// What was not committed is not saved later either: a checkpoint must not outlive the rows it covers.
void PostgresWriter::rollback() noexcept {
  if (merging_.merged.valid()) merging_.merged.wait();
  merging_.merged = {};
  if (open_) connection_->rollback();
  open_ = false;
  for (const auto& [name, one] : models_) {
    one->chunk.clear();
    one->rows = 0;
    one->checkpoint_new = one->unsaved = false;
  }
  quarantined_.clear();
}

void PostgresWriter::ensure_transaction() {
  settle();
  if (open_) return;
  connection_->run("BEGIN");
  open_ = true;
}

void PostgresWriter::begin_run() {
  ensure_transaction();
  if (preview_) {
    catalog_.withhold();
  } else {
    catalog_.make();
    catalog_.add_what_is_new();
    prune_images();
  }
  number_ = connection_
                ->run("INSERT INTO " + catalog_.own("_ferry_runs") +
                          " (run, connection, state, started_at) VALUES ($1, $2, 'running', $3) RETURNING number",
                      PostgresParameters().text(run_.id).text(run_.connection).text(rfc3339(run_.started_at)))
                .number(0, 0);
  commit();
}

PostgresWriter::Model& PostgresWriter::model(const std::string& name) { return *open_model(models_, name); }

DestinationWriter::Opened PostgresWriter::open(const ModelSettings& settings, const Layout& wanted, ReadKind kind,
                                               bool resume) {
  connection_->lock("ferry model " + settings.connection + "/" + settings.model,
                    settings.model + " of " + settings.connection);
  ensure_transaction();
  Opened opened;
  auto made = std::make_unique<Model>();
  made->settings = settings;
  made->kind = kind;
  made->images = undo_.enabled && !preview_;
  std::vector<PostgresModel> known = catalog_.load(settings.connection, settings.model);
  // A table that someone dropped is made and read anew.
  if (!known.empty() && known.front().state.table_gone) {
    catalog_.forget(known.front());
    known.clear();
  }
  if (known.empty()) {
    made->table = create(settings, wanted, opened.notices);
  } else {
    made->table = std::move(known.front());
    Layout grown = made->table.state.layout;
    opened.changes = grown.grow_to(wanted);
    catalog_.grow(made->table, opened.changes, opened.notices);
    catalog_.keep_view(made->table);
  }
  ModelState& state = made->table.state;
  resume = resume && state.generation_open && kind == ReadKind::full && !state.checkpoint.empty();
  opened.state = state;
  opened.state.generation_open = resume;
  if (kind == ReadKind::full && !resume) opened.state.checkpoint.clear();
  begin_model(*made, resume);
  models_[settings.model] = std::move(made);
  return opened;
}

PostgresModel PostgresWriter::create(const ModelSettings& settings, const Layout& wanted,
                                     std::vector<std::string>& notices) {
  // Each was lost to another run that took the name.
  for (int chances = 100;; --chances) {
    connection_->run("SAVEPOINT creating");
    try {
      return catalog_.create(settings, wanted, notices);
    } catch (const PostgresFailure& failure) {
      const bool met_another = failure.is_conflict() || failure.state() == "42P07";
      if (!met_another || chances == 0) throw;
      connection_->run("ROLLBACK TO creating");  // the other run's names are seen now
      notices.clear();
    }
  }
}

void PostgresWriter::begin_model(Model& made, bool resume) {
  PostgresModel& table = made.table;
  connection_->run("INSERT INTO " + catalog_.own("_ferry_model_runs") +
                       " (run, model, started_at, undo, checkpoint_before) VALUES ($1, $2, $3, $4, $5) "
                       "ON CONFLICT (model, run) DO NOTHING",
                   PostgresParameters()
                       .number(number_)
                       .number(table.number)
                       .text(rfc3339(now_()))
                       .text(undo_.enabled ? "kept" : "off")
                       // That of a generation is of no use without what it saw.
                       .text(table.state.generation_open ? "" : table.state.checkpoint));
  if (resume) {
    catalog_.go_on_with_generation(table, number_);
  } else if (made.kind == ReadKind::changes) {
    catalog_.end_generation(table);
  } else {
    // A sweep writes nothing: what this run wrote before is not what it saw.
    catalog_.begin_generation(table, made.kind == ReadKind::full ? number_ : 0);
  }
  connection_->run("UPDATE " + catalog_.own("_ferry_models") +
                       " SET last_run = $1, last_started_at = $2, last_finished_at = NULL, last_result = 'running', "
                       // One without an end was killed.
                       "failures = failures + (last_result = 'running')::int, "
                       "checkpoint = CASE WHEN $3 THEN '' ELSE checkpoint END WHERE number = $4",
                   PostgresParameters()
                       .text(run_.id)
                       .text(rfc3339(now_()))
                       .flag(made.kind == ReadKind::full && !resume)
                       .number(table.number));
  const bool empty = connection_->run("SELECT 1 FROM " + table.table() + " LIMIT 1").rows() == 0;
  made.merge = std::make_unique<PostgresMerge>(
      catalog_, table, PostgresMergeRules{number_, made.settings.removals, made.kind, made.images}, empty);
}

void PostgresWriter::write(const RowBatch& batch) {
  Model& into = model(batch.stream);
  if (!open_) ensure_transaction();
  into.unsaved = true;
  if (!batch.changes.empty()) {
    flush(into);
    settle();
    catalog_.grow(into.table, batch.changes, into.tally.notices);
    into.merge->layout_changed();
  }
  for (const RejectedRecord& rejected : batch.rejected)
    reject(into, rejected.code, rejected.reason, rejected.identity, rejected.record);
  widen(into, batch);
  for (std::size_t i = 0; i < batch.rows.size(); ++i) {
    if (into.chunk.empty()) into.chunk.begin(into.table, into.sent, number_, now_());
    if (const auto reason = into.chunk.add(into.table, batch.row(i), batch.rows[i]))
      refuse(into, *reason, identity_of(into.table.state.layout, batch.row(i)), batch.rows[i].record);
    if (into.chunk.entries().size() >= rows_at_once || into.chunk.bytes() >= bytes_at_once) flush(into);
  }
  flush_largest();
}

void PostgresWriter::widen(Model& into, const RowBatch& batch) {
  into.sent.resize(batch.width, false);
  std::vector<std::size_t> without;
  for (std::size_t i = 0; i < batch.width; ++i)
    if (!into.sent[i]) without.push_back(i);
  std::vector<std::size_t> found;
  for (std::size_t row = 0; row < batch.rows.size() && !without.empty(); ++row) {
    const std::span<const Value> values = batch.row(row);
    std::erase_if(without, [&](std::size_t i) {
      if (values[i].kind == Value::null) return false;
      found.push_back(i);
      return true;
    });
  }
  if (found.empty()) return;
  flush(into);
  for (const std::size_t i : found) into.sent[i] = true;
}

// Models that are read side by side share the room there is for waiting rows.
void PostgresWriter::flush_largest() {
  std::size_t bytes = 0;
  Model* largest = nullptr;
  for (const auto& [name, one] : models_) {
    bytes += one->chunk.bytes();
    if (largest == nullptr || one->chunk.bytes() > largest->chunk.bytes()) largest = one.get();
  }
  if (bytes >= bytes_at_once && largest != nullptr) flush(*largest);
}

void PostgresWriter::flush(Model& into) {
  if (into.chunk.empty()) return;
  settle();
  merging_.into = &into;
  std::swap(merging_.chunk, into.chunk);
  into.chunk.clear();
  merging_.merged =
      std::async(std::launch::async, [&merge = *into.merge, &chunk = merging_.chunk] { return merge.merge(chunk); });
}

// Waits for the chunk that is with the server; the connection is this thread's again.
void PostgresWriter::settle() {
  if (!merging_.merged.valid()) return;
  PostgresMerged merged;
  try {
    merged = merging_.merged.get();
  } catch (...) {
    rollback();
    throw;
  }
  Model& into = *merging_.into;
  for (const auto& [index, reason] : merged.refused)
    refuse(into, reason, merging_.chunk.identity(index), merging_.chunk.record(index));
  take(into, std::move(merged));
}

void PostgresWriter::take(Model& into, PostgresMerged merged) {
  into.tally.counts += merged.tally.counts;
  into.tally.duplicates += merged.tally.duplicates;
  into.tally.absent += merged.tally.absent;
  for (Item& item : merged.tally.changes)
    if (into.tally.changes.size() < ModelTally::most_changes) into.tally.changes.push_back(std::move(item));
  into.rows += merged.rows;
  into.image_bytes += merged.image_bytes;
  into.unsaved = true;
  if (into.images && into.image_bytes > undo_.most_bytes) {
    into.images = false;
    into.merge->keep_no_images();
    drop_images(number_, into.table.number, "too_big");
  }
}

void PostgresWriter::reject(Model& into, std::string code, std::string_view reason, std::string_view identity,
                            std::string_view record) {
  ++into.tally.counts.total;
  ++into.tally.counts.failed;
  quarantined_.push_back({into.table.state.model, std::move(code), storable(reason, 1000), storable(identity, 1000),
                          storable(record, longest_quarantined)});
  if (quarantined_.size() >= most_waiting_quarantined) save_quarantine();
}

// What only this destination cannot hold nobody has noticed before it.
void PostgresWriter::refuse(Model& into, std::string_view reason, std::string_view identity, std::string_view record) {
  constexpr const char* code = "not_storable";
  ++into.tally.refused;
  if (into.tally.refusals.size() < ModelTally::most_refusals)
    into.tally.refusals.push_back({storable(identity, 200), code, storable(reason, 1000), {}});
  reject(into, code, reason, identity, record);
}

void PostgresWriter::save_quarantine() {
  if (quarantined_.empty()) return;
  settle();
  PostgresArray models(PostgresType::text), codes(PostgresType::text), reasons(PostgresType::text);
  PostgresArray identities(PostgresType::text), records(PostgresType::text);
  for (const Quarantined& one : quarantined_) {
    models.add(one.model);
    codes.add(one.code);
    reasons.add(one.reason);
    identities.add(one.identity);
    records.add(one.record);
  }
  connection_->run("INSERT INTO " + catalog_.own("_ferry_quarantine") +
                       " (run, connection, model, at, code, reason, identity, record) SELECT $1, $2, m, $3, c, r, i, t "
                       "FROM unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::text[]) AS q (m, c, r, i, t)",
                   PostgresParameters()
                       .text(run_.id)
                       .text(run_.connection)
                       .text(rfc3339(now_()))
                       .binary(models.finish())
                       .binary(codes.finish())
                       .binary(reasons.finish())
                       .binary(identities.finish())
                       .binary(records.finish()));
  quarantined_.clear();
}

void PostgresWriter::trim_quarantine(const std::string& name) {
  connection_->run("DELETE FROM " + catalog_.own("_ferry_quarantine") +
                       " WHERE connection = $1 AND model = $2 AND number <= (SELECT number FROM " +
                       catalog_.own("_ferry_quarantine") +
                       " WHERE connection = $1 AND model = $2 ORDER BY number DESC LIMIT 1 OFFSET $3::bigint)",
                   PostgresParameters().text(run_.connection).text(name).number(most_quarantined));
}

void PostgresWriter::checkpoint(const std::string& name, const std::string& state_json) {
  Model& into = model(name);
  into.checkpoint = state_json;
  into.checkpoint_new = into.unsaved = true;
}

void PostgresWriter::save(Model& into) {
  flush(into);
  settle();
  into.chunk = {};  // a model whose turn is over keeps no memory
  if (!into.unsaved) return;
  ensure_transaction();
  const ModelTally& tally = into.tally;
  PostgresParameters model;
  model.number(into.rows).flag(into.checkpoint_new).text(into.checkpoint).flag(tally.counts.failed > 0);
  connection_->run(
      "UPDATE " + catalog_.own("_ferry_models") +
          " SET rows = greatest(0, rows + $1::bigint), checkpoint = CASE WHEN $2 THEN $3 ELSE checkpoint END, "
          "generation_failed = generation IS NOT NULL AND (generation_failed OR $4) WHERE number = $5",
      model.number(into.table.number));
  PostgresParameters run;
  for (const std::uint64_t count :
       {tally.counts.total - tally.absent, tally.counts.added, tally.counts.modified, tally.counts.removed,
        tally.counts.unchanged, tally.counts.failed, tally.duplicates, tally.absent, into.image_bytes})
    run.number(static_cast<std::int64_t>(count));
  connection_->run("UPDATE " + catalog_.own("_ferry_model_runs") +
                       " SET received = $1, added = $2, modified = $3, removed = $4, unchanged = $5, failed = $6, "
                       "duplicates = $7, absent = $8, image_bytes = $9 WHERE run = $10 AND model = $11",
                   run.number(number_).number(into.table.number));
  into.rows = 0;
  into.checkpoint_new = into.unsaved = false;
}

void PostgresWriter::commit() {
  for (const auto& [name, one] : models_) save(*one);
  save_quarantine();
  if (preview_ || !open_) return;
  open_ = false;
  connection_->commit();
}

void PostgresWriter::remove_unseen(const std::string& name) {
  ensure_transaction();
  Model& into = model(name);
  save(into);
  if (into.table.generation.empty()) return;
  const auto failed =
      connection_->run("SELECT generation_failed FROM " + catalog_.own("_ferry_models") + " WHERE number = $1",
                       PostgresParameters().number(into.table.number));
  // A record that could not be taken was not seen and may still be there, also where an earlier run of this
  // generation met it.
  if (!failed.flag(0, 0)) take(into, into.merge->remove_unseen(now_()));
  catalog_.end_generation(into.table);
  commit();
}

void PostgresWriter::finish(const std::string& name, const std::string& mode, const std::string& result) {
  ensure_transaction();
  Model& into = model(name);
  save(into);
  save_quarantine();
  const bool well = ended_well(result);
  if (well) catalog_.end_generation(into.table);
  const std::string finished = rfc3339(now_());
  connection_->run("UPDATE " + catalog_.own("_ferry_models") +
                       " SET last_mode = $1, last_result = $2, last_finished_at = $3::timestamptz, " +
                       (well ? "failures = 0, " : "failures = failures + 1, ") +
                       "last_full_at = CASE WHEN $4 THEN last_started_at ELSE last_full_at END, "
                       "last_sweep_at = CASE WHEN $5 THEN last_started_at ELSE last_sweep_at END WHERE number = $6",
                   PostgresParameters()
                       .text(mode)
                       .text(result)
                       .text(finished)
                       .flag(well && into.kind == ReadKind::full)
                       .flag(well && into.kind == ReadKind::sweep)
                       .number(into.table.number));
  // What changed nothing is not there to be undone.
  connection_->run(
      "UPDATE " + catalog_.own("_ferry_model_runs") +
          " SET mode = $1, result = $2, finished_at = $3::timestamptz, "
          "undo = CASE WHEN added + modified + removed = 0 THEN 'nothing' ELSE undo END "
          "WHERE run = $4 AND model = $5",
      PostgresParameters().text(mode).text(result).text(finished).number(number_).number(into.table.number));
  if (into.tally.counts.failed > 0) trim_quarantine(name);
  commit();
}

void PostgresWriter::end_run(const std::string& state) {
  // What was not committed by now belongs to work that failed.
  if (!preview_) rollback();
  ensure_transaction();
  connection_->run("UPDATE " + catalog_.own("_ferry_runs") + " SET state = $1, finished_at = $2 WHERE number = $3",
                   PostgresParameters().text(state).text(rfc3339(now_())).number(number_));
  commit();
  if (preview_) rollback();
  connection_->unlock_all();
}

const ModelTally& PostgresWriter::tally(const std::string& name) const { return models_.at(name)->tally; }

// Images of runs that are too old, and of the oldest where there are too many.
void PostgresWriter::prune_images() {
  const auto found = connection_->run(
      "SELECT run, model FROM (SELECT m.run, m.model, r.started_at, sum(m.image_bytes) OVER (ORDER BY m.number DESC) "
      "AS "
      "bytes FROM " +
          catalog_.own("_ferry_model_runs") + " m JOIN " + catalog_.own("_ferry_runs") +
          " r ON r.number = m.run WHERE m.undo = 'kept') k WHERE NOT $1 OR started_at < $2 OR bytes > $3::numeric "
          "ORDER BY run, model",
      PostgresParameters()
          .flag(undo_.enabled)
          .text(rfc3339(now_() - undo_.keep_ms))
          .text(std::to_string(undo_.most_bytes)));
  for (std::size_t row = 0; row < found.rows(); ++row)
    drop_images(found.number(row, 0), found.number(row, 1), "pruned");
}

void PostgresWriter::drop_images(std::int64_t run, std::int64_t model, const char* why) {
  PostgresModel of;
  of.number = model;
  if (catalog_.has_before(of))
    connection_->run("DELETE FROM " + catalog_.before(of) + " WHERE \"_ferry_before_run\" = $1",
                     PostgresParameters().number(run));
  connection_->run(
      "UPDATE " + catalog_.own("_ferry_model_runs") + " SET undo = $1, image_bytes = 0 WHERE run = $2 AND model = $3",
      PostgresParameters().text(why).number(run).number(model));
}

}  // namespace ferry::host
