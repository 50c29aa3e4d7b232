#include "host/worker/worker_protocol.hpp"

#include <Poco/JSON/Array.h>

#include "host/base/json_text.hpp"
#include "host/worker/frames.hpp"

namespace ferry::host {
namespace {

using Poco::JSON::Array;
using Poco::JSON::Object;

Object::Ptr parse(std::string_view text) {
  if (Object::Ptr json = parse_object(text)) return json;
  throw Failure(Fault::connector, "bad_frame", "it wrote to ferry's own channel: a control frame is no JSON object");
}

template <class T>
T get(const Object& json, const char* name) {
  return json.optValue<T>(name, T());
}

Array::Ptr to_array(const std::vector<std::string>& texts) {
  Array::Ptr array = new Array;
  for (const std::string& text : texts) array->add(text);
  return array;
}

std::vector<std::string> texts(const Object& json, const char* name) {
  std::vector<std::string> out;
  if (const Array::Ptr array = json.getArray(name))
    for (unsigned i = 0; i < array->size(); ++i) out.push_back(array->getElement<std::string>(i));
  return out;
}

Object::Ptr to_object(const PackageFacts& package) {
  Object::Ptr json = new Object;
  json->set("sha256", package.sha256);
  json->set("size", package.size);
  json->set("description", package.description_json);
  return json;
}

PackageFacts package_facts(const Object& json) {
  return {get<std::string>(json, "sha256"), get<std::uint64_t>(json, "size"), get<std::string>(json, "description")};
}

Object::Ptr to_object(const RateSettings& rate) {
  Object::Ptr json = new Object;
  json->set("directory", rate.directory);
  json->set("account", rate.account);
  json->set("requests", rate.declared.requests);
  json->set("per_ms", rate.declared.per_ms);
  json->set("concurrent", rate.declared.concurrent);
  json->set("reserve", rate.declared.reserve);
  json->set("waiting_after", static_cast<std::int64_t>(rate.waiting_after.count()));
  json->set("longest_wait", static_cast<std::int64_t>(rate.longest_wait.count()));
  return json;
}

RateSettings rate_settings(const Object& json) {
  RateSettings rate;
  rate.directory = get<std::string>(json, "directory");
  rate.account = get<std::string>(json, "account");
  rate.declared = {get<std::int64_t>(json, "requests"), get<std::int64_t>(json, "per_ms"), get<int>(json, "concurrent"),
                   get<double>(json, "reserve")};
  rate.waiting_after = std::chrono::milliseconds(json.optValue<std::int64_t>("waiting_after", 10'000));
  rate.longest_wait = std::chrono::milliseconds(json.optValue<std::int64_t>("longest_wait", 3'600'000));
  return rate;
}

Object::Ptr to_object(const HttpSettings& http) {
  Object::Ptr json = new Object;
  json->set("base_url", http.base_url);
  json->set("allowed_hosts", to_array(http.allowed_hosts));
  json->set("verify_tls", http.verify_tls);
  json->set("ca_file", http.ca_file);
  json->set("http_proxy", http.http_proxy);
  json->set("https_proxy", http.https_proxy);
  json->set("no_proxy", http.no_proxy);
  json->set("connect_timeout", static_cast<std::int64_t>(http.connect_timeout.count()));
  json->set("idle_timeout", static_cast<std::int64_t>(http.idle_timeout.count()));
  json->set("max_attempts", http.max_attempts);
  json->set("rate", to_object(http.rate));
  json->set("record", http.traffic.record);
  json->set("replay", http.traffic.replay);
  json->set("replay_strict", http.traffic.strict);
  return json;
}

HttpSettings http_settings(const Object& json) {
  HttpSettings http;
  http.base_url = get<std::string>(json, "base_url");
  http.allowed_hosts = texts(json, "allowed_hosts");
  http.verify_tls = json.optValue("verify_tls", true);
  http.ca_file = get<std::string>(json, "ca_file");
  http.http_proxy = get<std::string>(json, "http_proxy");
  http.https_proxy = get<std::string>(json, "https_proxy");
  http.no_proxy = get<std::string>(json, "no_proxy");
  http.connect_timeout = std::chrono::milliseconds(json.optValue<std::int64_t>("connect_timeout", 10'000));
  http.idle_timeout = std::chrono::milliseconds(json.optValue<std::int64_t>("idle_timeout", 60'000));
  http.max_attempts = json.optValue("max_attempts", 5);
  if (const Object::Ptr rate = json.getObject("rate")) http.rate = rate_settings(*rate);
  http.traffic = {get<std::string>(json, "record"), get<std::string>(json, "replay"), get<bool>(json, "replay_strict")};
  return http;
}

}  // namespace

std::string hello_json() {
  return R"({"protocol":)" + std::to_string(protocol_version) + R"(,"abi":[1,)" + std::to_string(FERRY_ABI_MINOR) +
         R"(],"version":")" FERRY_VERSION R"("})";
}

void check_hello(std::string_view payload) {
  const unsigned spoken = parse(payload)->optValue<unsigned>("protocol", 0);
  if (spoken != protocol_version)
    throw Failure(Fault::machine, "protocol",
                  "the worker speaks protocol " + std::to_string(spoken) + ", this ferry " +
                      std::to_string(protocol_version) + ": was ferry updated while it ran? Start it again");
}

std::string WorkerStart::to_json() const {
  Object json;
  json.set("operation", operation);
  json.set("run_id", run_id);
  json.set("deadline", deadline_unix_ms);
  json.set("connector_id", connector_id);
  json.set("connector_version", connector_version);
  json.set("library", library);
  json.set("library_sha256", library_sha256);
  json.set("operations", to_array(operations));
  json.set("config", config_json);
  json.set("request", request_json);
  Object::Ptr values = new Object;
  for (const auto& [name, value] : secrets) values->set(name, value);
  json.set("secrets", values);
  json.set("granted_secrets", to_array(granted_secrets));
  if (http) json.set("http", to_object(*http));
  json.set("package", to_object(package));
  json.set("memory_mb", memory_mb);
  json.set("log_level", log_level);
  json.set("directory", directory);
  return json_text(json);
}

WorkerStart WorkerStart::from_json(const std::string& text) {
  const Object::Ptr json = parse(text);
  WorkerStart start;
  start.operation = get<std::string>(*json, "operation");
  start.run_id = get<std::string>(*json, "run_id");
  start.deadline_unix_ms = get<std::int64_t>(*json, "deadline");
  start.connector_id = get<std::string>(*json, "connector_id");
  start.connector_version = get<std::string>(*json, "connector_version");
  start.library = get<std::string>(*json, "library");
  start.library_sha256 = get<std::string>(*json, "library_sha256");
  start.operations = texts(*json, "operations");
  start.config_json = get<std::string>(*json, "config");
  start.request_json = get<std::string>(*json, "request");
  if (const Object::Ptr values = json->getObject("secrets"))
    for (const std::string& name : values->getNames()) start.secrets[name] = values->getValue<std::string>(name);
  start.granted_secrets = texts(*json, "granted_secrets");
  if (const Object::Ptr http = json->getObject("http")) start.http = http_settings(*http);
  if (const Object::Ptr package = json->getObject("package")) start.package = package_facts(*package);
  start.memory_mb = get<std::uint64_t>(*json, "memory_mb");
  start.log_level = get<int>(*json, "log_level");
  start.directory = get<std::string>(*json, "directory");
  return start;
}

WorkerDone WorkerDone::failed(const Failure& failure) {
  return {status_of(failure), failure.fault(), failure.code(), failure.message(), "", std::nullopt};
}

std::string WorkerDone::to_json() const {
  Object json;
  json.set("status", static_cast<int>(status));
  json.set("fault", std::string(fault_word(fault)));
  json.set("code", code);
  json.set("message", message);
  json.set("detail", detail_json);
  if (package) json.set("package", to_object(*package));
  return json_text(json);
}

WorkerDone WorkerDone::from_json(const std::string& text) {
  const Object::Ptr json = parse(text);
  WorkerDone done;
  done.status = json->optValue<int>("status", FERRY_INTERNAL);
  done.fault = parse_fault(get<std::string>(*json, "fault"));
  done.code = get<std::string>(*json, "code");
  done.message = get<std::string>(*json, "message");
  done.detail_json = get<std::string>(*json, "detail");
  if (const Object::Ptr package = json->getObject("package")) done.package = package_facts(*package);
  return done;
}

std::string WorkerProgress::to_json() const {
  Object json;
  json.set("stage", stage);
  json.set("phase", phase);
  json.set("done", done);
  json.set("total", total);
  json.set("requests", requests);
  json.set("retries", retries);
  json.set("throttled_ms", throttled_ms);
  json.set("bytes_sent", bytes_sent);
  json.set("bytes_received", bytes_received);
  json.set("package_bytes", package_bytes);
  json.set("rate_limited", rate_limited);
  json.set("busy_until_ms", busy_until_ms);
  json.set("waiting_until_ms", waiting_until_ms);
  json.set("waiting_for_limit", waiting_for_limit);
  return json_text(json);
}

WorkerProgress WorkerProgress::from_json(const std::string& text) {
  const Object::Ptr json = parse(text);
  const auto figure = [&](const char* name) { return get<std::uint64_t>(*json, name); };
  WorkerProgress progress;
  progress.stage = get<std::string>(*json, "stage");
  progress.phase = get<std::string>(*json, "phase");
  progress.done = figure("done");
  progress.total = figure("total");
  progress.requests = figure("requests");
  progress.retries = figure("retries");
  progress.throttled_ms = figure("throttled_ms");
  progress.bytes_sent = figure("bytes_sent");
  progress.bytes_received = figure("bytes_received");
  progress.package_bytes = figure("package_bytes");
  progress.rate_limited = figure("rate_limited");
  progress.busy_until_ms = get<std::int64_t>(*json, "busy_until_ms");
  progress.waiting_until_ms = get<std::int64_t>(*json, "waiting_until_ms");
  progress.waiting_for_limit = get<bool>(*json, "waiting_for_limit");
  return progress;
}

}  // namespace ferry::host
