// One import into a target at a time, also by other ferrys with the same state directory: a lock on a file, held from
// the backup to the import's end, so that each backup shows what its import found.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "host/base/cancellation.hpp"
#include "host/base/unique_fd.hpp"

namespace ferry::host {

class TargetLock {
 public:
  // target: the same text for the same target, such as the connector and the URL. Waits until the lock is free; on_wait
  // is called once if it is not at once. Failure(cancelled) as soon as the cancellation is, (machine) if no lock can be
  // had at all.
  TargetLock(const std::filesystem::path& state_directory, const std::string& target, const Cancellation&,
             const std::function<void()>& on_wait);

 private:
  UniqueFd fd_;
};

}  // namespace ferry::host
