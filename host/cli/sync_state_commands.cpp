// ferry sync state show | reset | set, ferry models
#include <Poco/JSON/Array.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "host/base/clock.hpp"
#include "host/base/json_text.hpp"
#include "host/base/text.hpp"
#include "host/cli/commands.hpp"
#include "host/cli/documents.hpp"
#include "host/cli/interrupt.hpp"
#include "host/cli/sync_options.hpp"
#include "host/cli/sync_report.hpp"
#include "host/cli/table.hpp"
#include "host/sync/stream_catalog.hpp"
#include "host/sync/sync_plan.hpp"
#include "host/sync/sync_record.hpp"

namespace ferry::host {
namespace {

using Poco::JSON::Array;
using Poco::JSON::Object;

constexpr std::size_t longest_checkpoint = 1u << 20;

// The models of one connection in its destination, for the commands that look at them without a run.
class ModelsOfDestination {
 public:
  explicit ModelsOfDestination(Session& session)
      : session_(session),
        environment_(session.runner().environment()),
        name_(session.line.argument("NAME")),
        destination_(open_destination(
            environment_, chosen_destination(session.line, session.config(), session.config().connection(name_)))) {}

  const std::string& connection() const noexcept { return name_; }
  Destination& destination() noexcept { return *destination_; }

  // Those of --model, or all. Failure(usage): unknown_model, nothing_synced.
  std::vector<ModelState> chosen() {
    std::vector<ModelState> all = destination_->models(name_), some;
    if (all.empty()) {
      std::vector<std::string> command = {"ferry", "sync", name_};
      if (session_.line.has("to")) command.insert(command.end(), {"--to", session_.line.value("to")});
      throw Failure(Fault::usage, "nothing_synced",
                    destination_->description() + " holds no data models of " + name_ + "; " + shell_quoted(command) +
                        " brings them there");
    }
    std::vector<std::string> names;
    for (const ModelState& state : all) names.push_back(state.model);
    const std::vector<std::string> wanted = model_names(session_.line);
    for (const std::string& model : wanted) {
      const auto found = std::find(names.begin(), names.end(), model);
      if (found == names.end())
        throw Failure(Fault::usage, "unknown_model",
                      destination_->description() + " has no model " + printable(shortened(model, 80)) + " of " +
                          name_ + suggestion(model, names));
      some.push_back(all[static_cast<std::size_t>(found - names.begin())]);
    }
    return wanted.empty() ? all : some;
  }

  // No sync is under way meanwhile.
  void set(const std::vector<ModelState>& models, const std::string& checkpoint) {
    Cancellation cancellation;
    const InterruptGuard guard(cancellation);
    RunRecord record;
    record.connection = name_;
    record.connector_id = "ferry";
    const TargetLock lock = lock_models(environment_, record, destination_->description(), cancellation);
    for (const ModelState& state : models) destination_->set_checkpoint(name_, state.model, checkpoint);
  }

