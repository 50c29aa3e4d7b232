// Every command, argument and option of ferry: the one table that parsing, help, completion and the man page are made
// of.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ferry::host {

enum class ValueKind { text, number, word, file, directory, connection, connector, package, destination };

struct OptionSpec {
  std::string name;   // without the dashes
  char letter = 0;    // of the short form; 0: none
  std::string value;  // what the value is called; "": a flag
  std::string help;
  ValueKind kind = ValueKind::text;
  std::vector<std::string> words;  // the values there are, of ValueKind::word
  bool repeatable = false;
  bool required = false;

  bool is_flag() const { return value.empty(); }
};

struct ArgumentSpec {
  std::string name;
  std::string help;
  ValueKind kind = ValueKind::text;
  std::vector<std::string> words;
  bool optional = false;  // only the last ones
};

struct CommandSpec {
  std::string name;  // one word, two or three: "export", "runs list", "sync state show"
  std::string summary;
  std::string description;
  std::string json;  // what --json prints
  std::vector<ArgumentSpec> arguments;
  std::vector<OptionSpec> options;
  std::vector<std::string> examples;
  bool hidden = false;
};

const std::vector<OptionSpec>& global_options();
const std::vector<CommandSpec>& commands();
const CommandSpec* find_command(std::string_view name);
// What the names of longer commands begin with: "connectors", "runs", "sync", "sync state". A group may be a command,
// too.
std::vector<std::string> command_groups();
bool is_command_group(std::string_view name);
// First words, or the next words of a group; hidden commands left out.
std::vector<std::string> command_words(std::string_view group = "");
// "ferry import NAME FILE [options]", "ferry sync [NAME] [options]"
std::string usage_line(const CommandSpec&);
// "NAME", "[NAME]"
std::string argument_title(const ArgumentSpec&);
// "-o, --output FILE"
std::string option_title(const OptionSpec&);

struct EnvironmentVariable {
  std::string name, help;
};
const std::vector<EnvironmentVariable>& environment_variables();

}  // namespace ferry::host
