// What is to be synced and where to, from the words of the command line and the configuration.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "host/cli/command_line.hpp"
#include "host/config/config.hpp"
#include "host/destinations/destination.hpp"
#include "host/runs/runner.hpp"
#include "host/sync/sync.hpp"

namespace ferry::host {

// Failure(usage): bad_model, bad_date, bad_limit, bad_option.
SyncRequest sync_request(const CommandLine&, const std::string& connection);
// Those of --model, each once.
std::vector<std::string> model_names(const CommandLine&);

// That of --to, else of the connection's sync section. A file named on the command line becomes an absolute path, so
// that what is recorded of the run names the same file from everywhere. Failure(usage, no_destination) and those of
// Config::destination.
DestinationConfig chosen_destination(const CommandLine&, const Config&, const Connection&);

// Failure(usage, no_folder): the file of it could not be made. To be asked before the platform is.
void check_folder(const DestinationConfig&);
// Failure(usage, unsupported_destination) for one that cannot be compared with: lines; and that of check_folder.
std::unique_ptr<Destination> open_destination(const Environment&, const DestinationConfig&);
// Failure(usage, bad_option): what is asked for needs rows to compare with, and the destination holds lines.
void check_lines(const SyncRequest&, const DestinationConfig&);

}  // namespace ferry::host
