// Artefacts of a target that are no longer as ferry's last import left them: somebody edited them there, and a
// promotion would overwrite that without anybody having looked.
//
// Known without asking the platform: an artefact that is the same in the package of now and in that of the last import,
// and that the preview would modify nevertheless, was changed in the target. The comparison with the target is the
// connector's own, which knows about mappings and values of the environment. Of what changed in the source as well it
// cannot be told.
#pragma once

#include <string>
#include <vector>

#include "host/base/cancellation.hpp"
#include "host/packages/package_store.hpp"
#include "host/runs/runner.hpp"

namespace ferry::host {

// A warning `target_edited` for each among the changes that the preview's outcome lists. Empty also where it cannot be
// told: ferry imported nothing there before or has that package no longer, the connector cannot look into packages, or
// it was never seen to tell that an artefact of that type is unchanged. parent: of the runs that look into the two
// packages.
std::vector<Problem> target_edits(Runner&, const RunOutcome& preview, const Package& package, const std::string& parent,
                                  const Cancellation&);

}  // namespace ferry::host
