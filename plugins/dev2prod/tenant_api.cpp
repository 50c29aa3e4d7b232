#include "tenant_api.hpp"

#include <algorithm>
#include <utility>

#include "ferry/percent.hpp"

namespace ferry::dev2prod {

namespace {

constexpr std::int64_t first_pause_ms = 200, longest_pause_ms = 5000;

std::string first_line(std::string_view body) {
  std::string line;
  for (const char c : body.substr(0, 200)) {
    if (c == '\n' || c == '\r') break;
    line += static_cast<unsigned char>(c) < ' ' || static_cast<unsigned char>(c) == 0x7F ? '?' : c;
  }
  return line;
}

Json parsed(const HttpResponse& answer, const std::string& what) {
  try {
    return Json::parse(answer.body);
  } catch (const JsonError& error) {
    throw Error(FERRY_REMOTE, what + ": the answer is no JSON (" + error.what() + "), it begins \"" +
                                  first_line(answer.body) +
                                  "\"; does the connection's url lead to the server of the tenant?");
  }
}

// "Id" in answers to POST, "id" in answers to GET.
std::string id_of(const Json& answer, const std::string& what) {
  for (const char* name : {"Id", "id", "guid"})
    if (const std::string_view id = answer.text_or(name, ""); !id.empty()) return std::string(id);
  throw Error(FERRY_REMOTE, what + ": the answer names no id");
}

// inferred: the documents name COMPLETED alone; what is none of these is taken for "still at work".
bool is_finished(std::string_view status) {
  return status == "COMPLETED" || status == "FAILED" || status == "CANCELLED" || status == "CANCELED" ||
         status == "ABORTED" || status == "ERROR";
}

}  // namespace

Tenant Tenant::of(const Config& config) {
  Tenant tenant{config.url, std::string(config.settings.text_or("tenant", "")),
                std::string(config.settings.text_or("username", "")),
                std::string(config.settings.text_or("cookie", "SMAX_AUTH_TOKEN"))};
  if (const std::size_t rest = tenant.url.find("/rest/"); rest != std::string::npos) tenant.url.resize(rest);
  while (tenant.url.ends_with('/')) tenant.url.pop_back();
  return tenant;
}

TenantApi::TenantApi(Host host, Call call, Tenant tenant)
    : host_(host), call_(call), http_(host, call), tenant_(std::move(tenant)) {}

void TenantApi::log_in() {
  const auto password = host_.secret(call_, "password");
  if (!password) throw Error(FERRY_BAD_CONFIG, "the connection has no password: give it the secret \"password\"");
  const HttpResponse answer = http_.send(
      {.method = "POST",
       .url = tenant_.url + "/auth/authentication-endpoint/authenticate/login?TENANTID=" + percent_encoded(tenant_.id),
       .headers = {{"Content-Type", "application/json"}, {"Accept", "text/plain, application/json"}},
       .body = Json::object({{"login", tenant_.username}, {"password", *password}}).dump(),
       .flags = FERRY_HTTP_REPEATABLE});
  const std::string what = "logging in to " + tenant_.url + " as " + tenant_.username;
  if (answer.status == 401 || answer.status == 403 || answer.status == 400)
    throw Error(FERRY_AUTH, what + ": user, password or tenant " + tenant_.id + " is wrong (status " +
                                std::to_string(answer.status) + "); correct the settings, or the secret password");
  if (!answer.ok()) fail(what, answer);
  token_ = answer.body;
  while (!token_.empty() && static_cast<unsigned char>(token_.back()) <= ' ') token_.pop_back();
  if (token_.empty() || token_.find_first_of(" ;<\r\n\t") != std::string::npos)
    throw Error(FERRY_REMOTE, what + ": the answer is no token; it begins \"" +
                                  (token_.starts_with('<') ? first_line(token_) : std::string("...")) +
                                  "\"; does the connection's url lead to the server of the tenant?");
  host_.mask(call_, token_);
}

HttpRequest TenantApi::with_session(HttpRequest request) const {
  request.headers.emplace_back("Cookie", tenant_.cookie + "=" + token_ + "; TENANTID=" + tenant_.id);
  request.headers.emplace_back("Accept", "application/json");
  return request;
}

// A session that has ended is begun anew, once.
HttpResponse TenantApi::send(HttpRequest request) {
  if (token_.empty()) log_in();
  HttpResponse answer = http_.send(with_session(request));
  if (answer.status != 401) return answer;
  log_in();
  return http_.send(with_session(std::move(request)));
}

void TenantApi::fail(const std::string& what, const HttpResponse& answer) const {
  const std::string found = what + ": the platform answered " + std::to_string(answer.status) +
                            (answer.body.empty() ? "" : " \"" + first_line(answer.body) + "\"");
  if (answer.status == 401)
    throw Error(FERRY_AUTH, found + " although the log-in succeeded; is the setting cookie right for this server?");
  if (answer.status == 403)
    throw Error(FERRY_AUTH, found + ": the user " + tenant_.username + " needs the role Tenant Admin");
  if (answer.status == 404)
    throw Error(FERRY_BAD_CONFIG,
                found + ": it is not there; check the connection's url, its setting tenant, and the package's id");
  if (answer.status == 423)
    throw Error(FERRY_TRANSIENT, found + ": the tenant is locked by an import; try again when that is done");
  if (answer.status == 400) throw Error(FERRY_REMOTE, found + ": Invalid Request");
  throw http_error(answer, what);
}

std::string TenantApi::begin(const std::string& path, const std::string& body, const std::string& what) {
  const HttpResponse answer =
      send({.method = "POST", .url = rest(path), .headers = {{"Content-Type", "application/json"}}, .body = body});
  if (!answer.ok()) fail(what, answer);
  return id_of(parsed(answer, what), what);
}

Json TenantApi::get(const std::string& path, const std::string& what) {
  const HttpResponse answer = send({.url = rest(path)});
  if (!answer.ok()) fail(what, answer);
  return parsed(answer, what);
}

int TenantApi::probe(const std::string& path) {
  const HttpResponse answer = send({.url = rest(path)});
  if (answer.status == 429 || answer.status >= 500) fail("GET " + path, answer);
  return answer.status;
}

Json TenantApi::follow(const std::string& path, const std::string& what,
                       const std::function<void(const Json&)>& on_wait) {
  for (std::int64_t pause = first_pause_ms;; pause = std::min(longest_pause_ms, pause * 3 / 2)) {
    Json job = get(path, what);
    const std::string_view status = job.text_or("Status", "");
    if (status.empty()) throw Error(FERRY_REMOTE, what + ": the job's answer has no Status");
    on_wait(job);
    if (is_finished(status)) return job;
    host_.sleep_ms(call_, pause);
  }
}

void TenantApi::download(const std::string& file_id, PackageWriter writer) {
  if (token_.empty()) log_in();
  const std::string what = "downloading the package " + file_id;
  // The documents' description of the call, and their example.
  std::string path = "/ces/attachment/" + percent_encoded(file_id);
  for (bool renewed = false, moved = false;;) {
    HttpResponse refused;
    bool is_package = false;
    std::uint64_t received = 0;
    HttpRequest request{.url = rest(path), .flags = FERRY_HTTP_RESTARTABLE};
    http_.stream(
        with_session(std::move(request)),
        [&](HttpResponse head) {
          if (is_package) writer.restart();
          is_package = head.ok();
          received = 0;
          refused = std::move(head);
        },
        [&](std::string_view piece) {
          received += piece.size();
          call_.progress(received, static_cast<std::uint64_t>(std::max<std::int64_t>(refused.content_length, 0)),
                         "download");
          if (is_package)
            writer.write(piece);
          else if (refused.body.size() < 4096)
            refused.body += piece.substr(0, 4096);
        });
    if (is_package) return;
    if (refused.status == 401 && !renewed) {
      renewed = true;
      log_in();
    } else if (refused.status == 404 && !moved) {
      moved = true;
      path = "/dev2prod" + path;
    } else {
      fail(what, refused);
    }
  }
}

std::string TenantApi::upload(PackageReader package) {
  const std::string what = "uploading the package to the tenant " + tenant_.id;
  call_.progress(0, package.archive_size(), "upload");
  const HttpResponse answer = send({.method = "POST",
                                    .url = rest("/ces/attachment"),
                                    .headers = {{"User-Agent", "Apache-HttpClient/4.4.1"}},
                                    .parts = {{.name = "files[]",
                                               .data = {},
                                               .file_name = "package.zip",
                                               .content_type = "application/zip",
                                               .package = package.abi()}},
                                    // A file that is uploaded twice is stored twice, and imported once.
                                    .flags = FERRY_HTTP_REPEATABLE});
  if (!answer.ok()) fail(what, answer);
  const Json stored = parsed(answer, what);
  if (!stored.bool_or("success", true))
    throw Error(FERRY_REMOTE, what + ": the platform did not store it: " + first_line(answer.body));
  const std::string_view guid = stored.text_or("guid", "");
  return guid.empty() ? id_of(stored, what) : std::string(guid);
}

}  // namespace ferry::dev2prod
