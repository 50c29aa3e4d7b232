#include "host/sync/sync.hpp"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <utility>

#include "host/base/failure.hpp"
#include "host/base/json_text.hpp"
#include "host/base/text.hpp"
#include "host/runs/run_ending.hpp"
#include "host/runs/work_directory.hpp"
#include "host/sync/pipeline.hpp"
#include "host/sync/record_spool.hpp"
#include "host/sync/sync_plan.hpp"
#include "host/sync/sync_record.hpp"

namespace ferry::host {
namespace {

// Would the next model meet it just the same?
bool ends_all(const RunError& error) {
  constexpr const char* of_the_way_there[] = {"dns", "connection_refused", "unreachable", "tls", "proxy", "not_http"};
  return error.fault == Fault::cancelled ||
         (error.fault == Fault::platform && std::find(std::begin(of_the_way_there), std::end(of_the_way_there),
                                                      error.code) != std::end(of_the_way_there));
}

// Reads, compares and writes what was planned, once; with a preview's writer the writes are withheld.
class Pass {
 public:
  Pass(Runner& runner, const SyncRequest& request, const SyncSettings& settings, const SyncLimits& limits,
       const SyncPlan& plan, DestinationWriter& writer, SyncReport& report)
      : runner_(runner),
        request_(request),
        settings_(settings),
        limits_(limits),
        plan_(plan),
        writer_(writer),
        pipeline_(writer),
        report_(report) {}

  void open() {
    for (const PlannedModel& planned : plan_.models) {
      const DestinationWriter::Opened opened =
          writer_.open({request_.connection, planned.stream.name, settings_.space, planned.settings.removals},
                       planned.stream.layout(), planned.kind, planned.resume);
      if (planned.settings.contract == Contract::freeze && !opened.changes.empty())
        throw Failure(Fault::guard, "schema_frozen",
                      "the schema of " + planned.stream.name + " is frozen (contract: freeze), and " +
                          words_of(opened.changes.front()) + "; nothing was written");
      if (!planned.read.checkpoint.empty() && opened.state.checkpoint.empty())
        throw Failure(Fault::machine, "destination",
                      "what was read of " + planned.stream.name +
                          " before went since this run was planned, which would only bring what is new: its table "
                          "was dropped, or its checkpoint forgotten; nothing was written: run again");
      note_changes(planned.stream.name, opened.changes);
      note_names(planned.stream.name, opened.notices);
      pipeline_.add(planned.stream.name, opened.state.layout,
                    {planned.settings.contract, planned.stream.removed_when, planned.settings.max_record});
      SyncedModel model;
      model.model = planned.stream.name;
      model.table = opened.state.table;
      model.mode = planned.mode();
      model.state = "running";
      model.rows_before = opened.state.rows;
      report_.models.push_back(std::move(model));
    }
    writer_.commit();
  }

  // Asks the platform. A model that cannot be read keeps no other from being read; where several in a row cannot, it is
  // not they that are at fault, and the rest is left for another time. What is returned is the end of all of it.
  std::optional<RunError> read(const Cancellation& cancellation, RecordSpool* spool) {
    constexpr int most_failed_in_a_row = 3;
    std::optional<SpoolingReceiver> spooling;
    if (spool != nullptr) spooling.emplace(pipeline_, *spool);
    RecordReceiver& receiver = spooling ? static_cast<RecordReceiver&>(*spooling) : pipeline_;
    std::vector<std::size_t> left(report_.models.size());
    std::iota(left.begin(), left.end(), std::size_t{0});
    for (int failed_in_a_row = 1; failed_in_a_row <= most_failed_in_a_row; ++failed_in_a_row) {
      const std::size_t asked = left.size();
      const std::optional<RunError> error = ask(left, receiver, cancellation);
      std::erase_if(left, [&](std::size_t i) { return report_.models[i].fetched.has_value(); });
      if (!error || ends_all(*error) || pipeline_.failed() || left.empty()) return error;
      if (left.size() < asked) failed_in_a_row = 1;
      std::vector<std::size_t> begun = {left.front()};
      for (const std::size_t i : left)
        if (i != left.front() && pipeline_.notes(report_.models[i].model).received > 0) begun.push_back(i);
      for (const std::size_t i : begun) report_.models[i].error = error;
      std::erase_if(left, [&](std::size_t i) { return report_.models[i].error.has_value(); });
      if (left.empty()) break;
    }
    return std::nullopt;
  }

  // What was read before, and found to be within the limits.
  void replay(RecordSpool& spool, const std::vector<SyncedModel>& counted, const Cancellation& cancellation) {
    spool.replay(pipeline_, cancellation);
    for (std::size_t i = 0; i < report_.models.size(); ++i) {
      report_.models[i].fetched = counted[i].fetched;
      report_.models[i].error = counted[i].error;
    }
  }

  // Everything that arrived is written; models that were read to their end get theirs.
  std::optional<RunError> end(const std::optional<RunError>& read_error) {
    std::optional<RunError> error = read_error;
    const std::optional<RunError> write_error = ended_with([&]() -> std::optional<RunError> {
      pipeline_.finish();
      return std::nullopt;
    });
    // The worker was stopped because of it, and could only say that.
    if (write_error) error = write_error;
    for (std::size_t i = 0; i < report_.models.size(); ++i) {
      SyncedModel& model = report_.models[i];
      const ModelNotes& notes = pipeline_.notes(model.model);
      model.received = notes.received;
      tell(model.model, notes);
      if (write_error) {
        model.state = "failed";
        continue;
      }
      const auto ended = ended_with([&]() -> std::optional<RunError> {
        end_model(plan_.models[i], model, notes, read_error);
        return std::nullopt;
      });
      if (ended && !error) error = ended;
      model.tally = writer_.tally(model.model);
      note_names(model.model, model.tally.notices);
    }
    return error;
  }

