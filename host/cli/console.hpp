// Everything that leaves ferry for a person or a program: results on standard output; logs, errors and the progress
// line on standard error. Each text is masked by the redactor; control characters from outside are replaced.
//
// Thread-safe. A reader that went away (`| head`) is not a failure: what is printed afterwards is dropped. Any other
// failure to write standard output is a Failure(machine); standard error is written as well as it can be.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "host/base/clock.hpp"
#include "host/base/failure.hpp"
#include "host/base/redactor.hpp"
#include "host/cli/display.hpp"

namespace ferry::host {

struct ConsoleOptions {
  int out_fd = 1;
  int error_fd = 2;
  bool out_colour = false;
  bool error_colour = false;
  bool log_json = false;
  bool show_progress = false;
  int log_level = 2;  // FERRY_LOG_...: what is below is not logged
};

class Console {
 public:
  Console(const ConsoleOptions&, const Redactor&, const Clock&);

  // To standard output, which is buffered: flush() or any text on standard error brings it out.
  void print(std::string_view text);
  void flush();
  bool printed() const;  // anything at all
  bool closed() const;   // nobody reads standard output any more
  // What is printed from now on goes there too: standard output has been given to something else.
  void print_on_standard_error();
  const Style& style() const noexcept { return style_; }

  // source: "ferry", or the connector that speaks.
  void log(int level, const std::string& source, const std::string& message);
  // fault: as fault_word() says it, or "ferry" where ferry itself is at fault.
  void error(std::string_view fault, const std::string& code, const std::string& message);
  // A sentence on standard error for the person who waits; none in logs of programs.
  void note(const std::string& message);

  bool shows_progress() const noexcept { return options_.show_progress; }
  // Draws the line or lines anew; "" removes them. They are removed before anything else is printed, too.
  void progress(const std::string& lines);

 private:
  void write_out();
  void write_error(const std::string& text);
  void remove_progress();
  std::string log_line(int level, const std::string& source, const std::string& message, const std::string& fault,
                       const std::string& code) const;

  ConsoleOptions options_;
  const Redactor& redactor_;
  const Clock& clock_;
  Style style_;
  mutable std::mutex mutex_;
  std::string buffer_;
  bool printed_ = false;
  bool closed_ = false;
  std::size_t progress_lines_ = 0;
};

}  // namespace ferry::host
