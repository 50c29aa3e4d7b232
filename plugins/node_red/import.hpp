// An import: what a package holds compared with what runs, and the difference sent in one deployment.
//
// Node-RED takes a configuration as a whole, with the revision it was made from. So each attempt fetches what runs,
// decides, puts the result together and sends it; if somebody was faster (a stale revision) it begins again, at most
// three times. Nothing is sent in a preview, or if nothing differs. Facts are reported once, when the result is known,
// or when it is known that it will not be: what was sent and not confirmed is unknown then.
#pragma once

#include <string>

#include "admin_api.hpp"
#include "ferry/sdk.hpp"
#include "package.hpp"

namespace ferry::node_red {

void import_package(Host host, Call call, const ImportRequest& request, const Package& package, AdminApi& api,
                    const std::string& url);

}  // namespace ferry::node_red
