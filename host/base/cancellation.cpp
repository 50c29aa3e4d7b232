#include "host/base/cancellation.hpp"

#include <poll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <cerrno>
#include <climits>

#include "host/base/failure.hpp"

namespace ferry::host {

Cancellation::Cancellation() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (!event_) throw_errno("creating an event descriptor", errno);
}

void Cancellation::cancel() noexcept {
  cancelled_.store(true, std::memory_order_release);
  const int saved = errno;
  [[maybe_unused]] const int ignored = ::eventfd_write(event_.get(), 1);
  errno = saved;
}

bool Cancellation::wait_for(std::chrono::milliseconds duration) const {
  const auto end = std::chrono::steady_clock::now() + duration;
  while (!cancelled()) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now()).count();
    if (left <= 0) return false;
    pollfd event{wait_fd(), POLLIN, 0};
    ::poll(&event, 1, static_cast<int>(std::min<long long>(left, INT_MAX)));
  }
  return true;
}

void Cancellation::throw_if_cancelled() const {
  if (cancelled()) throw Failure(Fault::cancelled, "cancelled", "cancelled");
}

}  // namespace ferry::host
