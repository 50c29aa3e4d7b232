#include "samples/sandbox/spark/accounts.hpp"

#include <Poco/Base64Decoder.h>
#include <Poco/Base64Encoder.h>
#include <Poco/URI.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <iterator>
#include <map>
#include <sstream>

#include "samples/sandbox/core/answers.hpp"
#include "samples/sandbox/core/faults.hpp"
#include "samples/sandbox/core/seeded.hpp"

namespace sandbox::spark {

namespace {

constexpr std::string_view secret_of_clients = "sandbox", api_key = "sandbox-key";

std::string hmac(const std::string& secret, const std::string& text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest, &size);
  return {reinterpret_cast<const char*>(digest), size};
}

std::string base64url(const std::string& bytes) {
  std::ostringstream out;
  Poco::Base64Encoder encoder(out, Poco::BASE64_URL_ENCODING | Poco::BASE64_NO_PADDING);
  encoder.rdbuf()->setLineLength(0);
  encoder << bytes;
  encoder.close();
  return out.str();
}

std::string from_base64(const std::string& text, int options) {
  std::istringstream in(text);
  Poco::Base64Decoder decoder(in, options);
  return {std::istreambuf_iterator<char>(decoder), std::istreambuf_iterator<char>()};
}

std::optional<User> user_of_client(const std::string& client) {
  if (client == "ferry") return User{"ferry@sandbox.test", false, false};
  if (client == "supervisor") return User{"supervisor@sandbox.test", true, false};
  return std::nullopt;
}

Answer refusal(int status, const std::string& error, const std::string& description) {
  return json_answer(json::object({{"error", error}, {"error_description", description}}), status);
}

std::map<std::string, std::string> form_fields(const std::string& body) {
  std::map<std::string, std::string> fields;
  std::string query = body;
  std::replace(query.begin(), query.end(), '+', ' ');
  Poco::URI uri;
  uri.setRawQuery(query);
  for (const auto& [name, value] : uri.getQueryParameters()) fields.emplace(name, value);
  return fields;
}

// Client credentials may also come as HTTP Basic; what TypeScript's SDK sends there is "Bearer undefined".
void read_basic(const Request& request, std::map<std::string, std::string>& fields) {
  const std::string value(request.header("Authorization"));
  if (!value.starts_with("Basic ")) return;
  const std::string pair = from_base64(value.substr(6), 0);
  const std::size_t colon = pair.find(':');
  if (colon == std::string::npos) return;
  fields["client_id"] = pair.substr(0, colon);
  fields["client_secret"] = pair.substr(colon + 1);
}

}  // namespace

Accounts::Accounts(const Settings& settings, std::int64_t token_seconds)
    : settings_(settings),
      token_seconds_(token_seconds),
      secret_(hex_of(settings.seed, "spark secret " + settings.tenant, 64)) {}

Answer Accounts::token(const Request& request) {
  if (request.method != "POST") return refusal(405, "HTTP 405 Method Not Allowed", "The token endpoint takes POST.");
  std::map<std::string, std::string> fields = form_fields(request.text(1u << 20));
  read_basic(request, fields);
  if (fields["grant_type"].empty()) return refusal(400, "invalid_request", "Missing form parameter: grant_type");
  if (fields["grant_type"] != "client_credentials") {
    return refusal(400, "unsupported_grant_type", "Unsupported grant_type");
  }
  if (!user_of_client(fields["client_id"]) || fields["client_secret"] != secret_of_clients) {
    return refusal(401, "unauthorized_client", "Invalid client or Invalid client credentials");
  }
  return json_answer(json::object({{"access_token", token_for(fields["client_id"])},
                                   {"expires_in", token_seconds_},
                                   {"refresh_expires_in", 0},
                                   {"token_type", "Bearer"},
                                   {"not-before-policy", 0},
                                   {"scope", "spark"}}));
}

std::string Accounts::token_for(const std::string& client) {
  const std::int64_t now = settings_.now_ms();
  const std::string id = uuid_of(settings_.seed, std::to_string(now) + ' ' + std::to_string(++tokens_));
  const json::Object claims = json::object({{"exp", now / 1000 + token_seconds_},
                                            {"iat", now / 1000},
                                            {"jti", id},
                                            {"azp", client},
                                            {"tenant", settings_.tenant},
                                            {"epoch", settings_.faults->token_epoch()}});
  const std::string head = json::text(json::object({{"alg", "HS256"}, {"typ", "JWT"}}));
  const std::string signed_part = base64url(head) + '.' + base64url(json::text(claims));
  return signed_part + '.' + base64url(hmac(secret_, signed_part));
}

std::optional<User> Accounts::user_of_token(const std::string& token) const {
  const std::size_t first = token.find('.'), last = token.rfind('.');
  if (first == std::string::npos || first == last) return std::nullopt;
  const std::string expected = base64url(hmac(secret_, token.substr(0, last)));
  if (token.size() - last - 1 != expected.size() ||
      CRYPTO_memcmp(token.data() + last + 1, expected.data(), expected.size()) != 0) {
    return std::nullopt;
  }
  const json::Object claims = json::parse_object(
      from_base64(token.substr(first + 1, last - first - 1), Poco::BASE64_URL_ENCODING | Poco::BASE64_NO_PADDING));
  if (json::integer(claims, "exp") * 1000 <= settings_.now_ms() || json::string(claims, "tenant") != settings_.tenant ||
      json::integer(claims, "epoch") != settings_.faults->token_epoch()) {
    return std::nullopt;
  }
  return user_of_client(json::string(claims, "azp"));
}

std::optional<User> Accounts::user_of(const Request& request) const {
  if (const std::string_view key = request.header("x-synthetic-key"); !key.empty()) {
    if (key != api_key || request.header("x-tenant-name") != settings_.tenant) return std::nullopt;
    return User{"key@sandbox.test", false, true};
  }
  return user_of_token(bearer_token(request));
}

std::string Accounts::signature(const std::string& path, std::int64_t expires_s) const {
  return base64url(hmac(secret_, path + ' ' + std::to_string(expires_s)));
}

}  // namespace sandbox::spark
