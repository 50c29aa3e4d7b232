// The paths below /sandbox, for tests, and what of the environment survives a
// restart.
#include <algorithm>
#include <set>

#include "samples/sandbox/core/seeded.hpp"
#include "samples/sandbox/integration_labs/labs.hpp"
#include "samples/sandbox/integration_labs/text.hpp"

namespace sandbox::integration_labs {
namespace {

// The records that `value` means: their ids, or so many of them, chosen by the
// seed among those that are there.
std::vector<std::uint64_t> chosen(const Table& table, const json::Value& value, Random& random) {
  std::set<std::uint64_t> out;
  if (value.isArray()) {
    for (const json::Value& id : json::elements(value)) {
      const auto index = table.index_of(id.convert<std::uint64_t>());
      if (!index) throw BadRequest{"there is no record " + id.convert<std::string>()};
      out.insert(*index);
    }
  } else if (!value.isEmpty()) {
    std::vector<std::uint64_t> there;
    for (std::uint64_t index = 0; index < table.size(); ++index)
      if (table.row(index).deleted_at == 0) there.push_back(index);
    const auto count = value.convert<std::uint64_t>();
    if (count > there.size()) throw BadRequest{"there are not so many records"};
    for (std::size_t i = 0; i < count; ++i) {
      std::swap(there[i], there[i + random.below(there.size() - i)]);
      out.insert(there[i]);
    }
  }
  return {out.begin(), out.end()};
}

json::Array ids(const Table& table, const std::vector<std::uint64_t>& indices) {
  json::Array out = json::array();
  for (const std::uint64_t index : indices) out->add(table.first_id() + index);
  return out;
}

}  // namespace

Answer Labs::knob(const Request& request, const Segments& at) {
  if (at.size() == 1 && at[0] == "content" && request.method == "GET") return content();
  const json::Object body = json::parse_object(request.text(64u << 20));
  if (at.size() == 1 && at[0] == "changes" && request.method == "POST") {
    try {
      return change_content(body);
    } catch (const Poco::Exception&) {
      throw BadRequest{"modify and delete are numbers, or lists of ids; add is a number"};
    }
  }
  if (at.size() == 1 && at[0] == "options" && request.method == "PUT") {
    for (const std::string& name : body->getNames()) set_option(name, body->get(name).convert<std::string>());
    return empty_answer();
  }
  if (at.size() == 2 && at[0] == "companies" && request.method == "PUT") {
    Company& found = company(at[1]);
    found.connection_status = json::string(body, "connection_status", found.connection_status);
    found.updated_at = now();
    if (json::has(body, "sync_status")) {
      found.sync_status.reset();
      if (!json::is_null(body, "sync_status")) found.sync_status = json::string(body, "sync_status");
    }
    if (json::has(body, "sync_resume_at"))
      found.sync_resume_at = parse_time(json::string(body, "sync_resume_at")).value_or(0);
    if (json::has(body, "connection_status")) tell("CONNECTION_CHANGED", "", found, "", json::text(to_json(found)));
    return json_answer(json::object({{"data", to_json(found)}}));
  }
  throw Refusal{404, "not-found", request.method + " " + request.path + " is no knob", ""};
}

Answer Labs::change_content(const json::Object& body) {
  const Model* model = find_model(json::string(body, "data_model"));
  if (model == nullptr || model->path.empty()) throw BadRequest{"data_model must name a model that has records"};
  Company& of = json::is_null(body, "company_id")
                    ? companies_.front()
                    : company(static_cast<std::uint64_t>(json::integer(body, "company_id")));
  Table& table = *of.tables.at(model->name);
  Random random(settings_.seed, "changes " + std::to_string(++changes_));
  const json::Value none;
  const auto value = [&](const char* name) { return json::has(body, name) ? body->get(name) : none; };
  const std::vector<std::uint64_t> modified = chosen(table, value("modify"), random);
  const std::vector<std::uint64_t> removed = chosen(table, value("delete"), random);
  const auto added = json::integer(body, "add");
  for (const std::uint64_t index : modified) table.modify(index, now());
  for (const std::uint64_t index : removed) table.remove(index, now());
  if (added > 0) table.add(static_cast<std::uint64_t>(added), now());
  if (const json::Object members = json::child(body, "members"); members && members->size() > 0) {
    const std::string text = json::text(members);
    table.append_members("," + text.substr(1, text.size() - 2));
  }
  if (json::boolean(body, "bring")) tell_changes(of, *model, table.bring(false, std::nullopt, now()), false);
  return json_answer(
      json::object({{"added", added}, {"modified", ids(table, modified)}, {"deleted", ids(table, removed)}}));
}

Answer Labs::content() const {
  json::Array tables = json::array();
  for (const Company& of : companies_)
    for (const auto& [name, table] : of.tables) {
      std::int64_t deleted = 0;
      const std::uint64_t size = table->size();
      for (std::uint64_t index = 0; index < size; ++index) deleted += table->row(index).deleted_at != 0 ? 1 : 0;
      tables->add(json::object({{"company_id", of.id},
                                {"data_model", std::string(name)},
                                {"records", size - static_cast<std::uint64_t>(deleted)},
                                {"deleted", deleted},
                                {"waiting", table->waiting()}}));
    }
  return json_answer(json::object({{"tables", tables}}));
}

void Labs::set_option(const std::string& name, const std::string& value) {
  if (name == "rate_limit_headers") {
    rate_limit_.shown = value == "true" || value == "1";
    return;
  }
  const auto number = parse_number(value);
  if (!number) throw BadRequest{"the option " + name + " is no number: " + value};
  const auto amount = static_cast<std::int64_t>(*number);
  if (name == "job_ms")
    pace_.job_ms = amount;
  else if (name == "sleep_ms")
    pace_.sleep_ms = amount;
  else if (name == "sleep_after_jobs")
    pace_.sleep_after_jobs = *number;
  else if (name == "rate_limit")
    rate_limit_.limit = amount;
  else if (name == "rate_window_ms" && amount > 0)
    rate_limit_.window_ms = amount;
  else
    throw BadRequest{"there is no option " + name + " that can be changed"};
}

std::map<std::string, std::int64_t> Labs::counters() const {
  const std::lock_guard lock(mutex_);
  std::map<std::string, std::int64_t> all = counters_;
  std::int64_t running = 0;
  for (const Sync& sync : syncs_.all()) running += now() < sync.ends_at() ? 1 : 0;
  all["jobs_running"] = running;
  for (const auto& [name, value] : deliveries_.counters()) all[name] = value;
  return all;
}

std::string Labs::state() const {
  const std::lock_guard lock(mutex_);
  json::Array companies = json::array(), tables = json::array(), webhooks = json::array();
  json::Array configuration = json::array();
  for (const Company& of : companies_) {
    companies->add(json::object({{"id", of.id},
                                 {"name", of.name},
                                 {"partner_id", of.partner_id},
                                 {"connection_status", of.connection_status},
                                 {"updated_at", of.updated_at},
                                 {"last_synced", of.last_synced},
                                 {"deleted", of.deleted}}));
    for (const auto& [name, table] : of.tables)
      if (table->is_touched()) tables->add(table->state());
  }
  for (const Webhook& webhook : webhooks_) webhooks->add(webhook.to_json());
  for (const Model& model : models()) configuration->add(configuration_json(model));
  return json::text(json::object({{"companies", companies},
                                  {"tables", tables},
                                  {"syncs", syncs_.state()},
                                  {"webhooks", webhooks},
                                  {"sync_config", configuration},
                                  {"changes", changes_}}));
}

void Labs::restore(std::string_view text) {
  const std::lock_guard lock(mutex_);
  const json::Object kept = json::parse_object(text);
  for (const json::Value& value : json::elements(kept, "companies")) {
    const json::Object from = json::as_object(value);
    for (Company& of : companies_) {
      if (static_cast<std::int64_t>(of.id) != json::integer(from, "id")) continue;
      of.name = json::string(from, "name");
      of.partner_id = json::string(from, "partner_id");
      of.connection_status = json::string(from, "connection_status");
      of.updated_at = json::integer(from, "updated_at");
      of.last_synced = json::integer(from, "last_synced");
      of.deleted = json::boolean(from, "deleted");
    }
  }
  for (const json::Value& value : json::elements(kept, "tables")) {
    const json::Object from = json::as_object(value);
    for (Company& of : companies_)
      if (static_cast<std::int64_t>(of.id) == json::integer(from, "company_id"))
        if (const Model* model = find_model(json::string(from, "model"))) of.tables.at(model->name)->restore(from);
  }
  syncs_.restore(json::elements(kept, "syncs"));
  for (const json::Value& value : json::elements(kept, "webhooks")) {
    const json::Object from = json::as_object(value);
    Webhook& webhook = webhooks_.emplace_back();
    webhook.read(from);
    webhook.id = static_cast<std::uint64_t>(json::integer(from, "id"));
    webhook.created_at = parse_time(json::string(from, "created_at")).value_or(0);
    next_webhook_ = std::max(next_webhook_, webhook.id + 1);
  }
  if (!webhooks_.empty()) deliveries_.start();
  configure(json::elements(kept, "sync_config"));
  changes_ = static_cast<std::uint64_t>(json::integer(kept, "changes"));
}

}  // namespace sandbox::integration_labs
