// Brings the data models of a connection into a destination: reads what is new or all there is, compares it with the
// destination's rows, writes what differs, and says per model what became of every record.
//
// The sync is recorded as a run of operation "sync"; what its connector does (catalog, read) are its steps. Of one
// connection one sync at a time goes into a destination. It can end at any moment, also by a kill: rows and the
// checkpoint that covers them are committed together, so the next sync goes on from there. Failures that keep it from
// beginning are thrown; from then on every end is in the report.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "host/base/cancellation.hpp"
#include "host/config/sync_settings.hpp"
#include "host/destinations/destination.hpp"
#include "host/runs/runner.hpp"

namespace ferry::host {

// sweep: the identities alone, to find what was removed.
enum class SyncMode : std::uint8_t { incremental, full, sweep };

struct SyncModel {
  std::string name;
  std::string from;  // a date to read from; "": as the mode says
};

struct SyncLimits {
  std::optional<Threshold> removed, changed, failed;  // of a model's rows
};

struct SyncRequest {
  std::string connection;
  std::vector<SyncModel> models;  // empty: all that are enabled
  SyncMode mode = SyncMode::incremental;
  bool only_due = false;  // of the models, those whose time has come
  bool preview = false;
  SyncLimits limits;   // in place of those of the configuration
  std::string parent;  // id of the run this one is a step of
};

struct SyncedModel {
  std::string model, table;
  std::string mode;   // full, incremental, from, sweep
  std::string state;  // of a run; not_started: it was not read, or what was read was not to be written
  ModelTally tally;
  std::uint64_t received = 0, rows_before = 0;
  std::optional<std::uint64_t> fetched;
  std::optional<RunError> error = std::nullopt;  // why it was not read to its end
};

struct SyncReport {
  RunRecord record;
  Statistics statistics;
  std::vector<SyncedModel> models;  // in the order they were read
  std::string destination;
  std::optional<RunError> error;
  std::vector<Item> changes() const;  // a sample of each model's
};

// Was a limit reached? (guard, too_many_removed), (guard, too_many_changed), (usage, too_many_failed).
std::optional<RunError> limit_reached(const std::vector<SyncedModel>&, const SyncLimits&);

// The destination is used by the calling thread and those it starts, until it returns.
SyncReport sync(Runner&, Destination&, const DestinationConfig&, const SyncRequest&, const Cancellation&);

// Reads all that the destination holds of the models once more and compares: what is missing, what is too much, what
// differs. Nothing is written. Models: empty, all the destination has of the connection.
struct VerifiedModel {
  std::string model;
  std::uint64_t rows = 0, records = 0, same = 0, missing = 0, different = 0, unexpected = 0;
  std::vector<Item> examples;  // missing, different, unexpected; some
};
struct VerifyReport {
  RunRecord record;
  Statistics statistics;
  std::vector<VerifiedModel> models;
  std::optional<RunError> error;
};
VerifyReport verify(Runner&, Destination&, const DestinationConfig&, const std::string& connection,
                    const std::vector<std::string>& models, const Cancellation&);

}  // namespace ferry::host
