#include "host/cli/console.hpp"

#include <Poco/JSON/Object.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <sstream>

#include "host/base/text.hpp"

namespace ferry::host {
namespace {

constexpr std::size_t largest_buffer = 64 * 1024;

const char* level_word(int level) {
  if (level >= FERRY_LOG_ERROR) return "error";
  if (level == FERRY_LOG_WARNING) return "warning";
  return level == FERRY_LOG_INFO ? "info" : "debug";
}

Paint level_paint(int level) {
  if (level >= FERRY_LOG_ERROR) return Paint::red;
  return level == FERRY_LOG_WARNING ? Paint::yellow : Paint::dim;
}

// A failure may have several lines, such as every path that was tried; each is made safe by itself.
std::string printable_lines(const std::string& text) {
  std::vector<std::string> lines = split(text, '\n');
  while (lines.size() > 1 && lines.back().empty()) lines.pop_back();
  for (std::string& line : lines) line = printable(line);
  return join(lines, "\n");
}

std::size_t terminal_width(int fd) {
  winsize size{};
  return ::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

}  // namespace

Console::Console(const ConsoleOptions& options, const Redactor& redactor, const Clock& clock)
    : options_(options), redactor_(redactor), clock_(clock), style_(options.out_colour) {}

void Console::print(std::string_view text) {
  const std::lock_guard lock(mutex_);
  printed_ = printed_ || !text.empty();
  buffer_ += redactor_.mask(text);
  if (buffer_.size() >= largest_buffer) write_out();
}

void Console::flush() {
  const std::lock_guard lock(mutex_);
  write_out();
}

bool Console::printed() const {
  const std::lock_guard lock(mutex_);
  return printed_;
}

bool Console::closed() const {
  const std::lock_guard lock(mutex_);
  return closed_;
}

void Console::print_on_standard_error() {
  const std::lock_guard lock(mutex_);
  write_out();
  options_.out_fd = options_.error_fd;
  style_ = Style(options_.error_colour);
}

void Console::write_out() {
  if (buffer_.empty()) return;
  remove_progress();
  const std::string text = std::move(buffer_);
  buffer_.clear();
  std::string_view rest = text;
  while (!rest.empty() && !closed_) {
    const ssize_t written = ::write(options_.out_fd, rest.data(), rest.size());
    if (written >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EPIPE) {
      closed_ = true;
    } else if (errno != EINTR) {
      throw_errno("writing to standard output", errno);
    }
  }
}

void Console::write_error(const std::string& text) {
  const std::string masked = redactor_.mask(text);
  std::string_view rest = masked;
  while (!rest.empty()) {
    const ssize_t written = ::write(options_.error_fd, rest.data(), rest.size());
    if (written < 0 && errno != EINTR) return;
    if (written > 0) rest.remove_prefix(static_cast<std::size_t>(written));
  }
}

std::string Console::log_line(int level, const std::string& source, const std::string& message,
                              const std::string& fault, const std::string& code) const {
  if (options_.log_json) {
    Poco::JSON::Object line(Poco::JSON_PRESERVE_KEY_ORDER);
    line.set("time", rfc3339(clock_.now_unix_ms()));
    line.set("level", level_word(level));
    line.set("source", valid_utf8(source));
    line.set("message", valid_utf8(message));
    if (!fault.empty()) line.set("fault", fault).set("code", code);
    std::ostringstream out;
    line.stringify(out);
    return out.str() + "\n";
  }
  const Style style(options_.error_colour);
  return printable(source) + ": " + style(level_paint(level), level_word(level)) + ": " + printable_lines(message) +
         "\n";
}

void Console::log(int level, const std::string& source, const std::string& message) {
  if (level < options_.log_level) return;
  const std::lock_guard lock(mutex_);
  write_out();
  remove_progress();
  write_error(log_line(level, source, message, "", ""));
}

void Console::error(std::string_view fault, const std::string& code, const std::string& message) {
  const std::lock_guard lock(mutex_);
  write_out();
  remove_progress();
  write_error(log_line(FERRY_LOG_ERROR, "ferry", message, std::string(fault), code));
}

void Console::note(const std::string& message) {
  const std::lock_guard lock(mutex_);
  write_out();
  remove_progress();
  if (!options_.log_json) write_error("ferry: " + printable_lines(message) + "\n");
}

void Console::progress(const std::string& lines) {
  if (!options_.show_progress) return;
  const std::lock_guard lock(mutex_);
  remove_progress();
  if (lines.empty()) return;
  std::vector<std::string> drawn = split(lines, '\n');
  for (std::string& line : drawn) line = cut_to_width(printable(line), terminal_width(options_.error_fd) - 1);
  write_error(join(drawn, "\r\n"));
  progress_lines_ = drawn.size();
}

// Back to the beginning of the first line, and everything from there on away.
void Console::remove_progress() {
  if (progress_lines_ == 0) return;
  write_error(progress_lines_ == 1 ? "\r\x1b[K" : "\r\x1b[" + std::to_string(progress_lines_ - 1) + "A\x1b[J");
  progress_lines_ = 0;
}

}  // namespace ferry::host
