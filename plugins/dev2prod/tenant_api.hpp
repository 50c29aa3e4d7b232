// The REST API of one tenant, through the host's HTTP: log-in, jobs, attachments. One object serves one operation.
//
// Sources: the platform's own description of synchronizing two environments (paths, bodies, answers), and what public
// clients do (log-in, cookies, the attachment's answer). What neither says is marked "inferred" where it is relied on.
// Failures are Error: FERRY_AUTH for credentials and rights, FERRY_BAD_CONFIG where the URL or an id leads nowhere,
// FERRY_TRANSIENT for what may go away, FERRY_REMOTE for the rest.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "ferry/sdk.hpp"

namespace ferry::dev2prod {

struct Tenant {
  std::string url;  // of the server; a path of /rest/... at its end is not needed and ignored
  std::string id;
  std::string username;
  std::string cookie;  // the cookie's name

  static Tenant of(const Config& config);
};

class TenantApi {
 public:
  TenantApi(Host host, Call call, Tenant tenant);

  // Logs in; Error(FERRY_AUTH) if the user or password is wrong.
  void log_in();

  // Begins a job; gives its id. what: for messages, such as "exporting package 54321".
  std::string begin(const std::string& path, const std::string& body, const std::string& what);
  // The job once it is finished, whatever it came to; on_wait sees it each time it is asked for.
  Json follow(const std::string& path, const std::string& what, const std::function<void(const Json&)>& on_wait);
  Json get(const std::string& path, const std::string& what);
  // The answer's status alone matters.
  int probe(const std::string& path);

  void download(const std::string& file_id, PackageWriter writer);
  // Gives the id to import by.
  std::string upload(PackageReader package);

 private:
  HttpResponse send(HttpRequest request);
  HttpRequest with_session(HttpRequest request) const;
  std::string rest(const std::string& path) const { return tenant_.url + "/rest/" + tenant_.id + path; }
  [[noreturn]] void fail(const std::string& what, const HttpResponse& answer) const;

  Host host_;
  Call call_;
  Http http_;
  Tenant tenant_;
  std::string token_;
};

}  // namespace ferry::dev2prod
