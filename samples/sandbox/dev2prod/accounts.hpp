// Who may call a tenant: log-in for a plain-text token, which comes back as a cookie.
//
// Users are "admin", who is Tenant Admin, and "agent", who is not; both have the option `password` (default "sandbox").
// Not thread-safe: the tenant holds its lock.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "samples/sandbox/core/environment.hpp"
#include "samples/sandbox/core/json.hpp"
#include "samples/sandbox/core/sessions.hpp"

namespace sandbox::dev2prod {

// inferred: no body of an error was found; of the documented statuses only 400, 401, 403, 404 and 500 are used.
Answer problem(int status, const std::string& message);

class Accounts {
 public:
  // Option token_ms: how long a token lives. inferred: half an hour.
  explicit Accounts(const Settings&);

  Answer log_in(const Request&);
  std::optional<std::string> user(const Request&) const;  // none: 401
  static bool is_admin(const std::string& user) { return user == "admin"; }

  json::Object state() const { return sessions_.state(); }
  void restore(const json::Object& state) { sessions_.restore(state); }

 private:
  const Settings& settings_;
  std::string password_;
  std::int64_t lifetime_ms_;
  Sessions sessions_;
};

}  // namespace sandbox::dev2prod
