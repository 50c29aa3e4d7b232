// The Admin API of a Node-RED, through the host's HTTP. One object serves one operation.
//
// Logs in when the connection has a user name and gives the session back when it ends. What Node-RED answers beyond
// what it documents is an Error that says what was asked, what came and what to do; who must act is its status:
// FERRY_AUTH for credentials and rights, FERRY_BAD_CONFIG where the URL leads elsewhere, FERRY_TRANSIENT for what may
// go away, FERRY_REMOTE for the rest.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "artefacts.hpp"
#include "ferry/sdk.hpp"

namespace ferry::node_red {

struct Login {
  std::string url;       // of the connection, for messages
  std::string username;  // "": none; the password is the secret "password", a ready token the secret "token"
};

struct Rights {
  std::string version;   // of Node-RED
  std::string username;  // "": the API is open, or somebody anonymous
  bool writes_flows = true;
};

class AdminApi {
 public:
  AdminApi(Host host, Call call, const Login& login);
  ~AdminApi();
  AdminApi(const AdminApi&) = delete;
  AdminApi& operator=(const AdminApi&) = delete;

  // What is running and what the user may do.
  Rights rights();
  Configuration flows();
  // The node types this Node-RED has installed and enabled; nullopt if it does not tell (the right nodes.read lacks).
  std::optional<std::set<std::string, std::less<>>> node_types();

  enum class Deployed {
    yes,
    stale,   // somebody changed the flows since the revision; nothing was written
    unknown  // the answer was lost, or not waited for because of a cancel
  };
  // body: {"flows":[...],"rev":...}. Restarts only what differs and what is wired to it.
  Deployed deploy(std::string body);
  // Why the last deploy is unknown.
  const std::string& lost_why() const noexcept { return lost_why_; }

 private:
  void log_in(const Login& login);
  void log_out() noexcept;
  HttpResponse get(const std::string& path, std::string_view right);
  HttpResponse send(HttpRequest request);
  // right: what the user needs for what was asked.
  [[noreturn]] void fail(const std::string& asked, std::string_view right, const HttpResponse& answer) const;
  [[noreturn]] void deny(const std::string& asked, std::string_view right, const std::string& found) const;

  Host host_;
  Call call_;
  Http http_;
  std::string url_;
  std::string username_;
  std::string token_;
  bool session_ = false;  // the token is ours to revoke
  bool read_ = false;     // an answer came with these credentials
  std::string lost_why_;
};

// What came instead of JSON, for messages: status, type and how it begins, on one line.
std::string describe_answer(const HttpResponse& answer);

}  // namespace ferry::node_red
