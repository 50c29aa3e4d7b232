#include "host/cli/session.hpp"

#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "host/base/environment.hpp"
#include "host/base/files.hpp"
#include "host/cli/documents.hpp"
#include "host/runs/request_text.hpp"

namespace ferry::host {
namespace {

namespace fs = std::filesystem;

// Made if need be. What cannot be used is said here, where it is known how to choose another.
fs::path usable_directory(const fs::path& state) {
  const auto check = [&] {
    make_private_directory(state);
    if (::access(state.c_str(), R_OK | W_OK | X_OK) != 0) throw_errno(state.string(), errno);
  };
  try {
    check();
  } catch (const Failure& failure) {
    throw Failure(failure.fault(), failure.code(),
                  "the state directory cannot be used: " + failure.message() +
                      "; choose another with --state-dir or FERRY_STATE_DIR");
  }
  return state;
}

}  // namespace

const Config& Session::config() {
  if (!config_) config_ = std::make_unique<Config>(Config::load(Config::locate(line.value("config"))));
  return *config_;
}

const Registry& Session::registry() {
  if (!registry_) registry_ = std::make_unique<Registry>(Registry::search_path(line.values("connector-path")));
  return *registry_;
}

fs::path Session::state_directory() {
  std::string chosen = line.value("state-dir");
  if (chosen.empty()) chosen = environment("FERRY_STATE_DIR");
  if (!chosen.empty()) return fs::absolute(chosen).lexically_normal();
  if (const fs::path state = environment("XDG_STATE_HOME"); state.is_absolute()) return state / "ferry";
  if (const fs::path home = environment("HOME"); home.is_absolute()) return home / ".local/state/ferry";
  throw Failure(
      Fault::usage, "no_state_directory",
      "there is no place for the record of runs: HOME is not set; name one with --state-dir or FERRY_STATE_DIR");
}

RunStore& Session::runs() {
  if (!runs_) runs_ = std::make_unique<RunStore>(usable_directory(state_directory()));
  return *runs_;
}

PackageStore& Session::packages() {
  if (!packages_) packages_ = std::make_unique<PackageStore>(usable_directory(state_directory()) / "packages");
  return *packages_;
}

Runner& Session::runner(bool with_config) {
  if (!runner_) {
    const Config* const configuration = with_config ? &config() : nullptr;
    traffic_ = std::make_unique<TrafficFolders>(line.value("record"), line.value("replay"), line.has("replay-strict"));
    const Environment environment{.config = configuration,
                                  .registry = registry(),
                                  .store = runs(),
                                  .packages = packages(),
                                  .clock = clock_,
                                  .redactor = redactor_,
                                  .observer = observer_,
                                  .executable = fs::read_symlink("/proc/self/exe"),
                                  .state_directory = state_directory(),
                                  .log_level = line.has("verbose") ? FERRY_LOG_DEBUG : FERRY_LOG_INFO,
                                  .traffic = traffic_.get()};
    runner_ = std::make_unique<Runner>(environment);
  }
  return *runner_;
}

Package Session::package(const std::string& file, const Cancellation& cancellation) {
  if (names_kept_package(file)) return kept_package(packages(), state_directory(), file);
  const Package adopted = packages().adopt(file, cancellation, [&](std::uint64_t done, std::uint64_t total) {
    RunRecord reading;
    reading.operation = "reading " + file;
    observer_.on_progress(reading, RunProgress{"", done, total, {}});
  });
  console.progress("");
  return adopted;
}

ReportOptions Session::report_options() const {
  ReportOptions options;
  options.style = console.style();
  std::vector<std::string> words = {"ferry"};
  for (const char* option : {"config", "state-dir", "connector-path"})
    for (const std::string& value : line.values(option)) words.insert(words.end(), {std::string("--") + option, value});
  options.ferry = shell_quoted(words);
  words = {"ferry"};
  for (const std::string& word : line.words)
    if (word != "--dry-run") words.push_back(word);
  options.real_command = shell_quoted(words);
  return options;
}

ExitCode Session::finish(const RunOutcome& outcome, const std::string& text) {
  return finish(outcome.statistics, text, outcome.error, exit_code_of(outcome));
}

ExitCode Session::finish(const Statistics& statistics, const std::string& text, const std::optional<RunError>& error,
                         ExitCode code) {
  if (json()) {
    console.print(document_text(statistics.to_json()));
  } else if (!quiet()) {
    console.print(text);
  } else {
    for (const Problem& problem : statistics.problems)
      if (problem.severity == "error" && !(error && problem.message == error->message))
        console.log(FERRY_LOG_ERROR, "ferry", problem_text(problem));
  }
  console.flush();
  if (error) console.error(fault_word(error->fault), error->code, error->message);
  return code;
}

}  // namespace ferry::host
