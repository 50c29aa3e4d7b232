#include "samples/sandbox/spark/tenant.hpp"

#include <algorithm>

#include "samples/sandbox/core/seeded.hpp"
#include "samples/sandbox/spark/package.hpp"

namespace sandbox::spark {

namespace {

constexpr std::int64_t hour_ms = 3'600'000;
// The platform's time limit of export and import jobs.
constexpr std::int64_t job_timeout_ms = 20 * 60'000;

const char* const asked_to_fail = "The sandbox was asked to let this job fail.";

}  // namespace

Tenant::Tenant(const Settings& settings, const TenantOptions& options)
    : settings_(settings),
      options_(options),
      library_(make_library(options.content, settings.seed, settings.tenant, options.package_bytes)),
      counts_{{"imports_applied", 0}, {"imports_failed", 0},    {"imports_cancelled", 0}, {"exports_made", 0},
              {"exports_failed", 0},  {"exports_cancelled", 0}, {"versions_imported", 0}} {}

std::string Tenant::new_id() {
  return uuid_of(settings_.seed, "spark " + settings_.tenant + " made " + std::to_string(next_id_++));
}

Job* Tenant::find(const std::string& id) {
  const auto found = std::find_if(jobs_.begin(), jobs_.end(), [&](const auto& job) { return job->id == id; });
  return found == jobs_.end() ? nullptr : found->get();
}

// inferred: that another user's job is not found, as the list does not show it.
Job* Tenant::find(const std::string& id, bool is_import, const User& user) {
  Job* job = find(id);
  return job && job->is_import == is_import && (user.is_supervisor || job->owner == user.name) ? job : nullptr;
}

Job& Tenant::begin(bool is_import, const User& user, const Tags& tags) {
  const std::int64_t now = settings_.now_ms();
  advance(now);
  const bool is_busy = std::any_of(jobs_.begin(), jobs_.end(),
                                   [&](const auto& job) { return job->is_import == is_import && job->is_running(); });
  if (is_busy) throw TenantBusy{};
  auto job = std::make_unique<Job>();
  job->is_import = is_import;
  job->id = new_id();
  job->owner = user.name;
  job->created_ms = now;
  job->fault = settings_.faults->take_job();
  job->source_system = tags.source_system;
  job->correlation_id = tags.correlation_id;
  jobs_.push_back(std::move(job));
  return *jobs_.back();
}

// The package was built or read, which takes its time without the lock.
void Tenant::ready(const std::string& id, const std::function<void(Job&)>& fill) {
  const std::lock_guard lock(mutex_);
  Job* job = find(id);
  if (!job) return;
  fill(*job);
  if (job->fault != "hang") job->ends_ms = job->created_ms + options_.job_ms;
}

std::string Tenant::start_export(const ExportRequest& request, const User& user, const Tags& tags) {
  Job made;
  Selection selection;
  {
    const std::lock_guard lock(mutex_);
    Job& job = begin(false, user, tags);
    job.for_migration = request.for_migration;
    selection = select(library_, request, *settings_.faults);
    made.id = job.id;
    made.fault = job.fault;
    made.for_migration = job.for_migration;
  }
  made.errors = selection.errors;
  made.warnings = selection.warnings;
  if (made.fault == "fail") made.errors.push_back(asked_to_fail);
  if (made.errors.empty()) make_package(made, std::move(selection.services));
  ready(made.id, [&](Job& job) {
    job.content = std::move(made.content);
    job.package = std::move(made.package);
    job.package_hash = std::move(made.package_hash);
    job.errors = std::move(made.errors);
    job.warnings = std::move(made.warnings);
  });
  return made.id;
}

void Tenant::make_package(Job& job, std::vector<Service> content) const {
  if (job.fault == "partial") {
    // The knob: an export that says what it lacks, though the platform exports all or nothing.
    for (std::size_t lost = content.size() / 2; lost > 0; --lost) {
      job.errors.push_back(content.back().uri() + " could not be exported.");
      content.pop_back();
    }
  }
  job.content = std::move(content);
  job.package = package_of(job);
  job.package_hash = job.package.sha256();
  if (job.package.size <= options_.size_limit) return;
  job.errors.push_back("The package of " + std::to_string(job.package.size) + " bytes exceeds the limit of " +
                       std::to_string(options_.size_limit) + " bytes.");
  job.package = {};
  job.content.clear();
}

Rope Tenant::package_of(const Job& job) const {
  return write_package(settings_.tenant, job.id, job.content, job.for_migration);
}

std::string Tenant::start_import(const Blob& package, const ImportRequest& request, const User& user,
                                 const Tags& tags) {
  std::string id;
  {
    const std::lock_guard lock(mutex_);
    Job& job = begin(true, user, tags);
    job.import = request;
    id = job.id;
  }
  std::vector<Service> content;
  std::vector<std::string> errors;
  try {
    content = read_package(*package);
  } catch (const PackageFault& failure) {
    errors.push_back(failure.message);
  }
  ready(id, [&](Job& job) {
    job.content = std::move(content);
    job.errors = std::move(errors);
    if (job.fault == "fail") job.errors.push_back(asked_to_fail);
  });
  return id;
}

void Tenant::advance(std::int64_t now_ms) {
  for (const auto& job : jobs_) {
    if (!job->is_running()) continue;
    if (now_ms >= job->ends_ms) {
      finish(*job, job->ends_ms);
    } else if (job->fault == "hang" && now_ms - job->created_ms >= job_timeout_ms) {
      job->errors.push_back("The job took longer than 20 minutes and was ended.");
      finish(*job, job->created_ms + job_timeout_ms);
    }
  }
  constexpr std::int64_t kept_ms = 24 * hour_ms;
  std::erase_if(jobs_, [&](const auto& job) { return !job->is_running() && now_ms - job->closed_ms > kept_ms; });
}

void Tenant::finish(Job& job, std::int64_t now_ms) {
  // Closed in the same millisecond it began is closed all the same.
  job.closed_ms = std::max<std::int64_t>(now_ms, 1);
  if (job.is_import) return finish_import(job);
  const bool has_package = job.package.size > 0;
  ++counts_[has_package ? "exports_made" : "exports_failed"];
  if (!has_package) return;
  job.services = services_of_export(job.content);
  job.versions = versions_of_export(job.content);
}

void Tenant::finish_import(Job& job) {
  if (job.errors.empty()) {
    const ImportContext context{*settings_.faults, [this] { return new_id(); }, job.fault == "partial"};
    ImportOutcome outcome = import_services(library_, job.content, job.import, context);
    job.errors = std::move(outcome.errors);
    job.warnings = std::move(outcome.warnings);
    if (job.errors.empty() || context.in_halves) {
      library_ = std::move(outcome.library);
      job.services = outcome.services;
      job.versions = outcome.versions;
      counts_["versions_imported"] += static_cast<std::int64_t>(job.versions->size());
    }
  }
  ++counts_[job.services->size() > 0 || job.errors.empty() ? "imports_applied" : "imports_failed"];
  job.content.clear();
}

bool Tenant::look(const std::string& id, bool is_import, const User& user, const Look& look) {
  const std::lock_guard lock(mutex_);
  const std::int64_t now = settings_.now_ms();
  advance(now);
  const Job* job = find(id, is_import, user);
  if (job) look(*job, now);
  return job != nullptr;
}

// inferred: that a job which is over stays what it was.
bool Tenant::cancel(const std::string& id, bool is_import, const User& user, const Look& look) {
  const std::lock_guard lock(mutex_);
  const std::int64_t now = settings_.now_ms();
  advance(now);
  Job* job = find(id, is_import, user);
  if (!job) return false;
  if (job->is_running()) {
    job->is_cancelled = true;
    job->closed_ms = std::max<std::int64_t>(now, 1);
    ++counts_[is_import ? "imports_cancelled" : "exports_cancelled"];
  }
  look(*job, now);
  return true;
}

json::Object Tenant::list(bool is_import, const User& user) {
  const std::lock_guard lock(mutex_);
  const std::int64_t now = settings_.now_ms();
  advance(now);
  json::Array running = json::array(), recent = json::array();
  std::int64_t running_in_tenant = 0;
  for (const auto& job : jobs_) {
    if (job->is_import != is_import) continue;
    if (job->is_running()) ++running_in_tenant;
    if (!user.is_supervisor && job->owner != user.name) continue;
    if (job->is_running()) {
      running->add(entry_of(*job, now));
    } else if (now - job->closed_ms <= hour_ms) {
      recent->add(entry_of(*job, now));
    }
  }
  // inferred: the import's names, after the export's.
  const std::string kind = is_import ? "import" : "export";
  const std::string running_name = "in_progress_" + kind + 's', recent_name = "recent_" + kind + 's';
  const std::string limit_name = kind + "_api_job_limit", count_name = kind + "_api_jobs_in_progress";
  return json::object(
      {{running_name.c_str(), running},
       {recent_name.c_str(), recent},
       {"tenant", json::object({{"configuration", json::object({{limit_name.c_str(), 1}})},
                                {"status", json::object({{count_name.c_str(), running_in_tenant}})}})}});
}

std::optional<Rope> Tenant::package(const std::string& job_id) {
  const std::lock_guard lock(mutex_);
  advance(settings_.now_ms());
  const Job* job = find(job_id);
  if (!job || job->is_running() || job->is_cancelled || job->package.size == 0) return std::nullopt;
  return job->package;
}

bool Tenant::add_folder(const std::string& name) {
  const std::lock_guard lock(mutex_);
  return library_.folders.insert(name).second;
}

std::map<std::string, std::int64_t> Tenant::counters() {
  const std::lock_guard lock(mutex_);
  advance(settings_.now_ms());
  std::map<std::string, std::int64_t> counters = counts_;
  for (const auto& job : jobs_) counters["jobs_running"] += job->is_running() ? 1 : 0;
  counters.try_emplace("jobs_running", 0);
  counters["services"] = static_cast<std::int64_t>(library_.services.size());
  counters["versions"] = 0;
  for (const auto& [uri, service] : library_.services) {
    counters["versions"] += static_cast<std::int64_t>(service.versions.size());
  }
  return counters;
}

std::string Tenant::state() {
  const std::lock_guard lock(mutex_);
  json::Array services = json::array(), jobs = json::array(), folders = json::array();
  for (const std::string& folder : library_.folders) folders->add(folder);
  for (const auto& [uri, service] : library_.services) services->add(json_of(service));
  for (const auto& job : jobs_) jobs->add(state_of(*job));
  json::Object counts = json::object();
  for (const auto& [name, count] : counts_) counts->set(name, count);
  return json::text(json::object(
      {{"next_id", next_id_}, {"folders", folders}, {"services", services}, {"jobs", jobs}, {"counts", counts}}));
}

void Tenant::restore(const json::Object& state) {
  const std::lock_guard lock(mutex_);
  next_id_ = json::integer(state, "next_id", 1);
  library_ = {};
  for (const std::string& folder : json::texts(state, "folders")) library_.folders.insert(folder);
  for (const json::Value& element : json::elements(state, "services")) {
    Service service = service_of(json::as_object(element));
    library_.services.emplace(service.uri(), std::move(service));
  }
  jobs_.clear();
  for (const json::Value& element : json::elements(state, "jobs")) {
    auto job = std::make_unique<Job>(job_of(json::as_object(element)));
    if (!job->is_import && !job->content.empty()) job->package = package_of(*job);
    if (job->is_running() && job->ends_ms == Job::never && job->fault != "hang") {
      // Its package was being built or read when the sandbox ended.
      job->errors.push_back("The job was lost in a restart.");
      job->ends_ms = job->created_ms;
    }
    jobs_.push_back(std::move(job));
  }
  const json::Object counts = json::child(state, "counts");
  for (auto& [name, count] : counts_) count = json::integer(counts, name);
}

}  // namespace sandbox::spark
