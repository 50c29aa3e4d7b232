// The options of the two sync calls: those of the connection's settings, with the request's own in their place.
#pragma once

#include <map>
#include <string>

#include "ferry/sdk.hpp"
#include "kinds.hpp"

namespace ferry::smartiq {

// All true but what is said otherwise. Throws Error(FERRY_BAD_CONFIG) for an option the platform does not have.
Json export_options(const Json& said);

class ImportOptions {
 public:
  // Skip and abort never overwrite; replace does, except where something else is said of a kind.
  ImportOptions(Policy policy, const Json& said);

  const std::string& of(const Kind& kind) const;  // Always, IfNotExists, IfNewer
  Json json() const;

 private:
  std::map<std::string, std::string, std::less<>> words_;
};

}  // namespace ferry::smartiq
