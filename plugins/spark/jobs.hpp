// Running a job of a tenant to its end: waiting for its turn, starting it once, following it, cancelling it.
//
// A tenant runs one export and one import at a time, whoever asked for it. A job is started at most once: each carries
// source_system "ferry" and a correlation id, by which it is looked for where the answer to its start was lost. When
// the operation is cancelled, or gives up waiting, the platform's job is cancelled too. Used by one operation on its
// thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ferry/sdk.hpp"
#include "job.hpp"
#include "session.hpp"

namespace ferry::spark {

inline constexpr std::string_view source_system = "ferry";

enum class JobKind { exporting, importing };

struct Patience {
  std::int64_t turn_ms = 30 * 60'000;  // while the tenant's one job is another's
  std::int64_t job_ms = 30 * 60'000;   // for a job of ours
};

class Jobs {
 public:
  Jobs(Host host, Call call, Session& session, JobKind kind, Patience patience);

  // Waits until the tenant has no job of this kind. Throws Error(FERRY_RATE_LIMITED) when patience ends.
  bool wait_for_turn();  // did it have to wait?
  // Sends the request that starts a job, after its turn has come. It may be returned already ended.
  Job start(const HttpRequest& request, std::string_view correlation_id);
  Job follow(Job job);
  // The job with that correlation id among those the tenant lists: running now, or ended within the last hour.
  std::optional<Job> find(std::string_view correlation_id);
  // nullopt: the platform knows no such job.
  std::optional<Job> status(std::string_view id);
  void cancel(std::string_view id) noexcept;
  // Whether the list of jobs may be read, and what it says, for check: the answer as it came.
  HttpResponse list();

 private:
  class Pause;

  std::string path() const;

  void cancel_lost(std::string_view correlation_id) noexcept;
  std::optional<Job> look_up(std::string_view correlation_id, std::uint32_t flags);
  std::optional<Job> status(std::string_view id, std::uint32_t flags);
  HttpResponse list(std::uint32_t flags);
  bool turn_has_come();
  void wait_for_others(Pause& pause);

  Host host_;
  Call call_;
  Session& session_;
  const std::string noun_;  // "export", "import"
  Patience patience_;
  std::int64_t waiting_since_ = 0;  // for another's job; 0: not waiting
};

}  // namespace ferry::spark
