#include "samples/sandbox/integration_labs/syncs.hpp"

#include <algorithm>

#include "samples/sandbox/core/environment.hpp"
#include "samples/sandbox/core/seeded.hpp"

namespace sandbox::integration_labs {
namespace {

constexpr std::uint64_t first_sync = 501;

json::Value time_or_null(std::int64_t time, bool known) { return known ? json::Value(iso_time(time)) : json::null(); }

std::string status_of(const Job& job, std::int64_t now) {
  if (now < job.begins_at) return "CREATED";
  if (now < job.ends_at) return "RUNNING";
  return job.fails ? "FAILED" : "SUCCESS";
}

}  // namespace

json::Object Sync::to_json(std::int64_t now) const {
  int success = 0, failed = 0, running = 0, pending = 0;
  json::Array names = json::array();
  for (const Job& job : jobs) {
    names->add(std::string(job.model->name));
    const std::string status = status_of(job, now);
    ++(status == "SUCCESS" ? success : status == "FAILED" ? failed : status == "RUNNING" ? running : pending);
  }
  const bool ended = now >= ends_at();
  // Inferred: one data model that failed makes the sync failed.
  const char* status = now < begins_at ? "CREATED" : !ended ? "RUNNING" : failed == 0 ? "SUCCESS" : "FAILED";
  return json::object({{"rootfi_id", number},
                       {"rootfi_created_at", iso_time(asked_at)},
                       {"rootfi_updated_at", iso_time(std::min(now, std::max(asked_at, ended ? ends_at() : now)))},
                       {"rootfi_company_id", company_id},
                       {"start_time", iso_time(begins_at)},
                       {"end_time", time_or_null(ends_at(), ended)},
                       {"integration_type", integration_type},
                       {"full_sync", full},
                       {"sync_type", "MANUAL"},
                       {"config_mode", "READ"},
                       {"sync_data_models", names},
                       {"sync_id", id},
                       {"total_count", static_cast<int>(jobs.size())},
                       {"success_count", success},
                       {"failed_count", failed},
                       {"running_count", running},
                       {"pending_count", pending},
                       {"status", status}});
}

json::Object Sync::job_to_json(const Job& job, std::int64_t now) const {
  json::Object variables = json::object();
  if (job.from) variables->set("sync_from", iso_time(*job.from));
  json::Object out = json::object({{"rootfi_id", job.number},
                                   {"rootfi_created_at", iso_time(asked_at)},
                                   {"rootfi_updated_at", iso_time(std::min(now, std::max(asked_at, job.ends_at)))},
                                   {"rootfi_company_id", company_id},
                                   {"start_time", time_or_null(job.begins_at, now >= job.begins_at)},
                                   {"end_time", time_or_null(job.ends_at, now >= job.ends_at)},
                                   {"integration_type", integration_type},
                                   {"status", status_of(job, now)},
                                   {"data_model", std::string(job.model->name)},
                                   {"config_mode", "READ"},
                                   {"sync_id", id},
                                   {"retry_count", 0},
                                   {"priority", 1},
                                   {"variables", variables},
                                   {"config_id", "READ_" + std::string(job.model->name)},
                                   {"job_type", "PULL"}});
  if (job.fails && now >= job.ends_at)
    out->set(
        "error",
        json::object({{"code", "platform-error"},
                      {"message", integration_type + " answered 500 to a read of " + std::string(job.model->name)}}));
  if (job.slept_ms > 0) out->set("rate_limit_sleep_time", job.slept_ms);
  return out;
}

Sync& Syncs::start(std::uint64_t seed, std::uint64_t company_id, const std::string& integration_type, bool full,
                   const std::vector<std::pair<const Model*, std::optional<std::int64_t>>>& asked, const Pace& pace,
                   std::string_view end, const std::vector<bool>& failing, std::int64_t now) {
  Sync sync;
  sync.number = first_sync + all_.size();
  sync.id = hex_of(seed, "sync " + std::to_string(sync.number), 15);
  sync.company_id = company_id;
  sync.integration_type = integration_type;
  sync.full = full;
  sync.asked_at = now;
  sync.begins_at = now;
  for (const Sync& other : all_)
    if (other.company_id == company_id && other.ends_at() != never)
      sync.begins_at = std::max(sync.begins_at, other.ends_at());
  std::int64_t at = sync.begins_at;
  for (std::size_t i = 0; i < asked.size(); ++i) {
    Job job;
    job.number = next_job_++;
    job.model = asked[i].first;
    job.from = asked[i].second;
    if (pace.sleep_ms > 0 && i == std::min(pace.sleep_after_jobs, asked.size() - 1)) {
      sync.sleeps_at = at;
      at += pace.sleep_ms;
      sync.resumes_at = at;
      job.slept_ms = pace.sleep_ms;
    }
    job.begins_at = i == 0 ? sync.begins_at : at;
    at += pace.job_ms;
    job.ends_at = at;
    job.fails = end == "fail" || failing[i] || (end == "partial" && i + 1 == asked.size());
    if (end == "hang") job.ends_at = at = never;
    sync.jobs.push_back(job);
    if (end == "hang") break;
  }
  for (std::size_t i = sync.jobs.size(); i < asked.size(); ++i)
    sync.jobs.push_back({next_job_++, asked[i].first, asked[i].second, never, never, 0, false, false});
  all_.push_back(std::move(sync));
  return all_.back();
}

const Sync* Syncs::find(std::string_view sync_id) const {
  for (const Sync& sync : all_)
    if (sync.id == sync_id) return &sync;
  return nullptr;
}

const Sync* Syncs::running(std::uint64_t company_id, std::int64_t now) const {
  for (auto sync = all_.rbegin(); sync != all_.rend(); ++sync)
    if (sync->company_id == company_id && now >= sync->begins_at && now < sync->ends_at()) return &*sync;
  return nullptr;
}

json::Array Syncs::state() const {
  json::Array out = json::array();
  for (const Sync& sync : all_) {
    json::Array jobs = json::array();
    for (const Job& job : sync.jobs)
      jobs->add(json::object({{"number", job.number},
                              {"model", std::string(job.model->name)},
                              {"from", job.from ? json::Value(*job.from) : json::null()},
                              {"begins_at", job.begins_at},
                              {"ends_at", job.ends_at},
                              {"slept_ms", job.slept_ms},
                              {"fails", job.fails},
                              {"done", job.done}}));
    out->add(json::object({{"number", sync.number},
                           {"id", sync.id},
                           {"integration_type", sync.integration_type},
                           {"company_id", sync.company_id},
                           {"full", sync.full},
                           {"asked_at", sync.asked_at},
                           {"begins_at", sync.begins_at},
                           {"sleeps_at", sync.sleeps_at},
                           {"resumes_at", sync.resumes_at},
                           {"told", sync.told},
                           {"jobs", jobs}}));
  }
  return out;
}

void Syncs::restore(const std::vector<json::Value>& state) {
  for (const json::Value& value : state) {
    const json::Object kept = json::as_object(value);
    Sync sync;
    sync.number = static_cast<std::uint64_t>(json::integer(kept, "number"));
    sync.id = json::string(kept, "id");
    sync.integration_type = json::string(kept, "integration_type");
    sync.company_id = static_cast<std::uint64_t>(json::integer(kept, "company_id"));
    sync.full = json::boolean(kept, "full");
    sync.asked_at = json::integer(kept, "asked_at");
    sync.begins_at = json::integer(kept, "begins_at");
    sync.sleeps_at = json::integer(kept, "sleeps_at");
    sync.resumes_at = json::integer(kept, "resumes_at");
    sync.told = json::boolean(kept, "told");
    for (const json::Value& one : json::elements(kept, "jobs")) {
      const json::Object job = json::as_object(one);
      Job& made = sync.jobs.emplace_back();
      made.number = static_cast<std::uint64_t>(json::integer(job, "number"));
      made.model = find_model(json::string(job, "model"));
      if (made.model == nullptr) throw BadRequest{"The kept state names a data model that there is not."};
      if (!json::is_null(job, "from")) made.from = json::integer(job, "from");
      made.begins_at = json::integer(job, "begins_at");
      made.ends_at = json::integer(job, "ends_at");
      made.slept_ms = json::integer(job, "slept_ms");
      made.fails = json::boolean(job, "fails");
      made.done = json::boolean(job, "done");
      next_job_ = std::max(next_job_, made.number + 1);
    }
    all_.push_back(std::move(sync));
  }
}

}  // namespace sandbox::integration_labs
