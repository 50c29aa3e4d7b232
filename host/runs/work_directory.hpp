// The private working directory of one run's worker, empty at first, removed with what is in it when the object goes.
// If ferry dies before, RunStore removes it when it closes the run.
#pragma once

#include <filesystem>
#include <string>

#include "host/base/files.hpp"

namespace ferry::host {

class WorkDirectory {
 public:
  static std::filesystem::path of(const std::filesystem::path& state_directory, const std::string& run_id) {
    return state_directory / "work" / run_id;
  }

  WorkDirectory(const std::filesystem::path& state_directory, const std::string& run_id)
      : path_(of(state_directory, run_id)) {
    make_private_directory(path_);
  }
  ~WorkDirectory() { remove(path_); }
  WorkDirectory(const WorkDirectory&) = delete;
  WorkDirectory& operator=(const WorkDirectory&) = delete;

  const std::filesystem::path& path() const noexcept { return path_; }
  static void remove(const std::filesystem::path& path) noexcept {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }

 private:
  std::filesystem::path path_;
};

}  // namespace ferry::host
