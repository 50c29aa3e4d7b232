#include "api.hpp"

#include <utility>

namespace ferry::integration_labs {

namespace {

constexpr std::string_view url_hint =
    "check the connection's url, which is the API's, as in https://api.example.com/v3";

bool is_json(const HttpResponse& answer) {
  const std::size_t first = answer.body.find_first_not_of(" \t\r\n");
  return first != std::string::npos && answer.body[first] == '{';
}

// What came instead of what was asked for: status, type and how it begins, on one line.
std::string described(const HttpResponse& answer) {
  constexpr std::size_t shown = 80;
  const std::string_view type = answer.header("Content-Type");
  std::string text =
      "status " + std::to_string(answer.status) + ", " + (type.empty() ? "no content type" : std::string(type));
  if (answer.body.empty()) return text + ", no content";
  text += ", beginning \"";
  for (const char c : answer.body.substr(0, shown)) text += c >= ' ' && c < 0x7F ? c : c == '\n' ? ' ' : '?';
  return text + "\"";
}

std::int64_t number_or(const Json& settings, std::string_view name, std::int64_t otherwise) {
  const Json* found = settings.find(name);
  return found == nullptr ? otherwise : found->as_int();
}

}  // namespace

Settings Settings::parse(const Config& config) {
  Settings out;
  out.url = config.url;
  out.company_id = config.settings["company_id"].as_int();
  out.page_size = number_or(config.settings, "page_size", out.page_size);
  out.sync_timeout_s = number_or(config.settings, "sync_timeout_s", out.sync_timeout_s);
  out.triggers = config.settings.text_or("platform_sync", "read_only") == "trigger";
  out.category = config.settings.text_or("category", out.category);

  // With or without the version, with or without a slash at the end, behind a gateway's path or not.
  std::string_view path = config.url;
  const std::size_t scheme = path.find("://");
  path.remove_prefix(scheme == std::string_view::npos ? 0 : scheme + 3);
  path = path.substr(std::min(path.size(), path.find('/')));
  while (path.ends_with('/')) path.remove_suffix(1);
  const std::string_view last = path.substr(path.rfind('/') + 1);
  if (last == "v2" || last == "v4")
    throw Error(FERRY_BAD_CONFIG, "the url " + config.url + " names version " + std::string(last.substr(1)) +
                                      " of the API; this connector speaks version 3: end the url with /v3");
  if (last != "v3") out.root = "/v3";
  return out;
}

Refusal Refusal::read(const HttpResponse& answer) {
  if (!is_json(answer)) return {};
  try {
    const Json body = Json::parse(answer.body);
    const Json& error = body["error"];
    if (error.is_string()) return {"", error.as_string(), ""};
    Refusal refusal{std::string(error.text_or("code", "")), std::string(error.text_or("message", "")),
                    std::string(error.text_or("field", ""))};
    // What the accounting software itself said comes with writes, and sometimes with syncs.
    if (const Json& platform = error["platform_error"]; platform.is_object() && !platform.members().empty())
      refusal.message += "; the accounting platform said " + platform.dump();
    return refusal;
  } catch (const JsonError&) {
    return {};
  }
}

Api::Api(Host host, Call call, const Settings& settings)
    : host_(host), call_(call), http_(host, call), settings_(settings) {
  const auto key = host_.secret(call_, "api_key");
  if (!key || key->empty())
    throw Error(FERRY_BAD_CONFIG, "the connection has no API key; give it the secret \"api_key\"");
  key_ = *key;
}

HttpResponse Api::send(HttpRequest request) {
  call_.throw_if_cancelled();
  request.url = settings_.root + "/" + request.url;
  request.headers.emplace_back("api_key", key_);
  request.headers.emplace_back("Accept", "application/json");
  return http_.send(std::move(request));
}

HttpResponse Api::get_raw(const std::string& path) { return send({.url = path}); }

Json Api::get(const std::string& path, const std::string& what) { return parsed(what, get_raw(path)); }

Json Api::post(const std::string& path, const Json& body, const std::string& what) {
  return parsed(
      what,
      send({.method = "POST", .url = path, .headers = {{"Content-Type", "application/json"}}, .body = body.dump()}));
}

Json Api::parsed(const std::string& what, const HttpResponse& answer) const {
  if (!answer.ok()) fail(what, answer);
  try {
    Json json = Json::parse(answer.body);
    json.members();
    return json;
  } catch (const JsonError& error) {
    throw Error(FERRY_REMOTE, what + ": expected a JSON object from Integration Labs at " + settings_.url + ", found " +
                                  described(answer) + " (" + error.what() + "); " + std::string(url_hint));
  }
}

void Api::fail(const std::string& what, const HttpResponse& answer, const std::string& correction) const {
  const Refusal refusal = Refusal::read(answer);
  std::string found = "Integration Labs at " + settings_.url + " answered " + std::to_string(answer.status);
  if (refusal.said()) {
    if (!refusal.code.empty() || !refusal.field.empty())
      found +=
          " (" + refusal.code + (refusal.field.empty() ? "" : (refusal.code.empty() ? "" : ", ") + refusal.field) + ")";
    if (!refusal.message.empty()) found += ": " + refusal.message;
  } else {
    found = "Integration Labs at " + settings_.url + " answered with " + described(answer);
  }
  const auto error = [&](ferry_status status, const std::string& advice) {
    return Error(status, what + ": " + found + "; " + advice);
  };
  switch (answer.status) {
    case 401: throw error(FERRY_AUTH, "the API key was refused: renew the secret \"api_key\"");
    case 403: throw error(FERRY_AUTH, "the API key lacks the right to do this: have it granted, or use another key");
    case 404:
      if (refusal.said())
        throw error(FERRY_BAD_CONFIG, "check the setting company_id (" + std::to_string(settings_.company_id) +
                                          ") and that the url is that of the API");
      throw error(FERRY_BAD_CONFIG, std::string(url_hint));
    case 429: throw error(FERRY_RATE_LIMITED, "the account's rate limit is reached: try again later");
    default: break;
  }
  if (answer.status >= 500 || answer.status == 408) throw error(FERRY_TRANSIENT, "try again later");
  if (refusal.code == "operation-denied")
    throw error(FERRY_AUTH, "look at the connection in Integration Labs, whose user may have to connect again");
  if (refusal.code == "unknown-error") throw error(FERRY_REMOTE, "ask the platform's support");
  if (answer.status >= 400 && refusal.said()) throw error(FERRY_BAD_CONFIG, correction);
  throw error(FERRY_REMOTE, std::string(url_hint));
}

Connection Api::connection() {
  const std::string what = "reading company " + std::to_string(settings_.company_id);
  const Json answer = get("core/companies/" + std::to_string(settings_.company_id), what);
  const Json& company = answer["data"];
  if (!company.is_object())
    throw Error(FERRY_REMOTE, what + ": the answer of Integration Labs has no company in it; " + std::string(url_hint));
  Connection out;
  out.company = company.text_or("name", "");
  if (!company["connections"].is_array()) return out;
  for (const Json& connection : company["connections"].items()) {
    // Of several connections, the one of the category that is read.
    if (out.found && connection.text_or("category", "") != settings_.category) continue;
    out.found = true;
    out.integration = connection.text_or("integration_type", "");
    out.health = connection.text_or("connection_status", "");
    out.sync_status = connection.text_or("sync_status", "");
    out.resumes_at = connection.text_or("sync_resume_at", "");
    out.last_synced = connection.text_or("last_synced", "");
  }
  return out;
}

}  // namespace ferry::integration_labs
