// When a model is to be synced next.
//
//   never synced        at once, also with cron: nobody knows since when its time has been waited for
//   ended well          at the time its frequency gives after the last start, so a run that began late does not shift
//                       the times of cron
//   did not end well    again 1, 2, 4, ... minutes after the end (failed, cancelled) or the start (no end is known: it
//                       was killed, or still runs, which its lock tells), but never later than the frequency says
//   not enabled, or without a frequency: never, only when asked for
//
// A time that was missed, however often, is due at once, and once: the next start counts for all of them. A last start
// that lies in the future is due at once, as the clock was wrong then, or the state was edited.
//
// Pure functions; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "host/config/frequency.hpp"
#include "host/config/sync_settings.hpp"

namespace ferry::host {

// How the last run of a model went; nothing if there was none. Times are unix ms.
struct LastRun {
  std::optional<std::int64_t> started_at, finished_at;
  std::string result;     // a state of runs: "succeeded", "failed", ...
  unsigned failures = 0;  // runs in a row up to this one that did not end well, if that is known
};

struct Due {
  bool now = false;
  std::optional<std::int64_t> at;  // of what is due now: since when; nullopt: never, or never done before

  bool operator==(const Due&) const = default;
};

Due due(const ModelSync&, const LastRun&, std::int64_t now);
// For what is done now and then beside it, such as full_every: last is the start of the last that ended well.
Due due(const std::optional<Frequency>&, std::optional<std::int64_t> last, std::int64_t now);

}  // namespace ferry::host
