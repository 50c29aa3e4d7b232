#include "host/cli/documents.hpp"

#include <Poco/JSON/Parser.h>
#include <Poco/JSON/Stringifier.h>

#include <sstream>

#include "host/base/clock.hpp"
#include "host/base/text.hpp"

namespace ferry::host {
namespace {

using Poco::JSON::Array;
using Poco::JSON::Object;

Object::Ptr new_object() { return new Object(Poco::JSON_PRESERVE_KEY_ORDER); }

Array::Ptr texts(const std::vector<std::string>& values) {
  Array::Ptr array = new Array;
  for (const std::string& value : values) array->add(value);
  return array;
}

void set_if(Object& object, const std::string& name, const std::string& value) {
  if (!value.empty()) object.set(name, valid_utf8(value));
}

Object::Ptr connector_reference(const RunRecord& run) {
  Object::Ptr connector = new_object();
  connector->set("id", run.connector_id).set("version", run.connector_version);
  set_if(*connector, "sha256", run.connector_sha256);
  return connector;
}

}  // namespace

std::string document_text(const Poco::Dynamic::Var& document) {
  std::ostringstream out;
  Poco::JSON::Stringifier::stringify(document, out, 2);
  return out.str() + "\n";
}

Object::Ptr error_document(std::string_view fault, const std::string& code, const std::string& message,
                           ExitCode exit_code) {
  Object::Ptr error = new_object();
  error->set("fault", std::string(fault)).set("code", code).set("message", valid_utf8(message));
  error->set("exit_code", static_cast<int>(exit_code));
  Object::Ptr document = new_object();
  document->set("error", error);
  return document;
}

Object::Ptr manifest_document(const Manifest& manifest) {
  Object::Ptr document = new_object();
  document->set("id", manifest.id).set("name", manifest.name).set("version", manifest.version);
  document->set("publisher", manifest.publisher);
  Object::Ptr abi = new_object();
  abi->set("major", manifest.abi_major).set("minor", manifest.abi_minor);
  document->set("abi", abi);
  document->set("manifest", manifest.file.string());
  document->set("library", manifest.library.string()).set("library_sha256", manifest.library_sha256);
  document->set("platforms", texts(manifest.platforms));
  document->set("operations", texts(manifest.operations));
  document->set("import_policies", texts(manifest.import_policies));
  document->set("import_options", texts(manifest.import_options));
  Object::Ptr options = new_object();
  for (const auto& [operation, schema] : manifest.options) options->set(operation, schema->get("properties"));
  document->set("options", options);
  Object::Ptr permissions = new_object();
  permissions->set("hosts", texts(manifest.allowed_hosts)).set("secrets", texts(manifest.secrets));
  permissions->set("optional_secrets", texts(manifest.optional_secrets));
  document->set("permissions", permissions);
  Object::Ptr limits = new_object();
  limits->set("memory_mb", manifest.memory_mb).set("start_ms", manifest.start_ms).set("idle_ms", manifest.idle_ms);
  document->set("limits", limits);
  if (manifest.config_schema) document->set("config_schema", manifest.config_schema);
  document->set("warnings", texts(manifest.warnings));
  return document;
}

Object::Ptr registry_document(const Registry& registry) {
  Array::Ptr connectors = new Array;
  for (const Manifest& manifest : registry.connectors()) connectors->add(manifest_document(manifest));
  Array::Ptr rejected = new Array;
  Array::Ptr looked_at = new Array;
  for (const Candidate& candidate : registry.candidates()) {
    if (candidate.taken) continue;
    Object::Ptr place = new_object();
    place->set("path", candidate.path.string());
    set_if(*place, "id", candidate.id);
    set_if(*place, "code", candidate.code);
    place->set("reason", valid_utf8(candidate.verdict));
    (candidate.code.empty() ? looked_at : rejected)->add(place);
  }
  Object::Ptr document = new_object();
  document->set("connectors", connectors).set("rejected", rejected).set("looked_at", looked_at);
  return document;
}

std::string url_text(const Config& config, const Connection& connection) {
  try {
    return config.resolved(connection).url;
  } catch (const Failure&) {  // is told when the connection is used
    return "env:" + connection.url_variable;
  }
}

Array::Ptr connections_document(const Config& config) {
  Array::Ptr document = new Array;
  for (const Connection& connection : config.connections()) {
    Object::Ptr entry = new_object();
    entry->set("name", connection.name).set("connector", connection.connector);
    set_if(*entry, "stage", connection.stage);
    entry->set("url", url_text(config, connection));
    document->add(entry);
  }
  return document;
}

Object::Ptr run_document(const RunRecord& run) {
  Object::Ptr document = new_object();
  document->set("id", run.id);
  set_if(*document, "parent", run.parent);
  document->set("operation", run.operation);
  set_if(*document, "connection", run.connection);
  set_if(*document, "stage", run.stage);
  if (!run.connector_id.empty()) document->set("connector", connector_reference(run));
  set_if(*document, "ferry_version", run.ferry_version);
  document->set("state", run.state).set("preview", run.preview);
  document->set("started_at", rfc3339(run.started_at));
  if (run.waiting_until) document->set("waiting_until", rfc3339(*run.waiting_until));
  if (run.finished_at) document->set("finished_at", rfc3339(*run.finished_at));
  if (!run.package_sha256.empty()) {
    Object::Ptr package = new_object();
    package->set("sha256", run.package_sha256).set("size", run.package_size);
    document->set("package", package);
  }
  set_if(*document, "backup_sha256", run.backup_sha256);
  if (run.error) {
    const ExitCode code = exit_code_of(run.error->fault);
    document->set(
        "error", error_document(fault_word(run.error->fault), run.error->code, run.error->message, code)->get("error"));
  }
  document->set("request", parsed_or_null(run.request_json));
  return document;
}

Object::Ptr item_document(const Item& item) {
  Object::Ptr document = new_object();
  document->set("type", valid_utf8(item.type));
  set_if(*document, "id", item.id);
  set_if(*document, "target_id", item.target_id);
  set_if(*document, "name", item.name);
  document->set("outcome", item.outcome).set("count", item.count);
  set_if(*document, "code", item.code);
  set_if(*document, "message", item.message);
  return document;
}

Poco::Dynamic::Var parsed_or_null(const std::string& json) {
  try {
    Poco::JSON::ParseHandler::Ptr handler = new Poco::JSON::ParseHandler(true);
    Poco::JSON::Parser parser(handler);
    return json.empty() ? Poco::Dynamic::Var() : parser.parse(json);
  } catch (const Poco::Exception&) {
    return {};
  }
}

}  // namespace ferry::host
