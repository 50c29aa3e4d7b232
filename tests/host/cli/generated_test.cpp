// Help, man page and completion, which all come out of the command table.
#include <gmock/gmock.h>

#include "host/base/text.hpp"
#include "host/cli/completion.hpp"
#include "host/cli/exit_code.hpp"
#include "host/cli/help.hpp"
#include "host/cli/man_page.hpp"
#include "tests/host/cli/files_for_test.hpp"

namespace ferry::host {
namespace {

using testing::HasSubstr;

std::string without_backslashes(std::string text) {
  std::erase(text, '\\');
  return text;
}

TEST(Generated, HelpNamesEveryCommandOptionAndExitCode) {
  const std::string text = help_text();
  for (const CommandSpec& command : commands()) {
    if (command.hidden) {
      EXPECT_EQ(text.find(command.name), std::string::npos);
      continue;
    }
    EXPECT_THAT(text, HasSubstr("\n  " + command.name));
    for (const OptionSpec& option : command.options)
      EXPECT_THAT(help_text(command), HasSubstr("--" + option.name)) << command.name;
    EXPECT_THAT(help_text(command), HasSubstr("usage: " + usage_line(command)));
  }
  for (const OptionSpec& option : global_options()) EXPECT_THAT(text, HasSubstr("--" + option.name));
  for (const ExitCodeLine& line : exit_codes())
    EXPECT_THAT(text, HasSubstr("\n  " + std::to_string(static_cast<int>(line.code)) + " "));
  EXPECT_THAT(help_text("runs"), HasSubstr("usage: ferry runs list|show"));
  EXPECT_THAT(help_text("sync state"), HasSubstr("usage: ferry sync state show|reset|set"));
  EXPECT_THAT(help_text(*find_command("sync")), HasSubstr("usage: ferry sync [NAME] [options]"));
  EXPECT_THAT(help_text(*find_command("sync")), HasSubstr("\n  sync undo RUN "));
}

TEST(Generated, HelpFitsItsPage) {
  std::vector<std::string> texts = {help_text()};
  for (const CommandSpec& command : commands()) texts.push_back(help_text(command));
  for (const std::string& text : texts)
    for (const std::string& line : split(text, '\n')) EXPECT_LE(line.size(), 120u) << line;
}

TEST(Generated, ManPageAndCompletionsKnowEveryOption) {
  const std::string man = without_backslashes(man_page());
  const std::string bash = bash_completion(), zsh = zsh_completion();
  std::vector<OptionSpec> all = global_options();
  for (const CommandSpec& command : commands()) {
    all.insert(all.end(), command.options.begin(), command.options.end());
    EXPECT_EQ(man.find("ferry " + command.name) == std::string::npos, command.hidden) << command.name;
  }
  for (const OptionSpec& option : all) {
    EXPECT_THAT(man, HasSubstr("--" + option.name));
    EXPECT_THAT(bash, HasSubstr("--" + option.name));
    EXPECT_THAT(zsh, HasSubstr("--" + option.name));
  }
}

TEST(Generated, ManPageIsCleanTroff) {
  const TestFiles files;
  if (std::system("command -v groff >/dev/null") != 0) GTEST_SKIP() << "groff is not installed";
  const std::string page = files.write("ferry.1", man_page()).string();
  const Finished done = shell(files, "groff -man -ww -Tutf8 -P-cbou " + page);
  EXPECT_EQ(done.code, 0);
  EXPECT_EQ(done.error, "");
  EXPECT_THAT(done.out, HasSubstr("EXIT STATUS"));
}

// Loads the script and asks it as bash would.
class BashCompletion : public testing::Test {
 protected:
  std::string offered(const std::string& words, int at) {
    files_.write("ferry.bash", bash_completion());
    // In place of the program: the two lists that the script asks for.
    const std::string script =
        "ferry() { echo \"$*\" >&2; case \"$2\" in connections) printf 'flows-dev\\nflows-prod\\n';;"
        " connectors) echo node-red;; destinations) echo warehouse;; esac; }\nsource " +
        files_.path("ferry.bash").string() + "\nCOMP_WORDS=(" + words + ")\nCOMP_CWORD=" + std::to_string(at) +
        "\n_ferry\necho \"${COMPREPLY[*]}\"\n";
    files_.write("ask.bash", script);
    const Finished done = shell(files_, "bash " + files_.path("ask.bash").string());
    EXPECT_EQ(done.code, 0) << done.error;
    return done.out.substr(0, done.out.find('\n'));
  }

  TestFiles files_;
};

TEST_F(BashCompletion, IsValid) {
  files_.write("ferry.bash", bash_completion());
  const Finished done = shell(files_, "bash -n " + files_.path("ferry.bash").string());
  EXPECT_EQ(done.code, 0) << done.error;
}

TEST_F(BashCompletion, OffersWhatFits) {
  EXPECT_EQ(offered("ferry ''", 1),
            "connectors connections catalog export inspect import promote run sync models runs completion man");
  EXPECT_EQ(offered("ferry imp", 1), "import");
  EXPECT_EQ(offered("ferry runs ''", 2), "list show");
  EXPECT_EQ(offered("ferry --config x runs s", 4), "show");
  EXPECT_EQ(offered("ferry import ''", 2), "flows-dev flows-prod");
  EXPECT_EQ(offered("ferry promote flows-dev flows-p", 3), "flows-prod");
  EXPECT_EQ(offered("ferry promote --select a=b flows-dev flows-p", 5), "flows-prod");
  EXPECT_EQ(offered("ferry connectors show ''", 3), "node-red");
  EXPECT_EQ(offered("ferry sync ''", 2), "flows-dev flows-prod undo verify state");
  EXPECT_EQ(offered("ferry sync flows-dev u", 3), "") << "an argument is there already";
  EXPECT_EQ(offered("ferry sync state ''", 3), "show reset set");
  EXPECT_EQ(offered("ferry sync state show flows-d", 4), "flows-dev");
  EXPECT_EQ(offered("ferry sync verify flows-p", 3), "flows-prod");
  EXPECT_EQ(offered("ferry sync flows-dev --mode f", 4), "full");
  EXPECT_EQ(offered("ferry sync flows-dev --to ware", 4), "warehouse");
  EXPECT_EQ(offered("ferry import a b --on-existing re", 5), "replace");
  EXPECT_EQ(offered("ferry import a b --dr", 4), "--dry-run");
  EXPECT_EQ(offered("ferry import a b --log-format ''", 5), "text json");
  EXPECT_EQ(offered("ferry completion ''", 2), "bash zsh");
  const std::string file = files_.write("pack age.zip", "").string();
  EXPECT_EQ(offered("ferry inspect " + files_.path("pack").string(), 2), file);
}

TEST(Generated, ZshCompletionIsValid) {
  const TestFiles files;
  if (std::system("command -v zsh >/dev/null") != 0) GTEST_SKIP() << "zsh is not installed";
  const Finished done = shell(files, "zsh -n " + files.write("_ferry", zsh_completion()).string());
  EXPECT_EQ(done.code, 0) << done.error;
}

}  // namespace
}  // namespace ferry::host
