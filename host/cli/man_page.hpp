// ferry(1) in troff, made from the command table.
#pragma once

#include <string>

namespace ferry::host {

std::string man_page();

}  // namespace ferry::host
