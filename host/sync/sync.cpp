#include "host/sync/sync.hpp"

#include <utility>

#include "host/base/failure.hpp"
#include "host/base/json_text.hpp"
#include "host/base/text.hpp"
#include "host/runs/run_ending.hpp"
#include "host/runs/work_directory.hpp"
#include "host/sync/record_spool.hpp"
#include "host/sync/sync_pass.hpp"
#include "host/sync/sync_plan.hpp"
#include "host/sync/sync_record.hpp"

namespace ferry::host {
namespace {

class Sync {
 public:
  Sync(Runner& runner, Destination& destination, const DestinationConfig& place, const SyncRequest& request,
       const Cancellation& cancellation)
      : environment_(runner.environment()),
        runner_(runner),
        destination_(destination),
        place_(place),
        request_(request),
        cancellation_(cancellation) {}

  SyncReport carry_out() {
    begin();
    report_.error = ended_with([&] { return work(); });
    conclude();
    return std::move(report_);
  }

 private:
  void begin() {
    if (environment_.config == nullptr)
      throw Failure(Fault::usage, "bad_config", "a connection was named, but no configuration is loaded");
    const Connection& connection = environment_.config->connection(request_.connection);
    settings_ = environment_.config->sync(connection);
    RunRequest read;
    read.operation = "read";
    read.connection = request_.connection;
    runner_.check(read);
    limits_ = {request_.limits.removed ? request_.limits.removed : settings_.max_removed,
               request_.limits.changed ? request_.limits.changed : settings_.max_changed,
               request_.limits.failed ? request_.limits.failed : settings_.max_failed};
    report_.destination = destination_.description();
    report_.record = begin_record(environment_, "sync", request_.connection, request_.parent, request_.preview,
                                  *request_of(request_, place_, report_.destination));
  }

  std::optional<RunError> work() {
    const TargetLock lock = lock_models(environment_, report_.record, report_.destination, cancellation_);
    const SyncPlan plan = make_plan();
    report_.statistics.problems = plan.notices;
    if (plan.models.empty()) return std::nullopt;
    if (request_.preview) {
      std::optional<RunError> error = pass(plan, true, nullptr, nullptr);
      if (!error) error = limit_reached(report_.models, limits_);
      return error ? error : error_of_models();
    }
    const std::optional<RunError> error = ended_with([&] { return bring(plan); });
    if (error) note_failure(plan, *error);
    return error;
  }

  std::optional<RunError> bring(const SyncPlan& plan) {
    // What must not be exceeded is counted before anything is written; the records wait on disk meanwhile.
    if (!limits_.removed && !limits_.changed) {
      std::optional<RunError> error = pass(plan, false, nullptr, nullptr);
      if (!error) error = limit_reached(report_.models, {{}, {}, limits_.failed});
      return error ? error : error_of_models();
    }
    const WorkDirectory directory(environment_.state_directory, report_.record.id);
    RecordSpool spool(directory.path() / "records");
    std::optional<RunError> error = pass(plan, true, &spool, nullptr);
    if (!error) error = limit_reached(report_.models, limits_);
    if (error) {
      // What was counted did not come to be.
      for (SyncedModel& model : report_.models) {
        model.tally = {};
        if (model.state != "failed" && model.state != "cancelled") model.state = "not_started";
      }
      return error;
    }
    const std::vector<SyncedModel> counted = std::move(report_.models);
    report_.models.clear();
    report_.statistics.problems = plan.notices;
    error = pass(plan, false, &spool, &counted);
    return error ? error : error_of_models();
  }

  // Where some models were brought, those that were not are problems of a run that is done in part; where none was, the
  // first one's error is the run's.
  std::optional<RunError> error_of_models() {
    std::optional<RunError> first;
    bool brought = false;
    for (const SyncedModel& model : report_.models) {
      if (model.error && !first) first = model.error;
      brought = brought || (model.fetched && !model.error);
    }
    if (!first) return std::nullopt;
    bool told = brought;
    std::string not_read;
    for (const SyncedModel& model : report_.models) {
      // The run's own error is told at its end.
      if (model.error && std::exchange(told, true))
        report_.statistics.problems.push_back({"error", model.model, "", "", model.error->code, model.error->message});
      if (model.state == "not_started") not_read += (not_read.empty() ? "" : ", ") + model.model;
    }
    if (!not_read.empty())
      report_.statistics.problems.push_back(
          {"error", "", "", "", "not_read", "not read, as several models before could not be: " + not_read});
    return brought ? std::nullopt : first;
  }

  // For the schedule, where it ended before the writer could say so. A destination that cannot be used tells nothing
  // now either, and who holds it has more to tell.
  void note_failure(const SyncPlan& plan, const RunError& error) {
    if (error.code == "destination_busy" || error.code == "destination_lost") return;
    std::vector<std::string> models;
    for (const PlannedModel& planned : plan.models) models.push_back(planned.stream.name);
    ended_with([&]() -> std::optional<RunError> {
      destination_.note_failure(stamp(), models, error.fault == Fault::cancelled ? "cancelled" : "failed");
      return std::nullopt;
    });
  }
  RunStamp stamp() const { return {report_.record.id, request_.connection, report_.record.started_at}; }

