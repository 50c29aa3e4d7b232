#include "host/worker/host_listener.hpp"

#include <sys/epoll.h>

#include <cerrno>
#include <utility>

#include "host/base/failure.hpp"

namespace ferry::host {

HostListener::HostListener(int fd, std::function<void(const Frame&)> take)
    : fd_(fd), take_(std::move(take)), watched_(::epoll_create1(EPOLL_CLOEXEC)), reader_(fd) {
  if (!watched_) throw_errno("creating an epoll instance", errno);
  watch(EPOLL_CTL_ADD, EPOLLIN);
}

void HostListener::watch(int operation, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  if (::epoll_ctl(watched_.get(), operation, fd_, &event) != 0) throw_errno("watching the channel to the host", errno);
}

void HostListener::listen() {
  for (;;) {
    epoll_event event{};
    ::epoll_wait(watched_.get(), &event, 1, -1);
    const std::lock_guard lock(mutex_);
    if (reader_.read(take_, FrameReader::Wait::no) == FrameReader::State::closed) return;
  }
}

bool HostListener::converse(const std::function<bool()>& ask, const std::function<bool()>& answered) {
  watch(EPOLL_CTL_MOD, 0);
  bool open = true;
  {
    const std::lock_guard lock(mutex_);
    open = ask();
    while (open && !answered()) open = reader_.read(take_) != FrameReader::State::closed;
  }
  watch(EPOLL_CTL_MOD, EPOLLIN);
  return open;
}

}  // namespace ferry::host
