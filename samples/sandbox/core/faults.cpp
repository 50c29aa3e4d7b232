#include "samples/sandbox/core/faults.hpp"

#include <algorithm>

namespace sandbox {

namespace {

bool is_of_wire(const Faults& faults) {
  return faults.latency_ms > 0 || faults.status != 0 || faults.drop || faults.truncate_at >= 0 ||
         faults.bytes_per_second > 0 || !faults.content_type.empty();
}

bool ends_answer(const Faults& faults) { return faults.status != 0 || faults.drop || faults.truncate_at >= 0; }

void use(std::int64_t& left) {
  if (left > 0) --left;
}

bool contains(const std::vector<std::string>& list, std::string_view item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

}  // namespace

void FaultBox::set(std::vector<Faults> faults) {
  const std::lock_guard lock(mutex_);
  entries_.clear();
  bool expire = false;
  for (Faults& each : faults) {
    expire = expire || each.expire_tokens;
    const std::int64_t after = each.after, count = each.count;
    entries_.push_back({std::move(each), after, count, count});
  }
  if (expire) ++token_epoch_;
}

void FaultBox::clear() {
  const std::lock_guard lock(mutex_);
  entries_.clear();
  token_epoch_ = 0;
}

std::vector<Faults> FaultBox::list() const {
  const std::lock_guard lock(mutex_);
  std::vector<Faults> found;
  for (const Entry& entry : entries_) {
    found.push_back(entry.faults);
    found.back().count = is_of_wire(entry.faults) ? entry.requests_left : entry.jobs_left;
    found.back().after = entry.requests_before;
  }
  return found;
}

std::optional<Faults> FaultBox::take(std::string_view method_and_path) {
  const std::lock_guard lock(mutex_);
  std::optional<Faults> taken;
  bool ended = false;
  for (Entry& entry : entries_) {
    const Faults& faults = entry.faults;
    const bool ends = ends_answer(faults);
    if (!is_of_wire(faults) || entry.requests_left == 0 ||
        method_and_path.find(faults.match) == std::string_view::npos) {
      continue;
    }
    if (entry.requests_before > 0) {
      --entry.requests_before;
      continue;
    }
    if (ends && ended) continue;
    use(entry.requests_left);
    if (!taken) taken.emplace();
    taken->applied_first = taken->applied_first || faults.applied_first;
    if (ends) {
      ended = true;
      taken->status = faults.status;
      taken->retry_after = faults.retry_after;
      taken->retry_after_header = faults.retry_after_header;
      taken->drop = faults.drop;
      taken->truncate_at = faults.truncate_at;
    }
    taken->latency_ms += faults.latency_ms;
    if (faults.bytes_per_second > 0) taken->bytes_per_second = faults.bytes_per_second;
    if (!faults.content_type.empty()) taken->content_type = faults.content_type;
  }
  return taken;
}

std::string FaultBox::take_job() {
  const std::lock_guard lock(mutex_);
  for (Entry& entry : entries_) {
    if (entry.faults.job.empty() || entry.jobs_left == 0) continue;
    use(entry.jobs_left);
    return entry.faults.job;
  }
  return "";
}

bool FaultBox::fails(std::string_view name_or_id) const {
  const std::lock_guard lock(mutex_);
  return std::any_of(entries_.begin(), entries_.end(),
                     [&](const Entry& entry) { return contains(entry.faults.fail_items, name_or_id); });
}

bool FaultBox::skips(std::string_view name_or_id) const {
  const std::lock_guard lock(mutex_);
  return std::any_of(entries_.begin(), entries_.end(),
                     [&](const Entry& entry) { return contains(entry.faults.skip_items, name_or_id); });
}

std::int64_t FaultBox::token_epoch() const {
  const std::lock_guard lock(mutex_);
  return token_epoch_;
}

}  // namespace sandbox
