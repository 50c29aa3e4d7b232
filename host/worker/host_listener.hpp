// Who in a worker reads what the host says: the main thread, except while another one waits for an answer; that one
// reads for itself then, and no thread is woken to hand it over.
//
// `take` is called for every frame, by one thread at a time.
#pragma once

#include <functional>
#include <mutex>

#include "host/base/unique_fd.hpp"
#include "host/worker/frames.hpp"

namespace ferry::host {

class HostListener {
 public:
  // fd: of the channel, not owned. Failure(machine).
  HostListener(int fd, std::function<void(const Frame&)> take);

  // Main thread: until the host is gone. Failure: what came is no frame.
  void listen();
  // Another thread: asks, then takes what comes until it is answered. False: the host is gone.
  bool converse(const std::function<bool()>& ask, const std::function<bool()>& answered);

 private:
  void watch(int operation, std::uint32_t events);

  const int fd_;
  const std::function<void(const Frame&)> take_;
  const UniqueFd watched_;  // an epoll instance, because what a sleeping thread waits for can be changed there
  std::mutex mutex_;        // of the reader
  FrameReader reader_;
};

}  // namespace ferry::host
