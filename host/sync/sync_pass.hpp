// One pass of a sync: reads, compares and writes what was planned, once; with a preview's writer the writes are
// withheld.
//
// Models are added to the report when they are opened; the destination's writer ends by the caller. One thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "host/base/cancellation.hpp"
#include "host/sync/pipeline.hpp"
#include "host/sync/record_spool.hpp"
#include "host/sync/sync.hpp"
#include "host/sync/sync_plan.hpp"

namespace ferry::host {

class SyncPass {
 public:
  // All of it outlives the pass. Without a limit on removals, a full read that finds nothing at all removes nothing.
  SyncPass(Runner&, const SyncRequest&, const SyncSettings&, const SyncLimits&, const SyncPlan&, DestinationWriter&,
           SyncReport&);

  // Failure(guard, schema_frozen): before anything is written.
  void open();
  // Asks the platform; what arrives is kept in the spool, too, if there is one. A model that cannot be read keeps no
  // other from being read; where several in a row cannot, it is not they that are at fault, and the rest is left for
  // another time. What is returned is the end of all of it.
  std::optional<RunError> read(const Cancellation&, RecordSpool*);
  // In its place: what was read before. counted: the models of the pass that did.
  void replay(RecordSpool&, const std::vector<SyncedModel>& counted, const Cancellation&);
  // Everything that arrived is written; models that were read to their end get theirs.
  std::optional<RunError> end(const std::optional<RunError>& read_error);

 private:
  std::optional<RunError> ask(const std::vector<std::size_t>& left, RecordReceiver&, const Cancellation&);
  void end_model(const PlannedModel&, SyncedModel&, const ModelNotes&, const std::optional<RunError>& read_error);
  std::optional<RunError> gap(const SyncedModel&) const;
  void tell(const std::string& model, const ModelNotes&);
  void note_changes(const std::string& model, const std::vector<LayoutChange>&);
  void note_names(const std::string& model, const std::vector<std::string>& notices);
  void problem(const char* severity, const std::string& model, const char* code, const std::string& message);

  Runner& runner_;
  const SyncRequest& request_;
  const SyncSettings& settings_;
  const SyncLimits& limits_;
  const SyncPlan& plan_;
  DestinationWriter& writer_;
  SyncPipeline pipeline_;
  SyncReport& report_;
};

}  // namespace ferry::host
