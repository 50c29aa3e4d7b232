// Bringing artefacts into an environment so that it can be put back: import with a before-image, and promotion, which
// is export from one connection, preview on another, import there.
//
// Guards, each with Fault::guard before anything is changed: the order of stages, a preview that cannot tell or that
// shows errors. The before-image is the target's own export, kept in the package store. Any thread; as the Runner.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "host/base/cancellation.hpp"
#include "host/runs/runner.hpp"

namespace ferry::host {

struct ImportRequest {
  std::string connection;
  Package package;
  ImportOptions options;
  bool backup = true;  // export the target before changing it (where the connector can)
  std::string parent;
};

struct ImportReport {
  std::optional<RunOutcome> backup;  // the export of the target
  RunOutcome import;
};

// Failure: the import cannot begin, or the target could not be exported first; it was not changed. Every other end is in
// the report.
ImportReport import_with_backup(Runner&, const ImportRequest&, const Cancellation&);

struct PromoteRequest {
  std::string from, to;
  std::vector<Selection> select;
  bool dependencies = true;
  ImportOptions options;  // preview: stop after the preview
  bool backup = true;
  bool force = false;  // go on although the order of stages or the preview speaks against it
};

struct PromoteReport {
  RunRecord record;  // of the promotion: the parent of the runs below
  RunOutcome export_run;
  std::optional<RunOutcome> preview;
  std::optional<RunOutcome> backup;
  std::optional<RunOutcome> import;
  Statistics statistics;          // those of the last step, under the promotion's own identity
  std::optional<RunError> error;  // why it stopped

  const RunOutcome& last() const;
};

// Throws Failure for what keeps it from starting (unknown connection, order of stages); every later end is in the
// report, and recorded.
PromoteReport promote(Runner&, const PromoteRequest&, const Cancellation&);

}  // namespace ferry::host
