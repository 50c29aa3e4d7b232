#include "host/cli/sync_report.hpp"

#include <algorithm>

#include "host/base/text.hpp"
#include "host/cli/command_line.hpp"
#include "host/cli/table.hpp"

namespace ferry::host {
namespace {

using Kind = DestinationConfig::Kind;

std::string headline_of(const std::string& what, const RunRecord& run, const Style& style) {
  std::string line = std::string(run.preview ? "dry run of " : "") + printable(what) + ": " +
                     style(paint_of_state(run.state), state_words(run.state));
  if (const std::string duration = duration_words(run.started_at, run.finished_at); !duration.empty())
    line += (run.state == "succeeded" ? " in " : " after ") + duration;
  return line + "  (" +
         (run.connector_id == "ferry" ? "" : printable(run.connector_id + " " + run.connector_version) + ", ") +
         "run " + run.id + ")\n";
}

Table::Cell figure(std::uint64_t count, Paint paint = Paint::plain) {
  return {std::to_string(count), count == 0 ? Paint::dim : paint};
}

std::string models_table(const SyncReport& report, bool lines, const Style& style) {
  if (report.models.empty()) return "";
  std::vector<Table::Column> columns = {{"MODEL"}, {"TABLE"}, {"MODE"}, {"STATE"}, {"RECORDS", true}};
  if (lines)
    columns.erase(columns.begin() + 1);
  else
    for (const char* title : {"ADDED", "MODIFIED", "REMOVED", "UNCHANGED", "FAILED"}) columns.push_back({title, true});
  Table table(columns);
  const auto add = [&](std::vector<Table::Cell> row, std::uint64_t records, const OutcomeCounts& counts) {
    row.push_back(figure(records));
    if (lines) {
      row.erase(row.begin() + 1);
    } else {
      row.push_back(figure(counts.added, paint_of_outcome("added")));
      row.push_back(figure(counts.modified, paint_of_outcome("modified")));
      row.push_back(figure(counts.removed, paint_of_outcome("removed")));
      row.push_back(figure(counts.unchanged));
      row.push_back(figure(counts.failed, paint_of_outcome("failed")));
    }
    table.add(std::move(row));
  };
  OutcomeCounts sum;
  std::uint64_t records = 0;
  for (const SyncedModel& model : report.models) {
    add({model.model,
         plain_table_name(model.table),
         model.mode,
         {state_words(model.state), paint_of_state(model.state)}},
        model.received, model.tally.counts);
    sum += model.tally.counts;
    records += model.received;
  }
  if (report.models.size() > 1) add({"total", "", "", ""}, records, sum);
  return "\n" + table.take(style);
}

// A few of each model: the first alone would fill the list.
std::string sample_of_changes(const SyncReport& report, const ReportOptions& options) {
  const auto changed = [](const SyncedModel& model) { return !model.tally.changes.empty(); };
  const auto models = std::count_if(report.models.begin(), report.models.end(), changed);
  if (models == 0) return "";
  const std::size_t most = std::max<std::size_t>(2, most_lines_of_a_list / static_cast<std::size_t>(models));
  RunOutcome outcome;
  outcome.record = report.record;
  outcome.statistics = report.statistics;
  std::uint64_t all = 0;
  for (const SyncedModel& model : report.models) {
    const std::size_t shown = std::min(most, model.tally.changes.size());
    outcome.changes.insert(outcome.changes.end(), model.tally.changes.begin(),
                           model.tally.changes.begin() + static_cast<std::ptrdiff_t>(shown));
    all += model.tally.counts.added + model.tally.counts.modified + model.tally.counts.removed;
  }
  outcome.changes_left_out = all > outcome.changes.size() ? all - outcome.changes.size() : 0;
  return change_list(outcome, options);
}

std::string problems_and_transfer(const Statistics& statistics, const std::optional<RunError>& error,
                                  const RunRecord& record, const ReportOptions& options) {
  std::string out = problem_list(without_error(statistics, error),
                                 options.ferry + " runs show " + record.id + " --json", options.style);
  if (const std::string transfer = transfer_line(statistics, options.style); !transfer.empty()) out += "\n" + transfer;
  return out;
}

bool changes_something(const Statistics& statistics) {
  const OutcomeCounts totals = statistics.totals();
  return totals.added + totals.modified + totals.removed > 0;
}

std::string dry_run_lines(const Statistics& statistics, const std::optional<RunError>& error,
                          const ReportOptions& options) {
  std::string out = "\n" + options.style(Paint::bold, "dry run: nothing was changed") + "\n";
  if (error) return out;
  return out +
         (changes_something(statistics) ? "to do it: " + options.real_command + "\n" : "there is nothing to do\n");
}

std::string one_sync(const SyncReport& report, const DestinationConfig& place, bool only_due,
                     const ReportOptions& options) {
  const bool lines = place.kind == Kind::ndjson;
  const std::string to = place.file == "-" ? "standard output" : place.name;
  std::string out = headline_of("sync " + report.record.connection + " → " + to, report.record, options.style);
  out += models_table(report, lines, options.style);
  const bool none_has_a_frequency = std::any_of(report.statistics.problems.begin(), report.statistics.problems.end(),
                                                [](const Problem& problem) { return problem.code == "no_frequency"; });
  if (report.models.empty() && !report.error && !none_has_a_frequency)
    out += only_due ? "no data model is due\n" : "no data model is enabled\n";
  if (report.record.preview) out += sample_of_changes(report, options);
  out += problems_and_transfer(report.statistics, report.error, report.record, options);
  if (!report.record.preview && !lines && place.undo.enabled && changes_something(report.statistics))
    out += "to undo: " + options.ferry + " sync undo " + report.record.id + "\n";
  return out;
}

}  // namespace

std::string plain_table_name(const std::string& quoted) {
  std::string plain = quoted;
  std::erase(plain, '"');
  const bool simple = plain.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_.") == std::string::npos;
  return simple ? plain : quoted;
}

std::string sync_report(const SyncReport& report, const DestinationConfig& place, bool only_due,
                        const ReportOptions& options) {
  std::string out = one_sync(report, place, only_due, options);
  if (!report.record.preview) return out;
  if (place.kind == Kind::ndjson)
    return out + "\n" + options.style(Paint::bold, "dry run: nothing was written") + "\n" +
           (report.error ? "" : "to do it: " + options.real_command + "\n");
  return out + dry_run_lines(report.statistics, report.error, options);
}

std::string sync_all_report(const SyncAllReport& report, bool only_due, const ReportOptions& options) {
  std::string out;
  for (const SyncStepReport& step : report.steps) {
    if (!step.sync.record.id.empty())
      out += one_sync(step.sync, step.step.place, only_due, options);
    else
      out += "sync " + step.step.connection + " → " + printable(step.step.place.name) + ": " +
             options.style(paint_of_state("not_started"), state_words("not_started")) + "\n";
    if (step.error)
      out += "\n" + options.style(Paint::red, "error") + ": " + printable(step.error->message) +
             options.style(Paint::dim, " [" + step.error->code + "]") + "\n";
    out += "\n";
  }
  const std::size_t count = report.steps.size();
  out += headline_of("sync of " + std::to_string(count) + (count == 1 ? " connection" : " connections"), report.record,
                     options.style);
  if (report.record.preview) out += dry_run_lines(report.statistics, report.error, options);
  return out;
}

std::string undo_report(const UndoReport& report, const DestinationConfig& place, const ReportOptions& options) {
  std::string out =
      headline_of("undoing the sync " + report.record.connection + " → " + place.name + " of run " + report.undone,
                  report.record, options.style);
  if (!report.models.empty()) {
    Table table({{"MODEL"}, {"TABLE"}, {"ADDED BACK", true}, {"CHANGED BACK", true}, {"TAKEN OUT", true}});
    for (const UndoneModel& model : report.models)
      table.add({model.model, plain_table_name(model.table), figure(model.added_back, Paint::green),
                 figure(model.changed_back, Paint::cyan), figure(model.taken_out, Paint::yellow)});
    out += "\n" + table.take(options.style);
  }
  out += problems_and_transfer(report.statistics, report.error, report.record, options);
  return report.record.preview ? out + dry_run_lines(report.statistics, report.error, options) : out;
}

std::string verify_report(const VerifyReport& report, const DestinationConfig& place, const ReportOptions& options) {
  std::string out =
      headline_of("verification of " + report.record.connection + " in " + place.name, report.record, options.style);
  if (!report.models.empty()) {
    Table table({{"MODEL"},
                 {"RECORDS", true},
                 {"ROWS", true},
                 {"SAME", true},
                 {"MISSING", true},
                 {"DIFFERENT", true},
                 {"UNEXPECTED", true}});
    for (const VerifiedModel& model : report.models)
      table.add({model.model, std::to_string(model.records), std::to_string(model.rows), figure(model.same),
                 figure(model.missing, Paint::red), figure(model.different, Paint::red),
                 figure(model.unexpected, Paint::red)});
    out += "\n" + table.take(options.style);
    Table examples({{""}, {""}, {""}});
    examples.indent(2);
    for (const VerifiedModel& model : report.models)
      for (const Item& item : model.examples)
        if (examples.rows() < most_lines_of_a_list) examples.add({item.code, item.type, item.id});
    if (examples.rows() > 0) out += "\nfor example:\n" + examples.take(options.style);
  }
  return out + problems_and_transfer(report.statistics, report.error, report.record, options);
}

}  // namespace ferry::host
