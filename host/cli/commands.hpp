// What the commands do. Each takes the session of one invocation, prints its result, and says with which code ferry
// ends; what keeps it from its work is thrown as a Failure.
#pragma once

#include "host/cli/session.hpp"

namespace ferry::host {

ExitCode list_connectors(Session&);
ExitCode show_connector(Session&);
ExitCode list_connections(Session&);
ExitCode check_connection(Session&);
ExitCode show_catalog(Session&);
ExitCode export_package(Session&);
ExitCode inspect_package(Session&);
ExitCode import_package(Session&);
ExitCode promote_artefacts(Session&);
ExitCode run_release_file(Session&);
ExitCode sync_models(Session&);
ExitCode undo_sync_run(Session&);
ExitCode verify_models(Session&);
ExitCode show_sync_state(Session&);
ExitCode reset_sync_state(Session&);
ExitCode set_sync_state(Session&);
ExitCode list_models(Session&);
ExitCode list_runs(Session&);
ExitCode show_run(Session&);
ExitCode print_completion(Session&);
ExitCode print_man_page(Session&);
ExitCode complete_names(Session&);

// The command of the session's line.
ExitCode run_command(Session&);

}  // namespace ferry::host
