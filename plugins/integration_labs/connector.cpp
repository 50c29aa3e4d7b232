// The connector: the operations, each in a few steps; what they do stands in the other files of this folder.
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "api.hpp"
#include "ferry/sdk.hpp"
#include "models.hpp"
#include "platform_sync.hpp"
#include "reading.hpp"

namespace ferry::integration_labs {

class IntegrationLabs {
 public:
  IntegrationLabs(Host host, const Config& config) : host_(host), settings_(Settings::parse(config)) {}

  void check(const Call& call) {
    Api api(host_, call, settings_);
    const Connection connection = api.connection();
    report_health(call, connection);
    const Json configuration = api.get("core/syncs/config", "reading the sync configuration");
    std::size_t enabled = 0;
    const Model* readable = nullptr;
    for (const Json& entry : entries(configuration)) {
      if (!entry.bool_or("enabled", false)) continue;
      ++enabled;
      const Model* model = find_model(entry.text_or("data_model", ""));
      if (readable == nullptr && model != nullptr && model->readable()) readable = model;
    }
    if (readable == nullptr) {
      call.problem(
          {.severity = "warning",
           .code = "nothing_enabled",
           .message = "no data model is enabled in the account's sync configuration: there is nothing to read"});
    } else {
      // The right to see companies is not the right to read what they keep.
      const HttpResponse answer = api.get_raw(
          std::string(readable->path) + "?limit=1&rootfi_company_id%5Beq%5D=" + std::to_string(settings_.company_id));
      if (!answer.ok()) api.fail("reading " + std::string(readable->name), answer);
    }
    call.problem({.severity = "notice",
                  .code = "platform",
                  .message = "company " + std::to_string(settings_.company_id) + " (" + connection.company + ") on " +
                             (connection.found ? connection.integration : "no accounting software") + ", " +
                             std::to_string(enabled) + " data models enabled, last synced " +
                             (connection.last_synced.empty() ? "never" : connection.last_synced)});
  }

  void catalog(const Call& call, Sink sink) {
    Api api(host_, call, settings_);
    const Json configuration = api.get("core/syncs/config", "reading the sync configuration");
    Records records = sink.records("catalog");
    for (const Model& model : models()) {
      const auto& all = entries(configuration);
      const auto entry = std::find_if(all.begin(), all.end(),
                                      [&](const Json& one) { return one.text_or("data_model", "") == model.name; });
      Json stream = Json::object({{"stream", model.name},
                                  {"kind", "data"},
                                  {"title", title_of(model.name)},
                                  {"key", Json::array({"rootfi_id"})},
                                  {"cursor", "rootfi_updated_at"},
                                  {"removals", "flagged"},
                                  {"removed_when", "rootfi_deleted_at"},
                                  {"readable", model.readable()},
                                  {"enabled", entry != all.end() && entry->bool_or("enabled", false)}});
      if (entry != all.end() && (*entry)["frequency"].is_string())
        stream.set("platform_frequency", (*entry)["frequency"]);
      if (model.readable()) stream.set("schema", schema_of(model));
      records.add(stream);
    }
    records.flush();
  }

  void read(const Call& call, const ReadRequest& request, Sink sink) {
    // What cannot be read is said before anything is asked of the platform.
    for (const StreamRequest& stream : request.streams) readable_model(stream.stream);
    Api api(host_, call, settings_);
    std::vector<Reading> readings;
    for (const StreamRequest& stream : request.streams)
      readings.emplace_back(host_, call, api, readable_model(stream.stream), stream);
    const std::string_view platform_sync =
        request.options.text_or("platform_sync", settings_.triggers ? "trigger" : "read_only");
    if (platform_sync != "trigger" && platform_sync != "read_only")
      throw Error(FERRY_BAD_CONFIG,
                  "the option platform_sync is \"" + std::string(platform_sync) + "\"; it can be trigger or read_only");
    if (platform_sync == "trigger") sync_platform(call, api, request);
    for (Reading& reading : readings) reading.run(sink);
  }

 private:
  static const Json::Array& entries(const Json& configuration) {
    const Json& list = configuration["sync_config"];
    if (!list.is_array())
      throw Error(FERRY_REMOTE, "reading the sync configuration: the answer of Integration Labs has no sync_config");
    return list.items();
  }

  static void report_health(const Call& call, const Connection& connection) {
    const std::string what = "the connection to " + connection.integration;
    const std::string until = connection.last_synced.empty() ? "" : " of " + connection.last_synced;
    if (!connection.found)
      call.problem({.severity = "error",
                    .code = "not_connected",
                    .message = "the company has no connection to accounting software; send it an invite link"});
    else if (connection.health == "PENDING")
      call.problem({.severity = "warning",
                    .code = "connection_pending",
                    .message = what + " is not set up to its end: there may be nothing to read yet"});
    else if (!connection.healthy())
      call.problem({.severity = "error",
                    .code = connection.health == "EXPIRED" ? "connection_expired" : "connection_disconnected",
                    .message = what + " is " + connection.health +
                               ": its user has to connect again; what can be "
                               "read is the state" +
                               until});
    if (connection.sleeps())
      call.problem({.severity = "notice",
                    .code = "platform_sync_sleeps",
                    .message = "a sync of the platform waits for the rate limit of " + connection.integration +
                               (connection.resumes_at.empty() ? "" : " until " + connection.resumes_at)});
  }

  // One sync for what is read in full, one for the rest: the platform has them full or not.
  void sync_platform(const Call& call, Api& api, const ReadRequest& request) const {
    const Connection connection = api.connection();
    if (!connection.found || !connection.healthy())
      throw Error(FERRY_AUTH, "starting a sync of the platform: the connection to " + connection.integration + " is " +
                                  (connection.found ? connection.health : "not there") +
                                  "; have its user connect again, or read what is there with platform_sync: read_only");
    for (const bool full : {false, true}) {
      std::vector<SyncedModel> models;
      for (const StreamRequest& stream : request.streams)
        if ((stream.mode == "full") == full) models.push_back({stream.stream, stream.from});
      if (models.empty()) continue;
      PlatformSync sync(host_, call, api);
      sync.start(connection, models, full);
      sync.follow();
    }
  }

  Host host_;
  Settings settings_;
};

}  // namespace ferry::integration_labs

FERRY_CONNECTOR(ferry::integration_labs::IntegrationLabs, R"({"id":"integration-labs","version":"0.1.0"})")
