// ferry inspect FILE. Artefacts are printed as they come: a package may have a hundred thousand of them.
#include <Poco/JSON/Object.h>
#include <simdjson.h>

#include <exception>

#include "host/base/text.hpp"
#include "host/cli/commands.hpp"
#include "host/cli/documents.hpp"
#include "host/cli/interrupt.hpp"
#include "host/cli/table.hpp"

namespace ferry::host {
namespace {

class ArtefactPrinter final : public RecordReceiver {
 public:
  ArtefactPrinter(Console& console, bool json, Cancellation& cancellation)
      : console_(console), json_(json), cancellation_(cancellation) {}

  // Called by the run: what goes wrong here is kept until the run has ended, and ends it.
  void on_records(std::string_view, std::string_view lines, std::uint64_t) override {
    if (failure_) return;
    try {
      print(lines);
    } catch (...) {
      failure_ = std::current_exception();
      cancellation_.cancel();
    }
    if (console_.closed()) cancellation_.cancel();
  }
  void on_checkpoint(std::string_view, std::string_view) override {}

  void finish() {
    if (failure_) return;
    if (!json_ && table_.rows() > 0) console_.print(table_.take(console_.style()));
  }
  bool began() const { return began_; }
  std::exception_ptr failure() const { return failure_; }

 private:
  static constexpr std::size_t measured_rows = 500;

  void print(std::string_view lines) {
    for (std::size_t start = 0; start < lines.size();) {
      const std::size_t end = std::min(lines.find('\n', start), lines.size());
      if (end > start) print_record(lines.substr(start, end - start));
      start = end + 1;
    }
    if (!json_ && table_.rows() >= measured_rows) console_.print(table_.take(console_.style()));
  }

  void print_record(std::string_view line) {
    simdjson::dom::element record;
    if (parser_.parse(line.data(), line.size()).get(record) != simdjson::SUCCESS)
      throw Failure(Fault::connector, "bad_record",
                    "the connector listed an artefact with what is not JSON: " + shortened(printable(line), 200));
    if (json_) {
      console_.print(began_ ? ",\n" : "\n");
      console_.print(line);
    } else {
      const auto text = [&](const char* member) {
        std::string_view value;
        return record[member].get(value) == simdjson::SUCCESS ? std::string(value) : std::string();
      };
      simdjson::dom::array references;
      const bool refers = record["references"].get(references) == simdjson::SUCCESS;
      table_.add({text("type"),
                  text("name"),
                  text("id"),
                  {text("hash").substr(0, 12), Paint::dim},
                  refers ? std::to_string(references.size()) : "0"});
    }
    began_ = true;
  }

  Console& console_;
  const bool json_;
  Cancellation& cancellation_;
  simdjson::dom::parser parser_;
  Table table_{{{"TYPE"}, {"NAME"}, {"ID"}, {"HASH"}, {"REFERENCES", true}}};
  bool began_ = false;
  std::exception_ptr failure_;
};

std::string connector_of(const Package& package, const std::string& file) {
  const Poco::Dynamic::Var description = parsed_or_null(package.description_json);
  std::string connector;
  if (description.type() == typeid(Poco::JSON::Object::Ptr))
    connector = description.extract<Poco::JSON::Object::Ptr>()->optValue<std::string>("connector", "");
  if (connector.empty())
    throw Failure(Fault::usage, "unknown_package_kind",
                  printable(file) + " does not say which connector made it; name one with --connector ID");
  return connector;
}

// The document up to its artefacts: without its closing brace.
std::string document_begin(const Package& package, const std::string& file, const std::string& connector) {
  Poco::JSON::Object::Ptr about = new Poco::JSON::Object(Poco::JSON_PRESERVE_KEY_ORDER);
  about->set("file", valid_utf8(file)).set("sha256", package.sha256).set("size", package.size);
  about->set("description", parsed_or_null(package.description_json));
  Poco::JSON::Object::Ptr document = new Poco::JSON::Object(Poco::JSON_PRESERVE_KEY_ORDER);
  document->set("package", about).set("connector", connector);
  std::string text = document_text(document);
  text.resize(text.rfind('}'));
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text + ",\n  \"artefacts\": [";
}

std::string document_end(const RunOutcome& outcome) {
  Poco::JSON::Object::Ptr end = new Poco::JSON::Object(Poco::JSON_PRESERVE_KEY_ORDER);
  end->set("run", outcome.record.id).set("state", outcome.record.state);
  if (outcome.error)
    end->set("error", error_document(fault_word(outcome.error->fault), outcome.error->code, outcome.error->message,
                                     exit_code_of(outcome.error->fault))
                          ->get("error"));
  const std::string text = document_text(end);
  return "\n  ]," + text.substr(text.find('{') + 1);
}

}  // namespace

ExitCode inspect_package(Session& session) {
  const std::string& file = session.line.argument("FILE");
  Cancellation cancellation;
  const InterruptGuard guard(cancellation);
  RunRequest request;
  request.operation = "inspect";
  request.package = session.package(file, cancellation);
  request.connector = session.line.value("connector");
  if (request.connector.empty()) request.connector = connector_of(*request.package, file);
  session.registry().find(request.connector);  // a failure before anything is printed

  Runner& runner = session.runner(false);
  ArtefactPrinter printer(session.console, session.json(), cancellation);
  if (session.json()) session.console.print(document_begin(*request.package, file, request.connector));
  const RunOutcome outcome = runner.run(request, cancellation, &printer);
  printer.finish();
  if (session.console.closed()) return ExitCode::success;
  if (printer.failure() && !session.json()) std::rethrow_exception(printer.failure());
  if (session.json()) {
    session.console.print(document_end(outcome));
  } else if (!session.quiet()) {
    session.console.print((printer.began() ? "\n" : "") + run_report(outcome, session.report_options()) +
                          package_line(*request.package, file));
  }
  session.console.flush();
  if (printer.failure()) std::rethrow_exception(printer.failure());
  if (outcome.error)
    session.console.error(fault_word(outcome.error->fault), outcome.error->code, outcome.error->message);
  return exit_code_of(outcome);
}

}  // namespace ferry::host
