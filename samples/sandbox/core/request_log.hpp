// What an environment was asked: how often each kind of request came, and the last of them one by one. For tests of
// clients, which must know that something was sent once and not twice. Thread-safe; credentials are not kept.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>

#include "samples/sandbox/core/environment.hpp"
#include "samples/sandbox/core/json.hpp"

namespace sandbox {

class RequestLog {
 public:
  void add(const Request&, int status, std::int64_t now_ms);
  json::Object counts() const;  // {"POST /dev/api/v4/import": 1, "GET /dev/api/v4/import/{id}/status": 3}
  json::Array last() const;     // oldest first, at most 500
  void clear();

 private:
  struct Entry {
    std::int64_t at_ms;
    std::string method, target;
    int status;  // 0: dropped
    std::int64_t body_length;
  };
  mutable std::mutex mutex_;
  std::map<std::string, std::int64_t> counts_;
  std::deque<Entry> entries_;
};

// "/dev/api/v4/export/8f0c...-4b6e/status" is "/dev/api/v4/export/{id}/status".
std::string path_pattern(std::string_view path);

}  // namespace sandbox
