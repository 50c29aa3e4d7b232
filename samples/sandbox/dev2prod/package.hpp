// A package as a file, and what importing it would do.
//
// inferred: the layout of the archive. It has a manifest.json and, for every part it speaks of, {PackageName}.json;
// "padding" holds as many bytes as a test of size wants.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "samples/sandbox/dev2prod/configuration.hpp"
#include "samples/sandbox/dev2prod/zip.hpp"

namespace sandbox::dev2prod {

struct Package {
  bool full = false;
  std::map<std::size_t, Items> parts;  // a part it speaks of may be empty
};

Package choose(const Configuration&, const PackageDefinition&);
// The same content is the same bytes.
std::string write_package(const Package&, const std::string& package_id, std::string_view padding);
Package read_package(Blob archive);  // BadPackage for what is none

struct PartOutcome {
  std::size_t part;
  std::int64_t added = 0, modified = 0, removed = 0, failed = 0, skipped = 0;
  std::vector<std::string> errors, warnings;
};

struct ItemFaults {
  std::function<bool(const std::string&id)> fails, skips;
  bool last_of_each_part_fails = false;
};

struct Plan {
  std::vector<PartOutcome> parts;  // in the order of the import
  Configuration after;
};
// What an import makes of `before`: a dry run throws `after` away.
Plan plan_import(const Configuration& before, const Package&, const ItemFaults&);

}  // namespace sandbox::dev2prod