 private:
  Session& session_;
  Environment& environment_;
  const std::string name_;
  const std::unique_ptr<Destination> destination_;
};

void print_states(Session& session, const std::vector<ModelState>& states) {
  if (session.json()) {
    // The checkpoint as it is: read and written anew, a long number would not be the same.
    std::string document;
    for (const ModelState& state : states) {
      Object entry(Poco::JSON_PRESERVE_KEY_ORDER);
      entry.set("model", state.model)
          .set("table", plain_table_name(state.table))
          .set("full_read_open", state.generation_open);
      std::string text = json_text(entry);
      text.pop_back();
      document += (document.empty() ? "\n  " : ",\n  ") + text +
                  ",\"checkpoint\":" + (state.checkpoint.empty() ? "null" : state.checkpoint) + "}";
    }
    session.console.print("[" + document + "\n]\n");
    return;
  }
  Table table({{"MODEL"}, {"LAST RUN"}, {"CHECKPOINT"}});
  for (const ModelState& state : states)
    table.add({state.model, state.last_run,
               state.checkpoint.empty()
                   ? Table::Cell("none: the next sync reads everything", Paint::dim)
                   : Table::Cell(state.checkpoint + (state.generation_open ? "  (of a full read that goes on)" : ""))});
  session.console.print(table.take(session.console.style()));
}

std::string read_standard_input() {
  std::string text;
  char buffer[65536];
  for (;;) {
    const ssize_t count = ::read(STDIN_FILENO, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) throw_errno("reading a checkpoint from standard input", errno);
    if (count == 0) return text;
    text.append(buffer, static_cast<std::size_t>(count));
    if (text.size() > longest_checkpoint)
      throw Failure(Fault::usage, "bad_checkpoint",
                    "a checkpoint is at most " + human_bytes(longest_checkpoint) + " long, and this one is longer");
  }
}

std::string checkpoint_of(const CommandLine& line) {
  const std::string given = line.value("checkpoint");
  const std::string text = given == "-" ? read_standard_input() : given;
  if (!is_json_object(text))
    throw Failure(Fault::usage, "bad_checkpoint",
                  "a checkpoint is a JSON object, as ferry sync state show prints it; this is none: " +
                      printable(shortened(text, 120)));
  // On one line, with every digit and every member as it was written.
  std::string one_line = text;
  while (!one_line.empty() && (one_line.back() == '\n' || one_line.back() == ' ')) one_line.pop_back();
  std::replace(one_line.begin(), one_line.end(), '\n', ' ');
  return one_line;
}

struct ListedModel {
  std::string name;
  bool enabled = false;
  ModelSync settings;
  ModelState state;  // without a name: it was never synced
  Due next;
};

std::vector<ListedModel> listed_models(const StreamCatalog& catalog, const SyncSettings& settings,
                                       std::vector<ModelState> states, std::int64_t now) {
  std::vector<ListedModel> models;
  for (const CatalogStream& stream : catalog.streams()) {
    if (!stream.readable) continue;
    ListedModel model;
    model.name = stream.name;
    model.settings = settings.model(stream.name);
    model.enabled = stream.enabled && model.settings.enabled;
    models.push_back(std::move(model));
  }
  for (ModelState& state : states) {
    auto found =
        std::find_if(models.begin(), models.end(), [&](const ListedModel& model) { return model.name == state.model; });
    // The platform offers it no more; its table is there.
    if (found == models.end()) found = models.insert(models.end(), ListedModel{state.model, false, {}, {}, {}});
    found->state = std::move(state);
  }
  for (ListedModel& model : models)
    if (model.enabled) model.next = due(model.settings, last_run_of(model.state), now);
  return models;
}

Object::Ptr model_document(const ListedModel& model) {
  Object::Ptr entry = new Object(Poco::JSON_PRESERVE_KEY_ORDER);
  const auto time = [&](const char* name, const std::optional<std::int64_t>& at) {
    if (at) entry->set(name, rfc3339(*at));
  };
  entry->set("model", model.name);
  if (!model.state.table.empty()) entry->set("table", plain_table_name(model.state.table));
  entry->set("enabled", model.enabled);
  if (model.settings.every) entry->set("every", model.settings.every->text());
  if (!model.state.table.empty()) entry->set("rows", model.state.rows);
  time("last_started_at", model.state.last_started_at);
  time("last_finished_at", model.state.last_finished_at);
  if (!model.state.last_result.empty()) entry->set("last_result", model.state.last_result);
  if (!model.state.last_run.empty()) entry->set("last_run", model.state.last_run);
  if (model.state.failures > 0) entry->set("failures", model.state.failures);
  entry->set("due", model.next.now);
  time("next_due_at", model.next.at);
  return entry;
}

}  // namespace

ExitCode show_sync_state(Session& session) {
  print_states(session, ModelsOfDestination(session).chosen());
  return ExitCode::success;
}

ExitCode reset_sync_state(Session& session) {
  ModelsOfDestination models(session);
  models.set(models.chosen(), "");
  print_states(session, models.chosen());
  return ExitCode::success;
}

ExitCode set_sync_state(Session& session) {
  const std::string checkpoint = checkpoint_of(session.line);
  ModelsOfDestination models(session);
  models.set(models.chosen(), checkpoint);
  print_states(session, models.chosen());
  return ExitCode::success;
}

ExitCode list_models(Session& session) {
  ModelsOfDestination kept(session);
  Runner& runner = session.runner();
  const std::string& name = kept.connection();
  const SyncSettings settings = session.config().sync(session.config().connection(name));
  Cancellation cancellation;
  const InterruptGuard guard(cancellation);
  const StreamCatalog catalog = StreamCatalog::of(runner, name, "", false, cancellation);
  const std::vector<ListedModel> models =
      listed_models(catalog, settings, kept.destination().models(name), runner.environment().clock.now_unix_ms());
  if (session.json()) {
    Array::Ptr document = new Array;
    for (const ListedModel& model : models) document->add(model_document(model));
    session.console.print(document_text(document));
    return ExitCode::success;
  }
  if (models.empty()) {
    session.console.print(name + " has no data models\n");
    return ExitCode::success;
  }
  const auto time = [](const std::optional<std::int64_t>& at) { return at ? local_time(*at) : std::string(); };
  Table table({{"MODEL"},
               {"TABLE"},
               {"ENABLED"},
               {"EVERY"},
               {"ROWS", true},
               {"LAST START"},
               {"LAST FINISH"},
               {"LAST RESULT"},
               {"FAILURES", true},
               {"NEXT DUE"}});
  for (const ListedModel& model : models) {
    const ModelState& state = model.state;
    table.add({model.name,
               plain_table_name(state.table),
               model.enabled ? Table::Cell("yes") : Table::Cell("no", Paint::dim),
               model.settings.every ? model.settings.every->text() : "",
               state.table.empty() ? "" : std::to_string(state.rows),
               time(state.last_started_at),
               time(state.last_finished_at),
               {state.last_result.empty() ? "" : state_words(state.last_result), paint_of_state(state.last_result)},
               state.failures == 0 ? "" : std::to_string(state.failures),
               model.next.now ? Table::Cell("now", Paint::bold) : Table::Cell(time(model.next.at))});
  }
  session.console.print(table.take(session.console.style()));
  return ExitCode::success;
}

}  // namespace ferry::host
