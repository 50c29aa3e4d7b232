// What --help prints, made from the command table.
#pragma once

#include <string>

#include "host/cli/command_table.hpp"

namespace ferry::host {

std::string help_text();                          // of ferry
std::string help_text(const std::string& group);  // of "runs"
std::string help_text(const CommandSpec&);        // of one command
// Lines of at most `width` columns, each after the first begun with `indent` spaces.
std::string wrapped(const std::string& text, std::size_t width, std::size_t indent);

}  // namespace ferry::host
