// Syncs of the platform itself: Integration Labs fetches a company's data models from its accounting software.
//
// start() asks for one, follow() waits for its end, through the sleeps that the accounting software's rate limit
// imposes; what is waited for, and until when, is told as progress. A data model that the platform could not fetch
// becomes a problem of the run, not its end: what was fetched before can still be read. v3 has no way to cancel a sync:
// if the operation is cancelled, a notice says that it goes on.
#pragma once

#include <string>
#include <vector>

#include "api.hpp"

namespace ferry::integration_labs {

struct SyncedModel {
  std::string name;
  std::string from;  // a date; "": what changed since the platform's last sync
};

class PlatformSync {
 public:
  PlatformSync(Host host, Call call, Api& api) : host_(host), call_(call), api_(api) {}

  // full: everything, which alone makes the platform notice what was deleted.
  void start(const Connection& connection, const std::vector<SyncedModel>& models, bool full);
  void follow();

 private:
  std::vector<Json> recent();
  std::string find_started(const Json& body, std::int64_t newest_before);
  void wait(const Json& sync, std::int64_t& pause_ms, std::int64_t& awake_ms);
  void report_end(const Json& sync);

  Host host_;
  Call call_;
  Api& api_;
  std::string id_;
};

// Milliseconds of a time as the platform writes it; -1 if it is none.
std::int64_t parse_time(std::string_view text);

}  // namespace ferry::integration_labs
