// ferry/testing_values.hpp - what passes between a test and a connector: see testing.hpp.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ferry/connector.h"
#include "ferry/json.hpp"

namespace ferry::testing {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Reply {
  int status = 200;
  std::string body = {};
  Headers headers = {};
  ferry_status failure = FERRY_OK;  // anything else: no answer comes, and send returns this
};

struct SentPart {
  std::string name, file_name, content_type, data;
};
struct SentRequest {
  std::string method, url;
  Headers headers;
  std::string body;
  std::vector<SentPart> parts;
  std::string idempotency_key;
  std::uint32_t flags;
};

struct LogLine {
  std::int32_t level;
  std::string message, fields_json;
};

struct Package {
  std::vector<std::pair<std::string, std::string>> entries;  // name, content
  std::string archive = {};                                  // the platform's own, where a connector handles those
  Json description = Json::object();
};

// What became of one operation.
struct Result {
  ferry_status status = FERRY_OK;
  std::string message, detail_json;                  // of fail
  std::vector<Json> facts;                           // in their order
  std::map<std::string, std::vector<Json>> records;  // by stream
  std::map<std::string, std::vector<Json>> checkpoints;
  std::vector<std::string> progress;  // the phases, each once
  Package package;                    // what was exported
  std::vector<std::string> violations;

  // How many items were reported with that outcome.
  std::uint64_t count(std::string_view outcome) const {
    std::uint64_t sum = 0;
    for (const Json& fact : facts)
      if (fact["fact"] == Json("item") && fact["outcome"] == Json(outcome))
        sum += fact.find("count") != nullptr ? static_cast<std::uint64_t>(fact["count"].as_int()) : 1;
    return sum;
  }
};

}  // namespace ferry::testing
