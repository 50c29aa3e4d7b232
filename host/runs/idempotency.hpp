// The key by which a platform's connector recognises an import it has seen before.
//
// A new import has a new key: its run's id. One that is asked for again after it was interrupted - its host was killed,
// an answer was lost, it was cancelled - has the key of the interrupted one, so that the connector can find on the
// platform what was begun there instead of beginning it twice. "Again" means: the last import into the same connection
// did not end well, and was asked for with the same options and the same package, or one whose description is the same
// (some platforms' packages differ in their bytes each time they are exported).
#pragma once

#include <string>

#include "host/packages/package_store.hpp"
#include "host/runs/run.hpp"
#include "host/runs/run_store.hpp"

namespace ferry::host {

// request_json: as it will be recorded, but for the key.
std::string idempotency_key(RunStore&, const PackageStore&, const std::string& run_id, const RunRequest&,
                            const std::string& request_json);

}  // namespace ferry::host
