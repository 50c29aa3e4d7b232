// Where the records of data models are kept: a table a model, exactly what the platform has, and beside the tables what
// ferry must know to go on from there.
//
// What every destination keeps, in tables a person may look at:
//   _ferry_models      one row a model of a connection: table, columns, checkpoint, rows, its last run
//   _ferry_runs        one row a run; _ferry_model_runs one row a run and model: what it did, what was before
//   _ferry_quarantine  records that could not be written, and why; bounded
// and in every model's table, beside the members of its records:
//   _ferry_hash        of the record's content; a record whose hash is the row's is not written
//   _ferry_synced_at   when the row was last written
//   _ferry_deleted_at  when the record was seen to be removed; NULL: it is there
//   _ferry_run         number of the run in _ferry_runs that wrote it last
// plus a view of the table without these and without removed rows.
//
// Rows and the checkpoint that covers them become visible together or not at all: commit(). Failures are Failure:
// (machine, disk_full), (machine, destination) for what keeps it from working, (platform, destination_lost) where the
// connection to a server broke, (machine, destination_busy), (credentials, destination_denied), (guard, foreign_table)
// for a table of the wanted name that is not ferry's, (usage, ...) for what does not exist.
//
// A Destination and what it makes serve one thread at a time; several processes may use one destination.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host/base/cancellation.hpp"
#include "host/records/layout.hpp"
#include "host/records/row_batch.hpp"
#include "host/records/row_content.hpp"
#include "host/records/sync_rules.hpp"
#include "host/statistics/statistics.hpp"

namespace ferry::host {

// One model, as a sync wants it.
struct ModelSettings {
  std::string connection, model;
  std::string space;  // what keeps connections apart: the prefix of tables (SQLite), the schema (PostgreSQL)
  RemovalPolicy removals = RemovalPolicy::mark;
};

// One model, as the destination holds it.
struct ModelState {
  std::string connection, model;
  std::string table, view;  // as to be written in SQL, quoted where that is needed
  Layout layout;
  std::string checkpoint;                        // JSON; "": none, nothing was read to a point from which it can go on
  bool generation_open = false;                  // a full read was begun and not ended; its checkpoint goes on with it
  std::uint64_t rows = 0;                        // that are not removed
  std::string last_run, last_mode, last_result;  // "" before the first
  std::optional<std::int64_t> last_started_at, last_finished_at;  // unix ms
  std::optional<std::int64_t> last_full_at, last_sweep_at;        // start of the last that ended well
  bool table_gone = false;     // someone dropped it: there is nothing to go on from, and the next run begins anew
  std::uint64_t failures = 0;  // runs in a row that did not end well; of the last only if it has an end
};

struct RunStamp {
  std::string id, connection;
  std::int64_t started_at = 0;  // unix ms
};

// What was done to one model in one run so far. changes: the first of them, with their outcome, at most most_changes.
struct ModelTally {
  OutcomeCounts counts;          // of records: their sum is what was received, but for removals found by their absence
  std::uint64_t duplicates = 0;  // records of an identity that this run had written already
  std::uint64_t absent = 0;      // of counts.removed: rows no record came for
  std::uint64_t refused = 0;     // of counts.failed: rows the destination cannot hold
  std::vector<Item> changes;
  std::vector<RejectedRecord> refusals;  // the first of them, at most most_refusals; without the record
  std::vector<std::string> notices;      // as of Opened, of columns that came while it was written

  static constexpr std::size_t most_changes = 100, most_refusals = 20;
};

// What a run reads of a model. full and sweep see everything there is, so what they did not see is gone.
enum class ReadKind : std::uint8_t { changes, full, sweep };

// Writes one run into a destination. What is not committed when it is destroyed was never there.
class DestinationWriter {
 public:
  virtual ~DestinationWriter() = default;

  // Begins a model: makes its table or lets it grow to `wanted` (which becomes the layout in the result, in the order
  // of the table), and begins a generation for full and sweep, or goes on with the open one if `resume`.
  // schema changes that were made are in `changes`.
  struct Opened {
    ModelState state;  // before this run, but for its layout
    std::vector<LayoutChange> changes;
    std::vector<std::string> notices;  // of names that had to be changed to be columns
  };
  virtual Opened open(const ModelSettings&, const Layout& wanted, ReadKind, bool resume) = 0;

  // Compares and writes rows of an open model, adding columns where the batch says so. The batch is not needed after.
  virtual void write(const RowBatch&) = 0;
  // What was written before is delivered: kept with the next commit, which need not come at once.
  virtual void checkpoint(const std::string& model, const std::string& state_json) = 0;
  // Everything so far, in one transaction; afterwards tallies count it. Others may write until the next write().
  virtual void commit() = 0;
  // Ends the generation of a full read or sweep: rows no record came for are removed as the policy says. Committed.
  virtual void remove_unseen(const std::string& model) = 0;
  // The last word on a model: result as a state of runs ("succeeded", ...); commits. An open generation stays open if
  // the result is neither succeeded nor partially_succeeded.
  virtual void finish(const std::string& model, const std::string& mode, const std::string& result) = 0;
  virtual void end_run(const std::string& state) = 0;

  virtual const ModelTally& tally(const std::string& model) const = 0;
};

// What undoing a run does to one model.
struct UndoneModel {
  std::string model, table;
  std::uint64_t added_back = 0, changed_back = 0, taken_out = 0;
};

// For verify: called with each row that is not removed, as its columns are now, and the hash it is said to have.
using RowVisitor = std::function<void(const RowContent&, const RowHash&)>;

class Destination {
 public:
  virtual ~Destination() = default;

  // What people call it: "SQLite warehouse.db", without credentials.
  virtual std::string description() const = 0;
  // All models, or those of one connection; sorted by connection and name. Empty if it is not there yet.
  virtual std::vector<ModelState> models(const std::string& connection = "") = 0;
  // preview: the same comparison with the writes withheld; nothing is changed, not even made.
  virtual std::unique_ptr<DestinationWriter> begin(const RunStamp&, bool preview, const UndoRules&) = 0;
  // A run ended with `result` before it could finish these models: they are told so, as far as they are there, so that
  // what fails early is not tried again and again. Those it did finish stay as they are.
  virtual void note_failure(const RunStamp&, const std::vector<std::string>& models, const std::string& result) = 0;
  // checkpoint: JSON, or "" to forget it. Failure(usage, unknown_model).
  virtual void set_checkpoint(const std::string& connection, const std::string& model,
                              const std::string& checkpoint) = 0;
  // Failure(usage): unknown_run; cannot_undo, with the reason: nothing was kept, a later run changed the same model,
  // it was undone before.
  virtual std::vector<UndoneModel> undo(const std::string& run, bool preview) = 0;
  // The columns are those of the state's layout, also where the table has more by now.
  virtual void visit(const ModelState&, const RowVisitor&) = 0;
  // A view over models of the same kind: their common columns and the connection each row is of. Replaces one ferry
  // made.
  virtual void make_union(const std::string& name, const std::vector<ModelState>& models) = 0;
};

// clock time of rows and runs comes from `now`, unix ms.
using Now = std::function<std::int64_t()>;

}  // namespace ferry::host
