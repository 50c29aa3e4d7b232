#include "host/statistics/statistics.hpp"

#include <Poco/JSON/Array.h>

#include "host/base/clock.hpp"
#include "host/base/json_text.hpp"
#include "host/statistics/outcomes.hpp"

namespace ferry::host {
namespace {

using Poco::JSON::Array;
using Poco::JSON::Object;

Object::Ptr ordered_object() { return new Object(Poco::JSON_PRESERVE_KEY_ORDER); }

void set_counts(Object& json, const OutcomeCounts& counts) {
  json.set("total", counts.total);
  for (const Outcome& outcome : outcomes) json.set(std::string(outcome.word), counts.*outcome.field);
}

OutcomeCounts read_counts(const Object& json) {
  OutcomeCounts counts;
  counts.total = json.optValue<std::uint64_t>("total", 0);
  for (const Outcome& outcome : outcomes)
    counts.*outcome.field = json.optValue<std::uint64_t>(std::string(outcome.word), 0);
  return counts;
}

void set_if(Object& json, const char* name, const std::string& value) {
  if (!value.empty()) json.set(name, value);
}

void set_if(Object& json, const char* name, const std::optional<std::uint64_t>& value) {
  if (value) json.set(name, *value);
}

void set_synced(Object& json, const SyncedType& synced) {
  set_if(json, "table", synced.table);
  json.set("mode", synced.mode);
  json.set("state", synced.state);
  json.set("duplicates", synced.duplicates);
}

Object::Ptr run_json(const RunIdentity& run) {
  Object::Ptr json = ordered_object();
  json->set("id", run.id);
  json->set("operation", run.operation);
  set_if(*json, "connection", run.connection);
  Object::Ptr connector = ordered_object();
  connector->set("id", run.connector_id);
  connector->set("version", run.connector_version);
  json->set("connector", connector);
  json->set("preview", run.preview);
  json->set("state", run.state);
  json->set("attempt", run.attempt);
  json->set("started_at", rfc3339(run.started_at));
  if (run.finished_at) json->set("finished_at", rfc3339(*run.finished_at));
  return json;
}

}  // namespace

OutcomeCounts& OutcomeCounts::operator+=(const OutcomeCounts& other) {
  total += other.total;
  for (const Outcome& outcome : outcomes) this->*outcome.field += other.*outcome.field;
  return *this;
}

Transfer& Transfer::operator+=(const Transfer& other) {
  for (const auto figure : {&Transfer::requests, &Transfer::retries, &Transfer::throttled_ms, &Transfer::bytes_sent,
                            &Transfer::bytes_received, &Transfer::rate_limited})
    this->*figure += other.*figure;
  return *this;
}

OutcomeCounts Statistics::totals() const {
  OutcomeCounts sum;
  for (const auto& [type, counts] : items) sum += counts;
  return sum;
}

bool Statistics::has_errors() const {
  for (const Problem& problem : problems)
    if (problem.severity == "error") return true;
  return totals().failed > 0;
}

Object::Ptr Statistics::to_json() const {
  Object::Ptr json = ordered_object();
  json->set("format", "ferry.statistics/1");
  json->set("run", run_json(run));
  Array::Ptr item_list = new Array;
  for (const auto& [type, counts] : items) {
    Object::Ptr item = ordered_object();
    item->set("type", type);
    set_counts(*item, counts);
    if (const auto found = synced.find(type); found != synced.end()) set_synced(*item, found->second);
    item_list->add(item);
  }
  json->set("items", item_list);
  Object::Ptr sum = ordered_object();
  set_counts(*sum, totals());
  json->set("totals", sum);
  Array::Ptr problem_list = new Array;
  for (const Problem& problem : problems) {
    Object::Ptr item = ordered_object();
    item->set("severity", problem.severity);
    set_if(*item, "type", problem.type);
    set_if(*item, "id", problem.id);
    set_if(*item, "name", problem.name);
    item->set("code", problem.code);
    item->set("message", problem.message);
    problem_list->add(item);
  }
  json->set("problems", problem_list);
  if (transfer) {
    Object::Ptr figures = ordered_object();
    figures->set("requests", transfer->requests);
    figures->set("retries", transfer->retries);
    figures->set("throttled_ms", transfer->throttled_ms);
    figures->set("rate_limited", transfer->rate_limited);
    figures->set("bytes_sent", transfer->bytes_sent);
    figures->set("bytes_received", transfer->bytes_received);
    json->set("transfer", figures);
  }
  if (records) {
    Object::Ptr figures = ordered_object();
    set_if(*figures, "fetched", records->fetched);
    set_if(*figures, "received", records->received);
    set_if(*figures, "committed", records->committed);
    json->set("records", figures);
  }
  if (steps.empty()) return json;
  Array::Ptr sections = new Array;
  for (const StepStatistics& step : steps) {
    Object::Ptr section = ordered_object();
    section->set("name", step.name);
    section->set("state", step.state);
    set_if(*section, "reason", step.reason);
    if (step.statistics) section->set("statistics", step.statistics->to_json());
    sections->add(section);
  }
  json->set("steps", sections);
  return json;
}

std::string Statistics::to_text() const { return json_text(*to_json()); }

Statistics Statistics::from_json(const Object& json) {
  Statistics statistics;
  if (const Object::Ptr run = json.getObject("run")) {
    statistics.run.id = run->optValue<std::string>("id", "");
    statistics.run.operation = run->optValue<std::string>("operation", "");
    statistics.run.connection = run->optValue<std::string>("connection", "");
    if (const Object::Ptr connector = run->getObject("connector")) {
      statistics.run.connector_id = connector->optValue<std::string>("id", "");
      statistics.run.connector_version = connector->optValue<std::string>("version", "");
    }
    statistics.run.preview = run->optValue("preview", false);
    statistics.run.state = run->optValue<std::string>("state", "");
    statistics.run.attempt = run->optValue("attempt", 1);
    statistics.run.started_at = parse_rfc3339(run->optValue<std::string>("started_at", "")).value_or(0);
    statistics.run.finished_at = parse_rfc3339(run->optValue<std::string>("finished_at", ""));
  }
  if (const Array::Ptr items = json.getArray("items"))
    for (unsigned i = 0; i < items->size(); ++i)
      if (const Object::Ptr item = items->getObject(i)) {
        const auto text = [&](const char* name) { return item->optValue<std::string>(name, ""); };
        statistics.items[text("type")] = read_counts(*item);
        if (item->has("mode"))
          statistics.synced[text("type")] = {text("table"), text("mode"), text("state"),
                                             item->optValue<std::uint64_t>("duplicates", 0)};
      }
  if (const Array::Ptr problems = json.getArray("problems"))
    for (unsigned i = 0; i < problems->size(); ++i)
      if (const Object::Ptr item = problems->getObject(i)) {
        const auto text = [&](const char* name) { return item->optValue<std::string>(name, ""); };
        statistics.problems.push_back(
            {text("severity"), text("type"), text("id"), text("name"), text("code"), text("message")});
      }
  if (const Object::Ptr transfer = json.getObject("transfer")) {
    const auto figure = [&](const char* name) { return transfer->optValue<std::uint64_t>(name, 0); };
    statistics.transfer = Transfer{figure("requests"),   figure("retries"),        figure("throttled_ms"),
                                   figure("bytes_sent"), figure("bytes_received"), figure("rate_limited")};
  }
  if (const Object::Ptr records = json.getObject("records")) {
    const auto figure = [&](const char* name) -> std::optional<std::uint64_t> {
      if (!records->has(name)) return std::nullopt;
      return records->getValue<std::uint64_t>(name);
    };
    statistics.records = RecordCounts{figure("fetched"), figure("received"), figure("committed")};
  }
  if (const Array::Ptr sections = json.getArray("steps"))
    for (unsigned i = 0; i < sections->size(); ++i)
      if (const Object::Ptr section = sections->getObject(i)) {
        const auto text = [&](const char* name) { return section->optValue<std::string>(name, ""); };
        StepStatistics step{text("name"), text("state"), text("reason"), std::nullopt};
        if (const Object::Ptr of_step = section->getObject("statistics")) step.statistics = from_json(*of_step);
        statistics.steps.push_back(std::move(step));
      }
  return statistics;
}

}  // namespace ferry::host
