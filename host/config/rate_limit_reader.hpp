// The member rate_limit of a connection: what of the platform's limit ferry may use, and how it waits for it.
//
//   rate_limit: {requests: 100, per: 60s, concurrent: 4, reserve: 20%, waiting_after: 10s, longest_wait: 1h}
//
// Everything may be left out, but requests and per go together. Failure(usage, bad_config).
#pragma once

#include <string>

#include "host/config/config.hpp"
#include "host/config/yaml_members.hpp"

namespace ferry::host {

ConnectionRateLimit read_rate_limit(const YamlMembers&, const YamlMember&, const std::string& path,
                                    const ConnectionRateLimit& otherwise);

}  // namespace ferry::host
