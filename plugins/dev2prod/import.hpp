// Bringing a package into a tenant: upload, dry run, import, each followed to its end.
//
// A job is remembered in the connector's state before it is followed, under the request's idempotency key: a request
// that comes again with the same key finds the job instead of beginning a second one.
#pragma once

#include "ferry/sdk.hpp"
#include "tenant_api.hpp"

namespace ferry::dev2prod {

void import_package(Host host, const Call& call, const ImportRequest& request, PackageReader reader, TenantApi& api);

}  // namespace ferry::dev2prod
