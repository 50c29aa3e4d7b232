#include "host/sync/sync_all.hpp"

#include <Poco/JSON/Array.h>

#include <thread>

#include "host/runs/run_ending.hpp"
#include "host/statistics/run_state.hpp"
#include "host/sync/sync_record.hpp"

namespace ferry::host {
namespace {

SyncStepReport sync_step(const SyncStep& step, SyncRequest request, const SyncOne& one) {
  SyncStepReport report{step, "not_started", {}, {}};
  request.connection = step.connection;
  report.error = ended_with([&] {
    report.sync = one(step, request);
    report.state = report.sync.record.state;
    return report.sync.error;
  });
  return report;
}

void add_section(const SyncStepReport& step, Statistics& total, RecordCounts& records) {
  StepStatistics section{step.step.connection, step.state, "", std::nullopt};
  const Statistics& statistics = step.sync.statistics;
  if (statistics.run.id.empty()) {
    if (step.error) section.reason = step.error->message;
    total.steps.push_back(std::move(section));
    return;
  }
  section.statistics = statistics;
  total.steps.push_back(std::move(section));
  for (const auto& [model, counts] : statistics.items) total.items[model] += counts;
  if (statistics.transfer) {
    if (!total.transfer) total.transfer.emplace();
    *total.transfer += *statistics.transfer;
  }
  const RecordCounts none;
  const RecordCounts& counted = statistics.records ? *statistics.records : none;
  for (const auto figure : {&RecordCounts::fetched, &RecordCounts::received, &RecordCounts::committed})
    if (!(counted.*figure))
      (records.*figure).reset();
    else if (records.*figure)
      *(records.*figure) += *(counted.*figure);
}

}  // namespace

SyncAllReport sync_all(Environment& environment, const std::vector<SyncStep>& steps, const SyncRequest& request,
                       const SyncOne& one, const Cancellation& cancellation) {
  SyncAllReport report;
  Poco::JSON::Object::Ptr asked = new Poco::JSON::Object(Poco::JSON_PRESERVE_KEY_ORDER);
  Poco::JSON::Array::Ptr names = new Poco::JSON::Array;
  for (const SyncStep& step : steps) names->add(step.connection);
  asked->set("all", names);
  asked->set("due", request.only_due);
  report.record = begin_record(environment, "sync", "", "", request.preview, *asked);

  SyncRequest each = request;
  each.parent = report.record.id;
  report.steps.resize(steps.size());
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < steps.size(); ++i)
    threads.emplace_back([&, i] { report.steps[i] = sync_step(steps[i], each, one); });
  for (std::thread& thread : threads) thread.join();

  RecordCounts records{0, 0, 0};
  bool all_well = true, some_well = false;
  for (SyncStepReport& step : report.steps) {
    if (step.error) step.error->message = environment.redactor.mask(step.error->message);
    add_section(step, report.statistics, records);
    all_well = all_well && step.state == "succeeded";
    some_well = some_well || ended_well(step.state);
    if (!step.error || report.error) continue;
    const std::string& message = step.error->message;
    const std::string prefix = step.step.connection + ": ";
    report.error =
        RunError{step.error->fault, step.error->code, message.starts_with(prefix) ? message : prefix + message};
  }
  report.statistics.records = records;
  // What some of them brought stays, also where another one failed.
  const std::string state = cancellation.cancelled() ? "cancelled"
                            : all_well               ? "succeeded"
                            : some_well              ? "partially_succeeded"
                                                     : "failed";
  end_record(environment, report.record, report.statistics, report.error, {}, state);
  return report;
}

}  // namespace ferry::host
