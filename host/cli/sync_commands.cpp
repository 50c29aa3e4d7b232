// ferry sync
#include "host/cli/commands.hpp"
#include "host/cli/interrupt.hpp"
#include "host/cli/sync_options.hpp"
#include "host/cli/sync_report.hpp"

namespace ferry::host {
namespace {

ExitCode exit_code_of(const SyncReport& report) {
  if (report.error) return exit_code_of(report.error->fault);
  return report.record.state == "succeeded" ? ExitCode::success : ExitCode::items_failed;
}

}  // namespace

ExitCode sync_models(Session& session) {
  const SyncRequest request = sync_request(session.line, session.line.argument("NAME"));
  const Config& config = session.config();
  const DestinationConfig place = chosen_destination(session.line, config, config.connection(request.connection));
  Runner& runner = session.runner();
  Cancellation cancellation;
  const InterruptGuard guard(cancellation);
  const std::unique_ptr<Destination> destination = open_destination(runner.environment(), place);
  const SyncReport report = sync(runner, *destination, place, request, cancellation);
  return session.finish(report.statistics,
                        sync_report(report, place.name, place.undo.enabled, session.report_options()), report.error,
                        exit_code_of(report));
}

}  // namespace ferry::host
