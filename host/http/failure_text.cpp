#include "host/http/failure_text.hpp"

namespace ferry::host {
namespace {

struct Kind {
  Fault fault;
  const char* code;
  const char* advice;
};

Kind kind_of(Trouble trouble) {
  switch (trouble) {
    case Trouble::dns:
      return {Fault::platform, "dns",
              "check the host name in the connection's url, and whether it needs a VPN or a proxy"};
    case Trouble::dns_temporary:
      return {Fault::platform, "dns", "check this machine's network and name server, then try again"};
    case Trouble::refused:
      return {Fault::platform, "connection_refused",
              "check that the platform is running, and the host and port of the connection's url"};
    case Trouble::unreachable:
      return {Fault::platform, "unreachable",
              "check this machine's network, and whether the platform needs a VPN or a proxy"};
    case Trouble::connect_timeout:
      return {Fault::platform, "timeout", "check the host and port of the connection's url, and firewalls on the way"};
    case Trouble::tls: return {Fault::platform, "tls", "check the platform's certificate, or set tls.ca_file"};
    case Trouble::proxy: return {Fault::platform, "proxy", "check the proxy settings"};
    case Trouble::proxy_credentials: return {Fault::credentials, "proxy_auth", "check the proxy's user and password"};
    case Trouble::closed:
      return {Fault::platform, "closed",
              "the platform or something on the way hung up; try again later, and look into the platform's log"};
    case Trouble::idle_timeout:
      return {Fault::platform, "timeout",
              "the platform may be overloaded; try again later, or set a longer timeout for the connection"};
    case Trouble::truncated:
      return {Fault::platform, "truncated",
              "what came is incomplete; try again, and if it stays look at proxies on the way and the platform's log"};
    case Trouble::protocol:
      return {Fault::platform, "not_http",
              "check the port of the connection's url, and whether it should begin with https://"};
    case Trouble::too_large:
      return {Fault::platform, "too_large",
              "such a body is not taken because it could fill memory and disk; ask the platform's operator"};
  }
  return {Fault::platform, "failed", ""};
}

}  // namespace

Failure failure_of(const TransportError& error, const std::string& what, int attempts) {
  const Kind kind = kind_of(error.trouble());
  std::string message = what + ": " + error.what();
  if (attempts > 1) message += " (" + std::to_string(attempts) + " attempts)";
  message += "; " + (error.advice().empty() ? std::string(kind.advice) : error.advice());
  return Failure(kind.fault, kind.code, message);
}

}  // namespace ferry::host