  SyncPlan make_plan() {
    const std::vector<ModelState> states = destination_.models(request_.connection);
    const std::int64_t now = environment_.clock.now_unix_ms();
    const auto plan = [&](bool fresh) {
      const StreamCatalog catalog =
          StreamCatalog::of(runner_, request_.connection, report_.record.id, fresh, cancellation_);
      return plan_sync(request_, settings_, catalog, states, now);
    };
    if (request_.mode == SyncMode::full) return plan(true);
    try {
      return plan(false);
    } catch (const Failure& failure) {
      if (failure.fault() != Fault::usage) throw;
      return plan(true);  // the platform may have it since
    }
  }

  // counted: what a pass before this one found in the spool.
  std::optional<RunError> pass(const SyncPlan& plan, bool preview, RecordSpool* spool,
                               const std::vector<SyncedModel>* counted) {
    const std::unique_ptr<DestinationWriter> writer = destination_.begin(stamp(), preview, place_.undo);
    std::optional<RunError> error;
    {
      SyncPass pass(runner_, request_, settings_, limits_, plan, *writer, report_);
      error = ended_with([&]() -> std::optional<RunError> {
        pass.open();
        return std::nullopt;
      });
      if (!error) {
        std::optional<RunError> read_error = ended_with([&]() -> std::optional<RunError> {
          if (counted == nullptr) return pass.read(cancellation_, spool);
          pass.replay(*spool, *counted, cancellation_);
          return std::nullopt;
        });
        error = pass.end(read_error);
      }
    }
    const std::string state = error ? error->fault == Fault::cancelled ? "cancelled" : "failed" : "succeeded";
    const auto ending = ended_with([&]() -> std::optional<RunError> {
      writer->end_run(state);
      return std::nullopt;
    });
    return error ? error : ending;
  }

  void conclude() {
    Statistics& statistics = report_.statistics;
    RecordCounts records{0, 0, 0};
    for (const SyncedModel& model : report_.models) {
      if (model.tally.counts.total > 0 || model.fetched) statistics.items[model.model] = model.tally.counts;
      statistics.synced[model.model] = {model.table, model.mode, model.state, model.tally.duplicates};
      if (model.tally.duplicates > 0)
        statistics.problems.push_back(
            {"notice", model.model, "", "", "duplicates",
             std::to_string(model.tally.duplicates) +
                 " records had the identity of one before them in this run; the last counts"});
      if (!model.fetched)
        records.fetched.reset();
      else if (records.fetched)
        *records.fetched += *model.fetched;
      *records.received += model.received;
      *records.committed += model.tally.counts.total - model.tally.absent;
    }
    if (request_.preview) records.committed.reset();
    statistics.records = records;
    if (!report_.error && !request_.preview) make_unions(destination_, place_, request_.connection, statistics);
    end_record(environment_, report_.record, statistics, report_.error, report_.changes());
  }

  Environment& environment_;
  Runner& runner_;
  Destination& destination_;
  const DestinationConfig& place_;
  const SyncRequest& request_;
  const Cancellation& cancellation_;
  SyncSettings settings_;
  SyncLimits limits_;
  SyncReport report_;
};

}  // namespace

std::vector<Item> SyncReport::changes() const {
  std::vector<Item> all;
  for (const SyncedModel& model : models) all.insert(all.end(), model.tally.changes.begin(), model.tally.changes.end());
  return all;
}

std::optional<RunError> limit_reached(const std::vector<SyncedModel>& models, const SyncLimits& limits) {
  std::optional<RunError> error;
  const auto hold = [&](const SyncedModel& model, const std::optional<Threshold>& limit, std::uint64_t count,
                        std::uint64_t of, Fault fault, const char* code, const char* option, const char* what) {
    if (!limit || !limit->exceeded(count, of) || (error && error->code != code)) return;
    const std::string found = std::to_string(count) + " of " + std::to_string(of) + " " + what + " of " + model.model +
                              ", and --" + option + " is " + limit->text();
    error = RunError{fault, code, error ? error->message + "; " + found : found};
  };
  for (const SyncedModel& model : models) {
    const OutcomeCounts& counts = model.tally.counts;
    // What came and changed again in this run alone is nobody's loss.
    if (model.rows_before > 0) {
      hold(model, limits.removed, counts.removed, model.rows_before, Fault::guard, "too_many_removed", "max-removed",
           "rows would be removed");
      hold(model, limits.changed, counts.modified, model.rows_before, Fault::guard, "too_many_changed", "max-changed",
           "rows would be changed");
    }
    hold(model, limits.failed, counts.failed, model.received, Fault::usage, "too_many_failed", "max-failed",
         "records failed");
  }
  if (!error) return std::nullopt;
  error->message += error->fault == Fault::guard
                        ? "; nothing was changed. --dry-run shows what would be; a higher limit allows it"
                        : "; see the table _ferry_quarantine";
  return error;
}

SyncReport sync(Runner& runner, Destination& destination, const DestinationConfig& place, const SyncRequest& request,
                const Cancellation& cancellation) {
  return Sync(runner, destination, place, request, cancellation).carry_out();
}

}  // namespace ferry::host
