// The Admin API of a SmartIQ server, with forms authentication.
//
// A token is got once and used for every call of the operation; it is got again after a 401, and ended with the
// operation, because it would live for a year. Used by one operation on its thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ferry/sdk.hpp"

namespace ferry::smartiq {

struct Login {
  std::string url;       // ManageUrl, or with what people copy along: a slash, /api/v1/admin
  std::string username;  // "": the secret "token" instead
};

struct Listed {
  std::string id, name;
};

class AdminApi {
 public:
  AdminApi(Host host, Call call, const Login& login);
  AdminApi(const AdminApi&) = delete;
  AdminApi& operator=(const AdminApi&) = delete;
  ~AdminApi();

  const std::string& url() const noexcept { return root_; }
  const std::string& version() const noexcept { return version_; }  // of the server; "" if it does not tell
  // Throws Error(FERRY_AUTH), Error(FERRY_BAD_CONFIG).
  void log_in();
  std::vector<Listed> projects();
  // May the user export? Asks for an export of nothing.
  bool may_export();
  // The sync pack, as it came.
  std::string export_pack(const std::vector<std::string>& project_ids, const Json& options);
  enum class Imported { yes, failed, unknown };
  // yes: the platform took it. failed: it says that something went wrong (why()); unknown: no answer says what became
  // of it. In both cases a part of it may be in place. Throws where it refused the pack, which then changed nothing.
  // pack: is lent to the request, because it can be large, and comes back.
  Imported import_pack(std::string& pack);
  const std::string& why() const noexcept { return why_; }

 private:
  HttpResponse send(HttpRequest& request, std::size_t limit);
  HttpResponse send(HttpRequest&& request, std::size_t limit) { return send(request, limit); }
  void log_off() noexcept;

  Host host_;
  Call call_;
  Http http_;
  Login login_;
  std::string root_;  // .../api/v1/admin
  std::string token_, version_, why_;
  bool session_ = false;
};

// What the platform itself says in an answer: its message, or what it is instead of JSON.
std::string words_of(const HttpResponse& answer);

}  // namespace ferry::smartiq
