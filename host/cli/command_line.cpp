#include "host/cli/command_line.hpp"

#include <algorithm>
#include <boost/program_options.hpp>
#include <charconv>
#include <optional>

#include "host/base/failure.hpp"
#include "host/base/text.hpp"

namespace ferry::host {
namespace {

namespace po = boost::program_options;

const char argument_key[] = " argument";  // a name that cannot be typed as an option

[[noreturn]] void refuse(const CommandSpec* command, const std::string& code, const std::string& message) {
  const std::string subject = command ? "ferry " + command->name + ": " : "";
  const std::string usage = command ? "\nusage: " + usage_line(*command) : "\nfor help: ferry --help";
  throw Failure(Fault::usage, code, subject + message + usage);
}

const OptionSpec* find_option(const std::vector<OptionSpec>& options, const std::string& typed) {
  for (const OptionSpec& option : options)
    if (typed == "--" + option.name || (option.letter && typed == std::string("-") + option.letter)) return &option;
  return nullptr;
}

std::vector<OptionSpec> options_of(const CommandSpec* command) {
  std::vector<OptionSpec> all = command ? command->options : std::vector<OptionSpec>();
  all.insert(all.end(), global_options().begin(), global_options().end());
  return all;
}

std::string did_you_mean(const std::string& typed, const std::vector<std::string>& known) {
  const std::string near = nearest(typed, known);
  return near.empty() ? "" : "; did you mean \"" + near + "\"?";
}

std::string wanted_value(const OptionSpec& option) {
  return option_title(option) + (option.words.empty() ? "" : ", one of " + join(option.words, ", "));
}

[[noreturn]] void refuse_option(const CommandSpec* command, const std::string& typed) {
  std::vector<std::string> known;
  for (const OptionSpec& option : options_of(command)) known.push_back("--" + option.name);
  std::string hint = did_you_mean(typed, known);
  if (!command && hint.empty()) hint = "; the options of a command follow its name";
  refuse(command, "unknown_option", "unknown option " + printable(typed) + hint);
}

// Takes the command's words out of the line; options before and between them are global ones.
class CommandFinder {
 public:
  explicit CommandFinder(std::vector<std::string> words) : rest_(std::move(words)) {}

  // may_end: what was taken so far is a command; then its own options and -- end its name.
  std::optional<std::string> next_word(bool may_end) {
    while (at_ < rest_.size()) {
      const std::string& word = rest_[at_];
      if (word.empty() || word[0] != '-' || word == "-") return word;
      const std::size_t equals = word.find('=');
      const OptionSpec* option = find_option(global_options(), word.substr(0, equals));
      if (!option && may_end) return std::nullopt;
      if (!option) refuse_option(nullptr, word.substr(0, equals));
      at_ += !option->is_flag() && equals == std::string::npos ? 2 : 1;
    }
    return std::nullopt;
  }
  void take() { rest_.erase(rest_.begin() + static_cast<std::ptrdiff_t>(at_)); }

  const std::vector<std::string>& rest() const { return rest_; }

 private:
  std::vector<std::string> rest_;
  std::size_t at_ = 0;
};

void refuse_syntax(const CommandSpec* command, const po::invalid_command_line_syntax& error) {
  using Kind = po::invalid_syntax;
  const std::string option = error.get_option_name();
  switch (error.kind()) {
    case Kind::missing_parameter:
    case Kind::empty_adjacent_parameter: {
      const std::vector<OptionSpec> all = options_of(command);
      const OptionSpec* spec = find_option(all, option);
      refuse(command, "missing_value", option + " wants a value" + (spec ? ": " + wanted_value(*spec) : ""));
    }
    case Kind::extra_parameter: refuse(command, "unexpected_value", option + " takes no value");
    default: refuse(command, "bad_option", "cannot understand " + option);
  }
}

void check_value(const CommandSpec* command, const OptionSpec& option, const std::string& value) {
  if (value.empty()) refuse(command, "missing_value", "--" + option.name + " wants a value: " + wanted_value(option));
  if (option.kind == ValueKind::word &&
      std::find(option.words.begin(), option.words.end(), value) == option.words.end())
    refuse(command, "bad_value",
           "--" + option.name + " cannot be \"" + printable(value) + "\"" + suggestion(value, option.words));
  if (option.kind == ValueKind::number) {
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc() || end != value.data() + value.size() || number == 0)
      refuse(command, "bad_value", "--" + option.name + " wants a number from 1 on, not \"" + printable(value) + "\"");
  }
}

}  // namespace

CommandLine CommandLine::parse(const std::vector<std::string>& words) {
  CommandLine line;
  line.words = words;
  CommandFinder finder(words);
  const bool help = asks_for(words, "help") || asks_for(words, "h");
  std::string name;
  while (const std::optional<std::string> word = finder.next_word(find_command(name) != nullptr)) {
    const std::string longer = name.empty() ? *word : name + " " + *word;
    if (!find_command(longer) && !is_command_group(longer)) {
      if (find_command(name)) break;  // its first argument
      refuse(nullptr, "unknown_command",
             "unknown command \"" + printable(longer) + "\"" + suggestion(*word, command_words(name)));
    }
    finder.take();
    name = longer;
    if (!is_command_group(name)) break;
  }
  line.command = find_command(name);
  if (!line.command) line.group = name;
  if (!line.command && !help && (!name.empty() || !asks_for(words, "version")))
    refuse(nullptr, "missing_command",
           name.empty() ? "a command is missing: " + join(command_words(), ", ")
                        : "ferry " + name + " wants one more word: " + join(command_words(name), " or "));
  if (help) {
    line.options_["help"];
    return line;
  }
  line.take_options(finder.rest());
  return line;
}

