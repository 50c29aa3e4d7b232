// What a request may say beyond its common members: the connection's settings, with the request's options in their
// place.
#pragma once

#include <string>
#include <vector>

#include "ferry/sdk.hpp"
#include "jobs.hpp"

namespace ferry::spark {

struct Options {
  std::vector<std::string> folders;  // for an export without a selection
  std::string file_filter;           // migrate, onpremises
  std::string version_filter;        // latest, all; "": not said
  std::string update_version_type;   // major, minor, patch, copy; "": not said
  std::uint64_t package_size_limit = 0;
  Patience patience;

  // Throws Error(FERRY_BAD_CONFIG) for a word the platform does not know.
  static Options read(const Json& settings);
};

}  // namespace ferry::spark
