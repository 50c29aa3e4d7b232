// A spawned child with its channel and its output pipes.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>

#include "host/base/unique_fd.hpp"

namespace ferry::host {

class ChildProcess {
 public:
  // Failure(machine, spawn_failed).
  ChildProcess(const std::filesystem::path& executable, const char* argument, int package);
  ~ChildProcess();  // kills the group and reaps, if that was not done
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  int channel() const noexcept { return channel_.get(); }
  int out() const noexcept { return out_.get(); }  // non-blocking
  int err() const noexcept { return err_.get(); }
  int exit_event() const noexcept { return pidfd_.get(); }  // readable once the child has ended

  void signal_group(int signal) noexcept;
  // Ends whatever is left of the group and takes the wait status; waits at most so long, then kills.
  int reap(std::chrono::milliseconds patience);

 private:
  pid_t pid_ = -1;
  UniqueFd channel_, out_, err_, pidfd_;
  std::optional<int> status_;
};

}  // namespace ferry::host
