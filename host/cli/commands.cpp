#include "host/cli/commands.hpp"

#include <map>

#include "host/cli/completion.hpp"
#include "host/cli/man_page.hpp"

namespace ferry::host {

ExitCode print_completion(Session& session) {
  session.console.print(session.line.argument("SHELL") == "bash" ? bash_completion() : zsh_completion());
  return ExitCode::success;
}

ExitCode print_man_page(Session& session) {
  session.console.print(man_page());
  return ExitCode::success;
}

ExitCode complete_names(Session& session) {
  // A shell asks while somebody types: without a configuration there is nothing to offer, and nothing to say.
  try {
    const std::string& kind = session.line.argument("KIND");
    if (kind == "connections") {
      for (const Connection& connection : session.config().connections()) session.console.print(connection.name + "\n");
    } else if (kind == "destinations") {
      for (const DestinationConfig& place : session.config().destinations()) session.console.print(place.name + "\n");
    } else {
      for (const Manifest& manifest : session.registry().connectors()) session.console.print(manifest.id + "\n");
    }
  } catch (const Failure&) {
    return ExitCode::usage;
  }
  return ExitCode::success;
}

ExitCode run_command(Session& session) {
  static const std::map<std::string, ExitCode (*)(Session&)> table = {
      {"connectors list", list_connectors},
      {"connectors show", show_connector},
      {"connections list", list_connections},
      {"connections check", check_connection},
      {"catalog", show_catalog},
      {"export", export_package},
      {"inspect", inspect_package},
      {"import", import_package},
      {"promote", promote_artefacts},
      {"run", run_release_file},
      {"sync", sync_models},
      {"sync undo", undo_sync_run},
      {"sync verify", verify_models},
      {"sync state show", show_sync_state},
      {"sync state reset", reset_sync_state},
      {"sync state set", set_sync_state},
      {"models", list_models},
      {"runs list", list_runs},
      {"runs show", show_run},
      {"completion", print_completion},
      {"man", print_man_page},
      {"__complete", complete_names},
  };
  return table.at(session.line.command->name)(session);
}

}  // namespace ferry::host
