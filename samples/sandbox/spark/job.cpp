#include "samples/sandbox/spark/job.hpp"

#include "samples/sandbox/core/seeded.hpp"

namespace sandbox::spark {

namespace {

// inferred: the documents say that errors may be null, not what else they are.
json::Value errors_json(const std::vector<std::string>& messages) {
  if (messages.empty()) return json::null();
  json::Array list = json::array();
  for (const std::string& message : messages) list->add(json::object({{"message", message}}));
  return list;
}

json::Array services_json(const std::vector<Service>& services) {
  json::Array list = json::array();
  for (const Service& service : services) list->add(json_of(service));
  return list;
}

}  // namespace

json::Object answer_of(const Job& job, std::int64_t now_ms, const std::string& base, const std::string& download_url) {
  json::Object outputs = json::object();
  if (!job.is_import) {
    json::Array files = json::array();
    if (!download_url.empty()) {
      files->add(json::object({{"file", download_url}, {"file_hash", job.package_hash}}));
    }
    outputs->set("files", files);
  }
  outputs->set("services", job.services);
  outputs->set("service_versions", job.versions);
  return json::object({{"object", job.kind()},
                       {"id", job.id},
                       {"response_timestamp", iso_time(now_ms)},
                       {"status", job.status()},
                       {"status_url", base + "/api/v4/" + job.kind() + '/' + job.id + "/status"},
                       {"process_time", job.process_time(now_ms)},
                       {"outputs", outputs},
                       {"errors", errors_json(job.errors)},
                       {"warnings", json::strings(job.warnings)},
                       {"source_system", job.source_system},
                       {"correlation_id", job.correlation_id}});
}

json::Object entry_of(const Job& job, std::int64_t now_ms) {
  const std::string status_name = job.kind() + "_status";
  const std::int64_t updated_ms = job.is_running() ? job.created_ms : job.closed_ms;
  return json::object({{"object", job.kind()},
                       {"id", job.id},
                       {"data", json::object({{status_name.c_str(), job.status()},
                                              {"response_timestamp", iso_time(now_ms)},
                                              {"created_by", job.owner},
                                              {"created_timestamp", iso_time(job.created_ms)},
                                              {"updated_timestamp", iso_time(updated_ms)},
                                              {"process_time", job.process_time(now_ms)}})}});
}

json::Object state_of(const Job& job) {
  return json::object({{"is_import", job.is_import},
                       {"id", job.id},
                       {"owner", job.owner},
                       {"created_ms", job.created_ms},
                       {"ends_ms", job.ends_ms},
                       {"closed_ms", job.closed_ms},
                       {"is_cancelled", job.is_cancelled},
                       {"fault", job.fault},
                       {"source_system", job.source_system},
                       {"correlation_id", job.correlation_id},
                       {"content", services_json(job.content)},
                       {"import", json_of(job.import)},
                       {"is_supervisor", job.import.is_supervisor},
                       {"for_migration", job.for_migration},
                       {"package_hash", job.package_hash},
                       {"services", job.services},
                       {"versions", job.versions},
                       {"errors", json::strings(job.errors)},
                       {"warnings", json::strings(job.warnings)}});
}

Job job_of(const json::Object& object) {
  Job job;
  job.is_import = json::boolean(object, "is_import");
  job.id = json::string(object, "id");
  job.owner = json::string(object, "owner");
  job.created_ms = json::integer(object, "created_ms");
  job.ends_ms = json::integer(object, "ends_ms", Job::never);
  job.closed_ms = json::integer(object, "closed_ms");
  job.is_cancelled = json::boolean(object, "is_cancelled");
  job.fault = json::string(object, "fault");
  job.source_system = object->get("source_system");
  job.correlation_id = object->get("correlation_id");
  for (const json::Value& service : json::elements(object, "content")) {
    job.content.push_back(service_of(json::as_object(service)));
  }
  job.import = import_request_of(json::child(object, "import"));
  job.import.is_supervisor = json::boolean(object, "is_supervisor");
  job.for_migration = json::boolean(object, "for_migration", true);
  job.package_hash = json::string(object, "package_hash");
  for (const json::Value& each : json::elements(object, "services")) job.services->add(each);
  for (const json::Value& each : json::elements(object, "versions")) job.versions->add(each);
  job.errors = json::texts(object, "errors");
  job.warnings = json::texts(object, "warnings");
  return job;
}

}  // namespace sandbox::spark
