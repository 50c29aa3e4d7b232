#include "host/worker/child_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "host/base/failure.hpp"
#include "host/worker/worker_protocol.hpp"

namespace ferry::host {
namespace {

// Linux doubles it. Less than what FrameReader reads at once: one read then takes all that a worker has sent.
constexpr int send_buffer = 104 * 1024;

// Descriptors that the spawn actions put on 0..4 must not stand there already.
UniqueFd moved_up(UniqueFd fd) {
  UniqueFd moved(::fcntl(fd.get(), F_DUPFD_CLOEXEC, 10));
  if (!moved) throw_errno("duplicating a descriptor", errno);
  return moved;
}

std::pair<UniqueFd, UniqueFd> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw_errno("making a pipe", errno);
  std::pair<UniqueFd, UniqueFd> pipe{UniqueFd(ends[0]), moved_up(UniqueFd(ends[1]))};
  ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
  return pipe;
}

// What a connector may know of this machine: how to name the time, and the sanitizers' settings in their builds.
std::vector<std::string> scrubbed_environment() {
  std::vector<std::string> kept = {"LANG=C.UTF-8"};
  for (const char* name : {"TZ", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LSAN_OPTIONS"})
    if (const char* value = std::getenv(name)) kept.push_back(std::string(name) + "=" + value);
  return kept;
}

class SpawnSettings {
 public:
  SpawnSettings() {
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawnattr_init(&attributes);
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setsigdefault(&attributes, &all);
    ::posix_spawnattr_setpgroup(&attributes, 0);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~SpawnSettings() {
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;

  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
};

}  // namespace

ChildProcess::ChildProcess(const std::filesystem::path& executable, const char* argument, int package) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    throw_errno("making the worker's channel", errno);
  channel_.reset(ends[0]);
  const UniqueFd theirs = moved_up(UniqueFd(ends[1]));
  ::setsockopt(theirs.get(), SOL_SOCKET, SO_SNDBUF, &send_buffer, sizeof send_buffer);
  const timeval longest_send{5, 0};  // a stopped worker must not stop the host
  ::setsockopt(channel(), SOL_SOCKET, SO_SNDTIMEO, &longest_send, sizeof longest_send);
  auto [out_read, out_write] = make_pipe();
  auto [err_read, err_write] = make_pipe();
  UniqueFd package_copy;
  if (package >= 0) {
    package_copy.reset(::fcntl(package, F_DUPFD_CLOEXEC, 10));
    if (!package_copy) throw_errno("duplicating the package's descriptor", errno);
  }

  SpawnSettings settings;
  ::posix_spawn_file_actions_addopen(&settings.actions, 0, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&settings.actions, out_write.get(), 1);
  ::posix_spawn_file_actions_adddup2(&settings.actions, err_write.get(), 2);
  ::posix_spawn_file_actions_adddup2(&settings.actions, theirs.get(), channel_fd);
  if (package_copy) ::posix_spawn_file_actions_adddup2(&settings.actions, package_copy.get(), package_fd);
  // Whatever else is open here, be it by a library or inherited from whoever started ferry, is none of its business.
  ::posix_spawn_file_actions_addclosefrom_np(&settings.actions, package_copy ? package_fd + 1 : package_fd);

  std::string program = executable.string(), first = argument;
  char* const arguments[] = {program.data(), first.data(), nullptr};
  std::vector<std::string> environment = scrubbed_environment();
  std::vector<char*> variables;
  for (std::string& variable : environment) variables.push_back(variable.data());
  variables.push_back(nullptr);
  if (const int error =
          ::posix_spawn(&pid_, program.c_str(), &settings.actions, &settings.attributes, arguments, variables.data());
      error != 0) {
    pid_ = -1;
    throw Failure(Fault::machine, "spawn_failed",
                  "starting a worker process of " + program + ": " + std::strerror(error) +
                      (error == ENOENT ? "; was ferry moved or removed while it ran?" : ""));
  }
  // By number: the header of glibc 2.36 declares pidfd_open without C linkage.
  pidfd_.reset(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
  if (!pidfd_) {
    const int error = errno;
    reap();
    throw_errno("watching a worker process", error);
  }
  out_ = std::move(out_read);
  err_ = std::move(err_read);
}

ChildProcess::~ChildProcess() { reap(); }

void ChildProcess::signal_group(int signal) noexcept {
  if (pid_ > 0 && !status_) ::kill(-pid_, signal);
}

bool ChildProcess::wait(std::chrono::milliseconds patience) const {
  if (pid_ <= 0 || status_) return true;
  const auto until = std::chrono::steady_clock::now() + patience;
  pollfd event{exit_event(), POLLIN, 0};
  int ready;
  do {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    ready = ::poll(&event, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
  } while (ready < 0 && errno == EINTR);
  return ready > 0;
}

int ChildProcess::reap() noexcept {
  if (pid_ <= 0 || status_) return status_.value_or(0);
  // While the leader is not reaped its group cannot belong to anybody else.
  ::kill(-pid_, SIGKILL);
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  status_ = status;
  return status;
}

}  // namespace ferry::host
