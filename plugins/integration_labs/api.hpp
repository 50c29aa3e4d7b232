// The API of Integration Labs, version 3, through the host's HTTP. One object serves one operation.
//
// What the platform answers beyond what was asked for is an Error that says what was asked, what came and what to do;
// who must act is its status: FERRY_AUTH for the key, its rights and broken connections, FERRY_BAD_CONFIG for what the
// configuration or request says, FERRY_RATE_LIMITED, FERRY_TRANSIENT for what may go away, FERRY_REMOTE for the rest.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "ferry/sdk.hpp"
#include "page.hpp"

namespace ferry::integration_labs {

struct Settings {
  std::string url;   // of the connection, for messages
  std::string root;  // what stands before core/... and accounting/...: "" or "/v3"
  std::int64_t company_id = 0;
  std::int64_t page_size = 1000;
  bool triggers = false;  // a sync of the platform comes before a read
  std::int64_t sync_timeout_s = 3600;
  std::string category = "ACCOUNTING";

  static Settings parse(const Config&);
};

// What the platform says of the company and its connection to the accounting software.
struct Connection {
  std::string company, integration, health, sync_status, resumes_at, last_synced;
  bool found = false;

  bool healthy() const { return health == "HEALTHY"; }
  bool sleeps() const { return sync_status == "SLEEPING"; }
};

class Api {
 public:
  Api(Host host, Call call, const Settings& settings);

  // path: "core/syncs". what: what is tried, for messages.
  Json get(const std::string& path, const std::string& what);
  Json post(const std::string& path, const Json& body, const std::string& what);
  // Any status; the body is as it came.
  HttpResponse get_raw(const std::string& path);
  // correction: what to do where the platform says what it does not like of the request.
  [[noreturn]] void fail(const std::string& what, const HttpResponse& answer,
                         const std::string& correction = "correct what the message names") const;

  Connection connection();
  const Settings& settings() const noexcept { return settings_; }

 private:
  HttpResponse send(HttpRequest request);
  Json parsed(const std::string& what, const HttpResponse& answer) const;

  Host host_;
  Call call_;
  Http http_;
  const Settings& settings_;
  std::string key_;
};

// The member "error" of an answer: what the platform says of why it refused. Empty members where it says nothing.
struct Refusal {
  std::string code, message, field;

  static Refusal read(const HttpResponse& answer);
  bool said() const { return !message.empty() || !code.empty(); }
};

}  // namespace ferry::integration_labs
