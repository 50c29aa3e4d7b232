// A spawned child with its channel and its output pipes. It never outlives the object, nor does anything of its group.
// One thread; any number of children at once.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>

#include "host/base/unique_fd.hpp"

namespace ferry::host {

class ChildProcess {
 public:
  // package: a descriptor the child gets a copy of, or -1. Failure(machine, spawn_failed, ...).
  ChildProcess(const std::filesystem::path& executable, const char* argument, int package);
  ~ChildProcess();  // reaps, if that was not done
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  int channel() const noexcept { return channel_.get(); }
  int out() const noexcept { return out_.get(); }  // non-blocking
  int err() const noexcept { return err_.get(); }
  int exit_event() const noexcept { return pidfd_.get(); }  // readable once the child has ended

  void signal_group(int signal) noexcept;
  bool wait(std::chrono::milliseconds patience) const;  // true: it has ended
  int reap() noexcept;                                  // kills what is left of the group; the leader's wait status

 private:
  pid_t pid_ = -1;
  UniqueFd channel_, out_, err_, pidfd_;
  std::optional<int> status_;
};

}  // namespace ferry::host
