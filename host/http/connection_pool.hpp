// Connections that may be used again, one an origin.
//
// A kept connection can have been closed by the platform at any moment, and a request that meets that moment is lost
// without an answer. So old ones are not offered, and a request that must not be sent twice gets none that has been
// idle for more than a blink: servers close after seconds, not at once.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>

#include "host/http/connection.hpp"

namespace ferry::host {

class ConnectionPool {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // Null: none fit to be used.
  std::unique_ptr<HttpConnection> take(const std::string& origin, bool may_send_twice, Time now) {
    const auto found = kept_.find(origin);
    if (found == kept_.end()) return nullptr;
    Kept kept = std::move(found->second);
    kept_.erase(found);
    const auto longest = may_send_twice ? std::chrono::milliseconds(30'000) : std::chrono::milliseconds(1'000);
    if (now - kept.since > longest || !kept.connection->still_quiet()) return nullptr;
    return std::move(kept.connection);
  }

  void put(const std::string& origin, std::unique_ptr<HttpConnection> connection, Time now) {
    constexpr std::size_t most = 4;
    if (kept_.size() >= most) kept_.clear();
    kept_[origin] = {std::move(connection), now};
  }

 private:
  struct Kept {
    std::unique_ptr<HttpConnection> connection;
    Time since;
  };
  std::map<std::string, Kept> kept_;
};

}  // namespace ferry::host
