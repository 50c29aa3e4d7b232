// ferry export, ferry import, ferry promote
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "host/base/text.hpp"
#include "host/cli/commands.hpp"
#include "host/cli/interrupt.hpp"
#include "host/cli/request_options.hpp"

namespace ferry::host {
namespace {

// Before anything long is done: a package that cannot be written where it was asked for is known at once.
void check_output(const std::filesystem::path& file) {
  std::error_code error;
  if (std::filesystem::is_directory(file, error))
    throw Failure(Fault::usage, "bad_output", file.string() + " is a directory; name a file in it");
  const std::filesystem::path directory = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
  if (::access(directory.c_str(), W_OK | X_OK) != 0) throw_errno("writing a package into " + directory.string(), errno);
}

// What is for people goes to standard error, then.
void give_standard_output_to_the_package(Session& session) {
  if (session.json())
    throw Failure(Fault::usage, "bad_output",
                  "-o - and --json both want standard output: name a file for the package, or leave out --json and "
                  "see `ferry runs show ID --json` afterwards");
  if (::isatty(STDOUT_FILENO) == 1)
    throw Failure(Fault::usage, "bad_output",
                  "-o - would write an archive to the terminal: redirect standard output, or name a file; a file that "
                  "is called - is ./-");
  session.console.print_on_standard_error();
}

// What the target's connector can be asked for, which is what a report may propose.
void learn_abilities(Session& session, const Connection& target, ReportOptions& options) {
  const Manifest& manifest = session.registry().find(target.connector);
  options.can_replace = manifest.imports_with("replace");
  options.can_skip = manifest.imports_with("skip");
  options.can_prune = manifest.imports_with("prune");
}

}  // namespace

ExitCode export_package(Session& session) {
  const std::filesystem::path output = session.line.value("output");
  const bool to_standard_output = output == "-";
  if (to_standard_output) give_standard_output_to_the_package(session);
  RunRequest request;
  request.operation = "export";
  request.connection = session.line.argument("NAME");
  request.select = selections(session.line);
  request.dependencies = !session.line.has("no-dependencies");
  request.options = connector_options(session.line);
  if (!to_standard_output) check_output(output);

  Runner& runner = session.runner();
  Cancellation cancellation;
  const InterruptGuard guard(cancellation);
  const RunOutcome outcome = runner.run(request, cancellation);
  std::string text = run_report(outcome, session.report_options());
  if (outcome.package) {
    try {
      if (to_standard_output)
        session.packages().copy_to(*outcome.package, STDOUT_FILENO, "standard output", cancellation);
      else
        session.packages().copy_out(*outcome.package, output, cancellation);
      text += package_line(*outcome.package, to_standard_output ? "standard output" : output.string());
    } catch (const Failure& failure) {
      const RunError error{failure.fault(), failure.code(),
                           failure.message() + "; the package itself is kept: " + outcome.package->path.string()};
      return session.finish(outcome.statistics, text, error, exit_code_of(failure.fault()));
    }
  }
  return session.finish(outcome, text);
}

ExitCode import_package(Session& session) {
  ImportRequest request;
  request.connection = session.line.argument("NAME");
  const Connection& target = session.config().connection(request.connection);
  request.options = import_options(session.line, target);
  request.backup = !session.line.has("no-backup");
  request.connector_options = connector_options(session.line);
  ReportOptions report_options = session.report_options();
  learn_abilities(session, target, report_options);
  report_options.policy = request.options.policy;

  Runner& runner = session.runner();
  Cancellation cancellation;
  const InterruptGuard guard(cancellation);
  const std::string& file = session.line.argument("FILE");
  request.package = session.package(file, cancellation);
  const ImportReport report = import_with_backup(runner, request, cancellation);
  return session.finish(report.import, import_report(report, report_options) + package_line(request.package, file));
}

ExitCode promote_artefacts(Session& session) {
  PromoteRequest request;
  request.from = session.line.argument("FROM");
  request.to = session.line.argument("TO");
  const Connection& target = session.config().connection(request.to);
  request.select = selections(session.line);
  request.dependencies = !session.line.has("no-dependencies");
  request.options = import_options(session.line, target);
  request.backup = !session.line.has("no-backup");
  request.connector_options = connector_options(session.line);
  request.force = session.line.values("force");
  ReportOptions report_options = session.report_options();
  learn_abilities(session, target, report_options);
  report_options.policy = request.options.policy;

  Runner& runner = session.runner();
  Cancellation cancellation;
  const InterruptGuard guard(cancellation);
  const PromoteReport report = promote(runner, request, cancellation);
  const std::optional<RunError> error = report.error ? report.error : report.last().error;
  return session.finish(report.statistics, promote_report(report, request, report_options), error,
                        error ? exit_code_of(error->fault) : exit_code_of(report.last()));
}

}  // namespace ferry::host
