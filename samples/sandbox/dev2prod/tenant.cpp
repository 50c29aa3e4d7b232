#include "samples/sandbox/dev2prod/tenant.hpp"

#include <Poco/DateTimeFormatter.h>
#include <Poco/DigestEngine.h>
#include <Poco/MD5Engine.h>
#include <Poco/Timestamp.h>

#include <algorithm>
#include <cstdio>

#include "samples/sandbox/core/answers.hpp"
#include "samples/sandbox/core/faults.hpp"
#include "samples/sandbox/core/seeded.hpp"
#include "samples/sandbox/dev2prod/options.hpp"

namespace sandbox::dev2prod {

namespace {

constexpr std::size_t upload_limit = std::size_t{2} << 30;
// inferred: the sum is null for a file beyond this, so that uploads are not as slow as MD5.
constexpr std::size_t summed_limit = 8u << 20;

Answer not_found(const Request& request) { return problem(404, "Page/Resource was not found: " + request.path); }

std::string name_of_export(const std::string& package, const std::string& tenant, std::int64_t now_ms) {
  return "Package-" + package + "-" + tenant + "-" +
         Poco::DateTimeFormatter::format(Poco::Timestamp(now_ms * 1000), "%Y-%m-%d %H-%M");
}

std::string md5_of(const std::string& text) {
  Poco::MD5Engine engine;
  engine.update(text);
  return Poco::DigestEngine::digestToHex(engine.digest());
}

}  // namespace

Tenant::Tenant(const Settings& settings)
    : settings_(settings),
      accounts_(settings_),
      configuration_(make_configuration(settings)),
      object_ids_(list_option(settings, "object_ids")),
      file_ids_(list_option(settings, "file_ids")) {
  for (const char* option_name : {"job_ms", "export_ms", "import_ms", "package_bytes"}) {
    number_option(settings, option_name, 0);
  }
  for (const char* counter : {"logins", "denied", "locked_out", "uploads", "downloads", "exports", "exports_failed",
                              "imports_started", "imports_applied", "imports_dry", "imports_failed", "rolled_back",
                              "items_added", "items_modified", "items_removed", "items_failed", "items_skipped"}) {
    counters_[counter] = 0;
  }
}

Answer Tenant::answer(const Request& request) {
  const std::vector<std::string> path = path_segments(request.path);
  if (!path.empty() && path[0] == "auth") return log_in(request, path);
  if (path.size() < 4 || path[0] != "rest") return not_found(request);
  if (std::optional<Answer> refused = refuses(request, path)) return *refused;
  // The documents' template of a download has /ces/attachment, their example /dev2prod/ces/attachment.
  const std::size_t at = path[2] == "dev2prod" && path[3] == "ces" ? 3 : 2;
  if (path[at] == "ces" && path.size() > at + 1 && path[at + 1] == "attachment") {
    if (request.method == "POST" && path.size() == at + 2) return upload(request);
    if (request.method == "GET" && path.size() == at + 3) return attachment(request, path[at + 2]);
    return not_found(request);
  }
  return path[2] == "dev2prod" ? jobs(request, path) : not_found(request);
}

Answer Tenant::log_in(const Request& request, const std::vector<std::string>& path) {
  if (path.size() != 4 || path[1] != "authentication-endpoint" || path[2] != "authenticate" ||
      (path[3] != "login" && path[3] != "token") || request.method != "POST") {
    return not_found(request);
  }
  const std::lock_guard lock(mutex_);
  Answer answer = accounts_.log_in(request);
  ++counters_[answer.status == 200 ? "logins" : "denied"];
  return answer;
}

std::optional<Answer> Tenant::refuses(const Request& request, const std::vector<std::string>& path) {
  const std::lock_guard lock(mutex_);
  settle();
  const std::optional<std::string> user = accounts_.user(request);
  const auto deny = [&](int status, const std::string& message) {
    ++counters_["denied"];
    return problem(status, message);
  };
  if (!user) return deny(401, "Unauthorized");
  if (path[1] != settings_.tenant) return deny(403, "Forbidden: the token is not of tenant " + path[1] + ".");
  if (Accounts::is_admin(*user)) return std::nullopt;
  if (is_locked()) {
    ++counters_["locked_out"];
    return problem(403, "Tenant " + settings_.tenant + " is locked while a package is imported.");
  }
  if (path[2] == "dev2prod" && path[3] != "ces") return deny(403, "Forbidden: the role Tenant Admin is needed.");
  return std::nullopt;
}

Answer Tenant::attachment(const Request& request, const std::string& id) {
  const std::lock_guard lock(mutex_);
  const File* found = file(id);
  if (!found) return not_found(request);
  ++counters_["downloads"];
  Answer answer = blob_answer(found->content, found->content_type);
  answer.headers.emplace_back("Content-Disposition", "attachment; filename=\"" + found->name + "\"");
  return answer;
}

Answer Tenant::upload(const Request& request) {
  constexpr std::string_view wanted = "Apache-HttpClient/";
  if (option(settings_, "user_agent") != "any" && request.header("User-Agent").substr(0, wanted.size()) != wanted) {
    // inferred: the documents say to set it, not what happens without.
    return problem(403, "Forbidden: the User-Agent of an upload must be Apache-HttpClient.");
  }
  std::vector<FormPart> parts = read_form(request, upload_limit);
  // "Files[]" in the documents, "files[]" in real clients.
  const auto part =
      std::find_if(parts.begin(), parts.end(), [](const FormPart& each) { return same_text(each.name, "files[]"); });
  if (part == parts.end()) return problem(400, "Invalid Request: the form has no field files[].");
  const std::size_t size = part->content->size();
  const json::Value sum = size > summed_limit ? json::null() : json::Value(md5_of(*part->content));

  const std::lock_guard lock(mutex_);
  ++counters_["uploads"];
  const std::string guid = file_id();
  File& stored = files_[guid];
  stored = {part->content, object_id(), part->file_name.empty() ? "package.zip" : part->file_name,
            part->content_type.empty() ? "application/octet-stream" : part->content_type};
  // The documents' answer has Id alone; real clients read guid.
  json::Object answer = json::object({{"Id", stored.id}, {"contentMD5", sum}, {"metadata", json::array()}});
  answer->set("creator", std::string("10016"));
  answer->set("success", true);
  answer->set("name", stored.name);
  answer->set("guid", guid);
  answer->set("contentEncoding", json::null());
  answer->set("contentLanguage", json::null());
  answer->set("eTag", hex_of(settings_.seed, guid, 32));
  answer->set("contentLength", static_cast<std::int64_t>(size));
  answer->set("serverTime", now());
  answer->set("lastModified", now());
  answer->set("expiredTimestamp", 0);
  answer->set("contentType", stored.content_type);
  return json_answer(answer);
}

Answer Tenant::jobs(const Request& request, const std::vector<std::string>& path) {
  const bool is_export = path[3] == "export", is_import = path[3] == "import";
  if (request.method == "GET" && path.size() == 5 && (is_export || is_import)) {
    const std::lock_guard lock(mutex_);
    const auto exported = exports_.find(path[4]);
    if (is_export && exported != exports_.end()) return json_answer(exported->second.answer(now()));
    const auto imported = imports_.find(path[4]);
    if (is_import && imported != imports_.end()) return json_answer(imported->second.answer(now()));
    return not_found(request);
  }
  if (request.method != "POST") return not_found(request);
  const std::string text = request.text(64u << 10);
  const json::Object body = text.empty() ? json::object() : json::parse_object(text);
  const std::lock_guard lock(mutex_);
  settle();
  if (is_export && path.size() == 6 && path[4] == "types") {
    return packages().count(path[5]) ? begin_export(path[5]) : not_found(request);
  }
  return is_import && path.size() == 4 ? begin_import(request, body) : not_found(request);
}

Answer Tenant::begin_export(const std::string& package_id) {
  if (is_locked()) return problem(400, "Invalid Request: a package is being imported into the tenant.");
  ExportJob job;
  begin(job, settings_.faults ? settings_.faults->take_job() : "", "export_ms");
  job.package_id = package_id;
  job.bundle_name = name_of_export(package_id, settings_.tenant, job.start_ms);
  job.file_id = file_id();
  const Package package = choose(configuration_, packages().at(package_id));
  for (std::size_t part = 0; part < part_count; ++part) {
    const auto found = package.parts.find(part);
    job.counts.emplace_back(part_names()[part],
                            found == package.parts.end() ? 0 : static_cast<std::int64_t>(found->second.size()));
  }
  const std::string id = job.id;
  exports_[id] = std::move(job);
  settle();
  return json_answer(json::object({{"Id", id}}));
}

Answer Tenant::begin_import(const Request& request, const json::Object& body) {
  const std::string given = json::string(body, "FileId");
  if (given.empty()) return problem(400, "Invalid Request: FileId is missing.");
  const File* found = file(given);
  if (!found) return problem(404, "Page/Resource was not found: there is no file " + given + ".");
  const bool dry_run = same_text(request.parameter("dryRun").value_or(""), "true");
  if (is_locked()) return problem(400, "Invalid Request: a package is being imported into the tenant.");
  if (!dry_run && is_busy_exporting()) return problem(400, "Invalid Request: the tenant is being exported.");

  const std::string fault = settings_.faults ? settings_.faults->take_job() : "";
  ImportJob job;
  begin(job, fault, "import_ms");
  job.file_id = job.given_file_id = given;
  job.dry_run = dry_run;
  job.package_manager_id = object_id();
  job.server_name = option(settings_, "server_name", "company-server");
  if (job.fails) job.error = "The import failed.";
  ItemFaults faults;
  faults.last_of_each_part_fails = fault == "partial";
  if (FaultBox* box = settings_.faults) {
    faults.fails = [box](const std::string& id) { return box->fails(id); };
    faults.skips = [box](const std::string& id) { return box->skips(id); };
  }
  try {
    Plan plan = plan_import(configuration_, read_package(found->content), faults);
    if (!dry_run) after_import_ = std::move(plan.after);
    if (!job.fails) job.parts = std::move(plan.parts);
  } catch (const BadPackage& bad) {
    job.fails = true;  // inferred: the job is taken, and fails
    job.error = bad.message;
  }
  if (!dry_run) ++counters_["imports_started"];
  const std::string id = job.id;
  imports_[id] = std::move(job);
  settle();
  return json_answer(json::object({{"Id", id}}));
}

void Tenant::begin(Job& job, const std::string& fault, const std::string& duration_option) {
  job.id = object_id();
  job.start_ms = now();
  const std::int64_t duration = number_option(settings_, duration_option, number_option(settings_, "job_ms", 200));
  job.end_ms = fault == "hang" ? never : job.start_ms + duration;
  job.fails = fault == "fail";
}

void Tenant::settle() {
  for (auto& [id, job] : exports_) settle(job);
  for (auto& [id, job] : imports_) settle(job);
}

void Tenant::settle(ExportJob& job) {
  if (job.settled || job.is_running(now())) return;
  job.settled = true;
  ++counters_[job.fails ? "exports_failed" : "exports"];
  if (!job.fails) files_[job.file_id] = {package_file(job.package_id), "", job.bundle_name + ".zip", "application/zip"};
}

void Tenant::settle(ImportJob& job) {
  // inferred: what becomes of a job whose lease is over.
  const std::int64_t lease_end = job.start_ms + lease_delay_ms + lease_ms;
  if (job.end_ms == never && now() >= lease_end) {
    job.end_ms = lease_end;
    job.fails = true;
    job.error = "The import took longer than it may.";
    job.parts.clear();
  }
  if (job.settled || job.is_running(now())) return;
  job.settled = true;
  if (job.fails) {
    ++counters_["imports_failed"];
    if (!job.dry_run) ++counters_["rolled_back"];
    return;
  }
  ++counters_[job.dry_run ? "imports_dry" : "imports_applied"];
  if (job.dry_run) return;
  configuration_ = std::move(after_import_);
  ++revision_;
  for (const PartOutcome& part : job.parts) {
    counters_["items_added"] += part.added;
    counters_["items_modified"] += part.modified;
    counters_["items_removed"] += part.removed;
    counters_["items_failed"] += part.failed;
    counters_["items_skipped"] += part.skipped;
  }
}

bool Tenant::is_locked() const {
  return std::any_of(imports_.begin(), imports_.end(),
                     [&](const auto& entry) { return !entry.second.dry_run && entry.second.is_running(now()); });
}

bool Tenant::is_busy_exporting() const {
  // A hanging export does not hang the tenant.
  return std::any_of(exports_.begin(), exports_.end(),
                     [&](const auto& entry) { return entry.second.end_ms != never && entry.second.is_running(now()); });
}

const Tenant::File* Tenant::file(const std::string& id) const {
  const auto found = files_.find(id);
  if (found != files_.end()) return &found->second;
  for (const auto& [guid, each] : files_) {
    if (!each.id.empty() && each.id == id) return &each;
  }
  return nullptr;
}

Blob Tenant::package_file(const std::string& package_id) {
  auto& [revision, blob] = written_[package_id];
  if (!blob || revision != revision_) {
    const auto bytes = static_cast<std::size_t>(number_option(settings_, "package_bytes", 0));
    const std::string padding = Random(settings_.seed, "padding").bytes(bytes);
    blob = std::make_shared<const std::string>(
        write_package(choose(configuration_, packages().at(package_id)), package_id, padding));
    revision = revision_;
  }
  return blob;
}

// As MongoDB makes them: seconds, machine, number.
std::string Tenant::object_id() {
  const auto given = static_cast<std::size_t>(objects_given_++);
  if (given < object_ids_.size()) return object_ids_[given];
  char seconds[9], number[7];
  std::snprintf(seconds, sizeof seconds, "%08x", static_cast<unsigned>(now() / 1000));
  std::snprintf(number, sizeof number, "%06x", static_cast<unsigned>(objects_given_) & 0xFFFFFF);
  return seconds + hex_of(settings_.seed, settings_.name + " machine", 10) + number;
}

std::string Tenant::file_id() {
  const auto given = static_cast<std::size_t>(files_given_++);
  if (given < file_ids_.size()) return file_ids_[given];
  return uuid_of(settings_.seed, settings_.name + " file " + std::to_string(files_given_));
}

std::map<std::string, std::int64_t> Tenant::counters() const {
  const std::lock_guard lock(mutex_);
  std::map<std::string, std::int64_t> counted = counters_;
  counted["jobs_running"] = 0;
  for (const auto& [id, job] : exports_) counted["jobs_running"] += job.is_running(now()) ? 1 : 0;
  for (const auto& [id, job] : imports_) counted["jobs_running"] += job.is_running(now()) ? 1 : 0;
  return counted;
}

}  // namespace sandbox::dev2prod

namespace sandbox {

std::unique_ptr<Environment> make_dev2prod(const Settings& settings) {
  return std::make_unique<dev2prod::Tenant>(settings);
}

}  // namespace sandbox
