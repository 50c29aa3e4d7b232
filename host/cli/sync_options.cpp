#include "host/cli/sync_options.hpp"

#include <algorithm>

#include "host/base/failure.hpp"
#include "host/base/text.hpp"
#include "host/config/date.hpp"
#include "host/destinations/postgres.hpp"
#include "host/destinations/sqlite_destination.hpp"

namespace ferry::host {
namespace {

SyncModel model_of(const std::string& text) {
  const std::size_t equals = text.find('=');
  SyncModel model{text.substr(0, equals), equals == std::string::npos ? "" : text.substr(equals + 1)};
  if (model.name.empty())
    throw Failure(Fault::usage, "bad_model",
                  "--model wants MODEL or MODEL=YYYY-MM-DD, not \"" + printable(shortened(text, 80)) + "\"");
  if (equals != std::string::npos && !is_date(model.from))
    throw Failure(Fault::usage, "bad_date",
                  "--model " + printable(shortened(text, 80)) +
                      ": the date to read from is written as YYYY-MM-DD, such as " + model.name + "=2023-01-01");
  return model;
}

// Said twice the same, it is meant once.
void add_model(std::vector<SyncModel>& models, const SyncModel& model) {
  const auto same =
      std::find_if(models.begin(), models.end(), [&](const SyncModel& known) { return known.name == model.name; });
  if (same == models.end()) {
    models.push_back(model);
    return;
  }
  const auto said = [](const SyncModel& one) {
    return "--model " + printable(one.name) + (one.from.empty() ? "" : "=" + one.from);
  };
  if (same->from != model.from)
    throw Failure(Fault::usage, "bad_model",
                  said(*same) + " and " + said(model) + " exclude each other: a model is read once, choose one");
}

void check_dates(const SyncRequest& request) {
  if (request.mode == SyncMode::incremental) return;
  const std::string option = request.mode == SyncMode::full ? "--full" : "--sweep";
  for (const SyncModel& model : request.models)
    if (!model.from.empty())
      throw Failure(Fault::usage, "bad_option",
                    option + " and --model " + printable(model.name) + "=" + model.from + " exclude each other: " +
                        option + (request.mode == SyncMode::full ? " reads all records" : " reads all identities") +
                        ", a date only what is new from then on; leave out " + option + " or the date");
}

std::optional<Threshold> limit(const CommandLine& line, const char* option) {
  const std::string text = line.value(option);
  if (text.empty()) return std::nullopt;
  const std::optional<Threshold> parsed = parse_threshold(text);
  if (!parsed)
    throw Failure(Fault::usage, "bad_limit",
                  std::string("--") + option + " wants a number from 0 on or a share from 0% to 100%, not \"" +
                      printable(shortened(text, 40)) + "\"");
  return parsed;
}

SyncMode mode_of(const CommandLine& line) {
  const std::string mode = line.value("mode");
  const bool full = line.has("full"), sweep = line.has("sweep");
  if ((full && sweep) || (!mode.empty() && (sweep || (full && mode != "full"))))
    throw Failure(Fault::usage, "bad_option", "--mode, --full and --sweep exclude each other: choose one");
  if (sweep) return SyncMode::sweep;
  return full || mode == "full" ? SyncMode::full : SyncMode::incremental;
}

}  // namespace

SyncRequest sync_request(const CommandLine& line, const std::string& connection) {
  SyncRequest request;
  request.connection = connection;
  for (const std::string& text : line.values("model")) add_model(request.models, model_of(text));
  request.mode = mode_of(line);
  check_dates(request);
  request.only_due = line.has("due");
  request.preview = line.has("dry-run");
  request.limits = {limit(line, "max-removed"), limit(line, "max-changed"), limit(line, "max-failed")};
  return request;
}

std::vector<std::string> model_names(const CommandLine& line) {
  std::vector<std::string> names;
  for (const std::string& name : line.values("model"))
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  return names;
}

DestinationConfig chosen_destination(const CommandLine& line, const Config& config, const Connection& connection) {
  const std::string given = line.value("to", config.sync(connection).to);
  if (given.empty())
    throw Failure(
        Fault::usage, "no_destination",
        "it is not known where " + connection.name +
            " is synced to: name a destination with --to, such as --to warehouse.db, or write sync: {to: ...} into "
            "the connection");
  DestinationConfig destination = config.destination(given);
  if (destination.line == 0 && !destination.file.empty() && destination.file != "-")
    destination.file = std::filesystem::absolute(destination.file).lexically_normal().string();
  return destination;
}

void check_folder(const DestinationConfig& destination) {
  if (destination.file.empty() || destination.file == "-") return;
  const std::filesystem::path folder = std::filesystem::path(destination.file).parent_path();
  std::error_code ignored;
  if (std::filesystem::status(folder, ignored).type() == std::filesystem::file_type::not_found)
    throw Failure(Fault::usage, "no_folder",
                  "the destination " + destination.file + ": there is no folder " + folder.string() +
                      "; make it with mkdir -p, or name another file");
}

std::unique_ptr<Destination> open_destination(const Environment& environment, const DestinationConfig& destination) {
  Clock& clock = environment.clock;
  const Now now = [&clock] { return clock.now_unix_ms(); };
  check_folder(destination);
  switch (destination.kind) {
    case DestinationConfig::Kind::sqlite: return open_sqlite(destination.file, now, destination.wait);
    case DestinationConfig::Kind::postgresql: {
      PostgresSettings settings;
      settings.conninfo = environment.config->address(destination, environment.redactor);
      settings.schema = destination.schema;
      return open_postgres(settings, now);
    }
    case DestinationConfig::Kind::ndjson: break;
  }
  throw Failure(Fault::usage, "unsupported_destination",
                "the destination " + destination.name +
                    " holds lines that nothing can be compared with; name one of SQLite or PostgreSQL");
}

void check_lines(const SyncRequest& request, const DestinationConfig& destination) {
  if (destination.kind != DestinationConfig::Kind::ndjson) return;
  const auto refuse = [&](const std::string& option) {
    throw Failure(Fault::usage, "bad_option",
                  option + " means nothing for the lines of " + destination.name +
                      ": every record is written as it comes, and nothing is kept to compare it with");
  };
  if (request.limits.removed) refuse("--max-removed");
  if (request.limits.changed) refuse("--max-changed");
  if (request.limits.failed) refuse("--max-failed");
  if (request.only_due) refuse("--due");
}

}  // namespace ferry::host
