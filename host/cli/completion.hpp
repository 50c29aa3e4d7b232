// Completion scripts for shells, made from the command table. Names of connections and connectors are asked of ferry
// itself, by its hidden command __complete.
#pragma once

#include <string>
#include <vector>

#include "host/cli/command_table.hpp"

namespace ferry::host {

std::string bash_completion();
std::string zsh_completion();

// Pieces of both: what `case` matches. "--output|-o", and that of all options that take a value.
std::string option_pattern(const OptionSpec&);
std::string options_with_values(const std::vector<OptionSpec>&);

}  // namespace ferry::host
