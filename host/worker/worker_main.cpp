#include "host/worker/worker_main.hpp"

#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <thread>

#include "host/base/memory.hpp"
#include "host/worker/frames.hpp"
#include "host/worker/host_listener.hpp"
#include "host/worker/operation.hpp"
#include "host/worker/worker_protocol.hpp"
#include "host/worker/worker_session.hpp"

namespace ferry::host {
namespace {

constexpr int exit_host_gone = 0;
constexpr int exit_misused = 2;  // run by hand, or by another ferry
constexpr std::chrono::milliseconds progress_interval{100};

bool is_socket(int fd) {
  int type = 0;
  socklen_t size = sizeof type;
  return ::getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0;
}

void limit(int resource, rlim_t value) {
  rlimit limits{value, value};
  ::setrlimit(static_cast<__rlimit_resource_t>(resource), &limits);
}

void limit_resources(const WorkerStart& start) {
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_NOFILE, 256);
#ifndef FERRY_SANITIZED  // a sanitizer's shadow memory is larger than any sensible limit
  limit(RLIMIT_DATA, static_cast<rlim_t>(start.memory_mb) << 20);
#else
  (void)start;
#endif
}

// Poco blocks SIGPIPE as soon as it is loaded; a connector finds the signals of a fresh process.
void unblock_signals() {
  sigset_t none;
  sigemptyset(&none);
  ::pthread_sigmask(SIG_SETMASK, &none, nullptr);
}

// One heap for all threads, as nearly everything is done by one of them: that of a thread of its own would grow by a
// page at a time.
void share_one_heap() {
  ::mallopt(M_ARENA_MAX, 1);
  ::mallopt(M_TOP_PAD, 1 << 20);
}

// Without a host nobody wants what the connector does, nor what it may have started: all of the group ends.
[[noreturn]] void end_group() {
  if (::getpgrp() == ::getpid()) ::kill(0, SIGKILL);
  ::_exit(exit_host_gone);
}

class Worker {
 public:
  int run() {
    std::setvbuf(stdout, nullptr, _IOLBF, 0);
    unblock_signals();
    share_one_heap();
    ::fcntl(channel_fd, F_SETFD, FD_CLOEXEC);
    ::fcntl(package_fd, F_SETFD, FD_CLOEXEC);
    sender_.send(FrameType::hello, hello_json());
    try {
      listener_.emplace(channel_fd, [this](const Frame& frame) { take(frame); });
      listener_->listen();
    } catch (const std::exception& error) {
      std::fprintf(stderr, "ferry's worker cannot go on: %s\n", error.what());
      return exit_misused;
    }
    end_group();
  }

 private:
  void take(const Frame& frame) {
    if (!greeted_) {
      if (frame.type != FrameType::hello) throw Failure(Fault::machine, "protocol", "the host did not say hello");
      check_hello(frame.payload);
      greeted_ = true;
      return;
    }
    switch (frame.type) {
      case FrameType::start:
        if (!session_) begin(WorkerStart::from_json(std::string(frame.payload)));
        break;
      case FrameType::cancel:
        if (session_) session_->cancellation().cancel();
        break;
      case FrameType::reply:
        if (session_) session_->answer(frame.id, frame.payload);
        break;
      case FrameType::ping: sender_.send(FrameType::pong, frame.payload, frame.id); break;
      default: break;  // a newer host may say more
    }
  }

  void begin(WorkerStart start) {
    if (!start.directory.empty() && ::chdir(start.directory.c_str()) != 0)
      throw_errno("entering the working directory " + start.directory, errno);
    limit_resources(start);
    session_ = std::make_unique<WorkerSession>(sender_, *listener_, std::move(start));
    std::thread([this] { carry_on(); }).detach();
    std::thread([this] { tell_progress(); }).detach();
  }

  // The operation's thread.
  void carry_on() {
    session_->send_done(carry_out(*session_));
    // The operation is over and told: what the connector left behind (threads, statics) ends with the process.
    std::fflush(stdout);
    ::_exit(0);
  }

  [[noreturn]] void tell_progress() {
    for (;;) {
      std::this_thread::sleep_for(progress_interval);
      session_->flush_facts();
      session_->send_progress();
    }
  }

  FrameSender sender_{channel_fd};
  std::optional<HostListener> listener_;
  bool greeted_ = false;
  std::unique_ptr<WorkerSession> session_;
};

}  // namespace

int worker_main(int, char**) {
  if (!is_socket(channel_fd)) {
    std::fputs("This is ferry's worker: ferry starts it by itself to run one connector. Nothing to do by hand.\n",
               stderr);
    return exit_misused;
  }
  keep_freed_memory();
  return Worker().run();
}

}  // namespace ferry::host
