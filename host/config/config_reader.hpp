// From the tree of ferry.yaml to stages, connections and destinations: which members there are, and what each may hold.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "host/config/config.hpp"
#include "host/config/yaml_tree.hpp"

namespace ferry::host {

struct ConfigContent {
  std::vector<std::string> stages;
  std::vector<Connection> connections;
  std::vector<DestinationConfig> destinations;
  SyncSettings default_sync;
};

// Throws Failure(usage, bad_config) at the first thing that is wrong.
ConfigContent read_config(const YamlValue& root, const std::filesystem::path& file);

}  // namespace ferry::host
