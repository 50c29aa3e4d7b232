// What a tenant holds: folders, the services in them, their versions. Values: a copy is a second library, so that an
// import is prepared on a copy and kept whole or not at all.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "samples/sandbox/core/environment.hpp"
#include "samples/sandbox/core/json.hpp"
#include "samples/sandbox/spark/number.hpp"

namespace sandbox::spark {

// The file behind a version. One of the sandbox's own is `block`, which follows from `key`, again and again up to
// `size`, so that it costs no memory however large it is; one that came from outside is a block of its whole size.
struct Workbook {
  std::string key;  // a uuid; the FileGuid of the package's metadata
  std::uint64_t size = 0;
  Blob block;
  bool is_made = true;  // of the key

  std::vector<std::string_view> pieces() const;
  std::uint32_t crc() const;
};

Workbook make_workbook(const std::string& key, std::uint64_t size);
// The workbook of these bytes: a made one if they are what the key makes.
Workbook workbook_of(const std::string& key, std::string_view bytes);

struct Version {
  std::string id;
  Number number;
  Workbook workbook;
  bool is_compiled = true;
};
using VersionPointer = std::shared_ptr<const Version>;

struct Service {
  std::string id, folder, name;
  std::vector<VersionPointer> versions;  // by number, the latest last

  std::string uri() const { return folder + '/' + name; }
  std::string uri_of(const Version& version) const { return uri() + '[' + version.number.text() + ']'; }
};

struct Library {
  std::set<std::string> folders;
  std::map<std::string, Service> services;  // by uri

  bool has_version_id(const std::string& id) const;
};

void sort_versions(Service&);

// The made-up content: "all", "earlier" or "folders"; with a service large/package where package_bytes is not 0.
Library make_library(const std::string& content, std::uint64_t seed, const std::string& tenant,
                     std::uint64_t package_bytes);

// Only supervisors see it.
inline bool is_restricted(const std::string& folder) { return folder == "restricted"; }

json::Object json_of(const Service&);
Service service_of(const json::Object&);

}  // namespace sandbox::spark
