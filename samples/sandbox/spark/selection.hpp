// What an export is asked for, and the services and versions that this means.
#pragma once

#include <string>
#include <vector>

#include "samples/sandbox/core/faults.hpp"
#include "samples/sandbox/spark/library.hpp"

namespace sandbox::spark {

struct ExportRequest {
  std::vector<std::string> folders, services, version_ids;
  bool all_versions = false;   // of what is named without a version; else the latest
  bool for_migration = true;   // else for on-premises runners
  bool is_supervisor = false;  // sees restricted folders
};

// Throws BadRequest where the body is none.
ExportRequest export_request_of(const json::Object& body, bool is_supervisor);

// Nothing is exported if anything fails: where there are errors, the services mean nothing.
struct Selection {
  std::vector<Service> services;  // sorted by folder and name
  std::vector<std::string> errors, warnings;
};

Selection select(const Library&, const ExportRequest&, const FaultBox&);

}  // namespace sandbox::spark
