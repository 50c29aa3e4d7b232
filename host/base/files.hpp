// Files and descriptors, with failures that name the path.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "host/base/unique_fd.hpp"

namespace ferry::host {

// Opens with O_CLOEXEC; throws Failure: usage/file_not_found, machine/permission, ...
UniqueFd open_file(const std::filesystem::path&, int flags, unsigned mode = 0600);
// The whole file; Failure(usage, too_large) beyond `limit` bytes.
std::string read_file(const std::filesystem::path&, std::size_t limit = 16u << 20);
void write_all(int fd, std::string_view bytes, const std::string& what);
// Makes the directory and its parents, 0700.
void make_private_directory(const std::filesystem::path&);
// Writes beside the target, then renames: the target is the old or the new content, never half of it.
void replace_file(const std::filesystem::path&, std::string_view bytes, unsigned mode = 0600);
// A new empty directory, removed with what is in it when the object goes.
class TemporaryDirectory {
 public:
  explicit TemporaryDirectory(const std::filesystem::path& parent);
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace ferry::host
