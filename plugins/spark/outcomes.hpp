// What an import job says became of each service and version.
#pragma once

#include <cstddef>

#include "contents.hpp"
#include "import.hpp"
#include "job.hpp"

namespace ferry::spark {

// One item each: added, replaced and updated are added, modified and modified. What the package has and the job does
// not name has failed. Gives how many the job did take.
std::size_t report_outcomes(const Call& call, const Contents& contents, const Destinations& places, const Job& job);

// How a version of the package is called where it goes: prod/life[0.4.2].
std::string version_at(std::string_view place, std::string_view number);

}  // namespace ferry::spark
