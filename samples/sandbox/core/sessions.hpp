// The sessions of an environment: which token is whose, and until when. They survive a restart.
//
// Not thread-safe: who owns it holds a lock.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "samples/sandbox/core/environment.hpp"
#include "samples/sandbox/core/json.hpp"

namespace sandbox {

class Sessions {
 public:
  explicit Sessions(const Settings& settings) : settings_(settings) {}

  // A name for the next token, never given before: what is made from it is the same for the same seed.
  std::string next_name();
  void open(const std::string& token, const std::string& user, std::int64_t lifetime_ms);
  // Whose token it is; nullopt: unknown, too old, or made invalid by a fault.
  std::optional<std::string> user(const std::string& token) const;
  bool close(const std::string& token) { return sessions_.erase(token) > 0; }

  json::Object state() const;
  void restore(const json::Object&);

 private:
  struct Session {
    std::string user;
    std::int64_t until_ms = 0, epoch = 0;
  };
  std::int64_t epoch() const;

  const Settings& settings_;
  std::int64_t given_out_ = 0;
  std::map<std::string, Session> sessions_;
};

}  // namespace sandbox
