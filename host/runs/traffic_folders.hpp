// Where the traffic of each run is recorded, or replayed from: a folder of its own for every run below the one that was
// named, called after what the run does, "export-flows-dev", "preview-flows-prod", "import-flows-prod"; a second run of
// the same kind has "-2" after it. So a promotion, or steps that run at the same time, find their own again.
//
// Thread-safe. Lives as long as the command.
#pragma once

#include <filesystem>
#include <map>
#include <mutex>
#include <string>

#include "host/http/http_client.hpp"
#include "host/runs/run.hpp"

namespace ferry::host {

class TrafficFolders {
 public:
  // At most one of them is not "". Failure(usage, bad_option): both are named, or strict without a replay.
  TrafficFolders(const std::string& record, const std::string& replay, bool strict);

  // Of the next run. Failure(usage): recorded_already, a recording would be mixed with another; no_recording.
  TrafficSettings next(const RunRequest&);

 private:
  std::string name_of(const RunRequest&);

  const std::filesystem::path record_, replay_;
  const bool strict_;
  std::mutex mutex_;
  std::map<std::string, int> used_;
};

}  // namespace ferry::host
