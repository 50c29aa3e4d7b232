#include "host/sync/schedule.hpp"

#include <algorithm>

#include "host/statistics/run_state.hpp"

namespace ferry::host {
namespace {

// After that many the wait stays as it is: 17 hours.
constexpr unsigned most_doublings = 10;

Due at(std::int64_t time, std::int64_t now) { return {time <= now, time}; }

bool was_good(const LastRun& last) {
  return last.finished_at && *last.finished_at >= *last.started_at && ended_well(last.result);
}

}  // namespace

Due due(const std::optional<Frequency>& every, std::optional<std::int64_t> last, std::int64_t now) {
  if (!every) return {};
  if (!last || *last > now) return {true, std::nullopt};
  return at(every->next_after(*last), now);
}

Due due(const ModelSync& model, const LastRun& last, std::int64_t now) {
  if (!model.enabled) return {};
  const Due regular = due(model.every, last.started_at, now);
  if (!regular.at || was_good(last)) return regular;
  const std::int64_t end = std::clamp(last.finished_at.value_or(*last.started_at), *last.started_at, now);
  const std::int64_t wait = std::int64_t{60'000} << std::min(std::max(last.failures, 1u) - 1, most_doublings);
  return at(std::min(*regular.at, end + wait), now);
}

}  // namespace ferry::host
