// What the platform's job reports say, as facts: its counts per part, its errors and warnings.
#pragma once

#include <cstdint>

#include "ferry/sdk.hpp"

namespace ferry::dev2prod {

// Of a finished export: the items of each part that has any.
void report_export(const Call& call, const Json& job);

struct ImportTotals {
  std::uint64_t added = 0, modified = 0, removed = 0, failed = 0, skipped = 0;
  bool changes_anything() const { return added + modified + removed > 0; }
};

// Of a finished import or dry run. The parts' counts say nothing of what was added: what the totals have beyond the
// parts is counted under the type "unattributed".
ImportTotals report_import(const Call& call, const Json& job);
// The totals alone, without reporting anything.
ImportTotals totals_of(const Json& job);

}  // namespace ferry::dev2prod
