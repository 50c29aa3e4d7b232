#include "host/cli/sync_report.hpp"

#include "host/base/text.hpp"
#include "host/cli/command_line.hpp"
#include "host/cli/table.hpp"

namespace ferry::host {
namespace {

std::string sync_headline(const SyncReport& report, const std::string& to, const Style& style) {
  const RunRecord& run = report.record;
  std::string line = std::string(run.preview ? "dry run of " : "") + "sync " + run.connection + " → " + printable(to) +
                     ": " + style(paint_of_state(run.state), state_words(run.state));
  if (const std::string duration = duration_words(run.started_at, run.finished_at); !duration.empty())
    line += (run.state == "succeeded" ? " in " : " after ") + duration;
  return line + "  (" + printable(run.connector_id + " " + run.connector_version) + ", run " + run.id + ")\n";
}

Table::Cell figure(std::uint64_t count, Paint paint = Paint::plain) {
  return {std::to_string(count), count == 0 ? Paint::dim : paint};
}

std::string models_table(const SyncReport& report, const Style& style) {
  if (report.models.empty()) return "";
  Table table({{"MODEL"},
               {"TABLE"},
               {"MODE"},
               {"STATE"},
               {"RECORDS", true},
               {"ADDED", true},
               {"MODIFIED", true},
               {"REMOVED", true},
               {"UNCHANGED", true},
               {"FAILED", true}});
  const auto add = [&](std::vector<Table::Cell> row, std::uint64_t records, const OutcomeCounts& counts) {
    row.push_back(figure(records));
    row.push_back(figure(counts.added, paint_of_outcome("added")));
    row.push_back(figure(counts.modified, paint_of_outcome("modified")));
    row.push_back(figure(counts.removed, paint_of_outcome("removed")));
    row.push_back(figure(counts.unchanged));
    row.push_back(figure(counts.failed, paint_of_outcome("failed")));
    table.add(std::move(row));
  };
  OutcomeCounts sum;
  std::uint64_t records = 0;
  for (const SyncedModel& model : report.models) {
    add({model.model, model.table, model.mode, {state_words(model.state), paint_of_state(model.state)}}, model.received,
        model.tally.counts);
    sum += model.tally.counts;
    records += model.received;
  }
  if (report.models.size() > 1) add({"total", "", "", ""}, records, sum);
  return "\n" + table.take(style);
}

}  // namespace

std::string sync_report(const SyncReport& report, const std::string& to, bool undo, const ReportOptions& options) {
  std::string out = sync_headline(report, to, options.style) + models_table(report, options.style);
  out += problem_list(without_error(report.statistics, report.error),
                      options.ferry + " runs show " + report.record.id + " --json", options.style);
  if (const std::string transfer = transfer_line(report.statistics, options.style); !transfer.empty())
    out += "\n" + transfer;
  const OutcomeCounts totals = report.statistics.totals();
  const bool changes = totals.added + totals.modified + totals.removed > 0;
  if (report.record.preview)
    out += "\n" + options.style(Paint::bold, "dry run: nothing was changed") + "\n" +
           (report.error ? ""
            : changes    ? "to do it: " + options.real_command + "\n"
                         : "there is nothing to do\n");
  else if (undo && changes)
    out += "to undo: " + options.ferry + " sync undo " + report.record.id + "\n";
  return out;
}

}  // namespace ferry::host
