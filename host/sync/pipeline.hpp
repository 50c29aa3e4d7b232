// From the records of a worker to a destination: read and hashed on the thread they arrive on, compared and written on
// another, with a bounded queue between them. Rows wait for their commit for a moment at most, so that others get their
// turn at the destination, and what was delivered is kept also while the platform has to be waited for.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "host/destinations/destination.hpp"
#include "host/records/row_reader.hpp"
#include "host/runs/runner.hpp"

namespace ferry::host {

// What was noticed about a model while its records were read.
struct ModelNotes {
  std::uint64_t received = 0, rejected = 0, dropped_members = 0;
  std::vector<LayoutChange> changes;
  std::vector<RejectedRecord> rejections;  // the first of them; without the record

  static constexpr std::size_t most_rejections = 20;
};

class SyncPipeline final : public RecordReceiver {
 public:
  // The writer is used on the pipeline's thread alone until finish() or the end of the pipeline.
  explicit SyncPipeline(DestinationWriter& writer);
  ~SyncPipeline() override;

  // Before the first record.
  void add(const std::string& model, Layout layout, RowRules rules);

  // What the writer failed with is thrown by the next of these.
  void on_records(std::string_view stream, std::string_view lines, std::uint64_t count) override;
  void on_checkpoint(std::string_view stream, std::string_view state_json) override;
  bool checks_records() const override { return true; }

  // Could something not be written? Then nothing that comes later will be.
  bool failed() const;
  // Waits until everything is written and committed; throws what the writer failed with.
  void finish();
  const ModelNotes& notes(const std::string& model) const { return models_.at(model).notes; }

 private:
  struct Model {
    RowReader reader;
    ModelNotes notes;
  };
  struct Entry {
    std::unique_ptr<RowBatch> batch;
    std::string stream, checkpoint;  // if there is no batch
  };

  Model& model(std::string_view stream);
  void push(Entry, std::size_t bytes);
  void write_all();
  void rethrow();

  DestinationWriter& writer_;
  std::map<std::string, Model, std::less<>> models_;
  mutable std::mutex mutex_;
  std::condition_variable filled_, emptied_;
  std::deque<Entry> queue_;
  std::size_t queued_bytes_ = 0;
  std::vector<std::unique_ptr<RowBatch>> used_;  // were written; their memory serves again
  bool ended_ = false;
  std::exception_ptr failure_;
  std::thread thread_;
};

}  // namespace ferry::host
