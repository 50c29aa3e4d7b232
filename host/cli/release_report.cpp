#include "host/cli/release_report.hpp"

#include "host/base/text.hpp"
#include "host/cli/command_line.hpp"
#include "host/cli/table.hpp"
#include "host/statistics/outcomes.hpp"

namespace ferry::host {
namespace {

Table steps_table(const ReleaseReport& report) {
  Table table({{"STEP"},
               {"WORK"},
               {"STATE"},
               {"TIME", true},
               {"TOTAL", true},
               {"ADDED", true},
               {"MODIFIED", true},
               {"REMOVED", true},
               {"UNCHANGED", true},
               {"SKIPPED", true},
               {"FAILED", true},
               {"UNKNOWN", true}});
  const auto figures = [](std::vector<Table::Cell> row, const OutcomeCounts& counts) {
    row.push_back(std::to_string(counts.total));
    for (const Outcome& outcome : outcomes) {
      const std::uint64_t count = counts.*outcome.field;
      row.push_back({std::to_string(count), count == 0 ? Paint::dim : paint_of_outcome(outcome.word)});
    }
    return row;
  };
  for (const StepReport& one : report.steps)
    table.add(figures({one.step.name,
                       one.step.work(),
                       {state_words(one.state), paint_of_state(one.state)},
                       duration_words(one.statistics.run.started_at, one.statistics.run.finished_at)},
                      one.statistics.totals()));
  if (report.steps.size() > 1) table.add(figures({"total", "", "", ""}, report.statistics.totals()));
  return table;
}

// What is to be said of one step beyond its line in the table.
std::string details_of(const StepReport& report, const ReportOptions& options) {
  std::string out;
  if (!report.reason.empty()) out += "  " + report.reason + "\n";
  if (report.error)
    out += "  " + options.style(Paint::red, "error") + ": " + printable(report.error->message) +
           options.style(Paint::dim, " [" + report.error->code + "]") + "\n";
  if (report.outcome && report.step.changes()) out += change_list(*report.outcome, options);
  std::string problems =
      problem_list(without_error(report.statistics, report.error),
                   options.ferry + " runs show " + report.statistics.run.id + " --json", options.style);
  if (out.empty() && problems.starts_with('\n')) problems.erase(0, 1);
  out += problems;
  const OutcomeCounts totals = report.statistics.totals();
  if (!report.backup_sha256.empty() && totals.added + totals.modified + totals.removed + totals.unknown > 0)
    out += "  to put " + report.step.connection + " back: " + options.ferry + " import " +
           shell_quoted(report.step.connection) + " sha256:" + report.backup_sha256.substr(0, 12) +
           " --on-existing replace" + (report.can_prune && totals.added + totals.unknown > 0 ? " --prune" : "") +
           (report.can_prune || totals.added == 0 ? "\n" : "  (what was added stays: the connector removes nothing)\n");
  return out;
}

}  // namespace

std::string release_report(const ReleaseReport& report, const std::string& file, const ReportOptions& options) {
  const RunRecord& record = report.record;
  std::string out = (record.preview ? "dry run of " : "") + printable(file) + ": " +
                    options.style(paint_of_state(record.state), state_words(record.state)) +
                    (record.state == "succeeded" ? " in " : " after ") +
                    duration_words(record.started_at, record.finished_at) + "  (run " + record.id + ")\n\n" +
                    steps_table(report).take(options.style);
  for (const StepReport& one : report.steps)
    if (const std::string details = details_of(one, options); !details.empty())
      out += "\n" + options.style(Paint::bold, one.step.name) + "\n" + details;
  if (const std::string transfer = transfer_line(report.statistics, options.style); !transfer.empty())
    out += "\n" + transfer;
  if (record.preview)
    out += "\n" + options.style(Paint::bold, "dry run: nothing was changed") + "\n" +
           (record.state == "succeeded" ? "to do it: " + options.real_command + "\n" : "");
  else if (record.state != "succeeded")
    out += "\nto go on where it stopped: " + options.ferry + " run " + shell_quoted(file) + " --resume " + record.id +
           "\n";
  return out;
}

}  // namespace ferry::host
