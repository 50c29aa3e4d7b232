#include "host/runs/target_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>

#include "host/base/digest.hpp"
#include "host/base/failure.hpp"
#include "host/base/files.hpp"

namespace ferry::host {
namespace {
constexpr std::chrono::milliseconds between_tries{50};
}

TargetLock::TargetLock(const std::filesystem::path& state_directory, const std::string& target,
                       const Cancellation& cancellation, const std::function<void()>& on_wait) {
  const std::filesystem::path directory = state_directory / "targets";
  make_private_directory(directory);
  const std::filesystem::path file = directory / (Sha256::of(target).substr(0, 32) + ".lock");
  fd_ = open_file(file, O_RDWR | O_CREAT);
  for (bool told = false; ::flock(fd_.get(), LOCK_EX | LOCK_NB) != 0;) {
    if (errno != EWOULDBLOCK && errno != EINTR) throw_errno("locking " + file.string(), errno);
    if (!told) on_wait();
    told = true;
    cancellation.wait_for(between_tries);
    cancellation.throw_if_cancelled();
  }
}

}  // namespace ferry::host
