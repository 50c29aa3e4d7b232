// Who may call a SmartIQ server: log-in by form, bearer tokens, and the permissions of a user's roles.
//
// Not thread-safe: the environment holds its lock. Failures: an Answer to give back instead of going on.
#pragma once

#include <optional>
#include <string>

#include "samples/sandbox/core/environment.hpp"
#include "samples/sandbox/core/json.hpp"
#include "samples/sandbox/core/sessions.hpp"
#include "samples/sandbox/smartiq/store.hpp"

namespace sandbox::smartiq {

// {"message": ...}, as every refusal of this environment reads. inferred: no body of an error was found.
Answer problem(int status, const std::string& message);

class Accounts {
 public:
  // All users share the option `password` (default "sandbox"): passwords are never part of a pack.
  explicit Accounts(const Settings&);

  Answer log_in(const Store&, const std::string& body);
  // Who calls, or what to answer; `permission` may be empty.
  std::optional<Answer> refuses(const Store&, const Request&, std::string_view permission) const;
  bool log_off(const Request&);

  json::Object state() const { return sessions_.state(); }
  void restore(const json::Object& state) { sessions_.restore(state); }

 private:
  const Settings& settings_;
  std::string password_;
  Sessions sessions_;
};

}  // namespace sandbox::smartiq
