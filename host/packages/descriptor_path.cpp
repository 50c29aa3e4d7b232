#include "host/packages/descriptor_path.hpp"

#include <filesystem>

namespace ferry::host {

std::string descriptor_path(int fd) {
  std::error_code error;
  const auto path = std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(fd), error);
  return error ? "(unnamed)" : path.string();
}

}  // namespace ferry::host
