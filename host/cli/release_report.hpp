// What a person reads after a release: a table of its steps, then what each of them wants looked at.
#pragma once

#include <string>

#include "host/cli/report.hpp"
#include "host/release/release.hpp"

namespace ferry::host {

std::string release_report(const ReleaseReport&, const std::string& file, const ReportOptions&);

}  // namespace ferry::host
