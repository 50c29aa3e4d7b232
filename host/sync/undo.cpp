#include "host/sync/undo.hpp"

#include "host/base/failure.hpp"
#include "host/base/json_text.hpp"
#include "host/base/text.hpp"
#include "host/runs/run_ending.hpp"
#include "host/sync/sync_record.hpp"

namespace ferry::host {

RunRecord run_to_undo(RunStore& store, const std::string& id_or_part) {
  RunRecord run = store.show(id_or_part);
  const std::string name = "the run " + run.id;
  if (run.operation != "sync")
    throw Failure(Fault::usage, "cannot_undo",
                  name + " is no sync: it was " + run.operation +
                      (run.parent.empty() ? "" : ", a step of the run " + run.parent));
  if (run.preview) throw Failure(Fault::usage, "cannot_undo", name + " was a dry run: there is nothing to undo");
  if (run.state == "running" || run.state == "waiting")
    throw Failure(Fault::guard, "cannot_undo", name + " is still running");
  if (!run.connection.empty()) return run;
  std::vector<std::string> steps;
  for (const RunRecord& step : store.children(run.id)) steps.push_back(step.connection + " (" + step.id + ")");
  throw Failure(Fault::usage, "cannot_undo",
                name + " was of several connections, which are undone one by one: " + join(steps, ", "));
}

std::string destination_name(const RunRecord& run) {
  const Poco::JSON::Object::Ptr request = parse_object(run.request_json);
  return request ? request->optValue<std::string>("to", "") : "";
}

UndoReport undo_sync(Environment& environment, Destination& destination, const DestinationConfig& place,
                     const RunRecord& run, bool preview, const Cancellation& cancellation) {
  UndoReport report;
  report.undone = run.id;
  const std::string description = destination.description();
  Poco::JSON::Object::Ptr request = request_of(place, description);
  request->set("run", run.id);
  report.record = begin_record(environment, "undo", run.connection, "", preview, *request);
  report.error = ended_with([&]() -> std::optional<RunError> {
    const TargetLock lock = lock_models(environment, report.record, description, cancellation);
    report.models = destination.undo(run.id, preview);
    return std::nullopt;
  });
  for (const UndoneModel& model : report.models) {
    OutcomeCounts& counts = report.statistics.items[model.model];
    counts.added = model.added_back;
    counts.modified = model.changed_back;
    counts.removed = model.taken_out;
    counts.total = counts.added + counts.modified + counts.removed;
  }
  end_record(environment, report.record, report.statistics, report.error, {});
  return report;
}

}  // namespace ferry::host
