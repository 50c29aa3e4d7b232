#include "host/sync/sync_pass.hpp"

#include <algorithm>
#include <iterator>
#include <numeric>

#include "host/base/failure.hpp"
#include "host/base/json_text.hpp"
#include "host/runs/run_ending.hpp"

namespace ferry::host {
namespace {

// Would the next model meet it just the same?
bool ends_all(const RunError& error) {
  constexpr const char* of_the_way_there[] = {"dns", "connection_refused", "unreachable", "tls", "proxy", "not_http"};
  return error.fault == Fault::cancelled ||
         (error.fault == Fault::platform && std::find(std::begin(of_the_way_there), std::end(of_the_way_there),
                                                      error.code) != std::end(of_the_way_there));
}

std::string words_of(const LayoutChange& change) {
  const std::string type(type_word(change.column.type));
  return change.kind == LayoutChange::added ? "there is a new member \"" + change.column.member + "\" (" + type + ")"
                                            : "the member \"" + change.column.member + "\" is now " + type;
}

}  // namespace

SyncPass::SyncPass(Runner& runner, const SyncRequest& request, const SyncSettings& settings, const SyncLimits& limits,
                   const SyncPlan& plan, DestinationWriter& writer, SyncReport& report)
    : runner_(runner),
      request_(request),
      settings_(settings),
      limits_(limits),
      plan_(plan),
      writer_(writer),
      pipeline_(writer),
      report_(report) {}

void SyncPass::open() {
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

std::optional<RunError> SyncPass::read(const Cancellation& cancellation, RecordSpool* spool) {
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

void SyncPass::replay(RecordSpool& spool, const std::vector<SyncedModel>& counted, const Cancellation& cancellation) {
  spool.replay(pipeline_, cancellation);
  for (std::size_t i = 0; i < report_.models.size(); ++i) {
    report_.models[i].fetched = counted[i].fetched;
    report_.models[i].error = counted[i].error;
  }
}

std::optional<RunError> SyncPass::end(const std::optional<RunError>& read_error) {
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

// The models that are left, in one read of the connector.
std::optional<RunError> SyncPass::ask(const std::vector<std::size_t>& left, RecordReceiver& receiver,
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

void SyncPass::end_model(const PlannedModel& planned, SyncedModel& model, const ModelNotes& notes,
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
std::optional<RunError> SyncPass::gap(const SyncedModel& model) const {
  const ModelTally& tally = writer_.tally(model.model);
  const std::uint64_t committed = tally.counts.total - tally.absent;
  if (*model.fetched == model.received && model.received == committed) return std::nullopt;
  return RunError{Fault::connector, "record_gap",
                  model.model + ": the connector read " + std::to_string(*model.fetched) + " records, " +
                      std::to_string(model.received) + " arrived, and " + std::to_string(committed) +
                      " were compared; what is missing is looked for by --mode full"};
}

void SyncPass::tell(const std::string& model, const ModelNotes& notes) {
  note_changes(model, notes.changes);
  if (notes.dropped_members > 0)
    problem(
        "notice", model, "members_dropped",
        std::to_string(notes.dropped_members) + " values of members without a column were dropped (contract: discard)");
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

void SyncPass::note_changes(const std::string& model, const std::vector<LayoutChange>& changes) {
  for (const LayoutChange& change : changes) problem("notice", model, "schema_changed", words_of(change));
}

void SyncPass::note_names(const std::string& model, const std::vector<std::string>& notices) {
  for (const std::string& notice : notices) problem("notice", model, "renamed", notice);
}

void SyncPass::problem(const char* severity, const std::string& model, const char* code, const std::string& message) {
  report_.statistics.problems.push_back({severity, model, "", "", code, message});
}

}  // namespace ferry::host
