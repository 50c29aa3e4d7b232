// What a tenant has in the folders of the settings: services and their versions, as records.
//
// inferred: v4 lists nothing, so an export job is asked what it would hold; its file is left where it is.
#pragma once

#include "ferry/sdk.hpp"
#include "options.hpp"
#include "session.hpp"

namespace ferry::spark {

// Streams: service, service_version; always whole. Throws Error(FERRY_BAD_CONFIG) where the settings name no folders.
void read_inventory(Host host, const Call& call, const ReadRequest& request, Options options, Session& session,
                    Sink sink);

}  // namespace ferry::spark
