// The record of runs, in SQLite in the state directory: what happened, by which connector, with which package.
//
// Thread-safe; several processes may use one state directory. A run belongs to the process that began it, which holds a
// lock on a lease file as long as it lives: a run that is still "running" under a lease nobody holds is closed as
// failed/host_died by whoever looks at it next. Failures: (machine, state_store), (machine, disk_full), (machine,
// permission).
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host/runs/run.hpp"

namespace ferry::host {

class RunStore {
 public:
  explicit RunStore(const std::filesystem::path& state_directory);
  ~RunStore();

  std::string new_id();  // readable: 20261121-201530-7f3a12; new to this store
  void begin(const RunRecord&);
  void add_items(const std::string& run_id, const std::vector<Item>&);
  // It waits until then; nullopt: it goes on.
  void set_waiting(const std::string& run_id, std::optional<std::int64_t> until);
  void set_backup(const std::string& run_id, const std::string& package_sha256);
  void finish(const RunRecord&);

  // Newest first: by their start, then by the order in which they were recorded.
  std::vector<RunRecord> list(std::size_t limit = 50, const std::string& connection = "");
  std::vector<std::string> connections();  // of all runs, sorted
  // By id or a unique prefix or suffix of at least 4 characters; Failure(usage, unknown_run) otherwise.
  RunRecord show(const std::string& id_or_part);
  std::vector<RunRecord> children(const std::string& run_id);  // oldest first
  std::vector<Item> items(const std::string& run_id, std::size_t limit, std::size_t offset = 0);

  // The steps of a release, by name; one that is saved again is replaced.
  void save_step(const std::string& run_id, const RecordedStep&);
  std::vector<RecordedStep> steps(const std::string& run_id);

  // The connectors' state service; one name space a connection.
  std::optional<std::string> state(const std::string& connection, const std::string& key);
  void set_state(const std::string& connection, const std::string& key, const std::string& value);
  void remove_state(const std::string& connection, const std::string& key);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ferry::host
