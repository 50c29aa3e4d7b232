// What a person reads after a sync. Pure text; ends with a line break.
#pragma once

#include <string>

#include "host/cli/report.hpp"
#include "host/sync/sync.hpp"

namespace ferry::host {

// to: what people call the destination. undo: can the run be undone?
std::string sync_report(const SyncReport&, const std::string& to, bool undo, const ReportOptions&);

}  // namespace ferry::host
