// What ferry-sandbox --help prints.
#pragma once

#include <string>

namespace sandbox {

std::string help_text();

}  // namespace sandbox
