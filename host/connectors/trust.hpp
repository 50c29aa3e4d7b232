// May what is in this file or directory be run? Only if nobody but root and the user can have put it there.
#pragma once

#include <filesystem>
#include <string>

namespace ferry::host {

enum class Expected { directory, file };

// "" if it is trusted, else what is wrong and what to do, without the path. A symbolic link is never trusted.
std::string distrust(const std::filesystem::path&, Expected);

}  // namespace ferry::host
