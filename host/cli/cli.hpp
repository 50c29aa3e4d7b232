// The program: understands the command line, carries out the command, turns every failure into a sentence and a code.
#pragma once

#include <string>
#include <vector>

namespace ferry::host {

// words: the command line without the program's name. Writes to the process's standard output and error; returns the
// exit code. Never throws.
int run_ferry(const std::vector<std::string>& words) noexcept;

}  // namespace ferry::host
