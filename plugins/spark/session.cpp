#include "session.hpp"

#include <algorithm>
#include <utility>

#include "ferry/percent.hpp"
#include "words.hpp"

namespace ferry::spark {

Session::Session(Host host, Call call, const Address& address, std::string client_id)
    : host_(host), call_(call), http_(host, call), address_(address), client_id_(std::move(client_id)) {
  // The order of the platform's own SDKs: client credentials, API key, token.
  const auto client_secret = host_.secret(call_, "client_secret");
  if (client_secret.has_value() != !client_id_.empty())
    throw Error(FERRY_BAD_CONFIG, client_secret ? "the connection has the secret client_secret but no setting client_id"
                                                : "the connection has the setting client_id but no secret "
                                                  "client_secret; give it both, or the secret api_key or bearer");
  if (client_secret) {
    way_ = Way::client_credentials;
    secret_ = *client_secret;
  } else if (const auto key = host_.secret(call_, "api_key")) {
    way_ = Way::api_key;
    secret_ = *key;
  } else if (const auto token = host_.secret(call_, "bearer")) {
    way_ = Way::bearer;
    token_ = token->starts_with("Bearer ") ? token->substr(7) : *token;
  } else {
    throw Error(FERRY_BAD_CONFIG,
                "the connection has no credential: give it the setting client_id with the secret client_secret, or the "
                "secret api_key, or the secret bearer");
  }
}

void Session::log_in(std::uint32_t flags) {
  if (way_ != Way::client_credentials || !(token_.empty() || expires_soon())) return;
  const std::string asked = "getting a token for client " + client_id_ + " at " + address_.token_url;
  const HttpResponse answer =
      http_.send({.method = "POST",
                  .url = address_.token_url,
                  .headers = {{"Content-Type", "application/x-www-form-urlencoded"}, {"Accept", "application/json"}},
                  .body = "grant_type=client_credentials&client_id=" + percent_encoded(client_id_) +
                          "&client_secret=" + percent_encoded(secret_),
                  .flags = FERRY_HTTP_REPEATABLE | flags},
                 1u << 20);
  if (answer.status == 400 || answer.status == 401)
    throw Error(FERRY_AUTH, asked + ": it was refused; correct the setting client_id and the secret client_secret (" +
                                words_of(answer) + ")");
  if (answer.status == 404)
    throw Error(FERRY_BAD_CONFIG, asked +
                                      ": there is no such realm; correct the tenant in the connection's url, or "
                                      "the setting token_url (" +
                                      words_of(answer) + ")");
  if (!answer.ok()) throw refusal(answer, asked);
  const Json token = object_of(answer, asked);
  token_ = token.text_or("access_token", "");
  if (token_.empty()) throw Error(FERRY_REMOTE, asked + ": the answer holds no access_token");
  host_.mask(call_, token_);
  expires_at_ = 0;
  if (const Json* seconds = token.find("expires_in"); seconds != nullptr && seconds->is_number())
    expires_at_ = host_.now_unix_ms() + seconds->as_int() * 1000;
}

bool Session::expires_soon() const {
  constexpr std::int64_t margin_ms = 30'000;
  return expires_at_ != 0 && host_.now_unix_ms() + margin_ms >= expires_at_;
}

void Session::authorize(HttpRequest& request) {
  if (way_ == Way::client_credentials) log_in(request.flags & FERRY_HTTP_CLEAN_UP);
  request.headers.emplace_back("x-tenant-name", address_.tenant);
  if (way_ == Way::api_key)
    request.headers.emplace_back("x-synthetic-key", secret_);
  else
    request.headers.emplace_back("Authorization", "Bearer " + token_);
}

bool Session::renew(const HttpResponse& answer, std::uint32_t flags) {
  if (answer.status != 401 || way_ != Way::client_credentials || token_.empty()) return false;
  const std::string refused = std::exchange(token_, std::string());
  log_in(flags & FERRY_HTTP_CLEAN_UP);
  return token_ != refused;
}

HttpResponse Session::send(HttpRequest request) {
  if (request.url.starts_with('/')) request.url = address_.base + request.url;
  request.headers.emplace_back("Accept", "application/json");
  const auto once = [&] {
    HttpRequest authorized = request;
    authorize(authorized);
    return http_.send(std::move(authorized), 64u << 20);
  };
  HttpResponse answer = once();
  if (renew(answer, request.flags)) answer = once();
  return answer;
}

HttpResponse Session::health() {
  return http_.send({.url = address_.health_url, .headers = {{"Accept", "application/json"}}}, 1u << 20);
}

}  // namespace ferry::spark
