#include "host/cli/command_line.hpp"

#include <gmock/gmock.h>

#include "host/base/failure.hpp"

namespace ferry::host {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Words = std::vector<std::string>;

TEST(CommandLine, FindsCommandArgumentsAndOptions) {
  const CommandLine line = CommandLine::parse({"import", "flows-prod", "p.zip", "--dry-run", "--on-existing", "replace",
                                               "--map", "flow/a=b", "--map=flow/c=d"});
  EXPECT_EQ(line.command->name, "import");
  EXPECT_EQ(line.argument("NAME"), "flows-prod");
  EXPECT_EQ(line.argument("FILE"), "p.zip");
  EXPECT_TRUE(line.has("dry-run"));
  EXPECT_FALSE(line.has("prune"));
  EXPECT_EQ(line.value("on-existing"), "replace");
  EXPECT_THAT(line.values("map"), ElementsAre("flow/a=b", "flow/c=d"));
}

TEST(CommandLine, TakesGlobalOptionsBeforeBetweenAndAfterTheCommand) {
  for (const Words& words :
       {Words{"--config", "c.yaml", "--json", "runs", "list"}, Words{"runs", "--config=c.yaml", "list", "--json"},
        Words{"--json", "runs", "--config", "c.yaml", "list"}}) {
    const CommandLine line = CommandLine::parse(words);
    EXPECT_EQ(line.command->name, "runs list");
    EXPECT_EQ(line.value("config"), "c.yaml");
    EXPECT_TRUE(line.has("json"));
  }
}

TEST(CommandLine, TakesOptionsBetweenArgumentsAndShortForms) {
  const CommandLine line =
      CommandLine::parse({"export", "-o", "f.zip", "-q", "flows-dev", "--select", "flow=Order intake"});
  EXPECT_EQ(line.value("output"), "f.zip");
  EXPECT_EQ(line.argument("NAME"), "flows-dev");
  EXPECT_TRUE(line.has("quiet"));
  EXPECT_THAT(line.values("select"), ElementsAre("flow=Order intake"));
  EXPECT_EQ(CommandLine::parse({"export", "-of.zip", "dev"}).value("output"), "f.zip");
  EXPECT_EQ(CommandLine::parse({"inspect", "--", "-odd.zip"}).argument("FILE"), "-odd.zip");
}

TEST(CommandLine, HelpAndVersionNeedNothingElse) {
  EXPECT_TRUE(CommandLine::parse({"--help"}).has("help"));
  EXPECT_TRUE(CommandLine::parse({"--version"}).has("version"));
  EXPECT_TRUE(CommandLine::parse({"import", "--version"}).has("version"));
  const CommandLine of_import = CommandLine::parse({"import", "-h"});
  EXPECT_EQ(of_import.command->name, "import");
  const CommandLine of_group = CommandLine::parse({"runs", "--help"});
  EXPECT_EQ(of_group.command, nullptr);
  EXPECT_EQ(of_group.group, "runs");
}

TEST(CommandLine, ACommandMayBeTheBeginningOfOthers) {
  const auto parsed = [](const Words& words) {
    const CommandLine line = CommandLine::parse(words);
    std::string out = line.command->name;
    for (const ArgumentSpec& argument : line.command->arguments)
      out += " " + argument.name + "=" + line.argument(argument.name);
    return out;
  };
  EXPECT_EQ(parsed({"sync", "books"}), "sync NAME=books");
  EXPECT_EQ(parsed({"sync", "--all"}), "sync NAME=");
  EXPECT_EQ(parsed({"sync", "undo", "7f3a12"}), "sync undo RUN=7f3a12");
  EXPECT_EQ(parsed({"sync", "--json", "verify", "books"}), "sync verify NAME=books");
  EXPECT_EQ(parsed({"sync", "state", "show", "books"}), "sync state show NAME=books");
  EXPECT_EQ(parsed({"--json", "sync", "state", "--config=c", "reset", "books", "--to", "x.db"}),
            "sync state reset NAME=books");
  EXPECT_EQ(parsed({"sync", "--", "undo"}), "sync NAME=undo") << "a connection of that name";
  EXPECT_EQ(parsed({"sync", "--to", "x.db", "state"}), "sync NAME=state") << "its own options end a command's name";
  EXPECT_EQ(parsed({"sync", "undo", "--", "undo"}), "sync undo RUN=undo");
  EXPECT_EQ(CommandLine::parse({"sync", "--help"}).command->name, "sync");
  EXPECT_EQ(CommandLine::parse({"sync", "state", "--help"}).group, "sync state");
}

struct Refused {
  Words words;
  std::string code;
  std::string text;
};

class CommandLineRefuses : public testing::TestWithParam<Refused> {};

TEST_P(CommandLineRefuses, WithASentenceThatHelps) {
  try {
    CommandLine::parse(GetParam().words);
    FAIL() << "was accepted";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.fault(), Fault::usage);
    EXPECT_EQ(failure.code(), GetParam().code);
    EXPECT_THAT(failure.message(), HasSubstr(GetParam().text));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Table, CommandLineRefuses,
    testing::Values(
        Refused{{}, "missing_command", "a command is missing: connectors, connections, catalog"},
        Refused{{"--json"}, "missing_command", "a command is missing"},
        Refused{{"improt"}, "unknown_command", "unknown command \"improt\"; did you mean \"import\"?"},
        Refused{{"xyzzyx"}, "unknown_command", "known: connectors, connections"},
        Refused{{"runs"}, "missing_command", "ferry runs wants one more word: list or show"},
        Refused{{"runs", "lst"}, "unknown_command", "unknown command \"runs lst\"; did you mean \"list\"?"},
        Refused{{"import", "prod", "f", "--prnue"},
                "unknown_option",
                "ferry import: unknown option --prnue; did you mean \"--prune\"?"},
        // Unique, and refused all the same: abbreviations are off.
        Refused{{"import", "prod", "f", "--dry"}, "unknown_option", "unknown option --dry"},
        Refused{{"--confg", "x", "runs", "list"}, "unknown_option", "did you mean \"--config\"?"},
        Refused{{"--dry-run", "import"}, "unknown_option", "the options of a command follow its name"},
        Refused{{"runs", "list", "-x"}, "unknown_option", "unknown option -x"},
        Refused{{"import", "prod"}, "missing_argument", "ferry import: FILE is missing: A package, or sha256:PREFIX"},
        Refused{{"import", "prod"}, "missing_argument", "\nusage: ferry import NAME FILE [options]"},
        Refused{{"export", "dev"}, "missing_option", "-o, --output FILE is missing"},
        Refused{{"export", "dev"}, "missing_option", "\nusage: ferry export NAME -o FILE [options]"},
        Refused{{"export", "dev", "-o"}, "missing_value", "wants a value"},
        Refused{{"export", "dev", "-o", ""}, "missing_value", "--output wants a value: -o, --output FILE"},
        Refused{{"export", "dev", "-o", "--json"}, "missing_value", "--output wants a value"},
        Refused{{"import", "a", "b", "--prune=yes"}, "unexpected_value", "--prune takes no value"},
        Refused{{"import", "a", "b", "--on-existing", "replce"}, "bad_value", "did you mean \"replace\"?"},
        Refused{{"runs", "list", "--limit", "many"}, "bad_value", "--limit wants a number from 1 on, not \"many\""},
        Refused{{"runs", "list", "--limit", "0"}, "bad_value", "--limit wants a number"},
        Refused{{"runs", "list", "--config", "a", "--config", "b"}, "repeated_option", "--config is given twice"},
        Refused{{"catalog", "a", "b"}, "unexpected_argument", "one argument too many: \"b\""},
        Refused{{"sync", "state"}, "missing_command", "ferry sync state wants one more word: show or reset or set"},
        Refused{{"sync", "state", "shw", "a"}, "unknown_command", "\"sync state shw\"; did you mean \"show\"?"},
        Refused{{"sync", "udno", "a"}, "unexpected_argument", "too many: \"a\"; did you mean \"undo\"?"},
        Refused{{"sync", "undo"}, "missing_argument", "ferry sync undo: RUN is missing"},
        Refused{{"sync", "a", "--mode", "al"}, "bad_value", "--mode cannot be \"al\""},
        Refused{{"completion", "fish"}, "bad_value", "SHELL cannot be \"fish\""},
        Refused{{"runs", "list", "-q", "-v"}, "bad_option", "exclude each other"}));

TEST(CommandLine, QuotesForAShell) {
  EXPECT_EQ(shell_quoted(Words{"ferry", "import", "a b", "it's", ""}), "ferry import 'a b' 'it'\\''s' ''");
  EXPECT_EQ(shell_quoted(std::string("sha256:0a,b=c/d.e-f_g")), "sha256:0a,b=c/d.e-f_g");
}

TEST(CommandLine, EveryCommandIsWholeInTheTable) {
  for (const CommandSpec& command : commands()) {
    EXPECT_FALSE(command.summary.empty()) << command.name;
    for (const OptionSpec& option : command.options) {
      EXPECT_FALSE(option.help.empty()) << command.name << " --" << option.name;
      for (const OptionSpec& global : global_options()) {
        EXPECT_NE(option.name, global.name) << command.name;
        EXPECT_TRUE(option.letter == 0 || option.letter != global.letter) << command.name;
      }
      EXPECT_EQ(option.kind == ValueKind::word, !option.words.empty()) << option.name;
    }
  }
}

}  // namespace
}  // namespace ferry::host
