// The platforms the sandbox plays, and what the server must know of each.
#pragma once

#include <string>
#include <vector>

#include "samples/sandbox/core/site.hpp"

namespace sandbox {

struct Platform {
  std::string name;  // "spark"
  Factory make;
  // The tenant of the environment at this place among the environments.
  std::string (*tenant)(const std::string& environment, std::size_t place);
  // What stands after host and port in a client's base URL, e.g. "/dev".
  std::string (*base_path)(const std::string& tenant);
  // The tenant a request names, where one host serves several; "" if it names none.
  std::string (*named_tenant)(const Request&);
};

const std::vector<Platform>& platforms();

}  // namespace sandbox
