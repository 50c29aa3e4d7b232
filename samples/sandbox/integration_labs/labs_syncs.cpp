// The paths below core/syncs and core/webhooks, and what they set going.
#include <algorithm>

#include "samples/sandbox/core/seeded.hpp"
#include "samples/sandbox/integration_labs/labs.hpp"
#include "samples/sandbox/integration_labs/text.hpp"

namespace sandbox::integration_labs {
namespace {

using Asked = std::vector<std::pair<const Model*, std::optional<std::int64_t>>>;

[[noreturn]] void refuse_models(const std::string& message) {
  throw Refusal{400, "invalid-params", message, "data_models_to_sync"};
}

std::pair<const Model*, std::optional<std::int64_t>> asked_model(const json::Value& value) {
  std::string name = json::as_string(value);
  std::optional<std::int64_t> from;
  if (const json::Object object = json::as_object(value)) {
    name = json::string(object, "data_model");
    if (!json::is_null(object, "sync_from")) {
      from = parse_time(json::string(object, "sync_from"));
      if (!from) refuse_models("sync_from must be a date, as 2023-01-01");
    }
  }
  const Model* model = find_model(name);
  if (model == nullptr) refuse_models("the data model " + name + " is unknown");
  return {model, from};
}

std::string joined(const std::vector<std::string>& records) {
  std::string out = "[";
  for (const std::string& record : records) {
    if (out.size() > 1) out += ',';
    out += record;
  }
  return out + "]";
}

}  // namespace

Answer Labs::syncs(const Request& request, const Segments& at) {
  if (at.size() == 2 && request.method == "POST") return start_sync(request);
  if (request.method != "GET") throw Refusal{404, "not-found", request.method + " " + request.path, ""};
  if (at.size() == 3 && at[2] == "config") return sync_configuration(request);
  if (at.size() == 4 && at[2] == "jobs") {
    for (const Sync& sync : syncs_.all())
      for (const Job& job : sync.jobs)
        if (std::to_string(job.number) == at[3])
          return json_answer(json::object({{"data", sync.job_to_json(job, now())}}));
    throw Refusal{404, "not-found", "The job " + at[3] + " was not found", ""};
  }
  if (at.size() > 2) {
    const Sync* sync = syncs_.find(at[2]);
    if (sync == nullptr) throw Refusal{404, "not-found", "The sync " + at[2] + " was not found", ""};
    if (at.size() == 3) return json_answer(json::object({{"data", sync->to_json(now())}}));
    if (at.size() == 4 && at[3] == "jobs") {
      json::Array jobs = json::array();
      for (const Job& job : sync->jobs) jobs->add(sync->job_to_json(job, now()));
      return json_answer(json::object({{"data", jobs}, {"next", json::null()}}));
    }
    throw Refusal{404, "not-found", request.path, ""};
  }
  // The newest first. [inferred]
  const auto limit = parse_number(request.parameter("limit").value_or("100"));
  const auto before = parse_number(from_base64(request.parameter("next").value_or("")).value_or("0"));
  if (!limit || *limit == 0 || !before) throw Refusal{400, "invalid-params", "limit must be a number above 0", "limit"};
  const std::string of_company = request.parameter("rootfi_company_id").value_or("");
  json::Array data = json::array();
  json::Value next = json::null();
  std::uint64_t last = 0;
  for (auto sync = syncs_.all().rbegin(); sync != syncs_.all().rend(); ++sync) {
    if ((*before != 0 && sync->number >= *before) ||
        (!of_company.empty() && std::to_string(sync->company_id) != of_company))
      continue;
    if (data->size() == *limit) {
      next = base64(std::to_string(last));
      break;
    }
    data->add(sync->to_json(now()));
    last = sync->number;
  }
  return json_answer(json::object({{"data", data}, {"next", next}}));
}

Answer Labs::start_sync(const Request& request) {
  const json::Object body = json::parse_object(request.text(1u << 20));
  if (json::is_null(body, "company_id")) throw Refusal{400, "missing-params", "company_id is missing", "company_id"};
  const Company& of = company(static_cast<std::uint64_t>(json::integer(body, "company_id")));
  const std::string integration = json::string(body, "integration_type", of.integration_type);
  if (integration != of.integration_type)
    throw Refusal{400, "invalid-params", "the company has no connection to " + integration, "integration_type"};
  if (of.connection_status != "HEALTHY")
    throw Refusal{400, "operation-denied", "the connection is " + of.connection_status, ""};
  Asked asked;
  for (const json::Value& value : json::elements(body, "data_models_to_sync")) asked.push_back(asked_model(value));
  if (asked.empty())
    for (const Model& model : models())
      if (configuration_.at(model.name).enabled) asked.emplace_back(&model, std::nullopt);
  std::vector<bool> failing;
  for (const auto& [model, from] : asked) {
    if (!configuration_.at(model->name).enabled || !of.tables.contains(model->name))
      refuse_models("the data model " + std::string(model->name) + " is not enabled");
    failing.push_back(settings_.faults != nullptr && settings_.faults->fails(model->name));
  }
  const Sync& sync =
      syncs_.start(settings_.seed, of.id, of.integration_type, json::boolean(body, "full_sync"), asked, pace_,
                   settings_.faults == nullptr ? "" : settings_.faults->take_job(), failing, now());
  ++counters_["syncs_started"];
  return json_answer(json::object({{"data", sync.to_json(now())}}));
}

json::Object Labs::configuration_json(const Model& model) const {
  const Configuration& configuration = configuration_.at(model.name);
  return json::object({{"enabled", configuration.enabled},
                       {"interval", configuration.interval},
                       {"frequency", configuration.frequency},
                       {"data_model", std::string(model.name)},
                       {"category", std::string(model.category)},
                       {"scope_access", json::object({{"READ", configuration.enabled && !model.path.empty()},
                                                      {"CREATE", false},
                                                      {"UPDATE", false},
                                                      {"DELETE", false}})}});
}

Answer Labs::sync_configuration(const Request& request) const {
  const std::string category = request.parameter("category").value_or("");
  json::Array out = json::array();
  for (const Model& model : models())
    if (category.empty() || model.category == category) out->add(configuration_json(model));
  if (out->size() == 0) throw Refusal{400, "invalid-params", "the category " + category + " is unknown", "category"};
  return json_answer(json::object({{"sync_config", out}}));
}

void Labs::configure(const std::vector<json::Value>& sync_config) {
  for (const json::Value& value : sync_config) {
    const json::Object entry = json::as_object(value);
    const Model* model = find_model(json::string(entry, "data_model"));
    if (model == nullptr)
      throw Refusal{400, "invalid-params", "sync_config names an unknown data model", "sync_config"};
    Configuration& configuration = configuration_[model->name];
    configuration.enabled = json::boolean(entry, "enabled", configuration.enabled);
    configuration.frequency = json::string(entry, "frequency", configuration.frequency);
    configuration.interval = json::integer(entry, "interval", configuration.interval);
  }
}

Answer Labs::webhooks(const Request& request, const Segments& at) {
  if (at.size() == 2 && request.method == "GET") {
    json::Array data = json::array();
    for (const Webhook& webhook : webhooks_) data->add(webhook.to_json());
    return json_answer(json::object({{"data", data}}));
  }
  if (at.size() == 2 && request.method == "POST") {
    const json::Object given = json::child(json::parse_object(request.text(1u << 20)), "webhook");
    if (!given) throw Refusal{400, "missing-params", "webhook is missing", "webhook"};
    Webhook webhook;
    webhook.read(given);
    webhook.id = next_webhook_++;
    webhook.created_at = now();
    webhooks_.push_back(webhook);
    deliveries_.start();
    return json_answer(webhook.to_json());
  }
  const auto found = std::find_if(webhooks_.begin(), webhooks_.end(), [&](const Webhook& webhook) {
    return at.size() == 3 && std::to_string(webhook.id) == at[2];
  });
  if (found == webhooks_.end()) throw Refusal{404, "not-found", "The webhook " + request.path + " was not found", ""};
  const json::Object shown = found->to_json();
  if (request.method == "DELETE") {
    webhooks_.erase(found);
    return json_answer(json::object({{"data", shown}}));
  }
  if (request.method != "PUT") throw Refusal{404, "not-found", request.method + " " + request.path, ""};
  const json::Object body = json::parse_object(request.text(1u << 20));
  const json::Object given = json::child(body, "webhook");
  Webhook changed = *found;
  changed.read(given ? given : body);
  *found = changed;
  return json_answer(json::object({{"data", changed.to_json()}}));
}

void Labs::advance() {
  const std::int64_t time = now();
  for (Sync& sync : syncs_.all()) {
    if (sync.told) continue;
    const auto of = std::find_if(companies_.begin(), companies_.end(),
                                 [&](const Company& company) { return company.id == sync.company_id; });
    for (Job& job : sync.jobs) {
      if (job.done || time < job.ends_at) continue;
      job.done = true;
      if (job.fails || of == companies_.end()) continue;
      const Table::Brought brought = of->tables.at(job.model->name)->bring(sync.full, job.from, job.ends_at);
      tell_changes(*of, *job.model, brought, sync.full);
    }
    if (time < sync.ends_at()) continue;
    sync.told = true;
    ++counters_["syncs_ended"];
    if (of == companies_.end()) continue;
    of->last_synced = sync.ends_at();
    tell("SYNC_COMPLETED", "", *of, "", json::text(sync.to_json(time)));
  }
}

// A full sync sends also what did not change, as updates: that is how the
// platform is known to behave.
void Labs::tell_changes(const Company& of, const Model& model, const Table::Brought& brought, bool full) {
  const auto heard = [&](std::string_view operation) {
    return std::any_of(webhooks_.begin(), webhooks_.end(), [&](const Webhook& webhook) {
      return webhook.wants("DATA_MODEL_CHANGES", operation, model.name);
    });
  };
  const Table& table = *of.tables.at(model.name);
  const auto send = [&](std::string_view operation, const std::vector<std::uint64_t>& indices) {
    constexpr std::size_t most_in_a_message = 100;
    if (!heard(operation)) return;
    std::vector<std::string> records;
    for (std::size_t i = 0; i < indices.size(); ++i) {
      records.push_back(table.record(indices[i]));
      if (records.size() < most_in_a_message && i + 1 < indices.size()) continue;
      tell("DATA_MODEL_CHANGES", operation, of, model.name, joined(records));
      records.clear();
    }
  };
  send("CREATE", brought.created);
  std::vector<std::uint64_t> updated = brought.updated;
  if (full && heard("UPDATE"))
    for (std::uint64_t index = 0; index < table.size(); ++index)
      if (table.row(index).deleted_at == 0 &&
          !std::binary_search(brought.created.begin(), brought.created.end(), index) &&
          !std::binary_search(brought.updated.begin(), brought.updated.end(), index))
        updated.push_back(index);
  send("UPDATE", updated);
  send("DELETE", brought.deleted);
}

// The envelope is the documented one; that `type` tells the operation of a
// change of records is inferred.
void Labs::tell(std::string_view type, std::string_view operation, const Company& of, std::string_view data_model,
                const std::string& data) {
  for (const Webhook& webhook : webhooks_) {
    if (!webhook.wants(type, operation, data_model)) continue;
    std::string body = "{\"company_id\":" + std::to_string(of.id) + ",\"created_at\":\"" + iso_time(now()) + '"';
    if (!data_model.empty()) body += ",\"data_model\":\"" + std::string(data_model) + '"';
    body += ",\"integration_type\":\"" + of.integration_type + "\",\"type\":\"" +
            std::string(operation.empty() ? type : operation) + "\",\"data\":" + data + "}";
    std::vector<std::pair<std::string, std::string>> headers;
    for (const std::string& name : webhook.headers->getNames())
      headers.emplace_back(name, json::string(webhook.headers, name));
    deliveries_.post(webhook.url, std::move(headers), std::move(body));
  }
}

}  // namespace sandbox::integration_labs
