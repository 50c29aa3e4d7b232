// Which models a sync reads, and how: decided before anything is read.
#pragma once

#include <string>
#include <vector>

#include "host/destinations/destination.hpp"
#include "host/sync/schedule.hpp"
#include "host/sync/stream_catalog.hpp"
#include "host/sync/sync.hpp"

namespace ferry::host {

struct PlannedModel {
  CatalogStream stream;
  ModelSync settings;
  StreamRead read;
  ReadKind kind = ReadKind::changes;
  bool resume = false;      // goes on with the full read that was interrupted
  bool by_absence = false;  // what a full read does not show is gone

  std::string mode() const { return read.mode == "identities" ? "sweep" : read.mode; }
};

struct SyncPlan {
  std::vector<PlannedModel> models;  // by priority, then as in the catalog
  std::vector<Problem> notices;
};

// What the schedule goes by. A run without an end counts as one that did not end well.
LastRun last_run_of(const ModelState&);

// states: of the connection, as the destination holds them. Failure(usage): unknown_model, unsupported_mode.
SyncPlan plan_sync(const SyncRequest&, const SyncSettings&, const StreamCatalog&, const std::vector<ModelState>& states,
                   std::int64_t now);

}  // namespace ferry::host
