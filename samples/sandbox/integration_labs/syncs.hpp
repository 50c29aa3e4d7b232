// Syncs: what Integration Labs does to bring a company's data models over from
// its accounting platform.
//
// A sync is a job a model, one after the other; when each begins and ends is
// settled when the sync is asked for, so that its state is a matter of the
// clock alone. Syncs of one company follow each other. [inferred: v3 does not
// say whether a second one is refused] Not thread-safe: the environment locks.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "samples/sandbox/core/json.hpp"
#include "samples/sandbox/integration_labs/models.hpp"

namespace sandbox::integration_labs {

struct Job {
  std::uint64_t number = 0;
  const Model* model = nullptr;
  std::optional<std::int64_t> from;
  std::int64_t begins_at = 0, ends_at = 0;  // never: it hangs
  std::int64_t slept_ms = 0;
  bool fails = false;
  bool done = false;  // its outcome has been applied
};
constexpr std::int64_t never = INT64_MAX;

struct Sync {
  std::uint64_t number = 0;
  std::string id, integration_type;
  std::uint64_t company_id = 0;
  bool full = false;
  std::int64_t asked_at = 0, begins_at = 0;
  std::int64_t sleeps_at = 0, resumes_at = 0;  // 0: it does not sleep
  std::vector<Job> jobs;
  bool told = false;  // its end

  std::int64_t ends_at() const { return jobs.back().ends_at; }
  bool sleeps(std::int64_t now) const { return now >= sleeps_at && now < resumes_at; }
  json::Object to_json(std::int64_t now) const;
  json::Object job_to_json(const Job&, std::int64_t now) const;
};

// How long things take, from now on.
struct Pace {
  std::int64_t job_ms = 50;
  std::int64_t sleep_ms = 0;         // how long a sync waits for the accounting platform's rate limit
  std::size_t sleep_after_jobs = 0;  // before which of its jobs
};

class Syncs {
 public:
  // `end`: the fault of the sync: "", "fail", "hang", "partial". failing: for
  // each of the models.
  Sync& start(std::uint64_t seed, std::uint64_t company_id, const std::string& integration_type, bool full,
              const std::vector<std::pair<const Model*, std::optional<std::int64_t>>>& asked, const Pace&,
              std::string_view end, const std::vector<bool>& failing, std::int64_t now);
  std::vector<Sync>& all() { return all_; }  // in the order they were asked for
  const std::vector<Sync>& all() const { return all_; }
  const Sync* find(std::string_view sync_id) const;
  // The sync of a company that is under way; nullptr if none is.
  const Sync* running(std::uint64_t company_id, std::int64_t now) const;

  json::Array state() const;
  void restore(const std::vector<json::Value>&);

 private:
  std::vector<Sync> all_;
  std::uint64_t next_job_ = 9001;
};

}  // namespace sandbox::integration_labs
