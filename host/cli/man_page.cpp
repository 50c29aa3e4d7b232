#include "host/cli/man_page.hpp"

#include "host/cli/command_table.hpp"
#include "host/cli/exit_code.hpp"

namespace ferry::host {
namespace {

// Text that troff takes as it is: no escape, no hyphen where a minus is meant, no request at the start of a line.
std::string troff(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else if (c == '\'')
      out += "\\(aq";
    else if (c == '`')
      out += "\\(ga";
    else if (c == '~')
      out += "\\(ti";
    else if (c == '^')
      out += "\\(ha";
    else
      out += c;
  }
  return !out.empty() && out[0] == '.' ? "\\&" + out : out;
}

std::string paragraph(const std::string& text) { return text.empty() ? "" : ".PP\n" + troff(text) + "\n"; }

std::string option_entry(const OptionSpec& option) {
  std::string out = ".TP\n";
  if (option.letter) out += std::string("\\fB\\-") + option.letter + "\\fR, ";
  out += "\\fB\\-\\-" + troff(option.name) + "\\fR";
  if (!option.is_flag()) out += " \\fI" + troff(option.value) + "\\fR";
  return out + "\n" + troff(option.help) + (option.repeatable ? " May be repeated.\n" : "\n");
}

std::string entry(const std::string& term, const std::string& meaning) {
  return ".TP\n\\fB" + troff(term) + "\\fR\n" + troff(meaning) + "\n";
}

std::string command_section(const CommandSpec& command) {
  std::string out = ".SS \"" + troff(usage_line(command)) + "\"\n";
  out += troff(command.summary) + ".\n";
  out += paragraph(command.description);
  for (const ArgumentSpec& argument : command.arguments)
    out += ".TP\n\\fI" + troff(argument.name) + "\\fR\n" + troff(argument.help) + "\n";
  for (const OptionSpec& option : command.options) out += option_entry(option);
  if (!command.json.empty()) out += paragraph("With --json: " + command.json);
  return out;
}

}  // namespace

std::string man_page() {
  std::string out = ".TH FERRY 1 \"\" \"ferry " FERRY_VERSION "\" \"User Commands\"\n";
  out += ".SH NAME\nferry \\- move artefacts and data between platforms and environments\n";
  out += ".SH SYNOPSIS\n.B ferry\n.I COMMAND\n[arguments] [options]\n";
  out += ".SH DESCRIPTION\n";
  out +=
      troff(
          "ferry exports, inspects, compares and imports the artefacts of platforms. What it knows of a platform is in "
          "a connector, a library of its own that is run in a process of its own. Every run is recorded and ends with "
          "the same statistics.") +
      "\n";
  out += ".SH COMMANDS\n";
  for (const CommandSpec& command : commands())
    if (!command.hidden) out += command_section(command);
  out += ".SH OPTIONS\nOf every command, before or after it:\n";
  for (const OptionSpec& option : global_options()) out += option_entry(option);
  out += ".SH OUTPUT\n";
  out +=
      troff(
          "Results go to standard output; logs, errors and progress to standard error. With --json an operation that "
          "ran prints its ferry.statistics/1 document, whatever its end. What fails before it runs prints an object "
          "with one member, \"error\": {\"fault\", \"code\", \"message\", \"exit_code\"}.") +
      "\n";
  out += ".SH \"EXIT STATUS\"\n";
  for (const ExitCodeLine& line : exit_codes())
    out += entry(std::to_string(static_cast<int>(line.code)),
                 std::string(line.meaning) + (line.remedy.empty() ? "" : ": " + std::string(line.remedy)));
  out += ".SH ENVIRONMENT\n";
  for (const EnvironmentVariable& variable : environment_variables()) out += entry(variable.name, variable.help);
  out += ".SH FILES\n";
  out += entry("ferry.yaml", "Stages, connections and defaults.");
  out += entry("~/.local/state/ferry", "The record of runs, and the packages.");
  out += ".SH EXAMPLES\n.EX\n";
  for (const CommandSpec& command : commands())
    for (const std::string& example : command.examples) out += troff(example) + "\n";
  return out + ".EE\n";
}

}  // namespace ferry::host
