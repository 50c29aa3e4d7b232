// Writes one run into PostgreSQL: destination.hpp says what that means. Rows wait in chunks, and are merged when there
// are many or at the commit. While the server works on one chunk the next is filled: the connection is the merging
// thread's from flush() to settle().
#pragma once

#include <future>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "host/destinations/postgres_merge.hpp"

namespace ferry::host {

class PostgresWriter final : public DestinationWriter {
 public:
  PostgresWriter(std::unique_ptr<PostgresConnection>, std::string schema, std::string space, RunStamp, bool preview,
                 UndoRules, Now);
  ~PostgresWriter() override;

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
    PostgresModel table;
    ModelSettings settings;
    ReadKind kind = ReadKind::changes;
    std::unique_ptr<PostgresMerge> merge;
    PostgresChunk chunk;
    std::vector<bool> sent;  // columns that had a value in some row
    ModelTally tally;
    std::int64_t rows = 0;  // more than are saved
    std::uint64_t image_bytes = 0;
    bool images = true;
    std::string checkpoint;
    bool checkpoint_new = false;
    bool unsaved = false;
  };
  struct Quarantined {
    std::string model, code, reason, identity, record;
  };
  // A chunk the server is working on.
  struct Merging {
    Model* into = nullptr;
    PostgresChunk chunk;
    std::future<PostgresMerged> merged;
  };

  void ensure_transaction();
  void begin_run();
  PostgresModel create(const ModelSettings&, const Layout&, std::vector<std::string>& notices);
  void begin_model(Model&, bool resume);
  void widen(Model&, const RowBatch&);
  void flush(Model&);
  void flush_largest();
  void settle();
  void rollback() noexcept;
  void take(Model&, PostgresMerged);
  void reject(Model&, std::string code, std::string_view reason, std::string_view identity, std::string_view record);
  void refuse(Model&, std::string_view reason, std::string_view identity, std::string_view record);
  void save(Model&);
  void save_quarantine();
  void trim_quarantine(const std::string& model);
  void prune_images();
  void drop_images(std::int64_t run, std::int64_t model, const char* why);
  Model& model(const std::string& name);

  std::unique_ptr<PostgresConnection> connection_;
  PostgresCatalog catalog_;
  const RunStamp run_;
  const bool preview_;
  const UndoRules undo_;
  const Now now_;
  std::int64_t number_ = 0;  // in _ferry_runs
  bool open_ = false;        // a transaction
  std::map<std::string, std::unique_ptr<Model>> models_;
  std::vector<Quarantined> quarantined_;
  Merging merging_;
};

}  // namespace ferry::host
