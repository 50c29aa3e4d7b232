#include "host/runs/traffic_folders.hpp"

#include <algorithm>
#include <vector>

#include "host/base/failure.hpp"
#include "host/base/text.hpp"
#include "host/http/recording_info.hpp"

namespace ferry::host {
namespace {

namespace fs = std::filesystem;

fs::path absolute(const std::string& folder) {
  return folder.empty() ? fs::path() : fs::absolute(folder).lexically_normal();
}

std::string recordings_in(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error))
    if (fs::exists(entry.path() / RecordingInfo::file_name, error)) names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names.empty() ? "it holds no recordings; make them with --record" : "it has: " + join(names, ", ");
}

}  // namespace

TrafficFolders::TrafficFolders(const std::string& record, const std::string& replay, bool strict)
    : record_(absolute(record)), replay_(absolute(replay)), strict_(strict) {
  if (!record.empty() && !replay.empty())
    throw Failure(Fault::usage, "bad_option", "--record and --replay exclude each other; give one of them");
  if (strict && replay.empty()) throw Failure(Fault::usage, "bad_option", "--replay-strict needs --replay DIR");
}

std::string TrafficFolders::name_of(const RunRequest& request) {
  const bool preview = request.operation == "import" && request.import.preview;
  const std::string name = (preview ? "preview" : request.operation) + "-" + request.connection;
  const std::lock_guard lock(mutex_);
  const int number = ++used_[name];
  return number == 1 ? name : name + "-" + std::to_string(number);
}

TrafficSettings TrafficFolders::next(const RunRequest& request) {
  if (record_.empty() && replay_.empty()) return {};
  const std::string name = name_of(request);
  const fs::path info = fs::path(name) / RecordingInfo::file_name;
  std::error_code error;
  if (!record_.empty()) {
    if (fs::exists(record_ / info, error))
      throw Failure(Fault::usage, "recorded_already",
                    (record_ / name).string() +
                        " holds a recording already, and two in one folder cannot be told apart; remove it, or record "
                        "into another folder");
    return {(record_ / name).string(), "", false};
  }
  if (!fs::exists(replay_ / info, error))
    throw Failure(Fault::usage, "no_recording",
                  replay_.string() + " has no recording " + name + ", which this run would be answered from; " +
                      recordings_in(replay_));
  return {"", (replay_ / name).string(), strict_};
}

}  // namespace ferry::host
