// ferry run
#include "host/base/text.hpp"
#include "host/cli/commands.hpp"
#include "host/cli/interrupt.hpp"
#include "host/cli/release_display.hpp"
#include "host/cli/release_report.hpp"

namespace ferry::host {
namespace {

// The worst that a step came to decides: of the first step with an error, who must act; else whether all is well.
ExitCode exit_code_of(const ReleaseReport& report) {
  if (report.error) return exit_code_of(report.error->fault);
  return report.record.state == "succeeded" ? ExitCode::success : ExitCode::items_failed;
}

}  // namespace

ExitCode run_release_file(Session& session) {
  ReleaseRequest request;
  const std::string& file = session.line.argument("FILE");
  request.release = load_release(file);
  request.preview = session.line.has("dry-run");
  request.continue_on_error = session.line.has("continue-on-error");
  request.only = session.line.values("only");
  request.resume = session.line.value("resume");
  if (const std::string parallel = session.line.value("parallel"); !parallel.empty()) {
    const bool number = parallel.size() <= 2 && parallel.find_first_not_of("0123456789") == std::string::npos;
    if (!number || std::stoi(parallel) < 1 || std::stoi(parallel) > 64)
      throw Failure(Fault::usage, "bad_option", "--parallel must be a whole number from 1 to 64");
    request.parallel = std::stoi(parallel);
  }

  Runner& runner = session.runner();
  Cancellation cancellation;
  const InterruptGuard guard(cancellation);
  ReleaseDisplay display(session.console, runner.environment().clock);
  const ReleaseReport report = run_release(runner, request, display, cancellation);
  return session.finish(report.statistics, release_report(report, file, session.report_options()), report.error,
                        exit_code_of(report));
}

}  // namespace ferry::host
