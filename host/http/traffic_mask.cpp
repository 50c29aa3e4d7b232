#include "host/http/traffic_mask.hpp"

#include <algorithm>
#include <cctype>
#include <vector>

#include "host/base/text.hpp"

namespace ferry::host {
namespace {

constexpr std::string_view masked = Redactor::mask_text;
constexpr std::size_t shortest_learned = 8;  // shorter values would blot out innocent text elsewhere

bool is_base64url(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_'; }

// Header.payload.signature, as they begin when the header is a JSON object.
std::string without_web_tokens(std::string text) {
  for (std::size_t at = text.find("eyJ"); at != std::string::npos; at = text.find("eyJ", at + 1)) {
    std::size_t end = at, dots = 0;
    while (end < text.size() && (is_base64url(text[end]) || (text[end] == '.' && dots < 2))) dots += text[end++] == '.';
    if (dots == 2 && end - at > 20) text.replace(at, end - at, masked);
  }
  return text;
}

// Position after the JSON text that begins at `at` (a quote), or npos.
std::size_t end_of_string(std::string_view json, std::size_t at) {
  for (++at; at < json.size(); ++at) {
    if (json[at] == '\\')
      ++at;
    else if (json[at] == '"')
      return at + 1;
  }
  return std::string_view::npos;
}

std::size_t skip_space(std::string_view text, std::size_t at) {
  while (at < text.size() && (text[at] == ' ' || text[at] == '\t' || text[at] == '\n' || text[at] == '\r')) ++at;
  return at;
}

bool begins_json(std::string_view text) {
  const std::size_t at = skip_space(text, 0);
  return at < text.size() && (text[at] == '{' || text[at] == '[');
}

bool is_credential_header(std::string_view name) {
  static constexpr std::string_view words[] = {"auth", "cookie", "key", "token", "secret", "passw", "cred", "session"};
  const std::string lowered = lower(name);
  if (lowered == "idempotency-key" || lowered == "www-authenticate" || lowered.starts_with("access-control-"))
    return false;
  return std::any_of(std::begin(words), std::end(words),
                     [&](std::string_view word) { return lowered.find(word) != std::string::npos; });
}

}  // namespace

bool names_secret(std::string_view name) {
  std::string plain;
  for (const char c : name)
    if (c != '_' && c != '-' && c != '.' && c != ' ')
      plain += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  static constexpr std::string_view names[] = {"token",
                                               "accesstoken",
                                               "refreshtoken",
                                               "idtoken",
                                               "authtoken",
                                               "sessiontoken",
                                               "bearertoken",
                                               "apitoken",
                                               "apikey",
                                               "xapikey",
                                               "password",
                                               "passwd",
                                               "pwd",
                                               "secret",
                                               "clientsecret",
                                               "authorization",
                                               "assertion",
                                               "clientassertion",
                                               "privatekey",
                                               "cookie",
                                               "sessionid",
                                               "sessioncookie",
                                               "signature",
                                               "sig",
                                               "xamzsignature",
                                               "xamzsecuritytoken",
                                               "lwssocookiekey",
                                               "awsaccesskeyid",
                                               "xamzcredential"};
  return std::find(std::begin(names), std::end(names), plain) != std::end(names);
}

void TrafficMask::learn(std::string_view value) {
  if (value.size() >= shortest_learned && value.find(masked) == std::string_view::npos) learned_.add(value);
}

std::string TrafficMask::again(std::string_view text) const {
  return without_web_tokens(learned_.mask(known_.mask(text)));
}

// "Bearer abc" is "Bearer ***".
std::string TrafficMask::credentials(std::string_view value) {
  const std::size_t space = value.find(' ');
  const bool scheme = space != std::string_view::npos &&
                      std::all_of(value.begin(), value.begin() + static_cast<std::ptrdiff_t>(space),
                                  [](char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; });
  const std::string_view secret = scheme ? value.substr(space + 1) : value;
  learn(secret);
  return std::string(scheme ? value.substr(0, space + 1) : "") + std::string(secret.empty() ? "" : masked);
}

// all: "a=1; b=2" of Cookie; otherwise "a=1; Path=/" of Set-Cookie.
std::string TrafficMask::cookies(std::string_view value, bool all) {
  std::vector<std::string> pairs = split(value, ';');
  for (std::size_t i = 0; i < pairs.size() && (all || i == 0); ++i) {
    const std::size_t equals = pairs[i].find('=');
    if (equals == std::string::npos) continue;
    learn(std::string_view(pairs[i]).substr(equals + 1));
    pairs[i] = pairs[i].substr(0, equals + 1) + std::string(masked);
  }
  return join(pairs, ";");
}

HttpHeaders TrafficMask::headers(const HttpHeaders& headers) {
  HttpHeaders out;
  for (const auto& [name, value] : headers) {
    std::string shown = printable(again(value));
    if (same_name(name, "Cookie") || same_name(name, "Set-Cookie"))
      shown = cookies(value, same_name(name, "Cookie"));
    else if (same_name(name, "Location"))
      shown = url(value);
    else if (is_credential_header(name))
      shown = credentials(value);
    out.emplace_back(name, printable(shown));
  }
  return out;
}

// "a=1&password=x", of a query or a form.
std::string TrafficMask::parameters(std::string_view text) {
  std::vector<std::string> pairs = split(text, '&');
  for (std::string& pair : pairs) {
    const std::size_t equals = pair.find('=');
    if (equals == std::string::npos || equals + 1 == pair.size() ||
        !names_secret(std::string_view(pair).substr(0, equals)))
      continue;
    learn(std::string_view(pair).substr(equals + 1));
    pair = pair.substr(0, equals + 1) + std::string(masked);
  }
  return again(join(pairs, "&"));
}

std::string TrafficMask::url(std::string_view url) {
  const std::size_t question = url.find('?');
  std::string out = again(url.substr(0, question));
  if (question != std::string_view::npos) out += "?" + parameters(url.substr(question + 1));
  return out;
}

std::string TrafficMask::form_field(std::string_view name, std::string_view text) {
  if (!names_secret(name)) return body(text, "");
  learn(text);
  return std::string(masked);
}

std::string TrafficMask::body(std::string_view text, std::string_view content_type) {
  if (lower(content_type).find("x-www-form-urlencoded") != std::string::npos) return parameters(text);
  if (!begins_json(text)) return again(text);
  // In the text itself, so that everything else stays byte for byte what it was.
  std::string out;
  std::size_t copied = 0;
  for (std::size_t at = text.find('"'); at != std::string_view::npos; at = text.find('"', at)) {
    const std::size_t end = end_of_string(text, at);
    if (end == std::string_view::npos) break;
    const std::size_t colon = skip_space(text, end);
    const std::size_t value = colon < text.size() && text[colon] == ':' ? skip_space(text, colon + 1) : text.size();
    const bool secret = value < text.size() && text[value] == '"' && names_secret(text.substr(at + 1, end - at - 2));
    at = end;
    if (!secret) continue;
    const std::size_t value_end = end_of_string(text, value);
    if (value_end == std::string_view::npos) break;
    at = value_end;
    const std::string_view content = text.substr(value + 1, value_end - value - 2);
    if (content.empty()) continue;
    learn(content);
    out.append(text.substr(copied, value + 1 - copied)).append(masked);
    copied = value_end - 1;
  }
  out.append(text.substr(copied));
  return again(out);
}

}  // namespace ferry::host
