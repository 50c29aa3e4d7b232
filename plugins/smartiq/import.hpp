// An import: the plan, the one call that carries it out, and a second look at the target, which is the only one to tell
// what became of it: the platform's answer to an import says nothing.
#pragma once

#include "admin_api.hpp"
#include "ferry/sdk.hpp"
#include "plan.hpp"

namespace ferry::smartiq {

// The target's own export, all of it: a name that is taken under another id would be missed otherwise. inferred: what
// no project uses is not in an export, so it looks as if it were not there.
Pack read_environment(AdminApi& api, const Call& call);

void import_package(Host host, const Call& call, const ImportRequest& request, Plan& plan, AdminApi& api);

}  // namespace ferry::smartiq
