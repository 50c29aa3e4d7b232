// Bytes in base 64, on one line.
#pragma once

#include <string>

namespace sandbox {

std::string to_base64(const std::string& bytes);
// As far as it is base 64.
std::string from_base64(const std::string& text);

}  // namespace sandbox
