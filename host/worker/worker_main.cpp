#include "host/worker/worker_main.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <thread>

#include "host/worker/frames.hpp"
#include "host/worker/operation.hpp"
#include "host/worker/worker_protocol.hpp"
#include "host/worker/worker_session.hpp"

namespace ferry::host {
namespace {

constexpr int exit_host_gone = 0;
constexpr int exit_misused = 2;
constexpr int progress_interval_ms = 100;
constexpr int heartbeats_every = 10;  // intervals

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

class Worker {
 public:
  int run() {
    std::setvbuf(stdout, nullptr, _IOLBF, 0);  // _exit() loses what a buffer holds
    ::fcntl(channel_fd, F_SETFD, FD_CLOEXEC);
    ::fcntl(package_fd, F_SETFD, FD_CLOEXEC);
    sender_.send(FrameType::hello, R"({"protocol":1,"abi":[1,0],"version":")" FERRY_VERSION "\"}");
    FrameReader reader(channel_fd);
    for (int ticks = 0;;) {
      pollfd channel{channel_fd, POLLIN, 0};
      const int ready = ::poll(&channel, 1, session_ ? progress_interval_ms : -1);
      if (ready > 0 && reader.read([this](const Frame& frame) { take(frame); }) == FrameReader::State::closed)
        ::_exit(exit_host_gone);  // whatever the connector is doing: without a host it does nothing
      if (ready == 0) {
        session_->flush_facts();
        session_->send_progress(++ticks % heartbeats_every == 0);
      }
    }
  }

 private:
  void take(const Frame& frame) {
    switch (frame.type) {
      case FrameType::start: begin(WorkerStart::from_json(std::string(frame.payload))); break;
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
    if (!start.directory.empty() && ::chdir(start.directory.c_str()) != 0) std::perror("chdir");
    limit_resources(start);
    session_ = std::make_unique<WorkerSession>(sender_, std::move(start));
    std::thread([this] {
      session_->send_done(carry_out(*session_));
      // The operation is over and told: what the connector left behind (threads, statics) ends with the process.
      ::_exit(0);
    }).detach();
  }

  FrameSender sender_{channel_fd};
  std::unique_ptr<WorkerSession> session_;
};

}  // namespace

int worker_main(int, char**) {
  if (!is_socket(channel_fd)) {
    std::fputs("This is ferry's worker: ferry starts it by itself to run one connector. Nothing to do by hand.\n",
               stderr);
    return exit_misused;
  }
  return Worker().run();
}

}  // namespace ferry::host
