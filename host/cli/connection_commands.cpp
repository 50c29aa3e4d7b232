// ferry connections list | check NAME, ferry catalog NAME
#include <simdjson.h>

#include <algorithm>

#include "host/base/text.hpp"
#include "host/cli/commands.hpp"
#include "host/cli/documents.hpp"
#include "host/cli/interrupt.hpp"
#include "host/cli/table.hpp"

namespace ferry::host {
namespace {

class CatalogLines final : public RecordReceiver {
 public:
  void on_records(std::string_view, std::string_view batch, std::uint64_t) override {
    for (const std::string& line : split(batch, '\n'))
      if (!line.empty()) lines.push_back(line);
  }
  void on_checkpoint(std::string_view, std::string_view) override {}

  std::vector<std::string> lines;
};

std::string text_of(const simdjson::dom::element& object, const char* member) {
  std::string_view text;
  return object[member].get(text) == simdjson::SUCCESS ? std::string(text) : "";
}

std::string key_of(const simdjson::dom::element& object) {
  simdjson::dom::array parts;
  if (object["key"].get(parts) != simdjson::SUCCESS) return text_of(object, "key");
  std::vector<std::string> names;
  for (const simdjson::dom::element part : parts)
    if (std::string_view name; part.get(name) == simdjson::SUCCESS) names.emplace_back(name);
  return join(names, ", ");
}

// What the connection can be used for, as far as its connector offers it and the platform grants it.
std::string verdict(const RunOutcome& check, const Manifest& manifest, const Style& style) {
  if (exit_code_of(check) != ExitCode::success) return style(Paint::red, " cannot be used");
  const std::vector<Problem>& problems = check.statistics.problems;
  const bool read_only =
      std::any_of(problems.begin(), problems.end(), [](const Problem& problem) { return problem.code == "read_only"; });
  if (!read_only) return style(Paint::green, " can be used");
  std::vector<std::string> granted = manifest.operations;
  std::erase_if(granted, [](const std::string& one) { return one == "check" || one == "inspect" || one == "import"; });
  return style(Paint::yellow, " can be used for " + join(granted, ", ") + " only, not for import") +
         " or as the target of a promotion";
}

}  // namespace

ExitCode list_connections(Session& session) {
  const Config& config = session.config();
  if (session.json()) {
    session.console.print(document_text(connections_document(config)));
    return ExitCode::success;
  }
  if (config.connections().empty()) {
    session.console.print(config.file().string() + " has no connections yet\n");
    return ExitCode::success;
  }
  Table table({{"NAME"}, {"CONNECTOR"}, {"STAGE"}, {"URL"}});
  for (const Connection& connection : config.connections())
    table.add({connection.name, connection.connector, connection.stage, url_text(config, connection)});
  session.console.print(table.take(session.console.style()));
  return ExitCode::success;
}

ExitCode check_connection(Session& session) {
  RunRequest request;
  request.operation = "check";
  request.connection = session.line.argument("NAME");
  Runner& runner = session.runner();
  Cancellation cancellation;
  const InterruptGuard guard(cancellation);
  const RunOutcome outcome = runner.run(request, cancellation);
  const Connection& connection = session.config().connection(request.connection);
  return session.finish(
      outcome, run_report(outcome, session.report_options()) + "\n" + request.connection +
                   verdict(outcome, session.registry().find(connection.connector), session.console.style()) + ": " +
                   url_text(session.config(), connection) + "\n");
}

ExitCode show_catalog(Session& session) {
  RunRequest request;
  request.operation = "catalog";
  request.connection = session.line.argument("NAME");
  Runner& runner = session.runner();
  Cancellation cancellation;
  const InterruptGuard guard(cancellation);
  CatalogLines catalog;
  const RunOutcome outcome = runner.run(request, cancellation, &catalog);
  if (outcome.error) throw Failure(outcome.error->fault, outcome.error->code, outcome.error->message);

  Table table({{"STREAM"}, {"KIND"}, {"KEY"}, {"CURSOR"}, {"TITLE"}});
  std::string document;
  simdjson::dom::parser parser;
  for (const std::string& line : catalog.lines) {
    simdjson::dom::element stream;
    if (parser.parse(line).get(stream) != simdjson::SUCCESS)
      throw Failure(Fault::connector, "bad_record",
                    outcome.record.connector_id + " " + outcome.record.connector_version +
                        " described a stream with what is not JSON: " + shortened(printable(line), 200));
    table.add({text_of(stream, "stream"), text_of(stream, "kind"), key_of(stream), text_of(stream, "cursor"),
               text_of(stream, "title")});
    document += (document.empty() ? "\n" : ",\n") + line;
  }
  if (session.json())
    session.console.print("[" + document + "\n]\n");
  else if (catalog.lines.empty())
    session.console.print(request.connection + " has no streams\n");
  else
    session.console.print(table.take(session.console.style()));
  return exit_code_of(outcome);
}

}  // namespace ferry::host
