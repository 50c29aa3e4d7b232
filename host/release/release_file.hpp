// A release file: named steps on connections, and which step needs which.
//
//   parallel: 4                        # steps at the same time; 8 if left out
//   steps:
//     books:     {check: integration-labs}
//     forms:
//       promote: {from: smartiq-dev, to: smartiq-test, on_existing: replace}
//     rules:
//       export: {connection: spark-dev, select: [folder=rates], output: rates.zip}
//     rules-to-test:
//       import: {connection: spark-test, step: rates}      # or package: FILE or sha256:PREFIX
//       needs: [forms]
//
// promote and import also take on_existing, prune, map, backup, and force (a list of guards that are not to stop it);
// export and promote take select, dependencies; all three take options, a map of those the connector declares. Errors
// are Failure(usage, bad_config) as those of ferry.yaml; a need that nothing has, or that goes in a circle, is one.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "host/runs/run.hpp"

namespace ferry::host {

struct ReleaseStep {
  std::string name;
  int line = 0;
  std::string operation;           // check, export, import, promote
  std::string from;                // of promote
  std::string connection;          // of promote: the target
  std::vector<std::string> needs;  // with the step whose package is imported
  std::vector<Selection> select;
  bool dependencies = true;
  ImportOptions options;  // policy "": the connection's
  std::string connector_options = "{}";
  bool backup = true;
  std::vector<std::string> force;  // of promotion_guards
  std::string output;              // of export: absolute path; "": only kept in the store
  std::string package;             // of import: absolute path or sha256:PREFIX ...
  std::string package_step;        // ... or the export step it comes from
  std::string definition;          // what the step says, for telling whether it was changed since it was carried out

  // For people: "promote flows-dev → flows-prod", "check books".
  std::string work() const { return operation + " " + (from.empty() ? "" : from + " → ") + connection; }
  bool changes() const { return operation == "import" || operation == "promote"; }
};

struct Release {
  std::filesystem::path file;
  int parallel = 8;
  std::vector<ReleaseStep> steps;  // as in the file

  const ReleaseStep& step(const std::string& name) const;  // Failure(usage, unknown_step) with suggestion
};

// Failure (usage, no_release): not there, empty, a directory; (machine, permission); (usage, bad_config).
Release load_release(const std::filesystem::path& file);
// The same from its text; for tests.
Release parse_release(const std::string& text, const std::filesystem::path& file);

}  // namespace ferry::host
