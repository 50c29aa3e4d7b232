#include "admin_api.hpp"

#include <set>
#include <utility>

#include "pack.hpp"

namespace ferry::smartiq {

namespace {

constexpr std::string_view url_hint =
    "the connection's url is that of Manage, such as https://forms.example.com/Manage";
constexpr std::size_t small = 64u << 20;

std::string root_of(std::string_view url) {
  const auto trim = [&] {
    while (url.ends_with('/')) url.remove_suffix(1);
  };
  trim();
  for (const std::string_view known : {"/api/v1/admin", "/api/v1", "/api"})
    if (url.ends_with(known)) url.remove_suffix(known.size());
  trim();
  return std::string(url) + "/api/v1/admin";
}

Json object_of(const HttpResponse& answer, const std::string& asked) {
  try {
    return Json::parse(answer.body);
  } catch (const JsonError&) {
    throw Error(FERRY_REMOTE, asked + ": the answer is no JSON (" + words_of(answer) + "); " + std::string(url_hint));
  }
}

Error refusal(const HttpResponse& answer, const std::string& asked) {
  const Error error = http_error(answer, asked);
  const bool users = answer.status == 400 || answer.status == 404 || answer.status == 409 || answer.status == 413 ||
                     answer.status == 422;
  return Error(users ? static_cast<ferry_status>(FERRY_BAD_CONFIG) : error.status(),
               error.message() + "; it said: " + words_of(answer));
}

// inferred: how lists are framed is not documented; a bare list and the usual names of its member are understood.
const Json& list_in(const Json& page) {
  if (page.is_array()) return page;
  for (const char* member : {"value", "items", "projects", "results"})
    if (page[member].is_array()) return page[member];
  static const Json nothing = Json::array();
  return nothing;
}

}  // namespace

std::string words_of(const HttpResponse& answer) {
  constexpr std::size_t shown = 300;
  const std::string status = "status " + std::to_string(answer.status);
  try {
    const Json json = Json::parse(answer.body);
    for (const char* member : {"message", "Message", "error", "title", "detail"})
      if (const std::string_view text = json.text_or(member, ""); !text.empty())
        return status + ", " + std::string(text.substr(0, shown));
  } catch (const JsonError&) {
  }
  if (answer.body.empty()) return status + ", no content";
  std::string begin;
  for (const char c : answer.body.substr(0, 80)) begin += c >= ' ' && c < 0x7F ? c : ' ';
  return status + ", " + std::string(answer.header("Content-Type")) + ", beginning \"" + begin + "\"";
}

AdminApi::AdminApi(Host host, Call call, const Login& login)
    : host_(host), call_(call), http_(host, call), login_(login), root_(root_of(login.url)) {}

AdminApi::~AdminApi() {
  if (session_) log_off();
}

void AdminApi::log_in() {
  if (login_.username.empty()) {
    const auto token = host_.secret(call_, "token");
    if (!token)
      throw Error(FERRY_BAD_CONFIG,
                  "the connection has no credential: give it the setting username with the secret password, or the "
                  "secret token");
    token_ = *token;
    return;
  }
  const auto password = host_.secret(call_, "password");
  if (!password)
    throw Error(FERRY_BAD_CONFIG, "the connection has the user name " + login_.username +
                                      " but no password; give it the secret \"password\"");
  const std::string asked = "logging in to " + root_ + " as " + login_.username;
  const HttpResponse answer =
      http_.send({.method = "POST",
                  .url = root_ + "/login/forms",
                  .headers = {{"Content-Type", "application/json"}, {"Accept", "application/json"}},
                  .body = Json::object({{"username", login_.username}, {"password", *password}}).dump(),
                  .flags = FERRY_HTTP_REPEATABLE},
                 1u << 20);
  if (answer.status == 400 || answer.status == 401 || answer.status == 403)
    throw Error(FERRY_AUTH, asked +
                                ": user name or password is wrong; correct the setting username and the secret "
                                "password (" +
                                words_of(answer) + ")");
  if (answer.status == 404)
    throw Error(FERRY_BAD_CONFIG,
                asked + ": there is no Admin API; " + std::string(url_hint) + " (" + words_of(answer) + ")");
  if (!answer.ok()) throw refusal(answer, asked);
  const Json json = object_of(answer, asked);
  // Versions of the platform differ in the case of these names.
  token_ = json.text_or("authorizationToken", json.text_or("AuthorizationToken", ""));
  version_ = json.text_or("produceVersion", json.text_or("ProduceVersion", ""));
  if (token_.empty())
    throw Error(FERRY_AUTH, asked + ": the answer holds no token; is the server set to forms authentication?");
  host_.mask(call_, token_);
  session_ = true;
}

void AdminApi::log_off() noexcept {
  // It is of no use to anybody any more, and ends by itself after a year, so a failure here fails nothing.
  try {
    const HttpResponse answer = http_.send({.method = "POST",
                                            .url = root_ + "/logoff",
                                            .headers = {{"Authorization", "Bearer " + token_}},
                                            .flags = FERRY_HTTP_NO_RETRY | FERRY_HTTP_CLEAN_UP,
                                            .timeout_ms = 5000},
                                           1u << 20);
    if (!answer.ok()) host_.debug("the session was not ended: " + words_of(answer));
  } catch (const std::exception& error) {
    host_.debug(std::string("the session was not ended: ") + error.what());
  }
}

HttpResponse AdminApi::send(HttpRequest& request, std::size_t limit) {
  const std::string path = std::move(request.url);
  request.url = path.starts_with('/') ? root_ + path : path;
  if (token_.empty()) log_in();
  request.headers = {{"Accept", "application/json"}, {"Authorization", "Bearer " + token_}};
  if (!request.body.empty()) request.headers.emplace_back("Content-Type", "application/json");
  const auto once = [&] {
    HttpResponse answer;
    http_.stream(
        request, [&](HttpResponse head) { answer = std::move(head); },
        [&](std::string_view piece) {
          if (answer.body.size() + piece.size() > limit)
            throw Error(FERRY_REMOTE, request.method + " " + request.url + ": the answer has more than " +
                                          std::to_string(limit) + " bytes");
          answer.body += piece;
        });
    return answer;
  };
  request.flags |= FERRY_HTTP_RESTARTABLE;
  HttpResponse answer = once();
  if (answer.status != 401 || login_.username.empty()) return answer;
  token_.clear();
  log_in();
  request.headers[1].second = "Bearer " + token_;
  return once();
}

std::vector<Listed> AdminApi::projects() {
  constexpr int most_pages = 10'000;
  const std::string asked = "listing the projects of " + root_;
  std::vector<Listed> out;
  std::set<std::string> asked_for;
  std::string url = "/projects";
  for (int page = 0; page < most_pages && !url.empty() && asked_for.insert(url).second; ++page) {
    const HttpResponse answer = send({.url = url}, small);
    if (!answer.ok()) throw refusal(answer, asked);
    const Json json = object_of(answer, asked);
    for (const Json& item : list_in(json).items())
      out.push_back({std::string(item.text_or("id", item.text_or("Id", ""))),
                     std::string(item.text_or("name", item.text_or("Name", "")))});
    url = json.text_or("@nextLink", "");
  }
  return out;
}

bool AdminApi::may_export() {
  Json options = Json::object();
  for (const char* name : {"projects", "projectFragments", "dataSources", "connectionStrings", "defaultData",
                           "publishFolders", "groups", "users", "customFields", "connectorSettings", "roles"})
    options.set(name, false);
  const HttpResponse answer =
      send({.method = "POST",
            .url = "/projects/sync/export",
            .body = Json::object({{"projects", Json::array()}, {"options", std::move(options)}}).dump(),
            .flags = FERRY_HTTP_REPEATABLE},
           small);
  return answer.status != 403;
}

std::string AdminApi::export_pack(const std::vector<std::string>& project_ids, const Json& options) {
  Json projects = Json::array();
  for (const std::string& id : project_ids) projects.push_back(Json::object({{"id", id}}));
  HttpResponse answer = send({.method = "POST",
                              .url = "/projects/sync/export",
                              .body = Json::object({{"projects", std::move(projects)}, {"options", options}}).dump(),
                              .flags = FERRY_HTTP_REPEATABLE},
                             largest_pack);
  if (!answer.ok()) throw refusal(answer, "exporting from " + root_);
  return std::move(answer.body);
}

AdminApi::Imported AdminApi::import_pack(std::string& pack) {
  const std::string asked = "importing to " + root_;
  HttpRequest request{.method = "POST", .url = "/projects/sync/import", .body = std::move(pack)};
  std::optional<HttpResponse> answer;
  try {
    answer = send(request, small);
  } catch (const Error& error) {
    if (error.status() != FERRY_TRANSIENT) throw;
    why_ = error.message();
  }
  pack = std::move(request.body);
  if (!answer) return Imported::unknown;
  if (answer->ok()) return Imported::yes;
  why_ = words_of(*answer);
  if (answer->status == 500) return Imported::failed;
  if (answer->status > 500 || answer->status == 408) return Imported::unknown;
  throw refusal(*answer, asked + ": nothing was imported");
}

}  // namespace ferry::smartiq
