// What one invocation of ferry works with. Nothing is opened, read or created before a command asks for it: listing
// connectors opens no database, printing the version reads no configuration.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "host/cli/command_line.hpp"
#include "host/cli/console.hpp"
#include "host/cli/exit_code.hpp"
#include "host/cli/progress.hpp"
#include "host/cli/report.hpp"
#include "host/runs/runner.hpp"

namespace ferry::host {

class Session {
 public:
  Session(const CommandLine& line, Console& console, Redactor& redactor, Clock& clock)
      : line(line), console(console), redactor_(redactor), clock_(clock), observer_(console, clock) {}

  const CommandLine& line;
  Console& console;

  bool json() const { return line.has("json"); }
  bool quiet() const { return line.has("quiet"); }
  const Config& config();
  const Registry& registry();
  RunStore& runs();
  PackageStore& packages();
  // With the configuration, or without one for what needs no connection.
  Runner& runner(bool with_config = true);
  std::filesystem::path state_directory();

  // FILE of the command line: a file, which is taken into the store, or sha256:PREFIX of a package in the store.
  Package package(const std::string& file, const Cancellation&);
  // For reports: style, and `ferry` with the options that commands to copy must repeat.
  ReportOptions report_options() const;
  // After the work: the statistics as JSON or `text` for people, then the error it ended with.
  ExitCode finish(const RunOutcome&, const std::string& text);
  ExitCode finish(const Statistics&, const std::string& text, const std::optional<RunError>&, ExitCode);

 private:
  Redactor& redactor_;
  Clock& clock_;
  ProgressObserver observer_;
  std::unique_ptr<Config> config_;
  std::unique_ptr<Registry> registry_;
  std::unique_ptr<RunStore> runs_;
  std::unique_ptr<PackageStore> packages_;
  std::unique_ptr<TrafficFolders> traffic_;
  std::unique_ptr<Runner> runner_;
};

}  // namespace ferry::host
