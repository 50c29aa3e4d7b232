// Why there is no whole answer. Thrown inside this room only: HttpClient repeats the request or makes a Failure of it.
//
// what() says what was found, in words that follow "GET https://...: "; advice, what to do about it ("": by trouble).
#pragma once

#include <stdexcept>
#include <string>

namespace ferry::host {

enum class Trouble {
  dns,            // no such host
  dns_temporary,  // the name could not be looked up now
  refused,        // nobody listens there
  unreachable,    // no way there
  connect_timeout,
  tls,    // no trusted connection
  proxy,  // the proxy would not let us through
  proxy_credentials,
  closed,  // connected, but the connection ended before an answer began
  idle_timeout,
  truncated,  // the answer ended before its end
  protocol,   // what came is not HTTP
  too_large   // unpacks to more than is allowed
};

class TransportError : public std::runtime_error {
 public:
  TransportError(Trouble trouble, const std::string& found, std::string advice = "")
      : std::runtime_error(found), trouble_(trouble), advice_(std::move(advice)) {}

  Trouble trouble() const noexcept { return trouble_; }
  const std::string& advice() const noexcept { return advice_; }

 private:
  Trouble trouble_;
  std::string advice_;
};

}  // namespace ferry::host
