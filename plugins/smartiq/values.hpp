// What differs from environment to environment: connection strings, values of connector settings. The connection says
// what they are where an import goes to; everybody who syncs SmartIQ edits them in the pack otherwise.
#pragma once

#include <map>
#include <set>
#include <string>

#include "content.hpp"
#include "ferry/sdk.hpp"

namespace ferry::smartiq {

class Values {
 public:
  // From the settings and from the secret "values", which wins and is masked value by value. Throws
  // Error(FERRY_BAD_CONFIG) that names the key.
  static Values read(Host host, const Call& call, const Json& settings);

  // Writes what is said about it into the object. Gives whether anything was.
  bool apply(Object& object);
  // Keys that no object has used, such as "data_source/Custmers".
  std::set<std::string> unused() const;

 private:
  void add(const Json& values, const std::string& where);

  std::map<std::string, std::map<std::string, std::string>> by_key_;  // type/name or type/id -> member -> value
  std::set<std::string> used_;
};

}  // namespace ferry::smartiq
