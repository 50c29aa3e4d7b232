// The words of a run: what is asked, what came of it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "host/base/failure.hpp"
#include "host/packages/package_store.hpp"
#include "host/statistics/statistics.hpp"

namespace ferry::host {

struct Selection {
  std::string type;  // "": any
  std::string key;   // id or name
};

struct ItemMapping {
  std::string type, source, target;
};

struct ImportOptions {
  bool preview = false;
  std::string policy = "abort";  // abort replace skip add_version
  bool prune = false;
  std::vector<ItemMapping> mapping;
};

// One stream of a read; connector.h says what each member means.
struct StreamRead {
  std::string stream;
  std::string mode = "full";    // full, incremental, from, identities
  std::string from = {};        // of mode from: a date
  std::string checkpoint = {};  // JSON; "": none
  std::int64_t overlap_ms = 0;
};

struct RunRequest {
  std::string operation;            // check catalog read export inspect import
  std::string connection;           // "" for inspect
  std::string connector;            // for inspect: which connector; else that of the connection
  std::string parent;               // id of the run this one is a step of
  std::vector<Selection> select;    // export
  bool dependencies = true;         // export
  std::string options = "{}";       // export, import, read: JSON, of the connector
  std::vector<StreamRead> streams;  // read
  ImportOptions import;             // import
  std::optional<Package> package;   // import, inspect
};

struct RunError {
  Fault fault = Fault::connector;
  std::string code, message;
};

// As recorded, and as shown by `ferry runs`.
struct RunRecord {
  std::string id, parent, operation, connection, stage;
  std::string connector_id, connector_version, connector_sha256;
  std::string ferry_version;
  std::string state;  // of the statistics' run.state; a run whose host died is "failed" with code host_died
  bool preview = false;
  std::int64_t started_at = 0;
  std::optional<std::int64_t> finished_at;
  std::optional<std::int64_t> waiting_until;  // unix ms, in the state "waiting"
  std::string package_sha256;                 // exported or imported
  std::uint64_t package_size = 0;
  std::string backup_sha256;        // what the target was before an import changed it
  std::string request_json = "{}";  // without secrets
  std::string statistics_json;      // "" while it runs
  std::optional<RunError> error;
};

// What became of a step of a release, as recorded as soon as it was known.
struct RecordedStep {
  std::string name;
  std::string definition;  // what the release file said of it
  std::string state;
  std::string run;  // id of its run, "" if it has none
  std::string statistics_json;
};

struct RunOutcome {
  RunRecord record;
  Statistics statistics;
  std::optional<RunError> error;   // why it did not end well
  std::optional<Package> package;  // of an export
  std::vector<Item> changes;       // items that are not unchanged or exported; at most most_changes of them
  std::uint64_t changes_left_out = 0;

  static constexpr std::size_t most_changes = 1000;
};

}  // namespace ferry::host
