// One request as it goes over the wire, and what becomes of it when it is redirected.
//
// Throws Failure(connector, bad_method | bad_header) for what would break the message.
#pragma once

#include <optional>
#include <string>

#include "host/base/redactor.hpp"
#include "host/http/answer_head.hpp"
#include "host/http/http_client.hpp"
#include "host/http/proxy.hpp"
#include "host/http/request_body.hpp"
#include "host/http/url.hpp"

namespace ferry::host {

class Request {
 public:
  Request(const HttpExchange&, Url);

  const std::string& method() const { return method_; }
  const Url& url() const { return url_; }
  bool has_body() const { return has_body_; }
  // proxy: one that gets the request itself, not a tunnel.
  std::string head(const RequestBody&, const std::optional<Proxy>& proxy) const;

  // By RFC 9110 15.4: POST becomes GET after 301 and 302, everything but HEAD after 303. Headers that carry
  // credentials do not go to another origin.
  void redirect(int status, Url to, const Redactor&);

 private:
  void add_default(const std::string& name, const std::string& value);

  std::string method_;
  Url url_;
  HttpHeaders headers_;
  bool has_body_ = true;
};

}  // namespace ferry::host
