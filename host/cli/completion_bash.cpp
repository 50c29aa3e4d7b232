#include "host/base/text.hpp"
#include "host/cli/command_line.hpp"
#include "host/cli/completion.hpp"

namespace ferry::host {
namespace {

// What a shell offers for a value, as a call of one of the script's functions.
std::string bash_offer(ValueKind kind, const std::vector<std::string>& words) {
  switch (kind) {
    case ValueKind::word: return "_ferry_words " + shell_quoted(join(words, " "));
    case ValueKind::file:
    case ValueKind::package: return "_ferry_files";
    case ValueKind::destination: return "_ferry_destinations";
    case ValueKind::directory: return "_ferry_directories";
    case ValueKind::connection: return "_ferry_names connections";
    case ValueKind::connector: return "_ferry_names connectors";
    case ValueKind::text:
    case ValueKind::number: return ":";
  }
  return ":";
}

std::string option_words(const std::vector<OptionSpec>& options) {
  std::vector<std::string> words;
  for (const OptionSpec& option : options) {
    words.push_back("--" + option.name);
    if (option.letter) words.push_back(std::string("-") + option.letter);
  }
  return join(words, " ");
}

std::string value_cases(const std::vector<OptionSpec>& options) {
  std::string out;
  for (const OptionSpec& option : options)
    if (!option.is_flag())
      out += "        " + option_pattern(option) + ") " + bash_offer(option.kind, option.words) + "; return ;;\n";
  return out;
}

std::string bash_command(const CommandSpec& command) {
  std::string out = "    " + shell_quoted(command.name) + ")\n";
  const std::string cases = value_cases(command.options);
  if (!cases.empty()) out += "      case \"$previous\" in\n" + cases + "      esac\n";
  out += "      options+=" + shell_quoted(" " + option_words(command.options)) + "\n";
  if (!command.arguments.empty()) {
    out += "      case \"$arguments\" in\n";
    for (std::size_t i = 0; i < command.arguments.size(); ++i) {
      std::string offer = bash_offer(command.arguments[i].kind, command.arguments[i].words);
      // The first argument stands where another command's next word may stand.
      if (i == 0 && is_command_group(command.name)) offer += " " + join(command_words(command.name), " ");
      out += "        " + std::to_string(i) + ") offer=" + shell_quoted(offer) + " ;;\n";
    }
    out += "      esac\n";
  }
  return out + "      ;;\n";
}

std::vector<OptionSpec> every_option() {
  std::vector<OptionSpec> all = global_options();
  for (const CommandSpec& command : commands()) all.insert(all.end(), command.options.begin(), command.options.end());
  return all;
}

const char functions[] = R"SHELL(# bash completion for ferry
_ferry_words() { mapfile -t COMPREPLY < <(compgen -W "$1" -- "$current"); }
_ferry_files() { compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$current"); }
_ferry_directories() { compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -d -- "$current"); }
_ferry_names() { _ferry_words "$(ferry __complete "$1" "${context[@]}" 2>/dev/null) ${*:2}"; }
_ferry_destinations() {
  local -a names
  _ferry_names destinations
  names=("${COMPREPLY[@]}")
  _ferry_files
  COMPREPLY=("${names[@]}" "${COMPREPLY[@]}")
}

_ferry() {
  local current="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD-1]}"
  local command="" arguments=0 i word options offer=":"
  local -a context=()
  COMPREPLY=()
)SHELL";

}  // namespace

std::string bash_completion() {
  std::string out = functions;
  // Which command it is, and how many arguments it has so far.
  out += "  for ((i = 1; i < COMP_CWORD; i++)); do\n    word=\"${COMP_WORDS[i]}\"\n    case \"$word\" in\n";
  out += "      --config|--state-dir|--connector-path) context+=(\"$word\" \"${COMP_WORDS[i+1]}\"); ((i++)) ;;\n";
  out += "      " + options_with_values(every_option()) + ") ((i++)) ;;\n";
  out += "      -*) ;;\n      *)\n";
  out += "        case \"$command\" in\n          \"\") command=\"$word\" ;;\n";
  for (const std::string& group : command_groups()) {
    const std::string next = "command=\"$command $word\"";
    const std::string line = !find_command(group)
                                 ? next
                                 : "if (( arguments == 0 )) && [[ \"$word\" == @(" + join(command_words(group), "|") +
                                       ") ]]; then " + next + "; else ((arguments++)); fi";
    out += "          " + shell_quoted(group) + ") " + line + " ;;\n";
  }
  out += "          *) ((arguments++)) ;;\n        esac ;;\n    esac\n  done\n\n";
  out += "  case \"$previous\" in\n" + value_cases(global_options()) + "  esac\n";
  out += "  options=" + shell_quoted(option_words(global_options())) + "\n";
  out += "  case \"$command\" in\n    \"\") offer=" +
         shell_quoted("_ferry_words " + shell_quoted(join(command_words(), " "))) + " ;;\n";
  for (const std::string& group : command_groups())
    if (!find_command(group))
      out += "    " + shell_quoted(group) +
             ") offer=" + shell_quoted("_ferry_words " + shell_quoted(join(command_words(group), " "))) + " ;;\n";
  for (const CommandSpec& command : commands())
    if (!command.hidden) out += bash_command(command);
  out += "  esac\n  if [[ \"$current\" == -* ]]; then _ferry_words \"$options\"; else eval \"$offer\"; fi\n}\n";
  return out + "complete -F _ferry ferry\n";
}

}  // namespace ferry::host
