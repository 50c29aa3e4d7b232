#include "host/sync/pipeline.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>

#include "host/base/failure.hpp"
#include "host/base/memory.hpp"
#include "host/base/text.hpp"

namespace ferry::host {
namespace {

constexpr std::size_t most_queued_bytes = 1u << 20;
constexpr std::size_t longest_kept = 256u << 10;  // of a batch's text: the memory of a giant is given back
// A commit costs less than a tenth of a millisecond, and nobody wants to wait for the first rows.
constexpr std::chrono::milliseconds between_commits{250};
constexpr std::chrono::milliseconds longest_idle{20};

}  // namespace

SyncPipeline::SyncPipeline(DestinationWriter& writer) : writer_(writer) { keep_freed_memory(); }

SyncPipeline::~SyncPipeline() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    queue_.clear();
  }
  filled_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void SyncPipeline::add(const std::string& model, Layout layout, RowRules rules) {
  models_.emplace(model, Model{RowReader(model, std::move(layout), std::move(rules)), {}});
}

SyncPipeline::Model& SyncPipeline::model(std::string_view stream) {
  const auto found = models_.find(stream);
  if (found == models_.end())
    throw Failure(Fault::connector, "unexpected_stream",
                  "it delivered records of " + printable(shortened(stream, 80)) + ", which was not asked for");
  return found->second;
}

void SyncPipeline::on_records(std::string_view stream, std::string_view lines, std::uint64_t count) {
  Model& model = this->model(stream);
  std::unique_ptr<RowBatch> batch;
  if (const std::lock_guard lock(mutex_); !used_.empty()) {
    batch = std::move(used_.back());
    used_.pop_back();
  }
  batch = model.reader.read(lines, count, std::move(batch));
  ModelNotes& notes = model.notes;
  notes.received += count;
  notes.rejected += batch->rejected.size();
  notes.dropped_members += batch->dropped_members;
  notes.changes.insert(notes.changes.end(), batch->changes.begin(), batch->changes.end());
  for (const RejectedRecord& rejected : batch->rejected) {
    if (notes.rejections.size() >= ModelNotes::most_rejections) break;
    notes.rejections.push_back({rejected.identity, rejected.code, rejected.reason, {}});
  }
  push({std::move(batch), {}, {}}, lines.size());
}

void SyncPipeline::on_checkpoint(std::string_view stream, std::string_view state_json) {
  model(stream);
  push({nullptr, std::string(stream), std::string(state_json)}, 0);
}

void SyncPipeline::push(Entry entry, std::size_t bytes) {
  std::unique_lock lock(mutex_);
  if (!thread_.joinable()) thread_ = std::thread([this] { write_all(); });
  emptied_.wait(lock, [&] { return failure_ != nullptr || queued_bytes_ < most_queued_bytes; });
  rethrow();
  queue_.push_back(std::move(entry));
  queued_bytes_ += bytes;
  lock.unlock();
  filled_.notify_one();
}

void SyncPipeline::rethrow() {
  if (failure_ != nullptr) std::rethrow_exception(failure_);
}

bool SyncPipeline::failed() const {
  const std::lock_guard lock(mutex_);
  return failure_ != nullptr;
}

void SyncPipeline::finish() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  filled_.notify_one();
  if (thread_.joinable()) thread_.join();
  rethrow();
}

void SyncPipeline::write_all() {
  using Clock = std::chrono::steady_clock;
  bool uncommitted = false, anything = false;
  Clock::time_point last_commit = Clock::now();
  std::deque<Entry> taken;
  std::vector<std::unique_ptr<RowBatch>> used;
  try {
    for (;;) {
      {
        std::unique_lock lock(mutex_);
        const auto ready = [&] { return ended_ || !queue_.empty(); };
        if (!uncommitted)
          filled_.wait(lock, ready);
        else if (!filled_.wait_for(lock, longest_idle, ready)) {
          lock.unlock();
          writer_.commit();
          uncommitted = false;
          last_commit = Clock::now();
          continue;
        }
        if (queue_.empty()) break;
        std::move(used.begin(), used.end(), std::back_inserter(used_));
        used.clear();
        taken.swap(queue_);
        queued_bytes_ = 0;
      }
      emptied_.notify_one();
      for (Entry& entry : taken) {
        if (entry.batch)
          writer_.write(*entry.batch);
        else
          writer_.checkpoint(entry.stream, entry.checkpoint);
        if (entry.batch && entry.batch->lines.size() <= longest_kept) used.push_back(std::move(entry.batch));
        entry.batch.reset();
        uncommitted = true;
        if (anything && Clock::now() - last_commit < between_commits) continue;
        anything = true;
        writer_.commit();
        uncommitted = false;
        last_commit = Clock::now();
      }
      taken.clear();
    }
    writer_.commit();
  } catch (...) {
    const std::lock_guard lock(mutex_);
    failure_ = std::current_exception();
    queue_.clear();
    queued_bytes_ = 0;
  }
  emptied_.notify_one();
}

}  // namespace ferry::host
