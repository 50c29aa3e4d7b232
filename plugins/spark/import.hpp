// An import: the checks before anything is sent, the one job that takes the package, what became of it.
//
// The platform takes all of a package or nothing, so what it refuses has changed nothing. Which job is ours is noted in
// the connector's state before it is started and forgotten once its outcome was reported: the same import, asked for
// again after ferry died, follows the job that is there instead of starting another.
#pragma once

#include <map>
#include <string>

#include "contents.hpp"
#include "ferry/sdk.hpp"
#include "options.hpp"
#include "session.hpp"

namespace ferry::spark {

// Where each service of the package goes, by its URI in the package.
using Destinations = std::map<std::string, std::string, std::less<>>;

// Mappings of type service (folder/service or id, to folder/service) and folder (name to name). Throws
// Error(FERRY_BAD_CONFIG) for what the package does not have, what is no place, and two services to one place.
Destinations destinations(const Contents& contents, const std::vector<Mapping>& mapping);

// importRequestEntity of POST import.
Json import_entity(const ImportRequest& request, const Contents& contents, const Destinations& destinations,
                   const Options& options, std::string_view correlation_id);

void import_package(Host host, const Call& call, const ImportRequest& request, const Options& options, Session& session,
                    const PackageReader& reader);

}  // namespace ferry::spark
