#include "tests/support/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <thread>

namespace ferry::test {
namespace {
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
}  // namespace

Process::Process(const Command& command) : command_(command), begun_(Clock::now()) {
  int out[2], err[2];
  if (::pipe2(out, O_CLOEXEC) != 0 || ::pipe2(err, O_CLOEXEC) != 0) throw std::runtime_error("pipe2 failed");
  std::vector<std::string> variables = {"LANG=C.UTF-8"};
  for (const char* name : {"PATH", "HOME", "ASAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS"})
    if (const char* value = std::getenv(name); value != nullptr && !command_.environment.contains(name))
      variables.push_back(std::string(name) + "=" + value);
  for (const auto& [name, value] : command_.environment) variables.push_back(name + "=" + value);
  std::vector<char*> arguments, environment;
  for (std::string& argument : command_.arguments) arguments.push_back(argument.data());
  arguments.push_back(nullptr);
  for (std::string& variable : variables) environment.push_back(variable.data());
  environment.push_back(nullptr);

  pid_ = ::fork();
  if (pid_ == 0) {
    const int nothing = ::open("/dev/null", O_RDONLY);
    ::dup2(nothing, 0);
    ::dup2(out[1], 1);
    ::dup2(err[1], 2);
    if (!command_.directory.empty() && ::chdir(command_.directory.c_str()) != 0) ::_exit(126);
    ::execvpe(arguments[0], arguments.data(), environment.data());
    ::_exit(127);
  }
  ::close(out[1]);
  ::close(err[1]);
  out_ = out[0];
  err_ = err[0];
  if (pid_ < 0) throw std::runtime_error(std::string("fork: ") + std::strerror(errno));
}

Process::~Process() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  if (out_ >= 0) ::close(out_);
  if (err_ >= 0) ::close(err_);
}

void Process::signal(int number) const { ::kill(pid_, number); }

bool Process::pump(milliseconds longest) {
  pollfd events[2] = {{out_, POLLIN, 0}, {err_, POLLIN, 0}};
  if (out_ < 0 && err_ < 0) return false;
  if (::poll(events, 2, static_cast<int>(longest.count())) <= 0) return true;
  char buffer[64 * 1024];
  for (int i = 0; i < 2; ++i) {
    if (events[i].revents == 0) continue;
    int& fd = i == 0 ? out_ : err_;
    const ssize_t got = ::read(fd, buffer, sizeof buffer);
    if (got > 0) {
      (i == 0 ? result_.out : result_.err).append(buffer, static_cast<std::size_t>(got));
    } else {
      ::close(fd);
      fd = -1;
    }
  }
  return out_ >= 0 || err_ >= 0;
}

bool Process::wait_for(const std::function<bool(const Finished&)>& condition) {
  const auto end = begun_ + command_.deadline;
  while (!condition(result_)) {
    if (Clock::now() > end || !pump(milliseconds(50))) return condition(result_);
  }
  return true;
}

Finished Process::finish() {
  const auto end = begun_ + command_.deadline;
  while (pump(milliseconds(50)))
    if (Clock::now() > end) {
      ::kill(pid_, SIGKILL);
      break;
    }
  int status = 0;
  ::waitpid(pid_, &status, 0);
  pid_ = -1;
  result_.took = std::chrono::duration_cast<milliseconds>(Clock::now() - begun_);
  result_.exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return result_;
}

Finished run(const Command& command) { return Process(command).finish(); }

bool eventually(const std::function<bool()>& condition, milliseconds deadline) {
  const auto end = Clock::now() + deadline;
  while (!condition()) {
    if (Clock::now() > end) return false;
    std::this_thread::sleep_for(milliseconds(2));
  }
  return true;
}

}  // namespace ferry::test
