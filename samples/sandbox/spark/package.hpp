// The ZIP that an export makes and an import takes.
//
// inferred: a package for migration is that for on-premises runners with the workbook, {service}.xlsx, in each
// version's folder; a package without workbooks cannot be imported.
#pragma once

#include <string>
#include <vector>

#include "samples/sandbox/spark/library.hpp"
#include "samples/sandbox/spark/zip.hpp"

namespace sandbox::spark {

struct PackageFault {
  std::string message;
};

// The services with the versions chosen of each, sorted by folder and name; the same bytes for the same content.
Rope write_package(const std::string& tenant, const std::string& job_id, const std::vector<Service>&,
                   bool for_migration);

// What the package holds, sorted the same way; every entry's checksum is verified. Throws PackageFault.
std::vector<Service> read_package(std::string_view bytes);

// The members that describe a source, as job objects and the manifest have them.
json::Array services_of_export(const std::vector<Service>&);
json::Array versions_of_export(const std::vector<Service>&);

}  // namespace sandbox::spark
