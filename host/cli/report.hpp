// What a person reads after a run. Pure text, made from a run's outcome; ends with a line break.
#pragma once

#include <optional>
#include <string>

#include "host/cli/display.hpp"
#include "host/promotion/promotion.hpp"
#include "host/runs/run.hpp"

namespace ferry::host {

struct ReportOptions {
  Style style;
  std::string ferry = "ferry";  // with the global options that commands to copy must repeat
  std::string real_command;     // what does it for real, after a dry run
  std::string policy;           // of the import
  // What the connector imports with: without replace no backup can be put back.
  bool can_replace = true, can_skip = true, can_prune = true;
};

constexpr std::size_t most_lines_of_a_list = 20;

// "import into flows-prod: succeeded in 1.2 s  (node-red 0.1.0, run 20261121-101500-7f3a12)"
std::string headline(const RunOutcome&, const Style&);
// The error a run ended with is its last problem, too; where it is told by itself, it is told once.
Statistics without_error(Statistics, const std::optional<RunError>&);
std::string counts_table(const Statistics&, const Style&);
// "a1", or "a1 → b1" where a mapping sends it to another.
std::string ids_of(const Item&);
std::string change_list(const RunOutcome&, const ReportOptions&);
// "INVOICES 7: a record was not taken: ..."
std::string problem_text(const Problem&);
std::string problem_list(const Statistics&, const std::string& see_all, const Style&);
// "12 requests, 3 repeated, ..."; "" if there were none.
std::string transfer_line(const Statistics&, const Style&);
// Headline, counts, changes, problems, transfer.
std::string run_report(const RunOutcome&, const ReportOptions&);
std::string package_line(const Package&, const std::string& file);
std::string import_report(const ImportReport&, const ReportOptions&);
std::string promote_report(const PromoteReport&, const PromoteRequest&, const ReportOptions&);

}  // namespace ferry::host
