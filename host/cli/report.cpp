#include "host/cli/report.hpp"

#include <algorithm>

#include "host/base/text.hpp"
#include "host/cli/command_line.hpp"
#include "host/cli/table.hpp"

namespace ferry::host {
namespace {

std::string subject_of(const RunRecord& run) {
  const std::string dry = run.preview ? "dry run of " : "";
  if (run.operation == "import") return dry + "import into " + run.connection;
  if (run.operation == "export") return dry + "export from " + run.connection;
  if (run.operation == "inspect") return "inspection of a package";
  return dry + run.operation + " of " + run.connection;
}

std::string item_label(const std::string& type, const std::string& name, const std::string& id) {
  std::string label = type;
  const auto add = [&](const std::string& text) { label += (label.empty() ? "" : " ") + text; };
  if (!name.empty()) add("\"" + name + "\"");
  if (!id.empty() && id != name) add(name.empty() ? id : "(" + id + ")");
  return label;
}

char sign_of(const std::string& outcome) {
  if (outcome == "added") return '+';
  if (outcome == "modified") return '~';
  if (outcome == "removed") return '-';
  if (outcome == "failed") return '!';
  return outcome == "unknown" ? '?' : '.';
}

bool told_by_a_problem(const Item& item, const Statistics& statistics) {
  return std::any_of(statistics.problems.begin(), statistics.problems.end(), [&](const Problem& problem) {
    return problem.type == item.type && problem.id == item.id && problem.name == item.name;
  });
}

bool changed_something(const Statistics& statistics) {
  const OutcomeCounts totals = statistics.totals();
  return totals.added + totals.modified + totals.removed > 0;
}

// What a connector changed it has reported, and what it cannot tell as unknown, however it ended; but for one that was
// ended in the middle, also after a cancel it did not listen to.
bool may_have_changed_something(const RunOutcome& import) {
  if (changed_something(import.statistics) || import.statistics.totals().unknown > 0) return true;
  if (!import.error) return false;
  const Fault fault = import.error->fault;
  return fault == Fault::connector || fault == Fault::machine ||
         (fault == Fault::cancelled && import.error->code != "cancelled");
}

std::string short_hash(const std::string& sha256) { return "sha256:" + sha256.substr(0, 12); }

std::string backup_text(const RunOutcome& backup, const RunOutcome& import, const ReportOptions& options) {
  if (!backup.package) return "";
  const std::string& connection = import.record.connection;
  std::string out = "\nbackup of " + connection + " before the import: " + human_bytes(backup.package->size) + ", " +
                    short_hash(backup.package->sha256) + "\n";
  if (!may_have_changed_something(import)) return out;
  if (!options.can_replace) return out + "this connector cannot replace artefacts: it has to be put back by hand\n";
  // What the import added, or may have added before it stopped, is only undone by pruning.
  const OutcomeCounts totals = import.statistics.totals();
  const bool prune = options.can_prune && (totals.added > 0 || totals.unknown > 0 || import.error);
  const bool surely = changed_something(import.statistics);
  return out + (surely ? "to put it back: " : "if anything was changed, this puts it back: ") +
         options.style(Paint::bold, options.ferry + " import " + shell_quoted(connection) + " " +
                                        short_hash(backup.package->sha256) + " --on-existing replace" +
                                        (prune ? " --prune" : "")) +
         "\n" +
         (options.can_prune || totals.added == 0 ? "" : "what was added stays: this connector removes nothing\n");
}

std::string dry_run_text(const RunOutcome& outcome, const ReportOptions& options) {
  if (!outcome.record.preview) return "";
  std::string out = "\n" + options.style(Paint::bold, "dry run: nothing was changed") + "\n";
  if (outcome.error || options.real_command.empty()) return out;
  if (!may_have_changed_something(outcome) && !outcome.statistics.has_errors()) return out + "there is nothing to do\n";
  return out + "to do it: " + options.real_command + "\n";
}

// Only where what exists was the reason: neither prune nor a conflict of names is settled by a policy.
std::string policy_hint(const RunOutcome& outcome, const ReportOptions& options) {
  const auto exists = [](const Problem& problem) { return problem.code == "exists"; };
  const std::vector<Problem>& problems = outcome.statistics.problems;
  if (!outcome.error || outcome.error->fault != Fault::guard || options.policy != "abort" ||
      std::none_of(problems.begin(), problems.end(), exists))
    return "";
  if (!options.can_replace) return "";
  return std::string("what exists in the target is only touched if you choose: --on-existing replace") +
         (options.can_skip ? ", or --on-existing skip\n" : "\n");
}

// "2 errors, 1 notice"
std::string counted_problems(const std::vector<const Problem*>& problems) {
  std::vector<std::string> parts;
  for (const char* severity : {"error", "warning", "notice"}) {
    const auto count = std::count_if(problems.begin(), problems.end(),
                                     [&](const Problem* problem) { return problem->severity == severity; });
    if (count > 0) parts.push_back(std::to_string(count) + " " + severity + (count == 1 ? "" : "s"));
  }
  return join(parts, ", ");
}

std::string see_items(const RunOutcome& outcome, const ReportOptions& options) {
  return options.ferry + " runs show " + outcome.record.id + " --items";
}

}  // namespace

std::string transfer_line(const Statistics& statistics, const Style& style) {
  if (!statistics.transfer || statistics.transfer->requests == 0) return "";
  const Transfer& transfer = *statistics.transfer;
  std::string line = std::to_string(transfer.requests) + (transfer.requests == 1 ? " request" : " requests");
  if (transfer.retries > 0) line += ", " + std::to_string(transfer.retries) + " repeated";
  if (transfer.throttled_ms > 0)
    line += ", waited " + human_duration(static_cast<std::int64_t>(transfer.throttled_ms)) + " for the platform";
  if (transfer.rate_limited > 0) line += ", " + std::to_string(transfer.rate_limited) + " refused by its rate limit";
  line += ", " + human_bytes(transfer.bytes_received) + " received, " + human_bytes(transfer.bytes_sent) + " sent";
  return style(Paint::dim, line) + "\n";
}

std::string ids_of(const Item& item) { return item.target_id.empty() ? item.id : item.id + " → " + item.target_id; }

std::string headline(const RunOutcome& outcome, const Style& style) {
  const RunRecord& run = outcome.record;
  const std::string& state = run.state.empty() ? outcome.statistics.run.state : run.state;
  std::string line = printable(subject_of(run)) + ": " + style(paint_of_state(state), state_words(state));
  if (const std::string duration = duration_words(run.started_at, run.finished_at); !duration.empty())
    line += (state == "succeeded" ? " in " : " after ") + duration;
  return line + "  (" + printable(run.connector_id + " " + run.connector_version) + ", run " + run.id + ")\n";
}

Statistics without_error(Statistics statistics, const std::optional<RunError>& error) {
  if (error && !statistics.problems.empty() && statistics.problems.back().message == error->message)
    statistics.problems.pop_back();
  return statistics;
}

std::string counts_table(const Statistics& statistics, const Style& style) {
  if (statistics.items.empty()) return "";
  const bool totals_only = statistics.run.operation == "export" || statistics.run.operation == "inspect";
  std::vector<Table::Column> columns = {{"TYPE"}, {"TOTAL", true}};
  if (!totals_only)
    for (const char* title : {"ADDED", "MODIFIED", "REMOVED", "UNCHANGED", "SKIPPED", "FAILED", "UNKNOWN"})
      columns.push_back({title, true});
  else if (statistics.totals().failed + statistics.totals().skipped > 0)
    for (const char* title : {"SKIPPED", "FAILED"}) columns.push_back({title, true});
  Table table(columns);
  const auto add = [&](const std::string& type, const OutcomeCounts& counts) {
    const auto figure = [](std::uint64_t count, Paint paint) {
      return Table::Cell(std::to_string(count), count == 0 ? Paint::dim : paint);
    };
    std::vector<Table::Cell> row = {type, std::to_string(counts.total)};
    const std::vector<Table::Cell> trouble = {figure(counts.skipped, Paint::yellow), figure(counts.failed, Paint::red)};
    if (!totals_only) {
      row.push_back(figure(counts.added, Paint::green));
      row.push_back(figure(counts.modified, Paint::cyan));
      row.push_back(figure(counts.removed, Paint::yellow));
      row.push_back(figure(counts.unchanged, Paint::plain));
    }
    if (columns.size() > 2) row.insert(row.end(), trouble.begin(), trouble.end());
    if (!totals_only) row.push_back(figure(counts.unknown, Paint::yellow));
    table.add(row);
  };
  for (const auto& [type, counts] : statistics.items) add(type, counts);
  if (statistics.items.size() > 1) add("total", statistics.totals());
  return table.take(style);
}

std::string change_list(const RunOutcome& outcome, const ReportOptions& options) {
  Table table({{""}, {""}, {""}, {""}, {""}});
  table.indent(2);
  std::uint64_t left_out = outcome.changes_left_out;
  for (const Item& item : outcome.changes) {
    if ((item.outcome == "skipped" || item.outcome == "failed") && told_by_a_problem(item, outcome.statistics))
      continue;
    if (table.rows() >= most_lines_of_a_list) {
      ++left_out;
      continue;
    }
    const Paint paint = paint_of_outcome(item.outcome);
    const std::string count = item.count > 1 ? std::to_string(item.count) + " × " : "";
    table.add(
        {{std::string(1, sign_of(item.outcome)), paint},
         {item.outcome, paint},
         item.type,
         count + (item.name.empty() ? item.id : item.name),
         {item.target_id.empty() && (item.name.empty() || item.id == item.name) ? "" : ids_of(item), Paint::dim}});
  }
  if (table.rows() == 0) return "";
  std::string out = "\n" + table.take(options.style);
  if (left_out > 0) out += "  … " + std::to_string(left_out) + " more: " + see_items(outcome, options) + "\n";
  return out;
}

std::string problem_text(const Problem& problem) {
  const std::string label = item_label(problem.type, problem.name, problem.id);
  return (label.empty() ? "" : label + ": ") + problem.message;
}

std::string problem_list(const Statistics& statistics, const std::string& see_all, const Style& style) {
  if (statistics.problems.empty()) return "";
  // The worst first: whoever reads only one line reads the right one.
  std::vector<const Problem*> sorted;
  for (const Problem& problem : statistics.problems) sorted.push_back(&problem);
  const auto weight = [](const Problem* p) { return p->severity == "error" ? 0 : p->severity == "warning" ? 1 : 2; };
  std::stable_sort(sorted.begin(), sorted.end(),
                   [&](const Problem* a, const Problem* b) { return weight(a) < weight(b); });
  std::string out = "\n" + counted_problems(sorted) + ":\n";
  for (std::size_t i = 0; i < std::min(sorted.size(), most_lines_of_a_list); ++i) {
    const Problem& problem = *sorted[i];
    out += "  " + style(paint_of_severity(problem.severity), problem.severity) + ": " +
           printable(problem_text(problem)) +
           (problem.code.empty() ? "" : style(Paint::dim, " [" + printable(problem.code) + "]")) + "\n";
  }
  if (sorted.size() > most_lines_of_a_list)
    out += "  … " + std::to_string(sorted.size() - most_lines_of_a_list) + " more: " + see_all + "\n";
  return out;
}

std::string run_report(const RunOutcome& outcome, const ReportOptions& options) {
  std::string out = headline(outcome, options.style);
  const std::string counts = counts_table(outcome.statistics, options.style);
  if (!counts.empty()) out += "\n" + counts;
  out += change_list(outcome, options);
  out += problem_list(without_error(outcome.statistics, outcome.error),
                      options.ferry + " runs show " + outcome.record.id + " --json", options.style);
  const std::string transfer = transfer_line(outcome.statistics, options.style);
  return transfer.empty() ? out : out + "\n" + transfer;
}

std::string package_line(const Package& package, const std::string& file) {
  return "package: " + printable(file) + ", " + human_bytes(package.size) + ", " + short_hash(package.sha256) + "\n";
}

std::string import_report(const ImportReport& report, const ReportOptions& options) {
  std::string out = run_report(report.import, options) + dry_run_text(report.import, options);
  out += policy_hint(report.import, options);
  if (report.backup) out += backup_text(*report.backup, report.import, options);
  return out;
}

std::string promote_report(const PromoteReport& report, const PromoteRequest& request, const ReportOptions& options) {
  const std::string& state = report.record.state;
  std::string line = "promotion of " + request.from + " to " + request.to + ": " +
                     options.style(paint_of_state(state), state_words(state));
  if (const std::string duration = duration_words(report.record.started_at, report.record.finished_at);
      !duration.empty())
    line += (state == "succeeded" ? " in " : " after ") + duration;
  std::string out = line + "  (run " + report.record.id + ")\n";

  Table steps({{""}, {""}, {""}, {""}, {""}, {""}});
  steps.indent(2);
  const auto add = [&](const char* step, const RunOutcome& run) {
    steps.add({step,
               run.record.connection,
               {state_words(run.record.state), paint_of_state(run.record.state)},
               duration_words(run.record.started_at, run.record.finished_at),
               run.package ? human_bytes(run.package->size) + " " + short_hash(run.package->sha256) : "",
               {"run " + run.record.id, Paint::dim}});
  };
  add("export", report.export_run);
  if (report.preview) add("preview", *report.preview);
  if (report.backup) add("backup", *report.backup);
  if (report.import) add("import", *report.import);
  out += steps.take(options.style) + "\n" + run_report(report.last(), options);
  if (report.record.preview && !report.error) {
    out += dry_run_text(*report.preview, options);
  } else if (!report.import) {
    out += "\n" +
           options.style(Paint::bold, std::string(report.record.preview ? "dry run: " : "") +
                                          "nothing was changed in " + request.to) +
           "\n";
    if (report.record.preview && report.error->fault == Fault::guard)
      out += "as it is, the promotion itself would be refused\n";
  }
  out += policy_hint(report.last(), options);
  if (report.backup && report.import) out += backup_text(*report.backup, *report.import, options);
  return out;
}

}  // namespace ferry::host
