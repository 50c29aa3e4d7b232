// Selections, mappings and policies, from the words of the command line.
#pragma once

#include <string>
#include <vector>

#include "host/cli/command_line.hpp"
#include "host/config/config.hpp"
#include "host/runs/run.hpp"

namespace ferry::host {

// --select TYPE=NAME_OR_ID; Failure(usage, bad_selection).
std::vector<Selection> selections(const CommandLine&);
// --map TYPE/SOURCE=TARGET; Failure(usage, bad_mapping).
std::vector<ItemMapping> mappings(const CommandLine&);
// --option NAME=VALUE; Failure(usage, bad_option).
std::string connector_options(const CommandLine&);
// The policy is that of the command line, else the connection's.
ImportOptions import_options(const CommandLine&, const Connection& target);

}  // namespace ferry::host
