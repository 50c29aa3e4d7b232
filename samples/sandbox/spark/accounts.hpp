// Who may ask: tokens of the client credentials flow, the API key, and signatures of download URLs. Nothing is kept: a
// token says itself for whom, for which tenant and until when it is good, and is signed. Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>

#include "samples/sandbox/core/environment.hpp"

namespace sandbox::spark {

struct User {
  std::string name;  // "ferry@sandbox.test"
  bool is_supervisor = false;
  bool has_api_key = false;
};

class Accounts {
 public:
  Accounts(const Settings&, std::int64_t token_seconds);

  Answer token(const Request&);  // the answer of the token endpoint
  std::optional<User> user_of(const Request&) const;

  std::string signature(const std::string& path, std::int64_t expires_s) const;

 private:
  std::string token_for(const std::string& client);
  std::optional<User> user_of_token(const std::string& token) const;

  const Settings settings_;
  std::int64_t token_seconds_;
  std::string secret_;
  std::atomic<std::uint64_t> tokens_ = 0;
};

}  // namespace sandbox::spark
