// Node-RED tells artefacts apart by their ids.
#pragma once

#include <string>
#include <vector>

#include "tests/plugins/facts.hpp"

namespace ferry::node_red {

// "flow t added", "flow t skipped name_conflict"
inline std::vector<std::string> items(const testing::Result& result) { return testing::item_lines(result, "id"); }

}  // namespace ferry::node_red
