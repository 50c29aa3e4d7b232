// Webhooks: who wants to hear of what, and the thread that tells them.
//
// A message is posted to the webhook's URL with its headers; an answer that is
// not 2xx, or none within two seconds, is tried again up to three times, after
// a pause that doubles. Not thread-safe but for the thread of its own; the
// environment locks. What was not delivered when the object is destroyed is
// dropped.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "samples/sandbox/core/json.hpp"

namespace Poco::Net {
class HTTPClientSession;
}

namespace sandbox::integration_labs {

class Deliveries {
 public:
  // pulse is called about every 20 ms once something was registered, so that
  // what the clock brings is told in time.
  Deliveries(std::int64_t first_pause_ms, std::function<void()> pulse);
  ~Deliveries();
  Deliveries(const Deliveries&) = delete;
  Deliveries& operator=(const Deliveries&) = delete;

  void start();  // the thread; again is nothing
  void post(std::string url, std::vector<std::pair<std::string, std::string>> headers, std::string body);
  std::map<std::string, std::int64_t> counters() const;

 private:
  struct Message {
    std::string url;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    int attempts = 0;
    std::chrono::steady_clock::time_point due = {};
  };
  void run();
  bool deliver(const Message&);

  const std::chrono::milliseconds first_pause_;
  const std::function<void()> pulse_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Message> messages_;
  bool ending_ = false;
  std::int64_t delivered_ = 0, attempts_ = 0, given_up_ = 0;
  std::thread thread_;
};

struct Webhook {
  std::uint64_t id = 0;
  std::string name, type, url;
  std::vector<std::string> operations, data_models;
  json::Object headers = json::object();
  std::int64_t created_at = 0;

  // BadRequest for what is no webhook. A member that is absent stays as it is.
  void read(const json::Object&);
  json::Object to_json() const;
  bool wants(std::string_view type, std::string_view operation, std::string_view data_model) const;
};

}  // namespace sandbox::integration_labs
