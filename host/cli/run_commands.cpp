// ferry runs list | show ID
#include <algorithm>
#include <ctime>

#include "host/base/clock.hpp"
#include "host/base/text.hpp"
#include "host/cli/commands.hpp"
#include "host/cli/documents.hpp"
#include "host/cli/table.hpp"

namespace ferry::host {
namespace {

constexpr std::size_t page_of_items = 1000;

std::string local_time_and_zone(std::int64_t unix_ms) {
  const std::time_t seconds = static_cast<std::time_t>(unix_ms / 1000);
  std::tm time{};
  ::localtime_r(&seconds, &time);
  char buffer[64];
  const std::size_t size = std::strftime(buffer, sizeof buffer, "%Y-%m-%d %H:%M:%S %z", &time);
  return std::string(buffer, size);
}

std::string operation_of(const RunRecord& run) { return run.operation + (run.preview ? " (dry run)" : ""); }

std::string state_of(const RunRecord& run) {
  return state_words(run.state) + (run.waiting_until ? " until " + local_time(*run.waiting_until) : "");
}

std::optional<Statistics> statistics_of(const RunRecord& run) {
  const Poco::Dynamic::Var document = parsed_or_null(run.statistics_json);
  if (document.type() != typeid(Poco::JSON::Object::Ptr)) return std::nullopt;
  return Statistics::from_json(*document.extract<Poco::JSON::Object::Ptr>());
}

std::string run_table(const std::vector<RunRecord>& runs, const Style& style) {
  Table table({{"RUN"}, {"STARTED"}, {"OPERATION"}, {"CONNECTION"}, {"STATE"}, {"TOOK", true}, {"WHY"}});
  for (const RunRecord& run : runs)
    table.add({run.id,
               local_time(run.started_at),
               operation_of(run),
               run.connection,
               {state_of(run), paint_of_state(run.state)},
               duration_words(run.started_at, run.finished_at),
               run.error ? run.error->code : ""});
  return table.take(style);
}

std::string story(const RunRecord& run, const Style& style) {
  Table table({{""}, {""}});
  const auto add = [&](const char* what, const std::string& value, Paint paint = Paint::plain) {
    if (!value.empty()) table.add({what, {value, paint}});
  };
  add("run", run.id, Paint::bold);
  add("operation", operation_of(run));
  add("connection", run.connection + (run.stage.empty() ? "" : " (stage " + run.stage + ")"));
  add("state", state_of(run), paint_of_state(run.state));
  add("started", local_time_and_zone(run.started_at));
  add("took", duration_words(run.started_at, run.finished_at));
  add("connector", run.connector_id + (run.connector_version.empty() ? "" : " " + run.connector_version));
  add("its library", run.connector_sha256.empty() ? "" : "sha256:" + run.connector_sha256, Paint::dim);
  add("ferry", run.ferry_version);
  add("step of", run.parent);
  if (!run.package_sha256.empty())
    add("package", "sha256:" + run.package_sha256 + ", " + human_bytes(run.package_size));
  add("backup", run.backup_sha256.empty() ? "" : "sha256:" + run.backup_sha256);
  add("request", run.request_json);
  std::string out = table.take(style);
  if (run.error) {
    const std::string what = std::string(fault_word(run.error->fault)) + ", " + run.error->code;
    out += "\n" + style(Paint::red, "error") + " (" + what + "):\n";
    for (const std::string& line : split(run.error->message, '\n')) out += "  " + printable(line) + "\n";
  }
  return out;
}

// A promotion's items are those of the last step that was to change its target.
std::string run_with_items(const RunRecord& run, const std::vector<RunRecord>& steps) {
  for (auto step = steps.rbegin(); step != steps.rend(); ++step)
    if (run.operation == "promote" && step->operation == "import") return step->id;
  return run.id;
}

void print_items(Session& session, const std::string& run_id) {
  Table table({{"OUTCOME"}, {"TYPE"}, {"NAME"}, {"ID"}, {"COUNT", true}, {"WHY"}});
  for (std::size_t offset = 0;; offset += page_of_items) {
    const std::vector<Item> page = session.runs().items(run_id, page_of_items, offset);
    for (const Item& item : page)
      table.add({{item.outcome, paint_of_outcome(item.outcome)},
                 item.type,
                 item.name,
                 {ids_of(item), Paint::dim},
                 std::to_string(item.count),
                 item.message.empty() ? item.code : item.message});
    if (offset == 0) session.console.print(page.empty() ? "\nno item was changed\n" : "\n");
    if (table.rows() > 0) session.console.print(table.take(session.console.style()));
    if (page.size() < page_of_items || session.console.closed()) return;
  }
}

// A name that is neither configured nor recorded is a misspelt one.
void expect_known(Session& session, const std::string& connection) {
  std::vector<std::string> known = session.runs().connections();
  try {
    for (const Connection& one : session.config().connections()) known.push_back(one.name);
  } catch (const Failure&) {  // the record can be read without a configuration
  }
  std::sort(known.begin(), known.end());
  known.erase(std::unique(known.begin(), known.end()), known.end());
  if (std::binary_search(known.begin(), known.end(), connection)) return;
  throw Failure(Fault::usage, "unknown_connection",
                "there is no connection \"" + printable(connection) +
                    "\", neither in the configuration nor in the record of runs" + suggestion(connection, known));
}

void print_document(Session& session, const RunRecord& run, const std::vector<RunRecord>& steps) {
  Poco::JSON::Object::Ptr document = run_document(run);
  document->set("statistics", parsed_or_null(run.statistics_json));
  Poco::JSON::Array::Ptr list = new Poco::JSON::Array;
  for (const RunRecord& step : steps) list->add(run_document(step));
  document->set("steps", list);
  if (!session.line.has("items")) {
    session.console.print(document_text(document));
    return;
  }
  // Items go out page by page: a run may have very many.
  std::string text = document_text(document);
  text.resize(text.rfind('}'));
  while (text.back() == '\n') text.pop_back();
  session.console.print(text + ",\n  \"items\": [");
  for (std::size_t offset = 0;; offset += page_of_items) {
    const std::vector<Item> page = session.runs().items(run_with_items(run, steps), page_of_items, offset);
    for (std::size_t i = 0; i < page.size(); ++i) {
      std::string item = document_text(item_document(page[i]));
      item.pop_back();
      session.console.print((offset + i == 0 ? "\n" : ",\n") + item);
    }
    if (page.size() < page_of_items || session.console.closed()) break;
  }
  session.console.print("\n  ]\n}\n");
}

}  // namespace

ExitCode list_runs(Session& session) {
  const std::size_t limit = std::stoul(session.line.value("limit", "50"));
  const std::string connection = session.line.value("connection");
  const std::vector<RunRecord> runs = session.runs().list(limit, connection);
  if (runs.empty() && !connection.empty()) expect_known(session, connection);
  if (session.json()) {
    Poco::JSON::Array::Ptr document = new Poco::JSON::Array;
    for (const RunRecord& run : runs) document->add(run_document(run));
    session.console.print(document_text(document));
  } else if (runs.empty()) {
    session.console.print("no runs " + (connection.empty() ? "" : "of " + connection + " ") + "are recorded in " +
                          session.state_directory().string() + "\n");
  } else {
    session.console.print(run_table(runs, session.console.style()));
  }
  return ExitCode::success;
}

ExitCode show_run(Session& session) {
  const RunRecord run = session.runs().show(session.line.argument("ID"));
  const std::vector<RunRecord> steps = session.runs().children(run.id);
  if (session.json()) {
    print_document(session, run, steps);
    return ExitCode::success;
  }
  const Style& style = session.console.style();
  session.console.print(story(run, style));
  if (const std::optional<Statistics> statistics = statistics_of(run)) {
    const std::string counts = counts_table(*statistics, style);
    if (!counts.empty()) session.console.print("\n" + counts);
    session.console.print(problem_list(without_error(*statistics, run.error),
                                       session.report_options().ferry + " runs show " + run.id + " --json", style));
  }
  if (!steps.empty()) session.console.print("\nsteps:\n" + run_table(steps, style));
  if (session.line.has("items")) print_items(session, run_with_items(run, steps));
  return ExitCode::success;
}

}  // namespace ferry::host
