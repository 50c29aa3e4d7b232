#include "host/cli/help.hpp"

#include <algorithm>

#include "host/base/text.hpp"
#include "host/cli/exit_code.hpp"

namespace ferry::host {
namespace {

constexpr std::size_t page_width = 100;

// Two columns: what it is called, what it is.
class Definitions {
 public:
  void add(std::string term, std::string meaning) { rows_.emplace_back(std::move(term), std::move(meaning)); }

  std::string text() const {
    std::size_t widest = 0;
    for (const auto& [term, meaning] : rows_) widest = std::max(widest, term.size());
    const std::size_t indent = widest + 4;
    std::string out;
    for (const auto& [term, meaning] : rows_)
      out += "  " + term + std::string(widest - term.size() + 2, ' ') + wrapped(meaning, page_width, indent) + "\n";
    return out;
  }

 private:
  std::vector<std::pair<std::string, std::string>> rows_;
};

std::string list_of_options(const std::vector<OptionSpec>& options) {
  Definitions list;
  for (const OptionSpec& option : options) {
    // Long options line up, with a letter or without.
    const std::string title = option_title(option);
    list.add(option.letter ? title : "    " + title, option.help + (option.repeatable ? " May be repeated." : ""));
  }
  return list.text();
}

std::string list_of_commands(const std::string& group) {
  Definitions list;
  for (const CommandSpec& command : commands()) {
    if (command.hidden || (!group.empty() && !command.name.starts_with(group + " "))) continue;
    std::string title = command.name;
    for (const ArgumentSpec& argument : command.arguments) title += " " + argument_title(argument);
    list.add(title, command.summary);
  }
  return list.text();
}

}  // namespace

std::string wrapped(const std::string& text, std::size_t width, std::size_t indent) {
  std::string out;
  std::size_t column = indent;
  for (const std::string& word : split(text, ' ')) {
    if (!out.empty() && column + 1 + word.size() > width) {
      out += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (!out.empty()) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
  }
  return out;
}

std::string help_text() {
  Definitions codes;
  for (const ExitCodeLine& line : exit_codes())
    codes.add(std::to_string(static_cast<int>(line.code)),
              std::string(line.meaning) + (line.remedy.empty() ? "" : ": " + std::string(line.remedy)));
  Definitions variables;
  for (const EnvironmentVariable& variable : environment_variables()) variables.add(variable.name, variable.help);
  return "ferry moves artefacts and data between platforms and environments, through connectors.\n\n"
         "usage: ferry COMMAND [arguments] [options]\n\ncommands:\n" +
         list_of_commands("") + "\noptions of every command:\n" + list_of_options(global_options()) +
         "\nexit codes:\n" + codes.text() + "\nenvironment:\n" + variables.text() +
         "\nWith --json an operation that ran prints its ferry.statistics/1 document, whatever its end. What fails "
         "before it\n"
         "runs prints {\"error\": {\"fault\", \"code\", \"message\", \"exit_code\"}}. The text of an error is on "
         "standard error\n"
         "in both cases.\n\nfor one command: ferry COMMAND --help\n";
}

std::string help_text(const std::string& group) {
  return "usage: ferry " + group + " " + join(command_words(group), "|") + " [arguments] [options]\n\ncommands:\n" +
         list_of_commands(group) + "\nfor one command: ferry " + group + " COMMAND --help\n";
}

std::string help_text(const CommandSpec& command) {
  std::string out = "usage: " + usage_line(command) + "\n\n" + command.summary + ".";
  if (!command.description.empty()) out += "\n" + wrapped(command.description, page_width, 0);
  out += "\n";
  if (!command.arguments.empty()) {
    Definitions arguments;
    for (const ArgumentSpec& argument : command.arguments) arguments.add(argument.name, argument.help);
    out += "\narguments:\n" + arguments.text();
  }
  if (!command.options.empty()) out += "\noptions:\n" + list_of_options(command.options);
  out += "\noptions of every command:\n" + list_of_options(global_options());
  if (is_command_group(command.name))
    out += "\nand its other commands:\n" + list_of_commands(command.name) + "\nfor one of them: ferry " + command.name +
           " COMMAND --help\n";
  if (!command.json.empty()) out += "\nwith --json:\n  " + wrapped(command.json, page_width, 2) + "\n";
  if (!command.examples.empty()) out += "\nexamples:\n  " + join(command.examples, "\n  ") + "\n";
  return out;
}

}  // namespace ferry::host
