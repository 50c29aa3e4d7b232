#include "host/sync/sync_record.hpp"

#include <Poco/JSON/Array.h>

#include <algorithm>

#include "host/base/json_text.hpp"
#include "host/base/text.hpp"
#include "host/runs/run_ending.hpp"

namespace ferry::host {

RunRecord begin_record(Environment& environment, const std::string& operation, const std::string& connection,
                       const std::string& parent, bool preview, const Poco::JSON::Object& request) {
  RunRecord record;
  record.parent = parent;
  record.operation = operation;
  record.connector_id = "ferry";
  record.connector_version = record.ferry_version = FERRY_VERSION;
  if (!connection.empty()) {
    const Connection& configured = environment.config->connection(connection);
    const Manifest& manifest = environment.registry.find(configured.connector);
    record.connection = configured.name;
    record.stage = configured.stage;
    record.connector_id = manifest.id;
    record.connector_version = manifest.version;
    record.connector_sha256 = manifest.library_sha256;
  }
  record.id = environment.store.new_id();
  record.state = "running";
  record.preview = preview;
  record.started_at = environment.clock.now_unix_ms();
  record.request_json = environment.redactor.mask(json_text(request));
  environment.store.begin(record);
  return record;
}

Poco::JSON::Object::Ptr request_of(const DestinationConfig& place, const std::string& description) {
  Poco::JSON::Object::Ptr json = new Poco::JSON::Object(Poco::JSON_PRESERVE_KEY_ORDER);
  const bool named = place.line > 0 || place.file.empty();
  json->set("to", named ? place.name : place.file);
  json->set("destination", description);
  return json;
}

Poco::JSON::Object::Ptr request_of(const SyncRequest& request, const DestinationConfig& place,
                                   const std::string& description) {
  Poco::JSON::Object::Ptr json = request_of(place, description);
  json->set("mode", request.mode == SyncMode::full    ? "full"
                    : request.mode == SyncMode::sweep ? "sweep"
                                                      : "incremental");
  Poco::JSON::Array::Ptr models = new Poco::JSON::Array;
  for (const SyncModel& model : request.models)
    models->add(model.from.empty() ? model.name : model.name + "=" + model.from);
  json->set("models", models);
  if (request.only_due) json->set("due", true);
  json->set("preview", request.preview);
  return json;
}

void end_record(Environment& environment, RunRecord& record, Statistics& statistics, std::optional<RunError>& error,
                const std::vector<Item>& items, const std::string& state) {
  record.finished_at = environment.clock.now_unix_ms();
  record.state = state.empty() ? state_at_end(error, statistics) : state;
  if (error) {
    error->message = environment.redactor.mask(error->message);
    statistics.problems.push_back({"error", "", "", "", error->code, error->message});
  }
  record.error = error;
  statistics.run = identity_of(record);
  if (!items.empty()) record_or_warn(statistics, [&] { environment.store.add_items(record.id, items); });
  record.statistics_json = environment.redactor.mask(statistics.to_text());
  record_end(environment.store, record, statistics);
}

TargetLock lock_models(Environment& environment, const RunRecord& record, const std::string& destination,
                       const Cancellation& cancellation) {
  const std::string what = record.connection + " in " + destination;
  return TargetLock(environment.state_directory, "sync " + what, cancellation, [&] {
    environment.observer.on_log(record, 1, "ferry", "another run works on " + what + "; this one waits");
  });
}

void make_unions(Destination& destination, const DestinationConfig& place, const std::string& connection,
                 Statistics& statistics) {
  std::optional<std::vector<ModelState>> all;
  for (const UnionView& view : place.unions) {
    if (std::none_of(view.members.begin(), view.members.end(),
                     [&](const UnionView::Member& member) { return member.connection == connection; }))
      continue;
    const auto error = ended_with([&]() -> std::optional<RunError> {
      if (!all) all = destination.models();
      std::vector<ModelState> members;
      for (const UnionView::Member& member : view.members) {
        std::vector<std::string> synced;
        const auto before = members.size();
        for (const ModelState& state : *all) {
          if (state.connection != member.connection || state.table_gone) continue;
          synced.push_back(state.model);
          if (state.model == member.model) members.push_back(state);
        }
        // Another connection's turn may still come; this one's was now.
        if (members.size() == before && member.connection == connection && !synced.empty())
          statistics.problems.push_back({"notice", "", "", "", "union_not_made",
                                         member.place + "the union " + view.name +
                                             " is not made: " + destination.description() + " holds no data model " +
                                             printable(shortened(member.model, 80)) + " of " + connection +
                                             suggestion(member.model, synced)});
      }
      if (members.size() == view.members.size()) destination.make_union(view.name, members);
      return std::nullopt;
    });
    if (error)
      statistics.problems.push_back(
          {"warning", "", "", view.name, error->code, "the union could not be made: " + error->message});
  }
}

}  // namespace ferry::host
