// What a worker tells, on its way to the statistics, the record of the run and whoever watches. Serves one run, on its
// thread. What it keeps is bounded, whatever a connector reports.
#pragma once

#include <Poco/JSON/Object.h>

#include <string>
#include <vector>

#include "host/runs/run_log.hpp"
#include "host/runs/runner.hpp"
#include "host/worker/worker_process.hpp"

namespace ferry::host {

class RunListener final : public WorkerListener {
 public:
  // All references outlive the listener.
  RunListener(Environment&, RunOutcome&, RecordReceiver*);

  void on_fact(std::string_view fact_json) override;
  void on_records(std::string_view stream, std::uint64_t count, std::string_view lines) override;
  void on_checkpoint(std::string_view stream, std::string_view state_json) override;
  void on_progress(const WorkerProgress&) override;
  void on_log(int level, const std::string& source, const std::string& message) override;
  void on_mask(std::string_view value) override;
  std::string on_request(std::string_view request_json) override;

  // Moves what was counted into the outcome's statistics. Once, at the end.
  void conclude();

 private:
  void remember(Item);
  void serve_state(const Poco::JSON::Object& request, Poco::JSON::Object& answer);
  void save_items();
  void note_waiting(std::int64_t until);

  Environment& environment_;
  RunOutcome& outcome_;
  RecordReceiver* receiver_;
  StatisticsCounter counter_;
  Transfer transfer_;
  std::uint64_t records_ = 0;
  std::vector<Item> unsaved_;
  bool items_lost_ = false;
  RunLog log_;
};

}  // namespace ferry::host
