// Puts the models of a sync back to what they were before it.
//
// Recorded as a run of operation "undo". What was taken out counts as removed, what was added back as added, what was
// changed back as modified. Failures that keep it from beginning are thrown; from then on every end is in the report.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "host/base/cancellation.hpp"
#include "host/config/sync_settings.hpp"
#include "host/destinations/destination.hpp"
#include "host/runs/runner.hpp"

namespace ferry::host {

struct UndoReport {
  RunRecord record;
  Statistics statistics;
  std::string undone;  // id of the run that is undone
  std::vector<UndoneModel> models;
  std::optional<RunError> error;
};

// id_or_part: as of RunStore::show. Failure(usage, cannot_undo): it was no sync, a dry run, or one of several
// connections, which are undone one by one; (guard, cannot_undo): it is still running.
RunRecord run_to_undo(RunStore&, const std::string& id_or_part);
// The name of the destination that a run of a sync went to, as Config::destination takes it; "" if it does not say.
std::string destination_name(const RunRecord&);

UndoReport undo_sync(Environment&, Destination&, const DestinationConfig&, const RunRecord& run, bool preview,
                     const Cancellation&);

}  // namespace ferry::host
