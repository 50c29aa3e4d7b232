#include "host/cli/release_display.hpp"

#include <algorithm>

#include "host/base/text.hpp"
#include "host/cli/progress.hpp"
#include "host/cli/table.hpp"

namespace ferry::host {
namespace {

constexpr std::chrono::milliseconds between_drawings{200};

std::string figures(const RunProgress& progress) {
  std::vector<std::string> parts;
  if (!progress.phase.empty()) parts.push_back(progress.phase);
  if (const std::string waiting = waiting_words(progress); !waiting.empty()) parts.push_back(waiting);
  if (progress.total > 0)
    parts.push_back(std::to_string(progress.done) + " of " + std::to_string(progress.total));
  else if (progress.done > 0)
    parts.push_back(std::to_string(progress.done));
  const std::uint64_t bytes = progress.transfer.bytes_received + progress.transfer.bytes_sent;
  if (bytes > 0) parts.push_back(human_bytes(bytes));
  if (progress.transfer.retries > 0) parts.push_back(std::to_string(progress.transfer.retries) + " retries");
  return join(parts, " · ");
}

}  // namespace

ReleaseDisplay::~ReleaseDisplay() { stop(); }

void ReleaseDisplay::on_release(const RunRecord& run, const std::vector<ReleaseStep>& steps) {
  console_.log(FERRY_LOG_INFO, "ferry",
               "release begins: run " + run.id + ", " + std::to_string(steps.size()) + " steps");
  const std::lock_guard lock(mutex_);
  for (const ReleaseStep& step : steps) {
    Row row;
    row.step = step.name;
    row.work = step.work();
    rows_.push_back(row);
  }
  if (!console_.shows_progress()) return;
  painter_ = std::thread([this] {
    std::unique_lock lock(mutex_);
    while (!ended_.wait_for(lock, between_drawings, [this] { return end_; })) {
      lock.unlock();
      console_.progress(text());
      lock.lock();
    }
  });
}

ReleaseDisplay::Row& ReleaseDisplay::row(const std::string& step) {
  return *std::find_if(rows_.begin(), rows_.end(), [&](const Row& row) { return row.step == step; });
}

void ReleaseDisplay::on_step(const std::string& step, const std::string& state, const std::string& phase) {
  {
    const std::lock_guard lock(mutex_);
    Row& at = row(step);
    const auto now = clock_.steady_now();
    if (at.state != "running" && state == "running") at.started = now;
    if (at.state == "running" && state != "running")
      at.took += std::chrono::duration_cast<std::chrono::milliseconds>(now - at.started);
    at.state = state;
    at.phase = phase;
    at.progress = RunProgress();
  }
  console_.log(FERRY_LOG_INFO, "ferry", "step " + step + ": " + (phase.empty() ? state_words(state) : phase));
}

void ReleaseDisplay::on_step_progress(const std::string& step, const std::string& phase, const RunProgress& progress) {
  const std::lock_guard lock(mutex_);
  Row& at = row(step);
  at.phase = phase;
  at.progress = progress;
}

void ReleaseDisplay::on_end(const RunRecord& run) {
  stop();
  console_.progress("");
  console_.log(FERRY_LOG_INFO, "ferry", "release ended: " + state_words(run.state));
}

void ReleaseDisplay::stop() {
  {
    const std::lock_guard lock(mutex_);
    end_ = true;
  }
  ended_.notify_all();
  if (painter_.joinable()) painter_.join();
}

std::string ReleaseDisplay::text() const {
  const std::lock_guard lock(mutex_);
  Table table({{""}, {""}, {""}, {""}, {""}});
  for (const Row& row : rows_) {
    std::chrono::milliseconds took = row.took;
    if (row.state == "running")
      took += std::chrono::duration_cast<std::chrono::milliseconds>(clock_.steady_now() - row.started);
    table.add({row.step, row.work, row.state == "running" && !row.phase.empty() ? row.phase : state_words(row.state),
               took.count() < 1000 ? "" : std::to_string(took.count() / 1000) + " s", figures(row.progress)});
  }
  std::string lines = table.take(Style());
  if (!lines.empty()) lines.pop_back();
  return lines;
}

}  // namespace ferry::host
