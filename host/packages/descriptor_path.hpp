// Names an open descriptor for a message; "(unnamed)" if the system does not tell.
#pragma once

#include <string>

namespace ferry::host {

std::string descriptor_path(int fd);

}  // namespace ferry::host
