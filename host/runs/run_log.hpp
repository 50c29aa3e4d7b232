// The log lines of one run, kept in the state directory as JSON lines: bounded, masked by whoever writes them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "host/base/clock.hpp"
#include "host/base/unique_fd.hpp"

namespace ferry::host {

class RunLog {
 public:
  static constexpr std::uint64_t most_bytes = 4u << 20;

  // The file is made when the first line is written. A log that cannot be written is lost; the run goes on.
  RunLog(std::filesystem::path file, Clock& clock) : file_(std::move(file)), clock_(clock) {}
  void write(int level, const std::string& source, const std::string& message) noexcept;

 private:
  const std::filesystem::path file_;
  Clock& clock_;
  UniqueFd fd_;
  std::uint64_t bytes_ = 0;
  bool given_up_ = false;
};

// "debug", "info", "warning", "error"
const char* log_level_word(int level) noexcept;

}  // namespace ferry::host
