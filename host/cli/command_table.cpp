#include "host/cli/command_table.hpp"

#include <algorithm>

#include "host/base/text.hpp"
#include "host/cli/sync_table.hpp"
#include "host/connectors/manifest.hpp"
#include "host/promotion/promotion.hpp"

namespace ferry::host {
namespace {

const char statistics_document[] = "The ferry.statistics/1 document of the run.";

ArgumentSpec connection_argument(std::string name, std::string help) {
  return {std::move(name), std::move(help), ValueKind::connection, {}};
}

ArgumentSpec package_argument() {
  return {
      "FILE", "A package, or sha256:PREFIX of one that ferry keeps in its state directory.", ValueKind::package, {}};
}

OptionSpec flag(std::string name, std::string help) { return {std::move(name), 0, "", std::move(help), {}, {}}; }

std::vector<OptionSpec> selection_options() {
  OptionSpec select{"select", 0, "TYPE=NAME_OR_ID", "Take only this artefact and what it depends on.", {}, {}, true};
  return {select, flag("no-dependencies", "Leave out what the selected artefacts depend on.")};
}

OptionSpec connector_option() {
  return {"option",     0,
          "NAME=VALUE", "What only this connector knows, see `ferry connectors show ID`, in place of a setting.",
          {},           {},
          true};
}

std::vector<OptionSpec> import_options(const std::string& dry_run) {
  OptionSpec policy{"on-existing",
                    0,
                    "POLICY",
                    "What to do with an artefact that exists in the target: abort (the default), replace, skip or "
                    "add_version.",
                    ValueKind::word,
                    known_policies};
  OptionSpec map{
      "map", 0,   "TYPE/SOURCE=TARGET", "Take the artefact SOURCE of the package for TARGET of the environment.", {},
      {},    true};
  return {flag("dry-run", dry_run),
          policy,
          flag("prune", "Remove from the target what the package does not have."),
          map,
          flag("no-backup", "Do not export the target before it is changed."),
          connector_option()};
}

// Of every command that asks a platform.
std::vector<OptionSpec> traffic_options() {
  OptionSpec record{"record",
                    0,
                    "DIR",
                    "Write down what is sent and answered, without secrets, into a folder per run below DIR.",
                    ValueKind::directory,
                    {}};
  OptionSpec replay{"replay",
                    0,
                    "DIR",
                    "Answer from what --record wrote into DIR: no network is used and nothing is waited for.",
                    ValueKind::directory,
                    {}};
  return {record, replay,
          flag("replay-strict", "Fail on a request that was not recorded, and on a recording that was never used.")};
}

std::vector<OptionSpec> joined(std::vector<OptionSpec> first, std::vector<OptionSpec> second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

std::vector<OptionSpec> make_global_options() {
  return {
      {"config",
       0,
       "FILE",
       "The configuration; else FERRY_CONFIG, ./ferry.yaml, $XDG_CONFIG_HOME/ferry/ferry.yaml.",
       ValueKind::file,
       {}},
      {"state-dir",
       0,
       "DIR",
       "Where runs and packages are kept; else FERRY_STATE_DIR, $XDG_STATE_HOME/ferry, "
       "~/.local/state/ferry.",
       ValueKind::directory,
       {}},
      {"connector-path",
       0,
       "DIR",
       "Look for connectors here first (an absolute path).",
       ValueKind::directory,
       {},
       true},
      flag("json", "Print one JSON document on standard output, nothing else."),
      {"quiet", 'q', "", "Print errors and what was asked for, no reports of runs and no progress.", {}, {}},
      {"verbose", 'v', "", "Log what ferry and the connector do.", {}, {}},
      {"log-format",
       0,
       "FORMAT",
       "How log lines and errors look on standard error: text or json.",
       ValueKind::word,
       {"text", "json"}},
      {"color",
       0,
       "WHEN",
       "auto (only on a terminal, not when NO_COLOR is set), always or never.",
       ValueKind::word,
       {"auto", "always", "never"}},
      {"help", 'h', "", "Print help, also of a command.", {}, {}},
      flag("version", "Print the version."),
  };
}

bool asks_platform(const CommandSpec& command) {
  static constexpr std::string_view names[] = {
      "connections check", "catalog", "export", "import", "promote", "run", "sync", "sync verify", "models"};
  return std::find(std::begin(names), std::end(names), command.name) != std::end(names);
}

std::vector<CommandSpec> make_commands() {
  std::vector<CommandSpec> table;
  table.push_back(
      {"connectors list",
       "List the connectors that are installed",
       "Reads manifests only: no connector code is run. Places that look like a connector but were not taken "
       "are listed with the reason.",
       "{\"connectors\": [...], \"rejected\": [{\"path\", \"reason\"}]}",
       {},
       {},
       {"ferry connectors list"}});
  table.push_back(
      {"connectors show",
       "Show what a connector is, needs and may do",
       "Everything its manifest says: operations, import policies, hosts it may reach, secrets it may ask for, "
       "limits, and the settings a connection can have.",
       "The manifest as one object.",
       {{"ID", "A connector, as `ferry connectors list` names it.", ValueKind::connector, {}}},
       {},
       {"ferry connectors show node-red"}});
  table.push_back({"connections list",
                   "List the connections of the configuration",
                   "",
                   "An array of {\"name\", \"connector\", \"stage\", \"url\"}.",
                   {},
                   {},
                   {"ferry connections list"}});
  table.push_back({"connections check",
                   "Find out whether a connection can be used",
                   "Asks the platform. Says apart whether it was reached, took the credentials and grants the rights.",
                   statistics_document,
                   {connection_argument("NAME", "A connection of the configuration.")},
                   {},
                   {"ferry connections check flows-dev"}});
  table.push_back({"catalog",
                   "List the streams of a connection",
                   "Data models and artefact types that can be read.",
                   "An array of streams, as the connector describes them.",
                   {connection_argument("NAME", "A connection of the configuration.")},
                   {},
                   {"ferry catalog flows-dev"}});

  OptionSpec output{"output",        'o', "FILE", "Where to write the package; - is standard output.",
                    ValueKind::file, {},  false,  true};
  table.push_back(
      {"export",
       "Export artefacts into a package",
       "Everything, or what --select names with what it depends on. The package is also kept in the state "
       "directory under its sha256. With -o - the package goes to standard output and the report to standard error.",
       statistics_document,
       {connection_argument("NAME", "The connection to export from.")},
       joined(joined({output}, selection_options()), {connector_option()}),
       {"ferry export flows-dev -o flows.zip", "ferry export flows-dev -o - | sha256sum",
        "ferry export flows-dev -o orders.zip --select 'flow=Order intake'"}});

  OptionSpec connector{"connector",          0, "ID", "The connector to read it with, if the package does not say.",
                       ValueKind::connector, {}};
  table.push_back({"inspect",
                   "List the artefacts of a package",
                   "Reads the package alone: no platform is asked.",
                   "{\"package\", \"connector\", \"artefacts\": [...], \"run\"}, and \"error\" if it went wrong.",
                   {package_argument()},
                   {connector},
                   {"ferry inspect flows.zip"}});

  table.push_back(
      {"import",
       "Import a package",
       "The target is exported before it is changed; how to put it back is printed at the end. A dry run is the "
       "same work with the writes withheld.",
       statistics_document,
       {connection_argument("NAME", "The connection to import into."), package_argument()},
       import_options("Tell what would happen and change nothing."),
       {"ferry import flows-prod flows.zip --dry-run", "ferry import flows-prod flows.zip --on-existing replace",
        "ferry import flows-prod flows.zip --map 'flow/Order intake=Orders'"}});

  OptionSpec force{"force",
                   0,
                   "GUARD",
                   "Go on although this guard speaks against it: stage_order, preview_unknown or preview_errors.",
                   ValueKind::word,
                   {promotion_guards.begin(), promotion_guards.end()},
                   true};
  table.push_back(
      {"promote",
       "Export from one connection and import into another",
       "Exports from FROM, previews on TO, exports TO as a backup, imports. Three guards may refuse before anything "
       "is changed, and each is overruled by its name only: stage_order, where it goes against the order of stages; "
       "preview_unknown, where the preview cannot tell what would happen; preview_errors, where it shows problems. A "
       "dry run ends with the same verdict as the real run would.",
       "The ferry.statistics/1 document of the promotion: the counts of its last step. `ferry runs show ID --json` "
       "names all its steps.",
       {connection_argument("FROM", "The connection to export from."),
        connection_argument("TO", "The connection to import into.")},
       joined(joined(selection_options(), import_options("Stop after the preview: change nothing.")), {force}),
       {"ferry promote flows-dev flows-prod --dry-run", "ferry promote flows-dev flows-prod --on-existing replace"}});

  OptionSpec only{"only", 0, "STEP", "Carry out this step only; what it needs counts as done.", {}, {}, true};
  OptionSpec parallel{"parallel",        0, "N", "Carry out at most N steps at the same time (8, or as FILE says).",
                      ValueKind::number, {}};
  OptionSpec resume{"resume", 0, "ID", "Go on with that run of FILE: what succeeded is not done again.", {}, {}};
  table.push_back(
      {"run",
       "Carry out a release: steps on several platforms at once",
       "FILE names the steps (check, export, import, promote), their connections and which needs which. Nothing is "
       "imported before every preflight has passed; independent steps run at the same time, two imports into one "
       "target never.",
       "The ferry.statistics/1 document of the whole run, with a section a step.",
       {{"FILE", "A release file, such as samples/mixed.yaml.", ValueKind::file, {}}},
       {flag("dry-run", "Tell what would happen and change nothing."), only,
        flag("continue-on-error", "A step that fails stops only the steps that need it."), parallel, resume},
       {"ferry run release.yaml --dry-run", "ferry run release.yaml --only forms --only rules",
        "ferry run release.yaml --resume 20261121-201530-7f3a12"}});

  add_sync_commands(table);

  OptionSpec limit{"limit", 0, "N", "Show at most N runs, the newest first (50).", ValueKind::number, {}};
  OptionSpec of_connection{"connection", 0, "NAME", "Only runs of this connection.", ValueKind::connection, {}};
  table.push_back({"runs list",
                   "List what ferry did",
                   "A run whose host died is shown as failed, never as running.",
                   "An array of runs.",
                   {},
                   {limit, of_connection},
                   {"ferry runs list --connection flows-prod --limit 10"}});
  table.push_back(
      {"runs show",
       "Show all about a run",
       "What was asked, which connector and package, what came of it, and its steps.",
       "The run as one object, with \"statistics\", \"steps\" and, with --items, \"items\".",
       {{"ID", "The id of a run, or a part of it that is unique.", ValueKind::text, {}}},
       {flag("items", "Also list each item that was changed or could not be; what stayed as it was is only counted.")},
       {"ferry runs show 20261121-201530-7f3a12 --items"}});
  table.push_back({"completion",
                   "Print a completion script for a shell",
                   "Connections and connectors are completed too, from the configuration in force.",
                   "",
                   {{"SHELL", "bash or zsh.", ValueKind::word, {"bash", "zsh"}}},
                   {},
                   {"ferry completion bash > /etc/bash_completion.d/ferry",
                    "ferry completion zsh > /usr/local/share/zsh/site-functions/_ferry"}});
  table.push_back({"man", "Print the manual page", "In troff, for man.", "", {}, {}, {"ferry man | man -l -"}});
  table.push_back({"__complete",
                   "Print the names a completion script asks for",
                   "",
                   "",
                   {{"KIND", "", ValueKind::word, {"connections", "connectors", "destinations"}}},
                   {},
                   {},
                   true});
  for (CommandSpec& command : table)
    if (asks_platform(command)) command.options = joined(command.options, traffic_options());
  return table;
}

}  // namespace

const std::vector<OptionSpec>& global_options() {
  static const std::vector<OptionSpec> table = make_global_options();
  return table;
}

const std::vector<CommandSpec>& commands() {
  static const std::vector<CommandSpec> table = make_commands();
  return table;
}

const CommandSpec* find_command(std::string_view name) {
  for (const CommandSpec& command : commands())
    if (command.name == name) return &command;
  return nullptr;
}

std::vector<std::string> command_groups() {
  std::vector<std::string> groups;
  for (const CommandSpec& command : commands())
    for (std::size_t end = command.name.find(' '); end != std::string::npos; end = command.name.find(' ', end + 1)) {
      const std::string group = command.name.substr(0, end);
      if (std::find(groups.begin(), groups.end(), group) == groups.end()) groups.push_back(group);
    }
  return groups;
}

bool is_command_group(std::string_view name) {
  const std::vector<std::string> groups = command_groups();
  return std::find(groups.begin(), groups.end(), name) != groups.end();
}

std::vector<std::string> command_words(std::string_view group) {
  const std::string begin = group.empty() ? "" : std::string(group) + " ";
  std::vector<std::string> found;
  for (const CommandSpec& command : commands()) {
    if (command.hidden || !command.name.starts_with(begin)) continue;
    const std::string word = command.name.substr(begin.size(), command.name.find(' ', begin.size()) - begin.size());
    if (std::find(found.begin(), found.end(), word) == found.end()) found.push_back(word);
  }
  return found;
}

std::string usage_line(const CommandSpec& command) {
  std::string line = "ferry " + command.name;
  for (const ArgumentSpec& argument : command.arguments) line += " " + argument_title(argument);
  for (const OptionSpec& option : command.options)
    if (option.required)
      line += (option.letter ? std::string(" -") + option.letter : " --" + option.name) + " " + option.value;
  return line + " [options]";
}

std::string argument_title(const ArgumentSpec& argument) {
  return argument.optional ? "[" + argument.name + "]" : argument.name;
}

std::string option_title(const OptionSpec& option) {
  std::string title = option.letter ? std::string("-") + option.letter + ", " : "";
  title += "--" + option.name;
  if (!option.is_flag()) title += " " + option.value;
  return title;
}

const std::vector<EnvironmentVariable>& environment_variables() {
  static const std::vector<EnvironmentVariable> table = {
      {"FERRY_CONFIG", "The configuration, where --config is not given."},
      {"FERRY_STATE_DIR", "The state directory, where --state-dir is not given."},
      {"FERRY_CONNECTOR_PATH", "Directories with connectors, separated by colons, after those of --connector-path."},
      {"NO_COLOR", "If set and not empty, no colour is used unless --color always is given."},
      {"HTTPS_PROXY, HTTP_PROXY, NO_PROXY", "The proxy to reach the platforms through."},
  };
  return table;
}

}  // namespace ferry::host
