// Names of hosts, as manifests, configurations and schemas write them.
#pragma once

#include <string_view>

namespace ferry::host {

// Labels of letters, digits and inner hyphens, joined by dots: also an IPv4 address.
bool is_host_name(std::string_view);
// host, host:port or *.domain: what may be reached beside the connection's own origin.
bool is_host_pattern(std::string_view);

}  // namespace ferry::host
