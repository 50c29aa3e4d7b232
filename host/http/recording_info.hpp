// What stands in the recording.json of a folder of recorded traffic: where and when it was recorded, and which names
// hold values that differ each time. A person may edit it; unknown members are left alone.
//
// Header only: also whoever does not link the HTTP room reads it. Throws Failure(usage, bad_recording | no_recording).
#pragma once

#include <Poco/JSON/Array.h>

#include <filesystem>
#include <string>
#include <vector>

#include "host/base/clock.hpp"
#include "host/base/failure.hpp"
#include "host/base/files.hpp"
#include "host/base/json_text.hpp"

namespace ferry::host {

struct RecordingInfo {
  static constexpr const char* file_name = "recording.json";
  static constexpr const char* format = "ferry.traffic/1";

  std::string base_url;             // of the connection; recorded paths without an origin belong to it
  std::int64_t recorded_at = 0;     // unix ms: where the clock of a replay begins
  std::vector<std::string> varies;  // names of JSON members, query parameters, form fields that are not compared

  static RecordingInfo load(const std::filesystem::path& folder) {
    const std::filesystem::path file = folder / file_name;
    const auto refuse = [&](const std::string& why) {
      return Failure(Fault::usage, "bad_recording", file.string() + " " + why + "; record it again");
    };
    std::error_code error;
    if (!std::filesystem::exists(file, error))
      throw Failure(Fault::usage, "no_recording",
                    folder.string() + " holds no recorded traffic; make it with --record");
    const Poco::JSON::Object::Ptr json = parse_object(read_file(file));
    if (!json) throw refuse("is no JSON object");
    if (json->optValue<std::string>("format", "") != format)
      throw refuse("is not of the format " + std::string(format));
    RecordingInfo info;
    info.base_url = json->optValue<std::string>("base_url", "");
    const auto time = parse_rfc3339(json->optValue<std::string>("recorded_at", ""));
    if (!time) throw refuse("does not say when it was recorded (recorded_at)");
    info.recorded_at = *time;
    if (const Poco::JSON::Array::Ptr names = json->getArray("varies"))
      for (unsigned i = 0; i < names->size(); ++i) info.varies.push_back(names->getElement<std::string>(i));
    return info;
  }

  void save(const std::filesystem::path& folder) const {
    Poco::JSON::Object json(Poco::JSON_PRESERVE_KEY_ORDER);
    json.set("format", std::string(format));
    json.set("base_url", base_url);
    json.set("recorded_at", rfc3339(recorded_at));
    Poco::JSON::Array::Ptr names = new Poco::JSON::Array;
    for (const std::string& name : varies) names->add(name);
    json.set("varies", names);
    replace_file(folder / file_name, json_text(json) + "\n", 0644);
  }
};

}  // namespace ferry::host
