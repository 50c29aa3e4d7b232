#include "admin_api.hpp"

#include <utility>

#include "ferry/percent.hpp"

namespace ferry::node_red {

namespace {

bool begins_json(const HttpResponse& answer) {
  const std::size_t first = answer.body.find_first_not_of(" \t\r\n");
  return first != std::string::npos && answer.body[first] == '{';
}

// As Node-RED decides it: "*", "read", "flows.write", or a list of such words.
bool permits(const Json& permissions, std::string_view right) {
  if (permissions.is_array()) {
    for (const Json& one : permissions.items())
      if (permits(one, right)) return true;
    return false;
  }
  if (!permissions.is_string()) return false;
  const std::string_view word = permissions.as_string();
  const std::string_view kind = right.substr(right.rfind('.') + 1);
  return word == "*" || word == right || word == kind || (word.starts_with("*.") && word.substr(2) == kind);
}

constexpr std::string_view url_hint =
    "check the connection's url; if Node-RED serves its editor under a path (httpAdminRoot), the url ends with that "
    "path";

}  // namespace

std::string describe_answer(const HttpResponse& answer) {
  constexpr std::size_t shown = 80;
  const std::string_view type = answer.header("Content-Type");
  std::string text =
      "status " + std::to_string(answer.status) + ", " + (type.empty() ? "no content type" : std::string(type));
  if (answer.body.empty()) return text + ", no content";
  std::string begin;
  for (const char c : answer.body) {
    if (begin.size() == shown) break;
    const bool space = static_cast<unsigned char>(c) <= ' ';
    if (space && (begin.empty() || begin.back() == ' ')) continue;
    begin += space ? ' ' : static_cast<unsigned char>(c) < 0x7F ? c : '?';
  }
  return text + ", beginning \"" + begin + "\"";
}

AdminApi::AdminApi(Host host, Call call, const Login& login)
    : host_(host), call_(call), http_(host, call), url_(login.url) {
  log_in(login);
}

AdminApi::~AdminApi() {
  if (session_) log_out();
}

void AdminApi::log_in(const Login& login) {
  if (auto token = host_.secret(call_, "token"); token && !token->empty()) {
    token_ = *std::move(token);
    return;
  }
  if (login.username.empty()) return;
  const auto password = host_.secret(call_, "password");
  if (!password)
    throw Error(FERRY_BAD_CONFIG,
                "the connection has the user name " + login.username +
                    " but no password; give it the secret \"password\", or a \"token\" instead of both");
  // Without a scope the session gets the user's own rights; asking for more than the user has would be refused.
  HttpResponse answer = http_.send(
      {.method = "POST",
       .url = "/auth/token",
       .headers = {{"Content-Type", "application/x-www-form-urlencoded"}, {"Accept", "application/json"}},
       .body = "client_id=node-red-admin&grant_type=password&scope=&username=" + percent_encoded(login.username) +
               "&password=" + percent_encoded(*password)});
  const std::string asked = "logging in to " + url_ + " as " + login.username;
  if (answer.body.find("Too many login attempts") != std::string::npos)
    throw Error(FERRY_AUTH, asked +
                                ": Node-RED takes no more attempts of this user for ten minutes; correct the "
                                "password and wait");
  if (answer.status == 401 || answer.status == 403 ||
      (answer.status == 400 && answer.body.find("invalid_grant") != std::string::npos))
    throw Error(FERRY_AUTH, asked + ": user name or password is wrong (status " + std::to_string(answer.status) +
                                "); correct the setting username and the secret password");
  if (answer.status == 404)
    throw Error(FERRY_BAD_CONFIG,
                asked + ": there is no log-in with a password (" + describe_answer(answer) +
                    "); this Node-RED has no adminAuth of type credentials: leave out username, or use "
                    "the secret \"token\". Otherwise " +
                    std::string(url_hint));
  if (!answer.ok() || !begins_json(answer)) fail(asked, "", answer);
  try {
    token_ = Json::parse(answer.body)["access_token"].as_string();
  } catch (const JsonError& error) {
    throw Error(FERRY_REMOTE, asked + ": the answer holds no access token: " + error.what());
  }
  host_.mask(call_, token_);
  username_ = login.username;
  session_ = true;
}

void AdminApi::log_out() noexcept {
  // The session would end by itself after some days, so that a failure here is no failure of the operation.
  try {
    std::string body = R"({"token":)";
    Json::append_quoted(body, token_);
    const HttpResponse answer = send({.method = "POST",
                                      .url = "/auth/revoke",
                                      .headers = {{"Content-Type", "application/json"}},
                                      .body = body + "}",
                                      .flags = FERRY_HTTP_NO_RETRY,
                                      .timeout_ms = 5000});
    if (!answer.ok()) host_.debug("the session was not revoked: status " + std::to_string(answer.status));
  } catch (const std::exception& error) {
    host_.debug(std::string("the session was not revoked: ") + error.what());
  }
}

HttpResponse AdminApi::send(HttpRequest request) {
  if (!token_.empty()) request.headers.emplace_back("Authorization", "Bearer " + token_);
  return http_.send(std::move(request));
}

HttpResponse AdminApi::get(const std::string& path, std::string_view right) {
  HttpResponse answer =
      send({.url = path, .headers = {{"Accept", "application/json"}, {"Node-RED-API-Version", "v2"}}});
  if (!answer.ok() || !begins_json(answer)) fail("GET " + path + " at " + url_, right, answer);
  read_ = true;
  return answer;
}

Rights AdminApi::rights() {
  const HttpResponse answer = get("/settings", "settings.read");
  Rights out;
  try {
    const Json settings = Json::parse(answer.body);
    out.version = settings.text_or("version", "");
    if (const Json* user = settings.find("user")) {
      out.username = user->text_or("username", "");
      out.writes_flows = permits((*user)["permissions"], "flows.write");
    }
  } catch (const JsonError& error) {
    throw Error(FERRY_REMOTE, "GET /settings at " + url_ + ": the answer is no JSON: " + error.what());
  }
  if (out.version.empty())
    throw Error(FERRY_REMOTE, "GET /settings at " + url_ + ": the answer names no version of Node-RED (" +
                                  describe_answer(answer) + "); " + std::string(url_hint));
  return out;
}

Configuration AdminApi::flows() {
  HttpResponse answer = get("/flows", "flows.read");
  const std::string found = describe_answer(answer);
  const std::string asked = "GET /flows at " + url_;
  try {
    Configuration configuration = Configuration::parse(std::move(answer.body));
    if (!configuration.list().revision().empty()) return configuration;
  } catch (const JsonError& error) {
    throw Error(FERRY_REMOTE, asked + ": the answer is no configuration of Node-RED (" + found + "): " + error.what() +
                                  "; try again, and " + std::string(url_hint));
  }
  throw Error(FERRY_REMOTE, asked + ": the answer names no revision (" + found + "); " + std::string(url_hint));
}

std::optional<std::set<std::string, std::less<>>> AdminApi::node_types() {
  const HttpResponse answer = send({.url = "/nodes", .headers = {{"Accept", "application/json"}}});
  if (!answer.ok()) return std::nullopt;
  std::set<std::string, std::less<>> types;
  try {
    const Json sets = Json::parse(answer.body);
    for (const Json& set : sets.items()) {
      if (!set.bool_or("enabled", true) || set.find("err") != nullptr) continue;
      for (const Json& type : set["types"].items()) types.insert(type.as_string());
    }
  } catch (const JsonError&) {
    return std::nullopt;
  }
  return types;
}

AdminApi::Deployed AdminApi::deploy(std::string body) {
  // Node-RED answers after it has stopped and replaced what changed, which takes longer the more there is.
  const auto patience = static_cast<std::int64_t>(120'000 + body.size() / 100);
  const std::string asked = "POST /flows at " + url_;
  HttpResponse answer;
  try {
    answer = send({.method = "POST",
                   .url = "/flows",
                   .headers = {{"Content-Type", "application/json"},
                               {"Accept", "application/json"},
                               {"Node-RED-API-Version", "v2"},
                               {"Node-RED-Deployment-Type", "flows"}},
                   .body = std::move(body),
                   .timeout_ms = patience});
  } catch (const Error& error) {
    if (error.status() != FERRY_TRANSIENT && error.status() != FERRY_CANCELLED) throw;
    lost_why_ = error.message();
    return Deployed::unknown;
  }
  if (answer.ok() && begins_json(answer)) return Deployed::yes;
  if (answer.status == 409) return Deployed::stale;
  if (answer.status >= 500) {
    lost_why_ = asked + ": " + describe_answer(answer);
    return Deployed::unknown;
  }
  if (answer.status == 413)
    throw Error(FERRY_REMOTE, asked +
                                  ": Node-RED does not take so large a configuration (status 413); raise "
                                  "apiMaxLength in its settings.js, which is 5mb unless set");
  fail(asked, "flows.write", answer);
}

void AdminApi::deny(const std::string& asked, std::string_view right, const std::string& found) const {
  constexpr std::string_view credentials =
      "give the connection a username and the secret \"password\", or the secret \"token\"";
  if (token_.empty())
    throw Error(FERRY_AUTH, asked + ": " + (read_ ? "everybody may read here, but this takes" : "Node-RED asks for") +
                                " credentials (" + found + "); " + std::string(credentials));
  if (!read_ && !session_)
    throw Error(FERRY_AUTH, asked + ": the token was refused (" + found +
                                "): it has expired, was revoked, or lacks the right " + std::string(right) +
                                "; renew the secret \"token\"");
  throw Error(FERRY_AUTH, asked + ": " + (username_.empty() ? "the owner of the token" : "the user " + username_) +
                              " lacks the right " + std::string(right) + " (" + found +
                              "); grant it in adminAuth of Node-RED's settings.js, or use another user");
}

// Node-RED answers 401 for rights that are missing, too; 403 comes from proxies and custom middleware.
void AdminApi::fail(const std::string& asked, std::string_view right, const HttpResponse& answer) const {
  const std::string found = describe_answer(answer);
  if (answer.status == 401 || answer.status == 403) deny(asked, right, found);
  if (answer.status == 404)
    throw Error(FERRY_BAD_CONFIG, asked + ": not found (" + found + "); " + std::string(url_hint));
  if (answer.status == 429)
    throw Error(FERRY_RATE_LIMITED, asked + ": too many requests (" + found + "); try again later");
  if (answer.status >= 500)
    throw Error(FERRY_TRANSIENT, asked + ": the server failed (" + found + "); try again, and look at Node-RED's log");
  if (begins_json(answer) && !answer.ok())
    throw Error(FERRY_REMOTE, asked + ": Node-RED refused it (" + found + "); look at its log for the reason");
  throw Error(FERRY_REMOTE, asked + ": expected JSON from Node-RED, found " + found + "; " + std::string(url_hint));
}

}  // namespace ferry::node_red
