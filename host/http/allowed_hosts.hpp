// Where a connection may talk to: the origin of its URL, and the hosts its connector's manifest adds.
//
// Immutable. Entries: "host" (any port), "host:port", "*.domain" (any host below it, not itself). An entry allows http
// only where the connection itself speaks http: a credential is not to leave in the clear because of a typing error.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "host/http/url.hpp"

namespace ferry::host {

class AllowedHosts {
 public:
  // Throws Failure(usage, bad_allowed_host).
  AllowedHosts(Url base, const std::vector<std::string>& entries);

  bool allows(const Url&) const;
  // "https://h:1 (the connection's own), x.example, *.y.example", for messages.
  std::string text() const;

 private:
  struct Entry {
    std::string host;  // of "*.domain": ".domain"
    std::uint16_t port = 0;
    bool below = false;
    std::string text;
  };
  Url base_;
  std::vector<Entry> entries_;
};

}  // namespace ferry::host
