#include "host/cli/cli.hpp"

#include <signal.h>
#include <unistd.h>

#include <new>

#include "host/base/environment.hpp"
#include "host/base/text.hpp"
#include "host/cli/commands.hpp"
#include "host/cli/documents.hpp"
#include "host/cli/help.hpp"

namespace ferry::host {
namespace {

bool is_capable_terminal(int fd) {
  const std::string terminal = environment("TERM");
  return ::isatty(fd) == 1 && !terminal.empty() && terminal != "dumb";
}

bool uses_colour(const std::vector<std::string>& words, int fd) {
  if (asks_for(words, "color", "always")) return true;
  return !asks_for(words, "color", "never") && environment("NO_COLOR").empty() && is_capable_terminal(fd);
}

// Taken from the words, not from what was parsed: a line that cannot be parsed is to be told as was asked, too.
ConsoleOptions console_options(const std::vector<std::string>& words) {
  ConsoleOptions options;
  const bool quiet = asks_for(words, "quiet") || asks_for(words, "q");
  options.out_colour = uses_colour(words, STDOUT_FILENO);
  options.error_colour = uses_colour(words, STDERR_FILENO);
  options.log_json = asks_for(words, "log-format", "json");
  options.show_progress = !quiet && !options.log_json && !asks_for(words, "json") && is_capable_terminal(STDERR_FILENO);
  if (quiet)
    options.log_level = FERRY_LOG_ERROR;
  else if (asks_for(words, "verbose") || asks_for(words, "v"))
    options.log_level = FERRY_LOG_DEBUG;
  return options;
}

ExitCode print_help(const CommandLine& line, Console& console) {
  console.print(line.command ? help_text(*line.command) : line.group.empty() ? help_text() : help_text(line.group));
  return ExitCode::success;
}

ExitCode print_version(const CommandLine& line, Console& console) {
  console.print(line.has("json") ? "{\"ferry\": \"" FERRY_VERSION "\"}\n" : "ferry " FERRY_VERSION "\n");
  return ExitCode::success;
}

ExitCode carry_out(const std::vector<std::string>& words, Console& console, Redactor& redactor, Clock& clock) {
  const CommandLine line = CommandLine::parse(words);
  if (line.has("help")) return print_help(line, console);
  if (line.has("version")) return print_version(line, console);
  Session session(line, console, redactor, clock);
  const ExitCode code = run_command(session);
  console.flush();
  return code;
}

ExitCode tell(Console& console, bool json, std::string_view fault, const std::string& code, const std::string& message,
              ExitCode exit_code) {
  try {
    // What was begun is not followed by a second document.
    if (json && !console.printed()) console.print(document_text(error_document(fault, code, message, exit_code)));
    console.flush();
  } catch (const Failure&) {  // standard output cannot be written, which may be what is to be told
  }
  console.error(fault, code, message);
  return exit_code;
}

ExitCode run(const std::vector<std::string>& words) {
  Redactor redactor;
  SystemClock clock;
  Console console(console_options(words), redactor, clock);
  const bool json = asks_for(words, "json");
  try {
    const ExitCode code = carry_out(words, console, redactor, clock);
    console.flush();
    return code;
  } catch (const Failure& failure) {
    return tell(console, json, fault_word(failure.fault()), failure.code(), failure.message(),
                exit_code_of(failure.fault()));
  } catch (const std::bad_alloc&) {
    return tell(console, json, fault_word(Fault::machine), "out_of_memory", "this machine has no memory left for ferry",
                exit_code_of(Fault::machine));
  } catch (const std::exception& error) {
    return tell(console, json, "ferry", "bug",
                "ferry found a bug in itself: " + shortened(error.what(), 500) +
                    "; please report it with the command and the output of ferry --version",
                ExitCode::bug);
  }
}

}  // namespace

int run_ferry(const std::vector<std::string>& words) noexcept {
  // A reader that goes away is told by the write that fails.
  ::signal(SIGPIPE, SIG_IGN);
  return static_cast<int>(run(words));
}

}  // namespace ferry::host
