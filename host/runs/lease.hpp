// Tells whether the process that began a run is still alive: it holds a lock on a file as long as it lives.
#pragma once

#include <filesystem>
#include <string>

#include "host/base/unique_fd.hpp"

namespace ferry::host {

class Lease {
 public:
  // Takes a new lease in the directory.
  Lease(const std::filesystem::path& directory, std::string id);
  ~Lease();
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  const std::string& id() const noexcept { return id_; }
  // Is the lease's holder alive? The file of one that is not is removed. Failure(machine): it cannot be told.
  static bool held(const std::filesystem::path& directory, const std::string& id);

 private:
  std::filesystem::path path_;
  std::string id_;
  UniqueFd fd_;
};

}  // namespace ferry::host
