// ferry sync, ferry sync undo | verify
#include <unistd.h>

#include <algorithm>

#include "host/base/text.hpp"
#include "host/cli/commands.hpp"
#include "host/cli/interrupt.hpp"
#include "host/cli/sync_options.hpp"
#include "host/cli/sync_report.hpp"
#include "host/sync/write_lines.hpp"

namespace ferry::host {
namespace {

template <typename Report>
ExitCode code_of(const Report& report) {
  if (report.error) return exit_code_of(report.error->fault);
  return report.record.state == "succeeded" ? ExitCode::success : ExitCode::items_failed;
}

SyncReport sync_one(Runner& runner, const DestinationConfig& place, const SyncRequest& request,
                    const Cancellation& cancellation) {
  check_folder(place);
  if (place.kind == DestinationConfig::Kind::ndjson)
    return write_lines(runner, place, STDOUT_FILENO, request, cancellation);
  const std::unique_ptr<Destination> destination = open_destination(runner.environment(), place);
  return sync(runner, *destination, place, request, cancellation);
}

// What is for people goes to standard error, then.
void give_standard_output_to_the_records(Session& session) {
  if (session.json())
    throw Failure(Fault::usage, "bad_option",
                  "--to - and --json both want standard output: leave out --json and see `ferry runs show ID --json` "
                  "afterwards, or name a file for the records, such as --to records.ndjson");
  session.console.print_on_standard_error();
}

ExitCode sync_all_connections(Session& session) {
  const Config& config = session.config();
  const SyncRequest request = sync_request(session.line, "");
  if (!request.models.empty())
    throw Failure(Fault::usage, "bad_option", "--model names a model of one connection: leave out --all and name it");
  std::vector<SyncStep> steps;
  for (const Connection& connection : config.connections()) {
    if (!connection.sync) continue;
    steps.push_back({connection.name, chosen_destination(session.line, config, connection)});
    if (steps.back().place.file == "-")
      throw Failure(Fault::usage, "bad_destination",
                    "the records of several connections would be mixed on standard output: sync them one by one");
    check_lines(request, steps.back().place);
  }
  if (steps.empty())
    throw Failure(Fault::usage, "nothing_to_sync",
                  config.file().string() + ": no connection has a sync section; name one: ferry sync NAME --to ...");
  Runner& runner = session.runner();
  Cancellation cancellation;
  const InterruptGuard guard(cancellation);
  const SyncAllReport report = sync_all(
      runner.environment(), steps, request,
      [&](const SyncStep& step, const SyncRequest& one) { return sync_one(runner, step.place, one, cancellation); },
      cancellation);
  ExitCode worst = report.record.state == "cancelled" ? ExitCode::cancelled : ExitCode::success;
  for (const SyncStepReport& step : report.steps)
    worst = std::max(worst, step.error ? exit_code_of(step.error->fault) : code_of(step.sync));
  return session.finish(report.statistics, sync_all_report(report, request.only_due, session.report_options()),
                        report.error, worst);
}

}  // namespace

ExitCode sync_models(Session& session) {
  const std::string& name = session.line.argument("NAME");
  if (session.line.has("all") && !name.empty())
    throw Failure(Fault::usage, "bad_option", "--all and NAME exclude each other: choose one");
  if (session.line.has("all")) return sync_all_connections(session);
  if (name.empty())
    throw Failure(Fault::usage, "missing_argument",
                  "ferry sync: NAME is missing: the connection to read from, or --all\nusage: " +
                      usage_line(*session.line.command));
  const SyncRequest request = sync_request(session.line, name);
  const Config& config = session.config();
  const DestinationConfig place = chosen_destination(session.line, config, config.connection(name));
  check_lines(request, place);
  if (place.file == "-") give_standard_output_to_the_records(session);
  Runner& runner = session.runner();
  Cancellation cancellation;
  const InterruptGuard guard(cancellation);
  const SyncReport report = sync_one(runner, place, request, cancellation);
  // As with any command: `| head` has what it wanted.
  if (report.error && report.error->code == "reader_gone") return ExitCode::success;
  return session.finish(report.statistics, sync_report(report, place, request.only_due, session.report_options()),
                        report.error, code_of(report));
}

ExitCode undo_sync_run(Session& session) {
  const Config& config = session.config();
  const RunRecord run = run_to_undo(session.runs(), session.line.argument("RUN"));
  const std::string recorded = destination_name(run);
  const DestinationConfig place = session.line.has("to") || recorded.empty()
                                      ? chosen_destination(session.line, config, config.connection(run.connection))
                                      : config.destination(recorded);
  Environment& environment = session.runner().environment();
  Cancellation cancellation;
  const InterruptGuard guard(cancellation);
  const std::unique_ptr<Destination> destination = open_destination(environment, place);
  const UndoReport report = undo_sync(environment, *destination, place, run, session.line.has("dry-run"), cancellation);
  return session.finish(report.statistics, undo_report(report, place, session.report_options()), report.error,
                        code_of(report));
}

ExitCode verify_models(Session& session) {
  const Config& config = session.config();
  const std::string& name = session.line.argument("NAME");
  const DestinationConfig place = chosen_destination(session.line, config, config.connection(name));
  Runner& runner = session.runner();
  Cancellation cancellation;
  const InterruptGuard guard(cancellation);
  const std::unique_ptr<Destination> destination = open_destination(runner.environment(), place);
  const VerifyReport report = verify(runner, *destination, place, name, model_names(session.line), cancellation);
  return session.finish(report.statistics, verify_report(report, place, session.report_options()), report.error,
                        code_of(report));
}

}  // namespace ferry::host
