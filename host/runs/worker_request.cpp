#include "host/runs/worker_request.hpp"

#include <Poco/JSON/Array.h>

#include <cstdlib>

#include "host/base/failure.hpp"
#include "host/base/json_text.hpp"
#include "host/base/text.hpp"

namespace ferry::host {
namespace {

using Poco::JSON::Array;
using Poco::JSON::Object;

// As curl reads them: http_proxy in lower case only, because a CGI server sets HTTP_PROXY from a request's header.
std::string environment(const char* lower_case, const char* upper_case) {
  for (const char* name : {lower_case, upper_case})
    if (const char* value = name == nullptr ? nullptr : std::getenv(name)) return value;
  return {};
}

// A checkpoint as its connector wrote it: read and written anew, a long number would be another.
std::string stream_json(const StreamRead& stream) {
  Object item(Poco::JSON_PRESERVE_KEY_ORDER);
  item.set("stream", stream.stream);
  item.set("mode", stream.mode);
  if (!stream.from.empty()) item.set("from", stream.from);
  if (stream.overlap_ms > 0) item.set("overlap_ms", stream.overlap_ms);
  std::string text = json_text(item);
  if (stream.checkpoint.empty()) return text;
  if (!is_json_object(stream.checkpoint))
    throw Failure(Fault::connector, "bad_checkpoint",
                  "the checkpoint of " + stream.stream + " that was kept is no JSON object: " +
                      printable(shortened(stream.checkpoint, 120)) + "; forget it with ferry sync state reset");
  text.pop_back();
  return text + ",\"checkpoint\":" + stream.checkpoint + "}";
}

std::string read_json(const RunRequest& request) {
  std::string streams;
  for (const StreamRead& stream : request.streams) streams += (streams.empty() ? "" : ",") + stream_json(stream);
  Object rest(Poco::JSON_PRESERVE_KEY_ORDER);
  rest.set("options", parse_object(request.options));
  return "{\"streams\":[" + streams + "]," + json_text(rest).substr(1);
}

}  // namespace

std::string request_json(const RunRequest& request, const std::string& idempotency_key) {
  if (request.operation == "read") return read_json(request);
  Object json(Poco::JSON_PRESERVE_KEY_ORDER);
  if (request.operation == "export") {
    Array::Ptr select = new Array;
    for (const Selection& selection : request.select) {
      Object::Ptr item = new Object(Poco::JSON_PRESERVE_KEY_ORDER);
      if (!selection.type.empty()) item->set("type", selection.type);
      item->set("key", selection.key);
      select->add(item);
    }
    json.set("select", select);
    json.set("dependencies", request.dependencies);
    json.set("options", parse_object(request.options));
  } else if (request.operation == "import") {
    json.set("preview", request.import.preview);
    json.set("policy", request.import.policy);
    json.set("prune", request.import.prune);
    Array::Ptr mapping = new Array;
    for (const ItemMapping& entry : request.import.mapping) {
      Object::Ptr item = new Object(Poco::JSON_PRESERVE_KEY_ORDER);
      item->set("type", entry.type);
      item->set("source", entry.source);
      item->set("target", entry.target);
      mapping->add(item);
    }
    json.set("mapping", mapping);
    json.set("options", parse_object(request.options));
    json.set("idempotency_key", idempotency_key);
  }
  return json_text(json);
}

std::string config_json(const Connection* connection, const Poco::JSON::Object::Ptr& settings) {
  Object json(Poco::JSON_PRESERVE_KEY_ORDER);
  json.set("connection", connection == nullptr ? "" : connection->name);
  json.set("url", connection == nullptr ? "" : connection->url);
  if (connection != nullptr && !connection->stage.empty()) json.set("stage", connection->stage);
  json.set("settings", settings);
  return json_text(json);
}

HttpSettings http_settings(const Connection& connection, const Manifest& manifest) {
  HttpSettings http;
  http.base_url = connection.url;
  http.allowed_hosts = manifest.allowed_hosts;
  http.allowed_hosts.insert(http.allowed_hosts.end(), connection.allow_hosts.begin(), connection.allow_hosts.end());
  http.verify_tls = connection.verify_tls;
  http.ca_file = connection.ca_file;
  http.http_proxy = environment("http_proxy", nullptr);
  http.https_proxy = environment("https_proxy", "HTTPS_PROXY");
  http.no_proxy = environment("no_proxy", "NO_PROXY");
  http.idle_timeout = connection.timeout;
  http.max_attempts = connection.attempts;
  const ConnectionRateLimit& limit = connection.rate_limit;
  http.rate.declared = {limit.requests, limit.per.count(), limit.concurrent, limit.reserve};
  http.rate.waiting_after = limit.waiting_after;
  http.rate.longest_wait = limit.longest_wait;
  return http;
}

}  // namespace ferry::host
