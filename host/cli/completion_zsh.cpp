#include "host/base/text.hpp"
#include "host/cli/command_line.hpp"
#include "host/cli/completion.hpp"

namespace ferry::host {
namespace {

std::string zsh_quoted(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'')
      out += "'\\''";
    else if (c == '[' || c == ']' || c == ':' || c == '\\')
      out += std::string("\\") + c;
    else
      out += c;
  }
  return out;
}  // namespace ferry::host

// A blank before a function keeps _arguments from giving it options of its own.
std::string zsh_offer(ValueKind kind, const std::vector<std::string>& words) {
  switch (kind) {
    case ValueKind::word: return "(" + join(words, " ") + ")";
    case ValueKind::file:
    case ValueKind::package: return "_files";
    case ValueKind::destination: return " _ferry_destinations";
    case ValueKind::directory: return "_files -/";
    case ValueKind::connection: return " _ferry_names connections";
    case ValueKind::connector: return " _ferry_names connectors";
    case ValueKind::text:
    case ValueKind::number: return " ";
  }
  return " ";
}

// As _arguments wants it: '*'{-o,--output}'[help]:FILE:_files'
std::string zsh_option(const OptionSpec& option) {
  const std::string value =
      option.is_flag() ? "" : ":" + zsh_quoted(option.value) + ":" + zsh_quoted(zsh_offer(option.kind, option.words));
  const std::string rest = "[" + zsh_quoted(option.help) + "]" + value + "'";
  const std::string repeat = option.repeatable ? "*" : "";
  std::string out = "    '" + repeat + "--" + option.name + rest + " \\\n";
  if (option.letter) out += "    '" + repeat + "-" + option.letter + rest + " \\\n";
  return out;
}

std::string zsh_options(const std::vector<OptionSpec>& options) {
  std::string out;
  for (const OptionSpec& option : options) out += zsh_option(option);
  return out;
}

std::string zsh_command(const CommandSpec& command) {
  std::string out = "    " + shell_quoted(command.name) + ")\n      _arguments -S \\\n";
  out += zsh_options(command.options) + zsh_options(global_options());
  for (const ArgumentSpec& argument : command.arguments) {
    std::string offer = zsh_offer(argument.kind, argument.words);
    // The first argument stands where another command's next word may stand.
    if (&argument == &command.arguments.front() && is_command_group(command.name))
      offer += " " + join(command_words(command.name), " ");
    out += "    '" + std::string(argument.optional ? "::" : ":") + zsh_quoted(argument.name) + ":" + zsh_quoted(offer) +
           "' \\\n";
  }
  return out + "    && return ;;\n";
}

std::string zsh_described(const std::vector<std::pair<std::string, std::string>>& words) {
  std::string out;
  for (const auto& [word, help] : words) out += "        '" + zsh_quoted(word) + ":" + zsh_quoted(help) + "'\n";
  return out;
}

const char functions[] = R"SHELL(#compdef ferry
_ferry_names() {
  local -a context names
  local i
  for (( i = 2; i < $#ferry_words; i++ )); do
    case $ferry_words[i] in
      --config|--state-dir|--connector-path) context+=($ferry_words[i] $ferry_words[i+1]) ;;
      --config=*|--state-dir=*|--connector-path=*) context+=($ferry_words[i]) ;;
    esac
  done
  names=(${(f)"$(ferry __complete $1 $context 2>/dev/null)"} ${@:2})
  compadd -a names
}
_ferry_destinations() {
  _ferry_names destinations
  _files
}

_ferry() {
  local -a ferry_words
  ferry_words=("${words[@]}")
  local command="" at=2 group=""
)SHELL";

}  // namespace

std::string zsh_completion() {
  std::string out = functions;
  // A command that is a group, too, ends where its own options or arguments begin.
  std::string ends_at_option, ends_at_argument, longer_names;
  for (const std::string& group : command_groups())
    if (find_command(group)) {
      ends_at_option += "        " + shell_quoted(group) + ") break ;;\n";
      ends_at_argument += "          " + shell_quoted(group + " ") + "*) break ;;\n";
    }
  for (const std::string& group : command_groups())
    for (const std::string& word : command_words(group))
      longer_names += (longer_names.empty() ? "" : "|") + shell_quoted(group + " " + word);
  out += "  while (( at < CURRENT )); do\n    case $words[at] in\n      " + options_with_values(global_options()) +
         ") (( at += 2 )) ;;\n      -*)\n        case $command in\n" + ends_at_option +
         "        esac\n        (( at++ )) ;;\n      *)\n        case \"$command $words[at]\" in\n          " +
         longer_names + ") ;;\n" + ends_at_argument +
         "        esac\n        command=\"${command:+$command }$words[at]\"\n        (( at++ ))\n"
         "        case $command in\n          ";
  std::vector<std::string> groups;
  for (const std::string& group : command_groups()) groups.push_back(shell_quoted(group));
  out += join(groups, "|") + ") ;;\n          *) break ;;\n        esac ;;\n    esac\n  done\n";
  out += "  case $command in\n    '')\n      local -a names\n      names=(\n";
  std::vector<std::pair<std::string, std::string>> described;
  for (const std::string& word : command_words()) {
    const CommandSpec* command = find_command(word);
    described.emplace_back(word, command ? command->summary : join(command_words(word), ", "));
  }
  out += zsh_described(described) + "      )\n      _arguments -S \\\n" + zsh_options(global_options()) +
         "    '*: :{_describe command names}' && return ;;\n";
  for (const std::string& group : command_groups()) {
    if (find_command(group)) continue;
    described.clear();
    for (const std::string& word : command_words(group)) {
      const CommandSpec* command = find_command(group + " " + word);
      described.emplace_back(word, command ? command->summary : join(command_words(group + " " + word), ", "));
    }
    out += "    " + shell_quoted(group) + ")\n      local -a names\n      names=(\n" + zsh_described(described) +
           "      )\n      _describe command names && return ;;\n";
  }
  // The command's own words are taken off, so that _arguments counts arguments from the first.
  out += "  esac\n  words=(ferry \"${(@)words[at,-1]}\")\n  (( CURRENT -= at - 2 ))\n  case $command in\n";
  for (const CommandSpec& command : commands())
    if (!command.hidden) out += zsh_command(command);
  return out + "  esac\n}\n_ferry \"$@\"\n";
}

}  // namespace ferry::host
