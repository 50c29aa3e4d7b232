// What a tenant consists of: the items of 17 parts, and the packages its Package Manager knows.
//
// Threads: values. A tenant is a clone of another one (whose items it has as they were then) or has items of its own;
// the one that others are cloned from has been worked on since.
#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "samples/sandbox/core/environment.hpp"
#include "samples/sandbox/core/json.hpp"

namespace sandbox::dev2prod {

constexpr std::size_t part_count = 17;
// In the order of an export's statistics.
const std::array<std::string_view, part_count>& part_names();
// The order in which an import goes over them. inferred: the first three from the one example.
const std::array<std::size_t, part_count>& import_order();
std::size_t part_of(std::string_view name);  // part_count if there is none

using Items = std::map<std::string, std::string>;  // id -> JSON text
using Configuration = std::array<Items, part_count>;

struct PackageDefinition {
  bool full = false;
  // A granular one: its parts, with the ids chosen of each; none chosen is the whole part.
  std::map<std::size_t, std::vector<std::string>> chosen;
};
using Packages = std::map<std::string, PackageDefinition>;  // by id

// Options: clone_of (an environment's name; "none": items of its own; default dev) and clone (false: the same),
// revision (0 or 1: with the work done since the clone or without; default 1 for the one that clones are made of).
//
// Packages, the same in every tenant: 54320 is everything; 54321 has the 352 items of the documents' export, 54322 the
// 326 changes of their import; 54323 is a handful of items, two of them new since the clone.
Configuration make_configuration(const Settings&);
const Packages& packages();

json::Object json_of(const Configuration&);
Configuration configuration_of(const json::Object&);

}  // namespace sandbox::dev2prod
