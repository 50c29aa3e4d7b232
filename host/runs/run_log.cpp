#include "host/runs/run_log.hpp"

#include <fcntl.h>

#include <algorithm>

#include "ferry/json.hpp"
#include "host/base/files.hpp"

namespace ferry::host {

const char* log_level_word(int level) noexcept {
  static constexpr const char* words[] = {"debug", "info", "warning", "error"};
  return words[std::clamp(level, 0, 3)];
}

void RunLog::write(int level, const std::string& source, const std::string& message) noexcept try {
  if (given_up_) return;
  if (!fd_) {
    make_private_directory(file_.parent_path());
    fd_ = open_file(file_, O_WRONLY | O_CREAT | O_APPEND);
  }
  std::string line =
      "{\"time\":\"" + rfc3339(clock_.now_unix_ms()) + "\",\"level\":\"" + log_level_word(level) + "\",\"source\":";
  Json::append_quoted(line, source);
  line += ",\"message\":";
  Json::append_quoted(line, message);
  line += "}\n";
  bytes_ += line.size();
  given_up_ = bytes_ > most_bytes;
  write_all(fd_.get(), given_up_ ? "{\"message\":\"the log of this run ends here: it is too long\"}\n" : line,
            "the run's log");
} catch (...) {
  given_up_ = true;
}

}  // namespace ferry::host
