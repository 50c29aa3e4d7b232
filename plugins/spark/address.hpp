// Where a tenant of Spark is, from the connection's URL: https://excel.{environment}.coherent.global/{tenant}, with or
// without what people copy along with it (/api/v4, a slash), and behind a proxy's path where "tenant" is set.
#pragma once

#include <string>
#include <string_view>

#include "ferry/sdk.hpp"

namespace ferry::spark {

struct Address {
  std::string origin;      // https://excel.uat.us.coherent.global
  std::string base;        // of the calls: .../acme
  std::string tenant;      // acme
  std::string token_url;   // where client credentials become a token
  std::string health_url;  // the platform's own, without a tenant

  // Throws Error(FERRY_BAD_CONFIG).
  static Address parse(std::string_view url, const Json& settings);
  bool is_own(std::string_view url) const;  // of this origin: it gets the credential
};

}  // namespace ferry::spark
