// An import, computed on a copy of the library: either all of it is done, or there are errors and nothing is.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "samples/sandbox/core/faults.hpp"
#include "samples/sandbox/spark/library.hpp"

namespace sandbox::spark {

struct Mapping {
  std::string destination;            // folder/service
  std::string update_type = "minor";  // major, minor, patch or copy
};

struct ImportRequest {
  std::string existing = "abort";           // or replace, add_version
  std::map<std::string, Mapping> mappings;  // by the source's folder/service
  bool is_supervisor = false;
};

// Of the importRequestEntity parameter; throws BadRequest.
ImportRequest import_request_of(const json::Object& entity);
json::Object json_of(const ImportRequest&);

struct ImportOutcome {
  Library library;
  json::Array services, versions;  // of the job's outputs
  std::vector<std::string> errors, warnings;
};

struct ImportContext {
  const FaultBox& faults;
  std::function<std::string()> new_id;
  bool in_halves = false;  // the knob "partial": the second half of the services fails, the first is kept
};

ImportOutcome import_services(const Library&, const std::vector<Service>& package, const ImportRequest&,
                              const ImportContext&);

}  // namespace sandbox::spark
