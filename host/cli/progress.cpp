#include "host/cli/progress.hpp"

#include <vector>

#include "host/base/text.hpp"

namespace ferry::host {
namespace {

constexpr std::chrono::milliseconds between_drawings{100};

}  // namespace

std::string waiting_words(const RunProgress& progress) {
  if (progress.waiting_until == 0) return "";
  return "waiting until " + local_time(progress.waiting_until) +
         (progress.waiting_for_limit ? " for the rate limit" : "");
}

std::string progress_text(const RunRecord& run, const RunProgress& progress, std::chrono::milliseconds elapsed) {
  std::string subject = run.preview ? "preview" : run.operation;
  if (!run.connection.empty()) subject += " " + run.connection;
  std::vector<std::string> parts = {subject};
  if (!progress.phase.empty()) parts.push_back(progress.phase);
  if (const std::string waiting = waiting_words(progress); !waiting.empty()) parts.push_back(waiting);
  if (progress.total > 0)
    parts.push_back(std::to_string(progress.done) + " of " + std::to_string(progress.total) + " (" +
                    std::to_string(progress.done * 100 / progress.total) + " %)");
  else if (progress.done > 0)
    parts.push_back(std::to_string(progress.done));
  const bool rates = elapsed.count() >= 1000;
  const auto a_second = [&](std::uint64_t count) { return count * 1000 / static_cast<std::uint64_t>(elapsed.count()); };
  const std::uint64_t bytes = progress.transfer.bytes_received + progress.transfer.bytes_sent;
  if (progress.records > 0) {
    parts.push_back(std::to_string(progress.records) + " records");
    if (rates) parts.push_back(std::to_string(a_second(progress.records)) + " a second");
    if (progress.transfer.requests > 0) parts.push_back(std::to_string(progress.transfer.requests) + " requests");
  } else if (bytes > 0) {
    parts.push_back(human_bytes(bytes));
    if (rates) parts.push_back(human_bytes(a_second(bytes)) + "/s");
  }
  if (progress.transfer.retries > 0) parts.push_back(std::to_string(progress.transfer.retries) + " retries");
  // Whole seconds: tenths would only flicker.
  if (elapsed.count() >= 60'000)
    parts.push_back(human_duration(elapsed.count()));
  else if (elapsed.count() >= 1000)
    parts.push_back(std::to_string(elapsed.count() / 1000) + " s");
  return join(parts, " · ");
}

ProgressObserver::~ProgressObserver() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  ended_.notify_all();
  if (ticker_.joinable()) ticker_.join();
}

void ProgressObserver::draw() const {
  const auto now = clock_.steady_now();
  std::vector<std::string> lines;
  for (const auto& [id, running] : running_)
    lines.push_back(progress_text(running.run, running.progress,
                                  std::chrono::duration_cast<std::chrono::milliseconds>(now - running.started)));
  console_.progress(join(lines, "\n"));
}

void ProgressObserver::tick() {
  std::unique_lock lock(mutex_);
  while (!ended_.wait_for(lock, between_ticks_, [this] { return ending_; }))
    if (!running_.empty()) draw();
}

void ProgressObserver::on_start(const RunRecord& run) {
  console_.log(FERRY_LOG_INFO, "ferry",
               (run.preview ? "preview of " : "") + run.operation +
                   (run.connection.empty() ? "" : " " + run.connection) + " begins: run " + run.id + ", connector " +
                   run.connector_id + " " + run.connector_version);
  if (!console_.shows_progress()) return;
  const std::lock_guard lock(mutex_);
  running_.erase("");  // a file that was read before there was a run
  running_[run.id] = Running{run, RunProgress(), clock_.steady_now()};
  draw();
  if (!ticker_.joinable()) ticker_ = std::thread([this] { tick(); });
}

void ProgressObserver::on_progress(const RunRecord& run, const RunProgress& progress) {
  if (!console_.shows_progress()) return;
  const std::lock_guard lock(mutex_);
  const auto now = clock_.steady_now();
  Running& running = running_.try_emplace(run.id, Running{run, progress, now}).first->second;
  running.progress = progress;
  if (now - drawn_ < between_drawings) return;
  drawn_ = now;
  draw();
}

void ProgressObserver::on_log(const RunRecord& run, int level, const std::string& source, const std::string& message) {
  // A person knows the connector by its name; what it printed instead of logging is told apart.
  const std::string speaker = source == "connector" ? run.connector_id : run.connector_id + " (" + source + ")";
  console_.log(level, speaker, printable(message));
}

void ProgressObserver::on_end(const RunOutcome& outcome) {
  {
    const std::lock_guard lock(mutex_);
    running_.erase(outcome.record.id);
    draw();
  }
  console_.log(FERRY_LOG_INFO, "ferry", "run " + outcome.record.id + " ended: " + state_words(outcome.record.state));
}

}  // namespace ferry::host
