// What a person reads after a sync, its undoing, or a verification. Pure text; ends with a line break.
#pragma once

#include <string>

#include "host/cli/report.hpp"
#include "host/sync/sync.hpp"
#include "host/sync/sync_all.hpp"
#include "host/sync/undo.hpp"

namespace ferry::host {

// As people write it: quotes only where SQL needs them.
std::string plain_table_name(const std::string& table);

std::string sync_report(const SyncReport&, const DestinationConfig&, bool only_due, const ReportOptions&);
std::string sync_all_report(const SyncAllReport&, bool only_due, const ReportOptions&);
std::string undo_report(const UndoReport&, const DestinationConfig&, const ReportOptions&);
std::string verify_report(const VerifyReport&, const DestinationConfig&, const ReportOptions&);

}  // namespace ferry::host
