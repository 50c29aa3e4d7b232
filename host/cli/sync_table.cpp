#include "host/cli/sync_table.hpp"

namespace ferry::host {
namespace {

const char statistics_document[] = "The ferry.statistics/1 document of the run.";

OptionSpec flag(std::string name, std::string help) { return {std::move(name), 0, "", std::move(help), {}, {}}; }

ArgumentSpec connection_argument(std::string help, bool optional = false) {
  return {"NAME", std::move(help), ValueKind::connection, {}, optional};
}

OptionSpec to_option() {
  return {"to",
          0,
          "DESTINATION",
          "A destination of the configuration, a file of SQLite, a URL of PostgreSQL, or env:NAME where one stands; "
          "else that of the connection's sync section.",
          ValueKind::destination,
          {}};
}

OptionSpec model_option(std::string help) { return {"model", 0, "MODEL", std::move(help), {}, {}, true}; }

OptionSpec limit_option(std::string name, std::string help) {
  return {std::move(name), 0, "N|P%", std::move(help), {}, {}};
}

CommandSpec sync_command() {
  OptionSpec to = to_option();
  to.help =
      "A destination of the configuration, a file of SQLite, a URL of PostgreSQL, env:NAME where one stands, or - for "
      "JSON lines on standard output; else that of the connection's sync section.";
  OptionSpec model = model_option("Only this model; with a date, what is new from that day on.");
  model.value = "MODEL[=YYYY-MM-DD]";
  OptionSpec mode{"mode",
                  0,
                  "MODE",
                  "incremental: what is new since the last sync (the default); full: everything, which also finds what "
                  "was removed.",
                  ValueKind::word,
                  {"incremental", "full"}};
  return {
      "sync",
      "Bring data models into tables",
      "Reads what is new or all there is, compares it with the destination's rows, writes what differs, and says "
      "per model what became of every record. It can be stopped at any moment: the next sync goes on from there. "
      "With --to - every record goes to standard output as {\"model\", \"record\"} on a line of its own, and "
      "the report to standard error; between them stand lines {\"model\", \"checkpoint\"} that say how far a model "
      "was read, which jq -c 'select(.record)' leaves out. --to FILE.ndjson appends the same lines to a file. A "
      "connection that is called like one of the commands below is named after "
      "--: ferry sync -- undo.",
      statistics_document,
      {connection_argument("The connection to read from; left out with --all.", true)},
      {flag("all", "Sync every connection that has a sync section, at the same time."), to, model, mode,
       flag("full", "Short for --mode full."), flag("sweep", "Read the identities alone, to find what was removed."),
       flag("due", "Only models whose time has come, as the configuration says: for cron and timers."),
       flag("dry-run", "Tell what would happen and change nothing."),
       limit_option("max-removed", "Change nothing if more rows of a model would be removed."),
       limit_option("max-changed", "Change nothing if more rows of a model would be changed."),
       limit_option("max-failed", "Fail if more records of a model cannot be taken.")},
      {"ferry sync books --to warehouse.db", "ferry sync books --model INVOICES=2023-01-01 --dry-run",
       "ferry sync books --full --max-removed 10%", "ferry sync books --to - | jq -c 'select(.record)'",
       "ferry sync --all --due"}};
}

CommandSpec undo_command() {
  return {
      "sync undo",
      "Put the models of a sync back to what they were",
      "From what the destination kept of the rows before that sync changed them. A sync after which the same models "
      "were synced again is undone after those.",
      statistics_document,
      {{"RUN", "The id of a run of sync, or a part of it that is unique.", ValueKind::text, {}}},
      {to_option(), flag("dry-run", "Tell what would happen and change nothing.")},
      {"ferry sync undo 20261121-201530-7f3a12 --dry-run"}};
}

CommandSpec verify_command() {
  return {"sync verify",
          "Compare a destination with the platform",
          "Reads everything again and compares every record with its row. Nothing is written. What changed on the "
          "platform since the last sync is a difference, too.",
          "The ferry.statistics/1 document of the run: added is what is missing in the destination, modified what is "
          "different, removed what only the destination has.",
          {connection_argument("The connection to compare with.")},
          {model_option("Only this model."), to_option()},
          {"ferry sync verify books --model INVOICES"}};
}

CommandSpec show_state_command() {
  return {"sync state show",
          "Show the checkpoints a sync goes on from",
          "",
          "An array of {\"model\", \"table\", \"full_read_open\", \"checkpoint\"}.",
          {connection_argument("The connection that is synced.")},
          {model_option("Only this model."), to_option()},
          {"ferry sync state show books"}};
}

CommandSpec reset_state_command() {
  return {"sync state reset",
          "Forget checkpoints, so that the next sync reads everything",
          "The rows stay, and are compared with what is read.",
          "As of sync state show.",
          {connection_argument("The connection that is synced.")},
          {model_option("Only this model; else all of them."), to_option()},
          {"ferry sync state reset books --model INVOICES"}};
}

CommandSpec set_state_command() {
  OptionSpec model{"model", 0, "MODEL", "The model.", {}, {}};
  model.required = true;
  OptionSpec checkpoint{
      "checkpoint", 0, "JSON", "What the connector is to go on from, a JSON object; - reads it from standard input.",
      {},           {}};
  checkpoint.required = true;
  return {"sync state set",
          "Write the checkpoint a sync goes on from",
          "What a checkpoint holds is the connector's affair: take what sync state show prints and change it.",
          "As of sync state show.",
          {connection_argument("The connection that is synced.")},
          {model, checkpoint, to_option()},
          {"ferry sync state set books --model INVOICES --checkpoint - < invoices.json"}};
}

CommandSpec models_command() {
  return {"models",
          "List data models: what is synced, how often, how it went, what is next",
          "",
          "An array of {\"model\", \"table\", \"enabled\", \"every\", \"rows\", \"last_started_at\", "
          "\"last_finished_at\", \"last_result\", \"last_run\", \"failures\", \"due\", \"next_due_at\"}; what is not "
          "known is left out, failures (in a row) where there are none.",
          {connection_argument("A connection of the configuration.")},
          {to_option()},
          {"ferry models books"}};
}

}  // namespace

void add_sync_commands(std::vector<CommandSpec>& table) {
  for (const auto make : {sync_command, undo_command, verify_command, show_state_command, reset_state_command,
                          set_state_command, models_command})
    table.push_back(make());
}

}  // namespace ferry::host
