// The admin port: which environments there are, their faults, what they were asked, and back to the start.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "samples/sandbox/core/site.hpp"

namespace sandbox {

struct Playing {
  std::unique_ptr<Site> site;
  std::string url;  // a client's base URL; known once its port is
};

json::Array json_of(const std::vector<Playing>&);

// The environments outlive it and do not change in number; a URL is set before the first request.
class Admin : public Handler {
 public:
  explicit Admin(const std::vector<Playing>& environments) : environments_(environments) {}
  Answer answer(const Request&) override;

 private:
  Site* find(const std::string& platform, const std::string& name) const;
  const std::vector<Playing>& environments_;
};

}  // namespace sandbox
