// One run into a SQLite destination.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host/database/sqlite.hpp"
#include "host/destinations/destination.hpp"
#include "host/destinations/sqlite_catalog.hpp"
#include "host/destinations/sqlite_rows.hpp"

namespace ferry::host {

class SqliteWriter final : public DestinationWriter {
 public:
  SqliteWriter(Database&, RunStamp, bool preview, UndoRules, Now);
  ~SqliteWriter() override;

  Opened open(const ModelSettings&, const Layout& wanted, ReadKind, bool resume) override;
  void write(const RowBatch&) override;
  void checkpoint(const std::string& model, const std::string& state_json) override;
  void commit() override;
  void remove_unseen(const std::string& model) override;
  void finish(const std::string& model, const std::string& mode, const std::string& result) override;
  void end_run(const std::string& state) override;
  const ModelTally& tally(const std::string& model) const override;

 private:
  struct Model {
    SqliteModel table;
    ReadKind kind = ReadKind::changes;
    RemovalPolicy removals = RemovalPolicy::mark;
    bool there = false;       // its table is
    bool expect_new = false;  // the last row was; then adding is tried before looking
    std::unique_ptr<SqliteRows> rows;
    std::vector<std::int64_t> seen;  // not yet kept
    bool seen_may_be_gone = false;   // of what was seen, rows may have been removed after
    std::int64_t part = 0;           // of what was seen, kept last
    std::int64_t rows_before = 0, row_change = 0;
    std::string checkpoint;
    bool checkpoint_new = false;
    ModelTally tally;
  };

  Model& model(const std::string& name);
  void ensure_transaction();
  std::unique_ptr<SqliteRows> make_rows(const Model&);
  void grow(Model&, const std::vector<LayoutChange>&, std::vector<std::string>& notices);
  void write_row(Model&, std::span<const Value>, const Row&);
  void quarantine(const Model&, const RejectedRecord&);
  void note(Model&, const char* outcome, std::string identity);
  void keep_seen(Model&);
  void save(Model&);
  void drop_seen(const Model&);
  bool some_were_not_taken(const Model&);
  bool sees_every_row(const Model&);
  void prune_images();
  std::string seen_table() const { return preview_ ? "temp._ferry_withheld_seen" : "_ferry_seen"; }

  Database& database_;
  const RunStamp run_;
  const bool preview_;
  const UndoRules undo_;
  const Now now_;
  std::int64_t number_ = 0;  // in _ferry_runs
  bool open_ = false;        // a transaction
  std::map<std::string, Model> models_;
};

}  // namespace ferry::host
