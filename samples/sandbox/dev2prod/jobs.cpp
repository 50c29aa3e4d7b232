#include "samples/sandbox/dev2prod/jobs.hpp"

#include <algorithm>

namespace sandbox::dev2prod {

namespace {

json::Object statistics_of(const PartOutcome& part) {
  return json::object(
      {{"Modified", part.modified}, {"Removed", part.removed}, {"Failed", part.failed}, {"Skipped", part.skipped}});
}

void put_job(const json::Object& object, const Job& job) {
  Poco::JSON::Object::Ptr target = object;
  target->set("id", job.id);
  target->set("file", job.file_id);
  target->set("start", job.start_ms);
  target->set("end", job.end_ms);
  target->set("fails", job.fails);
  target->set("settled", job.settled);
}

void take_job(const json::Object& object, Job& job) {
  job.id = json::string(object, "id");
  job.file_id = json::string(object, "file");
  job.start_ms = json::integer(object, "start");
  job.end_ms = json::integer(object, "end");
  job.fails = json::boolean(object, "fails");
  job.settled = json::boolean(object, "settled");
}

}  // namespace

std::size_t Job::done(std::size_t count, std::int64_t now_ms) const {
  if (!is_running(now_ms)) return count;
  if (end_ms == never) return 0;
  return count * static_cast<std::size_t>(std::max<std::int64_t>(0, now_ms - start_ms)) /
         static_cast<std::size_t>(end_ms - start_ms);
}

json::Object ExportJob::answer(std::int64_t now_ms) const {
  const bool running = is_running(now_ms);
  json::Array statistics = json::array();
  std::int64_t total = 0;
  // inferred: what is told while it runs; a job that hangs or fails has nothing to show.
  const std::size_t shown = fails ? 0 : done(counts.size(), now_ms);
  for (std::size_t i = 0; i < shown; ++i) {
    statistics->add(json::object({{"PackageName", counts[i].first}, {"ItemCount", counts[i].second}}));
    total += counts[i].second;
  }
  json::Object object = json::object({{"id", id}, {"PackageBundleName", bundle_name}, {"Status", status(now_ms)}});
  object->set("FileId", running || fails ? json::null() : json::Value(file_id));
  object->set("StartTime", start_ms);
  object->set("LastUpdateTime", running ? (end_ms == never ? start_ms : now_ms) : end_ms);
  object->set("ItemCount", total);
  object->set("Statistics", statistics);
  object->set("OperationType", std::string("Export"));
  return object;
}

json::Object ImportJob::answer(std::int64_t now_ms) const {
  const bool running = is_running(now_ms);
  const std::int64_t seen = running ? now_ms : end_ms;
  // inferred: a lease that is counted down, and stands still when the job has ended.
  const std::int64_t lease = std::clamp<std::int64_t>(lease_ms - (seen - start_ms - lease_delay_ms), 0, lease_ms);
  // inferred: a real import keeps others out while it runs, a dry run does not.
  const bool locked = running && !dry_run;
  json::Array results = json::array();
  PartOutcome totals{0, 0, 0, 0, 0, 0, {}, {}};
  const std::size_t shown = done(parts.size(), now_ms);
  for (std::size_t i = 0; i < shown; ++i) {
    const PartOutcome& part = parts[i];
    results->add(json::object({{"PackageName", std::string(part_names()[part.part])},
                               {"Statistics", statistics_of(part)},
                               {"Errors", json::strings(part.errors)},
                               {"Warnings", json::strings(part.warnings)}}));
    totals.added += part.added;
    totals.modified += part.modified;
    totals.removed += part.removed;
    totals.failed += part.failed;
    totals.skipped += part.skipped;
  }
  if (!error.empty() && !running) {
    // inferred: where an error that concerns no part is told.
    results->add(json::object({{"PackageName", std::string(part_names()[0])},
                               {"Statistics", statistics_of(totals)},
                               {"Errors", json::strings({error})},
                               {"Warnings", json::array()}}));
  }
  return json::object({{"TimeToLive", lease},
                       {"StudioLocked", locked},
                       {"SystemLocked", locked},
                       {"id", id},
                       {"FileId", given_file_id},
                       {"Status", status(now_ms)},
                       {"DryRun", dry_run},
                       {"PackageManagerId", package_manager_id},
                       {"StartTime", start_ms},
                       {"LastUpdateTime", end_ms == never ? start_ms : seen},
                       {"ProcessingServerName", server_name},
                       {"Results", results},
                       {"Totals", json::object({{"Added", totals.added},
                                                {"Modified", totals.modified},
                                                {"Removed", totals.removed},
                                                {"Failed", totals.failed},
                                                {"Skipped", totals.skipped}})},
                       {"OperationType", std::string("Import")}});
}

json::Object json_of(const ExportJob& job) {
  json::Array counts = json::array();
  for (const auto& [name, count] : job.counts) counts->add(json::object({{"part", name}, {"count", count}}));
  json::Object object = json::object({{"package", job.package_id}, {"name", job.bundle_name}, {"counts", counts}});
  put_job(object, job);
  return object;
}

ExportJob export_job_of(const json::Object& object) {
  ExportJob job;
  take_job(object, job);
  job.package_id = json::string(object, "package");
  job.bundle_name = json::string(object, "name");
  for (const json::Value& each : json::elements(object, "counts")) {
    job.counts.emplace_back(json::string(json::as_object(each), "part"), json::integer(json::as_object(each), "count"));
  }
  return job;
}

json::Object json_of(const ImportJob& job) {
  json::Array parts = json::array();
  for (const PartOutcome& part : job.parts) {
    parts->add(json::object({{"part", std::string(part_names()[part.part])},
                             {"added", part.added},
                             {"modified", part.modified},
                             {"removed", part.removed},
                             {"failed", part.failed},
                             {"skipped", part.skipped},
                             {"errors", json::strings(part.errors)},
                             {"warnings", json::strings(part.warnings)}}));
  }
  json::Object object = json::object({{"given", job.given_file_id},
                                      {"manager", job.package_manager_id},
                                      {"server", job.server_name},
                                      {"dry", job.dry_run},
                                      {"error", job.error},
                                      {"parts", parts}});
  put_job(object, job);
  return object;
}

ImportJob import_job_of(const json::Object& object) {
  ImportJob job;
  take_job(object, job);
  job.given_file_id = json::string(object, "given");
  job.package_manager_id = json::string(object, "manager");
  job.server_name = json::string(object, "server");
  job.dry_run = json::boolean(object, "dry");
  job.error = json::string(object, "error");
  for (const json::Value& each : json::elements(object, "parts")) {
    const json::Object part = json::as_object(each);
    const std::size_t place = part_of(json::string(part, "part"));
    if (place == part_count) throw BadRequest{"A job speaks of a part that is not known."};
    job.parts.push_back({place, json::integer(part, "added"), json::integer(part, "modified"),
                         json::integer(part, "removed"), json::integer(part, "failed"), json::integer(part, "skipped"),
                         json::texts(part, "errors"), json::texts(part, "warnings")});
  }
  return job;
}

}  // namespace sandbox::dev2prod
