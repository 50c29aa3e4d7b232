// The exit codes of ferry: one for each party that must act. The same table is printed by --help and the man page.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host/base/failure.hpp"
#include "host/runs/run.hpp"

namespace ferry::host {

enum class ExitCode : int {
  success = 0,
  items_failed = 1,
  usage = 2,
  credentials = 3,
  platform = 4,
  connector = 5,
  guard = 6,
  bug = 70,
  cancelled = 130
};

struct ExitCodeLine {
  ExitCode code;
  std::string_view meaning;
  std::string_view remedy;  // what to do, "": nothing
};

const std::vector<ExitCodeLine>& exit_codes();
ExitCode exit_code_of(Fault) noexcept;
// Of a run that ended: its error decides, then its state, then its items and problems.
ExitCode exit_code_of(const RunOutcome&);

}  // namespace ferry::host
