#include "tests/benchmark/measure.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "host/base/unique_fd.hpp"

namespace ferry::benchmark {
namespace {

double processor_seconds() {
  double seconds = 0;
  for (const int who : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
    rusage usage{};
    ::getrusage(static_cast<__rusage_who>(who), &usage);
    for (const timeval& time : {usage.ru_utime, usage.ru_stime})
      seconds += static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  }
  return seconds;
}

void note_peaks(pid_t program, Peak& peak) {
  peak.host_kib = std::max(peak.host_kib, status_kib(program, "VmHWM:"));
  for (const pid_t child : children_of(program))
    peak.worker_kib = std::max(peak.worker_kib, status_kib(child, "VmHWM:"));
}

void spawn(const std::vector<std::string>& command, int output, Peak* peak) {
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, output, 1);
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  pid_t process = -1;
  const int error = ::posix_spawnp(&process, arguments[0], &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::runtime_error("cannot start " + command[0]);
  if (peak != nullptr) {
    const host::UniqueFd ended(static_cast<int>(::syscall(SYS_pidfd_open, process, 0)));
    pollfd event{ended.get(), POLLIN, 0};
    while (::poll(&event, 1, 5) == 0) note_peaks(process, *peak);
  }
  int status = 0;
  ::waitpid(process, &status, 0);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    std::string line;
    for (const std::string& word : command) line += word + " ";
    throw std::runtime_error("failed: " + line);
  }
}

}  // namespace

Cost cost_of(const std::function<void()>& work) {
  const double processor = processor_seconds();
  const auto start = std::chrono::steady_clock::now();
  work();
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
  return {wall.count(), processor_seconds() - processor};
}

std::vector<Cost> best_of(int rounds, const std::vector<std::function<void()>>& works) {
  std::vector<Cost> best(works.size(), Cost{1e9, 1e9});
  for (int round = 0; round < rounds; ++round)
    for (std::size_t i = 0; i < works.size(); ++i) {
      const Cost cost = cost_of(works[i]);
      best[i] = {std::min(best[i].wall, cost.wall), std::min(best[i].cpu, cost.cpu)};
    }
  return best;
}

void run(const std::vector<std::string>& command, Peak* peak) {
  const host::UniqueFd nowhere(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  spawn(command, nowhere.get(), peak);
}

std::string output_of(const std::vector<std::string>& command) {
  const host::UniqueFd file(::memfd_create("output", MFD_CLOEXEC));
  spawn(command, file.get(), nullptr);
  std::string text(static_cast<std::size_t>(::lseek(file.get(), 0, SEEK_END)), '\0');
  if (::pread(file.get(), text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()))
    throw std::runtime_error("cannot read what " + command[0] + " printed");
  return text;
}

std::uint64_t status_kib(pid_t process, const std::string& member) {
  std::ifstream status("/proc/" + std::to_string(process) + "/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(member)) return std::stoull(line.substr(member.size()));
  return 0;
}

std::vector<pid_t> children_of(pid_t process) {
  std::vector<pid_t> children;
  std::error_code gone;
  for (std::filesystem::directory_iterator at("/proc/" + std::to_string(process) + "/task", gone), end; at != end;
       at.increment(gone)) {
    std::ifstream list(at->path() / "children");
    for (pid_t child; list >> child;) children.push_back(child);
    if (gone) break;
  }
  return children;
}

std::string milliseconds_text(Cost cost) {
  char text[64];
  std::snprintf(text, sizeof text, "%.2f ms (cpu %.2f ms)", cost.wall * 1e3, cost.cpu * 1e3);
  return text;
}

void Results::add(const std::string& figure, const std::string& measured, const std::string& target, bool met) {
  rows_.push_back({figure, measured, target, met ? "pass" : "FAIL"});
  ++(met ? passed_ : failed_);
}

void Results::add_time(const std::string& figure, const std::string& measured, const std::string& target, bool met) {
  if (judges_times_) return add(figure, measured, target, met);
  rows_.push_back({figure, measured, target, "not judged"});
}

void Results::note(const std::string& figure, const std::string& measured) {
  rows_.push_back({figure, measured, "", ""});
}

bool Results::print() const {
  std::size_t figure = 0, measured = 0, target = 0;
  for (const Row& row : rows_) {
    figure = std::max(figure, row.figure.size());
    measured = std::max(measured, row.measured.size());
    target = std::max(target, row.target.size());
  }
  for (const Row& row : rows_)
    std::printf("%-*s  %-*s  %-*s  %s\n", static_cast<int>(figure), row.figure.c_str(), static_cast<int>(measured),
                row.measured.c_str(), static_cast<int>(target), row.target.c_str(), row.verdict.c_str());
  std::printf("%d targets met, %d missed\n", passed_, failed_);
  return failed_ == 0;
}

}  // namespace ferry::benchmark
