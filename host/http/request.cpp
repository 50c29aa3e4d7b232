#include "host/http/request.hpp"

#include <algorithm>

#include "host/base/failure.hpp"
#include "host/base/text.hpp"

namespace ferry::host {
namespace {

bool is_token(std::string_view text) {
  constexpr std::string_view others = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           others.find(c) != std::string_view::npos;
  });
}

bool is_own(std::string_view name) {
  static constexpr std::string_view own[] = {
      "Host",   "Connection", "Content-Length",   "Transfer-Encoding",  "TE", "Trailer", "Upgrade",
      "Expect", "Keep-Alive", "Proxy-Connection", "Proxy-Authorization"};
  return std::any_of(std::begin(own), std::end(own), [&](std::string_view other) { return same_name(name, other); });
}

bool describes_body(std::string_view name) { return lower(name).rfind("content-", 0) == 0; }

bool carries_credentials(const std::string& name, const std::string& value, const Redactor& redactor) {
  static constexpr std::string_view words[] = {"auth", "cookie", "key", "token", "secret", "passw", "cred", "session"};
  const std::string lowered = lower(name);
  if (lowered == "idempotency-key") return false;
  return std::any_of(std::begin(words), std::end(words),
                     [&](std::string_view word) { return lowered.find(word) != std::string::npos; }) ||
         redactor.mask(value) != value;
}

}  // namespace

Request::Request(const HttpExchange& exchange, Url url) : method_(exchange.method), url_(std::move(url)) {
  if (!is_token(method_) || method_ == "CONNECT" || method_ == "TRACE")
    throw Failure(Fault::connector, "bad_method",
                  "\"" + printable(shortened(method_, 40)) + "\" is not a method that can be sent; use GET, POST, ...");
  for (const auto& [name, value] : exchange.headers) {
    if (!is_token(name) || value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos)
      throw Failure(Fault::connector, "bad_header",
                    "the header \"" + printable(shortened(name, 60)) +
                        "\" cannot be sent: its name or value holds a character that would end it");
    if (is_own(name) || (!exchange.parts.empty() && same_name(name, "Content-Type"))) continue;
    headers_.emplace_back(name, value);
  }
  if (exchange.idempotency_key.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos)
    throw Failure(Fault::connector, "bad_header", "the idempotency key holds a line break");
  if (!exchange.idempotency_key.empty()) add_default("Idempotency-Key", exchange.idempotency_key);
  add_default("User-Agent", "ferry/" FERRY_VERSION);
  add_default("Accept", "*/*");
  add_default("Accept-Encoding", "gzip");
}

void Request::add_default(const std::string& name, const std::string& value) {
  if (!has_header(headers_, name)) headers_.emplace_back(name, value);
}

std::string Request::head(const RequestBody& body, const std::optional<Proxy>& proxy) const {
  const bool through_proxy = proxy && !url_.secure();
  std::string out = method_ + " " + (through_proxy ? url_.text() : url_.target()) + " HTTP/1.1\r\n";
  out += "Host: " + url_.authority() + "\r\n";
  if (through_proxy && !proxy->authorization.empty()) out += "Proxy-Authorization: " + proxy->authorization + "\r\n";
  for (const auto& [name, value] : headers_) out += name + ": " + value + "\r\n";
  if (has_body_) {
    if (!body.content_type().empty()) out += "Content-Type: " + body.content_type() + "\r\n";
    if (body.size() > 0 || method_ == "POST" || method_ == "PUT" || method_ == "PATCH")
      out += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  }
  return out + "\r\n";
}

void Request::redirect(int status, Url to, const Redactor& redactor) {
  if ((status == 303 && method_ != "HEAD" && method_ != "GET") ||
      ((status == 301 || status == 302) && method_ == "POST")) {
    method_ = "GET";
    has_body_ = false;
    std::erase_if(headers_, [](const auto& header) { return describes_body(header.first); });
  }
  if (!to.same_origin(url_))
    std::erase_if(headers_,
                  [&](const auto& header) { return carries_credentials(header.first, header.second, redactor); });
  url_ = std::move(to);
}

}  // namespace ferry::host
