#include "jobs.hpp"

#include <algorithm>

#include "ferry/percent.hpp"
#include "words.hpp"

namespace ferry::spark {

// Longer by a fifth from turn to turn: the end of a job is seen at most about a fifth of its time late, and long jobs
// are not asked about all the time.
class Jobs::Pause {
 public:
  explicit Pause(std::int64_t first_ms) : next_ms_(first_ms) {}
  std::int64_t next() {
    constexpr std::int64_t longest_ms = 5'000;
    const std::int64_t now = next_ms_;
    next_ms_ = std::min(longest_ms, next_ms_ + next_ms_ / 5);
    return now;
  }

 private:
  std::int64_t next_ms_;
};

Jobs::Jobs(Host host, Call call, Session& session, JobKind kind, Patience patience)
    : host_(host),
      call_(call),
      session_(session),
      noun_(kind == JobKind::exporting ? "export" : "import"),
      patience_(patience) {}

std::string Jobs::path() const { return "/api/v4/" + noun_; }

HttpResponse Jobs::list() { return list(0); }

HttpResponse Jobs::list(std::uint32_t flags) { return session_.send({.url = path() + "/status", .flags = flags}); }

bool Jobs::turn_has_come() {
  const HttpResponse answer = list();
  // Who may start jobs and not list them finds out by starting one.
  if (answer.status == 403 || answer.status == 404) return true;
  if (!answer.ok()) throw refusal(answer, "asking for the tenant's " + noun_ + " jobs");
  const Json jobs = object_of(answer, "asking for the tenant's " + noun_ + " jobs");
  const auto number = [](const Json& value, std::int64_t otherwise) {
    return value.is_number() ? value.as_int() : otherwise;
  };
  // inferred: the sample of the list is that of exports; for imports the same names with "import" are expected.
  const Json& tenant = jobs["tenant"];
  const std::int64_t limit = number(tenant["configuration"][noun_ + "_api_job_limit"], 1);
  const Json& running = tenant["status"][noun_ + "_api_jobs_in_progress"];
  if (running.is_number()) return running.as_int() < limit;
  const Json& listed = jobs["in_progress_" + noun_ + "s"];
  return !listed.is_array() || static_cast<std::int64_t>(listed.items().size()) < limit;
}

void Jobs::wait_for_others(Pause& pause) {
  const std::int64_t now = host_.now_unix_ms();
  const std::string why =
      "the tenant " + session_.address().tenant + " runs another " + noun_ + " job, and only 1 at once is possible";
  if (waiting_since_ == 0) {
    waiting_since_ = now;
    host_.info(why + "; waiting for its end");
    call_.problem({.severity = "notice", .code = "waited_for_turn", .message = why + "; this one waited for its end"});
  }
  if (now - waiting_since_ >= patience_.turn_ms)
    throw Error(FERRY_RATE_LIMITED, why + "; it did not end within " + std::to_string(patience_.turn_ms / 60'000) +
                                        " minutes. Nothing was sent; try again later, or raise wait_minutes");
  call_.progress(0, 0, "wait for another " + noun_ + " of the tenant");
  host_.sleep_ms(call_, pause.next());
}

bool Jobs::wait_for_turn() {
  bool waited = false;
  for (Pause pause(250); !turn_has_come(); waited = true) wait_for_others(pause);
  waiting_since_ = 0;
  return waited;
}

Job Jobs::start(const HttpRequest& request, std::string_view correlation_id) {
  constexpr int most_lost = 3, most_refused = 5;
  const std::string asked = "starting the " + noun_ + " job";
  Pause pause(250);
  for (int lost = 0, refused = 0;;) {
    // The job that was waited for may have been this very one, begun by whoever was interrupted before.
    if (wait_for_turn() || refused > 0)
      if (std::optional<Job> job = find(correlation_id); job && (!job->ended() || job->succeeded()))
        return *std::move(job);
    std::string why;
    try {
      const HttpResponse answer = session_.send(request);
      if (answer.ok()) {
        Job job = Job::parse(object_of(answer, asked));
        if (!job.id.empty()) return job;
        throw Error(FERRY_REMOTE, asked + ": the answer names no id of the job");
      }
      why = words_of(answer);
      // inferred: how a second job is refused is not documented; 409 and 429 are the ways HTTP has for it.
      if ((answer.status == 409 || answer.status == 429) && ++refused < most_refused) {
        host_.info(asked + ": " + why + "; trying again");
        host_.sleep_ms(call_, pause.next());
        continue;
      }
      if (answer.status < 500 && answer.status != 408) throw refusal(answer, asked);
    } catch (const Error& error) {
      if (error.status() == FERRY_CANCELLED) cancel_lost(correlation_id);
      if (error.status() != FERRY_TRANSIENT) throw;
      why = error.message();
    }
    // It may have been taken and run by now, so it is looked for before it is sent again.
    host_.warning(asked + ": no answer says whether it was taken (" + why + "); looking for it");
    for (int look = 0; look < 2; ++look) {
      if (std::optional<Job> job = find(correlation_id)) return *std::move(job);
      host_.sleep_ms(call_, pause.next());
    }
    if (++lost == most_lost)
      throw Error(FERRY_TRANSIENT, asked + ": it was sent " + std::to_string(most_lost) +
                                       " times, no answer came and the tenant lists no such job: " + why);
  }
}

std::optional<Job> Jobs::status(std::string_view id) { return status(id, 0); }

std::optional<Job> Jobs::status(std::string_view id, std::uint32_t flags) {
  const std::string asked = "asking for the " + noun_ + " job " + std::string(id);
  const HttpResponse answer = session_.send({.url = path() + "/" + percent_encoded(id) + "/status", .flags = flags});
  if (answer.status == 404) return std::nullopt;
  if (!answer.ok()) throw refusal(answer, asked);
  return Job::parse(object_of(answer, asked));
}

std::optional<Job> Jobs::find(std::string_view correlation_id) { return look_up(correlation_id, 0); }

std::optional<Job> Jobs::look_up(std::string_view correlation_id, std::uint32_t flags) {
  constexpr std::size_t most = 50;
  const HttpResponse answer = list(flags);
  if (!answer.ok()) throw refusal(answer, "looking for the " + noun_ + " job");
  const Json jobs = object_of(answer, "looking for the " + noun_ + " job");
  std::size_t asked = 0;
  for (const std::string& name : {"in_progress_" + noun_ + "s", "recent_" + noun_ + "s"}) {
    if (!jobs[name].is_array()) continue;
    for (const Json& listed : jobs[name].items()) {
      const std::string_view id = listed.text_or("id", "");
      if (id.empty() || ++asked > most) continue;
      std::optional<Job> job;
      try {
        job = status(id, flags);
      } catch (const Error& error) {
        if (error.status() != FERRY_AUTH) throw;  // another's job that may only be listed
      }
      if (job && job->source_system == source_system && job->correlation_id == correlation_id) return job;
    }
  }
  return std::nullopt;
}

Job Jobs::follow(Job job) {
  constexpr int most_failures = 5;
  const std::int64_t begun = host_.now_unix_ms();
  int failures = 0;
  try {
    for (Pause pause(40); !job.ended();) {
      if (host_.now_unix_ms() - begun >= patience_.job_ms)
        throw Error(FERRY_TRANSIENT, "the " + noun_ + " job " + job.id + " did not end within " +
                                         std::to_string(patience_.job_ms / 60'000) +
                                         " minutes and was cancelled; try again later, or raise job_minutes");
      call_.progress(0, 0, "wait for the " + noun_ + " job");
      host_.sleep_ms(call_, pause.next());
      try {
        std::optional<Job> now = status(job.id);
        if (!now) throw Error(FERRY_REMOTE, "the platform does not know the " + noun_ + " job " + job.id + " any more");
        job = *std::move(now);
        failures = 0;
      } catch (const Error& error) {
        // A job goes on although its platform does not answer for a while.
        if (error.status() != FERRY_TRANSIENT || ++failures == most_failures) throw;
        host_.warning(error.message());
      }
    }
  } catch (const Error&) {
    cancel(job.id);
    throw;
  }
  return job;
}

void Jobs::cancel(std::string_view id) noexcept {
  try {
    // inferred: the body of PATCH import is not documented; it is that of PATCH export with the other word.
    const HttpResponse answer = session_.send({.method = "PATCH",
                                               .url = path() + "/" + percent_encoded(id),
                                               .headers = {{"Content-Type", "application/json"}},
                                               .body = "{\"" + noun_ + "_status\":\"cancelled\"}",
                                               .flags = FERRY_HTTP_CLEAN_UP});
    if (answer.ok())
      host_.info("the " + noun_ + " job " + std::string(id) + " was cancelled");
    else
      host_.warning("the " + noun_ + " job " + std::string(id) + " could not be cancelled: " + words_of(answer));
  } catch (const std::exception& error) {
    host_.warning("the " + noun_ + " job " + std::string(id) + " could not be cancelled: " + error.what());
  }
}

void Jobs::cancel_lost(std::string_view correlation_id) noexcept {
  try {
    if (const std::optional<Job> job = look_up(correlation_id, FERRY_HTTP_CLEAN_UP); job && !job->ended())
      cancel(job->id);
  } catch (const std::exception& error) {
    host_.warning("whether the " + noun_ + " job was started could not be found out: " + std::string(error.what()));
  }
}

}  // namespace ferry::spark