void CommandLine::take_options(const std::vector<std::string>& rest) {
  const std::vector<OptionSpec> specs = options_of(command);
  po::options_description description;
  for (const OptionSpec& spec : specs) {
    const std::string name = spec.letter ? spec.name + "," + spec.letter : spec.name;
    description.add_options()(name.c_str(), new po::untyped_value(spec.is_flag()));
  }
  description.add_options()(argument_key, new po::untyped_value());
  po::positional_options_description positional;
  positional.add(argument_key, -1);

  using namespace po::command_line_style;
  const int style = allow_long | long_allow_adjacent | long_allow_next | allow_short | allow_dash_for_short |
                    short_allow_adjacent | short_allow_next;
  std::vector<std::string> values;
  try {
    const po::parsed_options parsed =
        po::command_line_parser(rest).options(description).positional(positional).style(style).run();
    for (const po::option& option : parsed.options) {
      if (option.position_key >= 0 || option.string_key == argument_key) {
        values.insert(values.end(), option.value.begin(), option.value.end());
        continue;
      }
      const OptionSpec& spec = *find_option(specs, "--" + option.string_key);
      if (has(spec.name) && !spec.repeatable && !spec.is_flag())
        refuse(command, "repeated_option", "--" + spec.name + " is given twice");
      std::vector<std::string>& taken = options_[spec.name];
      for (const std::string& value : option.value) {
        // `-o --json`: the value was forgotten; `--output=--json` is a strange name, but a name.
        if (option.original_tokens.size() > 1 && find_option(specs, value))
          refuse(command, "missing_value", "--" + spec.name + " wants a value: " + wanted_value(spec));
        check_value(command, spec, value);
        taken.push_back(value);
      }
    }
  } catch (const po::unknown_option& error) {
    refuse_option(command, error.get_option_name());
  } catch (const po::invalid_command_line_syntax& error) {
    refuse_syntax(command, error);
  } catch (const po::error& error) {
    refuse(command, "bad_option", error.what());
  }
  if (!command) {
    if (!has("version")) refuse(nullptr, "missing_command", "a command is missing: " + join(command_words(), ", "));
    return;
  }
  if (has("version")) return;
  take_arguments(values);
  if (has("quiet") && has("verbose")) refuse(command, "bad_option", "--quiet and --verbose exclude each other");
  for (const OptionSpec& option : command->options)
    if (option.required && !has(option.name))
      refuse(command, "missing_option", option_title(option) + " is missing: " + option.help);
}

void CommandLine::take_arguments(const std::vector<std::string>& values) {
  const std::vector<ArgumentSpec>& specs = command->arguments;
  for (std::size_t i = 0; i < specs.size(); ++i) {
    const ArgumentSpec& spec = specs[i];
    arguments_[spec.name];
    if (i >= values.size() && spec.optional) continue;
    if (i >= values.size() || values[i].empty())
      refuse(command, "missing_argument", spec.name + " is missing: " + spec.help);
    if (spec.kind == ValueKind::word && std::find(spec.words.begin(), spec.words.end(), values[i]) == spec.words.end())
      refuse(command, "bad_value",
             spec.name + " cannot be \"" + printable(values[i]) + "\"" + suggestion(values[i], spec.words));
    arguments_[spec.name] = values[i];
  }
  if (values.size() > specs.size())
    refuse(command, "unexpected_argument",
           "one argument too many: \"" + printable(values[specs.size()]) + "\"" +
               did_you_mean(values.front(), command_words(command->name)));
}

std::string CommandLine::value(const std::string& option, const std::string& otherwise) const {
  const auto found = options_.find(option);
  return found == options_.end() || found->second.empty() ? otherwise : found->second.back();
}

std::vector<std::string> CommandLine::values(const std::string& option) const {
  const auto found = options_.find(option);
  return found == options_.end() ? std::vector<std::string>() : found->second;
}

bool asks_for(const std::vector<std::string>& words, const std::string& option, const std::string& value) {
  const std::string name = option.size() == 1 ? "-" + option : "--" + option;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "--") return false;
    if (value.empty() && words[i] == name) return true;
    if (!value.empty() && words[i] == name + "=" + value) return true;
    if (!value.empty() && words[i] == name && i + 1 < words.size() && words[i + 1] == value) return true;
  }
  return false;
}

std::string shell_quoted(const std::string& word) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_-./:=,@%+").find(c) != std::string_view::npos;
  };
  if (!word.empty() && std::all_of(word.begin(), word.end(), plain)) return word;
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

std::string shell_quoted(const std::vector<std::string>& words) {
  std::vector<std::string> quoted;
  for (const std::string& word : words) quoted.push_back(shell_quoted(word));
  return join(quoted, " ");
}

}  // namespace ferry::host
