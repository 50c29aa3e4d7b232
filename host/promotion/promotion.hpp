// Bringing artefacts into an environment so that it can be put back: import with a before-image, and promotion, which
// is export from one connection, preview on another, import there.
//
// Guards, each with Fault::guard before anything is changed: the order of stages, a preview that cannot tell or that
// shows errors. A guard has one verdict, for the dry run and for the real one; each can be overruled by its own name,
// which is its code. What was edited in the target since the last import is told (target_edits.hpp). The before-image
// is the target's own export, kept in the package store. Any thread; as the Runner.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
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
  std::string connector_options = "{}";  // of the import: RunRequest::options
};

struct ImportReport {
  std::optional<RunOutcome> backup;  // the export of the target
  RunOutcome import;
};

// Failure: the import cannot begin. Every later end is in the report, and recorded as the import's: also that the
// package was found to be none, or that the target could not be exported first, and so was not changed.
ImportReport import_with_backup(Runner&, const ImportRequest&, const Cancellation&);

inline constexpr std::array<std::string_view, 3> promotion_guards = {"stage_order", "preview_unknown",
                                                                     "preview_errors"};

struct PromoteRequest {
  std::string from, to;
  std::vector<Selection> select;
  bool dependencies = true;
  ImportOptions options;  // preview: stop after the preview
  bool backup = true;
  std::vector<std::string> force;        // of promotion_guards: those that are not to stop it
  std::string parent;                    // id of the run this promotion is a step of
  std::string connector_options = "{}";  // each goes to the export, the import, or both: wherever it is declared
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

// What would keep a real import from doing all of what was asked, as its preview shows it; nullopt: nothing, or nothing
// that is not overruled.
std::optional<RunError> objection(const RunOutcome& preview, const std::vector<std::string>& force = {});
// A preview is a promise: an import that did something else gets a warning.
void compare_with_preview(const RunOutcome& preview, RunOutcome& import);

// A promotion in two halves, for whoever prepares several before the first may change anything.
//
//   Promotion promotion(runner, request, cancellation);   // throws Failure for what keeps it from starting
//   promotion.prepare() && promotion.apply();
//   PromoteReport report = promotion.finish();            // recorded; every end after the start is in it
class Promotion {
 public:
  // Failure: unknown connection, order of stages, unless it is only to preview. The runner and the cancellation outlive
  // the promotion.
  Promotion(Runner&, PromoteRequest, const Cancellation&);
  ~Promotion();

  const RunRecord& record() const;
  const PromoteReport& report() const;  // as far as it is
  // Exports and previews. False: nothing is left to apply, because it was only to preview or something speaks against
  // it.
  bool prepare();
  // Exports the target, then imports.
  bool apply();
  // `abandoned`: why what was prepared is not applied.
  PromoteReport finish(std::optional<RunError> abandoned = std::nullopt);

 private:
  friend void check_promotion(Runner&, const PromoteRequest&);
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// Throws what would keep the promotion from starting; nothing is asked of a platform, nothing is recorded.
void check_promotion(Runner&, const PromoteRequest&);
// Both halves at once.
PromoteReport promote(Runner&, const PromoteRequest&, const Cancellation&);

}  // namespace ferry::host
