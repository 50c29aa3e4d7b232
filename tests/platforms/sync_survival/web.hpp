// One HTTP connection to a server that plays a platform, kept open: a test asks it hundreds of times.
//
// Throws std::runtime_error for whatever is not a success. For one thread.
#pragma once

#include <Poco/Net/HTTPClientSession.h>

#include <string>

#include "ferry/json.hpp"

namespace ferry::test {

class Web {
 public:
  explicit Web(const std::string& url);

  // path: what follows the URL. api_key: "" for none.
  Json ask(const std::string& method, const std::string& path, const std::string& body = "",
           const std::string& api_key = "");

 private:
  std::string prefix_;
  Poco::Net::HTTPClientSession session_;
};

}  // namespace ferry::test
