// What a package holds: services and their versions, as manifest.json inside it lists them.
//
// A package is an export job's outputs and files: {tenant}/manifest.json, and for each version a folder. The layout of
// the versions' folders is the platform's own business; nothing here reads them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ferry/artefacts.hpp"
#include "ferry/sdk.hpp"

namespace ferry::spark {

inline constexpr std::string_view service_type = "service", version_type = "service_version";

struct Service {
  std::string uri;  // rates/life
  std::string id;   // "" where the platform does not tell
};

struct Version {
  std::string uri;      // rates/life[0.4.2]
  std::string service;  // rates/life
  std::string number;   // 0.4.2
  std::string id;
};

struct Contents {
  std::vector<Service> services;
  std::vector<Version> versions;

  // Of "outputs" of a job or manifest: what stands there with _source.
  static Contents of_outputs(const Json& outputs);
  // Throws Error(FERRY_BAD_DATA) if this is no package of Spark.
  static Contents read(const PackageReader& reader);

  const Service* service(std::string_view uri) const;
  // Services first; their ids as the platform names them, or else their URIs.
  std::vector<Artefact> artefacts() const;
};

// What an export says of its package, beside what the host adds.
Json description(const Contents& contents, std::string_view file_filter, std::string_view version_filter);
// Was it exported for hybrid runners? Then no tenant takes it.
bool is_onpremises(const PackageReader& reader);

std::string_view folder_of(std::string_view service_uri);
// "folder/service", both not empty and without brackets.
bool is_service_uri(std::string_view text);

}  // namespace ferry::spark