 private:
  // The models that are left, in one read of the connector.
  std::optional<RunError> ask(const std::vector<std::size_t>& left, RecordReceiver& receiver,
                              const Cancellation& cancellation) {
    RunRequest request;
    request.operation = "read";
    request.connection = request_.connection;
    request.parent = report_.record.id;
    for (const std::size_t i : left) request.streams.push_back(plan_.models[i].read);
    request.options = json_text(*settings_.options);
    const RunOutcome outcome = runner_.run(request, cancellation, &receiver);
    std::optional<Transfer>& transfer = report_.statistics.transfer;
    if (outcome.statistics.transfer) transfer = transfer.value_or(Transfer{}) += *outcome.statistics.transfer;
    for (const Problem& problem : outcome.statistics.problems)
      if (!outcome.error || problem.message != outcome.error->message) report_.statistics.problems.push_back(problem);
    for (const std::size_t i : left) {
      SyncedModel& model = report_.models[i];
      const auto said = outcome.statistics.items.find(model.model);
      if (said != outcome.statistics.items.end()) model.fetched = said->second.total;
      // Where a connector does not count, what it handed over is what it read.
      if (!model.fetched && !outcome.error) model.fetched = pipeline_.notes(model.model).received;
    }
    return outcome.error;
  }

  void end_model(const PlannedModel& planned, SyncedModel& model, const ModelNotes& notes,
                 const std::optional<RunError>& read_error) {
    if (model.fetched && !model.error) model.error = gap(model);
    // An empty answer is rather a wrong account or filter than the end of all records; a limit says what may go.
    if (planned.by_absence && model.fetched == 0u && model.rows_before > 0 && !limits_.removed && !model.error)
      model.error =
          RunError{Fault::guard, "nothing_read",
                   "the platform has no record of " + model.model + " at all, and its table has " +
                       std::to_string(model.rows_before) + " rows: none was removed; --max-removed 100% allows it"};
    if (model.error) {
      model.state = "failed";
    } else if (!model.fetched) {
      model.state = !read_error ? "not_started" : read_error->fault == Fault::cancelled ? "cancelled" : "failed";
    } else {
      const bool some_failed = notes.rejected + writer_.tally(model.model).refused > 0;
      if (planned.by_absence && some_failed)
        problem("warning", model.model, "removals_not_looked_for",
                "as records failed, a row without a record need not be one that was removed: none was");
      else if (planned.by_absence)
        writer_.remove_unseen(model.model);
      model.state = some_failed ? "partially_succeeded" : "succeeded";
    }
    writer_.finish(model.model, model.mode, model.state);
  }

  // What the connector read, what arrived here, and what the destination compared must be as many.
  std::optional<RunError> gap(const SyncedModel& model) const {
    const ModelTally& tally = writer_.tally(model.model);
    const std::uint64_t committed = tally.counts.total - tally.absent;
    if (*model.fetched == model.received && model.received == committed) return std::nullopt;
    return RunError{Fault::connector, "record_gap",
                    model.model + ": the connector read " + std::to_string(*model.fetched) + " records, " +
                        std::to_string(model.received) + " arrived, and " + std::to_string(committed) +
                        " were compared; what is missing is looked for by --mode full"};
  }

  void tell(const std::string& model, const ModelNotes& notes) {
    note_changes(model, notes.changes);
    if (notes.dropped_members > 0)
      problem("notice", model, "members_dropped",
              std::to_string(notes.dropped_members) +
                  " values of members without a column were dropped (contract: discard)");
    const ModelTally& tally = writer_.tally(model);
    for (const auto* rejections : {&notes.rejections, &tally.refusals})
      for (const RejectedRecord& rejected : *rejections)
        report_.statistics.problems.push_back(
            {"error", model, rejected.identity, "", rejected.code, "a record was not taken: " + rejected.reason});
    const std::uint64_t told = notes.rejections.size() + tally.refusals.size();
    if (const std::uint64_t failed = notes.rejected + tally.refused; failed > told)
      problem("error", model, "more_records_failed",
              std::to_string(failed - told) + " more records were not taken; see the table _ferry_quarantine");
  }
  void note_changes(const std::string& model, const std::vector<LayoutChange>& changes) {
    for (const LayoutChange& change : changes) problem("notice", model, "schema_changed", words_of(change));
  }
  void note_names(const std::string& model, const std::vector<std::string>& notices) {
    for (const std::string& notice : notices) problem("notice", model, "renamed", notice);
  }
  static std::string words_of(const LayoutChange& change) {
    const std::string type(type_word(change.column.type));
    return change.kind == LayoutChange::added ? "there is a new member \"" + change.column.member + "\" (" + type + ")"
                                              : "the member \"" + change.column.member + "\" is now " + type;
  }
  void problem(const char* severity, const std::string& model, const char* code, const std::string& message) {
    report_.statistics.problems.push_back({severity, model, "", "", code, message});
  }

  Runner& runner_;
  const SyncRequest& request_;
  const SyncSettings& settings_;
  const SyncLimits& limits_;
  const SyncPlan& plan_;
  DestinationWriter& writer_;
  SyncPipeline pipeline_;
  SyncReport& report_;
};

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
      Pass pass(runner_, request_, settings_, limits_, plan, *writer, report_);
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
