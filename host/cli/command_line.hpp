// What the user typed, understood: the command, its arguments and its options, checked against the command table.
//
// Options may stand before or after the command; only a command's own must follow it. Where a command is the beginning
// of another's name, the longest name is meant; what follows -- is an argument: `ferry sync -- undo` syncs a connection
// that is called undo. Nothing may be abbreviated: what
// is unique today may be ambiguous tomorrow, in somebody's script.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "host/cli/command_table.hpp"

namespace ferry::host {

class CommandLine {
 public:
  // words: without the program's name. Throws Failure(usage, ...) that says what is wrong and shows the usage line.
  static CommandLine parse(const std::vector<std::string>& words);

  const CommandSpec* command = nullptr;  // nullptr: none was given (help and version need none)
  std::string group;                     // of `ferry runs --help`
  std::vector<std::string> words;        // as typed

  bool has(const std::string& option) const { return options_.count(option) > 0; }
  std::string value(const std::string& option, const std::string& otherwise = "") const;
  std::vector<std::string> values(const std::string& option) const;
  // "" for one that may be left out, and was.
  const std::string& argument(const std::string& name) const { return arguments_.at(name); }

 private:
  void take_options(const std::vector<std::string>& words);
  void take_arguments(const std::vector<std::string>& values);

  std::map<std::string, std::vector<std::string>> options_;
  std::map<std::string, std::string> arguments_;
};

// Without parsing: so that a failure to parse can be told in the way that was asked for.
bool asks_for(const std::vector<std::string>& words, const std::string& option, const std::string& value = "");

// One word for a shell to read.
std::string shell_quoted(const std::string& word);
std::string shell_quoted(const std::vector<std::string>& words);

}  // namespace ferry::host
