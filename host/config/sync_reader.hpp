// The members of ferry.yaml that sync_settings.hpp describes. Failure(usage, bad_config).
#pragma once

#include <string>
#include <vector>

#include "host/config/config_reader.hpp"
#include "host/config/yaml_members.hpp"

namespace ferry::host {

std::vector<DestinationConfig> read_destinations(const YamlMembers&, const YamlMember&);
SyncSettings read_default_sync(const YamlMembers&, const YamlMember&, const std::string& path,
                               const std::vector<DestinationConfig>&);
// content: with destinations and defaults. Of the connection the name is read, and the lines are written.
SyncSettings read_sync(const YamlMembers&, const YamlMember&, const std::string& path, const ConfigContent& content,
                       Connection&);
// What only the whole file shows: that the connections of unions are there, and that no two connections have the same
// space in a destination. Where one destination is all there is, it is that of every sync.
void check_syncs(const YamlMembers&, ConfigContent&);

// The name of a connection as a space; no other characters than small letters, digits and _.
std::string default_space(const std::string& connection);

}  // namespace ferry::host
