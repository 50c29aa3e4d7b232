// Files that are whole or not there: written beside their place and renamed. Failures are std::runtime_error.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace sandbox {

void write_file(const std::filesystem::path&, std::string_view content);
std::string read_file(const std::filesystem::path&);

}  // namespace sandbox
