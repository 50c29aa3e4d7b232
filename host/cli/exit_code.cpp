#include "host/cli/exit_code.hpp"

namespace ferry::host {

const std::vector<ExitCodeLine>& exit_codes() {
  static const std::vector<ExitCodeLine> table = {
      {ExitCode::success, "all of it was done or, in a dry run, could be done", ""},
      {ExitCode::items_failed, "some items failed, a check found errors, or a dry run cannot tell; the rest was done",
       "look at the problems"},
      {ExitCode::usage, "command line, configuration, input file or this machine", "correct it and run again"},
      {ExitCode::credentials, "the platform refused the credentials, or the rights do not suffice",
       "renew them, or have rights granted"},
      {ExitCode::platform, "the platform or the network failed", "try again later"},
      {ExitCode::connector, "the connector did something wrong", "tell its author"},
      {ExitCode::guard, "a guard refused before anything was changed", "look, then decide"},
      {ExitCode::bug, "ferry itself did something wrong", "report it to the authors of ferry"},
      {ExitCode::cancelled, "cancelled by an interrupt; what was done until then is told", ""},
  };
  return table;
}

ExitCode exit_code_of(Fault fault) noexcept {
  switch (fault) {
    case Fault::usage:
    case Fault::machine: return ExitCode::usage;
    case Fault::credentials: return ExitCode::credentials;
    case Fault::platform: return ExitCode::platform;
    case Fault::connector: return ExitCode::connector;
    case Fault::guard: return ExitCode::guard;
    case Fault::cancelled: return ExitCode::cancelled;
  }
  return ExitCode::bug;
}

ExitCode exit_code_of(const RunOutcome& outcome) {
  if (outcome.error) return exit_code_of(outcome.error->fault);
  const std::string& state = outcome.statistics.run.state;
  if (state == "cancelled") return ExitCode::cancelled;
  if (state == "partially_succeeded" || state == "failed" || outcome.statistics.has_errors())
    return ExitCode::items_failed;
  // What cannot be told must not pass for "nothing will happen".
  if (outcome.statistics.run.preview && outcome.statistics.totals().unknown > 0) return ExitCode::items_failed;
  return ExitCode::success;
}

}  // namespace ferry::host
