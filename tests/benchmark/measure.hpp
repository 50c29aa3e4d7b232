// Times, child processes and the table of results that every benchmark prints into.
//
// Times are the best of several repetitions, taken in turns where two are compared: what else the machine does hits
// both. Beside the wall clock stands the processor time (user and system, children included), which a busy machine
// distorts less. One thread.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace ferry::benchmark {

struct Cost {
  double wall = 0, cpu = 0;  // seconds
};

// Of one call, of this process and the children it waited for.
Cost cost_of(const std::function<void()>& work);
// Of each work, the lowest wall clock and the lowest processor time of so many rounds; a round calls each once.
std::vector<Cost> best_of(int rounds, const std::vector<std::function<void()>>& works);

struct Peak {
  std::uint64_t host_kib = 0, worker_kib = 0;
};

// Runs a program to its end, its standard output thrown away; throws std::runtime_error if it fails. The peaks (VmHWM)
// are of the program and of its largest child.
void run(const std::vector<std::string>& command, Peak* peak = nullptr);
// What it printed.
std::string output_of(const std::vector<std::string>& command);
// A member such as VmHWM of /proc/PID/status, in KiB.
std::uint64_t status_kib(pid_t process, const std::string& member);
std::vector<pid_t> children_of(pid_t process);

std::string milliseconds_text(Cost);

class Results {
 public:
  // judges_times false: a target of time is shown, but neither met nor missed.
  explicit Results(bool judges_times) : judges_times_(judges_times) {}

  // A figure that is to be met; the texts say what was measured and what is asked for.
  void add(const std::string& figure, const std::string& measured, const std::string& target, bool met);
  // The same of a time.
  void add_time(const std::string& figure, const std::string& measured, const std::string& target, bool met);
  // One that only informs.
  void note(const std::string& figure, const std::string& measured);
  // Prints and returns false if a target was missed.
  bool print() const;

 private:
  struct Row {
    std::string figure, measured, target, verdict;
  };
  const bool judges_times_;
  std::vector<Row> rows_;
  int passed_ = 0, failed_ = 0;
};

struct Settings {
  bool quick = false;               // shows that everything runs; its figures mean little
  std::filesystem::path directory;  // for files, removed at the end
};

}  // namespace ferry::benchmark
