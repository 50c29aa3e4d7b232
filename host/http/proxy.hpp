// Which proxy, if any, leads to a URL. The settings are read as curl reads its environment: http_proxy for http,
// https_proxy for https; no_proxy is "*" or a list, separated by commas or spaces, of host names (which also stand for
// every name below them; a leading dot is ignored), addresses, and networks as address/bits.
//
// Immutable. Failures: usage/bad_proxy, whose text never shows the proxy's credentials.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "host/http/url.hpp"

namespace ferry::host {

struct Proxy {
  std::string host;
  std::uint16_t port = 0;
  std::string authorization;  // value of Proxy-Authorization, or ""

  std::string text() const;  // host:port
};

class ProxyRules {
 public:
  ProxyRules(const std::string& http_proxy, const std::string& https_proxy, const std::string& no_proxy);

  std::optional<Proxy> proxy_for(const Url&) const;

 private:
  bool bypassed(const std::string& host) const;

  std::optional<Proxy> http_, https_;
  std::vector<std::string> direct_;
};

}  // namespace ferry::host
