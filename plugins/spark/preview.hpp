// What an import would do, as far as it can be told without doing it.
//
// The v4 API lists no services, but an export job's outputs name what it found: first all destinations at once, which
// succeeds if all of them exist; else the destinations' folders, one job each. What a folder's job does not name does
// not exist in it. A folder whose job fails leaves its services unknown: it may be missing, empty, or hold a service
// that cannot be exported. Nothing is downloaded and nothing is written.
#pragma once

#include "contents.hpp"
#include "import.hpp"
#include "options.hpp"
#include "session.hpp"

namespace ferry::spark {

// Reports an item each. Throws Error(FERRY_REFUSED) where the policy is abort and something exists.
void preview(Host host, const Call& call, const ImportRequest& request, const Options& options, Session& session,
             const Contents& contents, const Destinations& places);

}  // namespace ferry::spark
