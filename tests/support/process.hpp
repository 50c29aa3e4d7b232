// Runs a program to its end, as a person or a script would: arguments in, both outputs and the exit code out.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace ferry::test {

struct Finished {
  int exit_code = -1;  // 128 + signal if a signal ended it
  std::string out, err;
  std::chrono::milliseconds took{0};
};

struct Command {
  std::vector<std::string> arguments;              // the program first
  std::map<std::string, std::string> environment;  // added to a minimal one (PATH, HOME, LANG)
  std::filesystem::path directory;                 // "": the current one
  std::chrono::seconds deadline{60};               // killed after that; the test sees 137
};

// A program that is running. Killed and reaped when it goes out of scope.
class Process {
 public:
  explicit Process(const Command&);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t id() const noexcept { return pid_; }
  void signal(int number) const;
  // Reads its outputs until `condition` holds on what it printed so far; false: it ended or the deadline passed first.
  bool wait_for(const std::function<bool(const Finished&)>& condition);
  Finished finish();

 private:
  bool pump(std::chrono::milliseconds longest);  // false: both outputs have ended

  Command command_;
  pid_t pid_ = -1;
  int out_ = -1, err_ = -1;
  Finished result_;
  std::chrono::steady_clock::time_point begun_;
};

Finished run(const Command&);
// Waits for a condition with a deadline; false: it did not come true.
bool eventually(const std::function<bool()>& condition, std::chrono::milliseconds deadline = std::chrono::seconds(20));

}  // namespace ferry::test
