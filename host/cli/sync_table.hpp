// The commands of syncs in the command table: ferry sync ..., ferry models.
#pragma once

#include <vector>

#include "host/cli/command_table.hpp"

namespace ferry::host {

void add_sync_commands(std::vector<CommandSpec>& table);

}  // namespace ferry::host
