// What a connector says about itself without being run: connector.json beside the library.
//
//   {"manifest_version": 1, "id": "org.example.acme", "name": "Acme", "version": "1.2.0", "publisher": "Example",
//    "abi": {"major": 1, "minor": 0},
//    "library": {"linux_amd64": {"path": "acme.so", "sha256": "..."}},
//    "operations": ["check", "export"], "import_policies": [], "import_options": ["prune", "mapping"],
//    "options": {"export": {"drafts": {"type": "boolean", "description": "..."}}, "import": {...}},
//    "config_schema": "config.schema.json" (a file in the manifest's folder) or {the schema itself},
//    "permissions": {"hosts": [], "secrets": ["token"], "optional_secrets": []},
//    "limits": {"memory_mb": 512, "start_ms": 10000, "idle_ms": 300000}}
//
// options: what a request of the operation can say beside what all connectors know, each with its JSON Schema; one that
// is left out is the connection's setting, so it has no default.
// id, name, version, abi, library and operations are required. A name that only optional_secrets has is a secret, too.
// Members that are not known are ignored; one that looks like a misspelt known one is a warning.
#pragma once

#include <Poco/JSON/Object.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace ferry::host {

// What an import does with an artefact that the target has already: the words there are, for every connector.
inline const std::vector<std::string> known_policies = {"abort", "replace", "skip", "add_version"};

struct Manifest {
  std::string id;       // "node-red", "org.example.acme"
  std::string name;     // for people
  std::string version;  // MAJOR.MINOR.PATCH
  std::string publisher;
  unsigned abi_major = 0, abi_minor = 0;  // needed
  std::filesystem::path file;             // of the manifest
  std::vector<std::string> platforms;     // there is a library for
  std::filesystem::path library;          // absolute, in the manifest's folder; "": none for this platform
  std::string library_sha256;
  std::vector<std::string> operations;                             // check catalog read export inspect import
  std::vector<std::string> import_policies;                        // of import: of known_policies
  std::vector<std::string> import_options = {"prune", "mapping"};  // what an import can be asked for; both unless said
  std::map<std::string, Poco::JSON::Object::Ptr> options;          // operation -> schema of its requests' options
  Poco::JSON::Object::Ptr config_schema;                           // of the connection's settings; null: no settings
  std::vector<std::string> allowed_hosts;                          // beside the connection's own origin
  std::vector<std::string> secrets;                                // names the connector may ask for
  std::vector<std::string> optional_secrets;                       // of these, the ones a connection may leave out
  std::uint64_t memory_mb = 512;                                   // limits of the worker
  std::int64_t start_ms = 10'000;                                  // longest time for load and create
  std::int64_t idle_ms = 300'000;                                  // longest time without a fact, byte or progress

  std::vector<std::string> warnings;  // what is odd, but not wrong

  bool offers(std::string_view operation) const;
  bool imports_with(std::string_view option_or_policy) const;
  std::vector<std::string> option_names(const std::string& operation) const;
};

// Reads and checks a manifest; throws Failure(connector, bad_manifest, ...) that names file, line and member. Whether
// the library is there, may be trusted and fits this ferry is the registry's part. Of a manifest for a newer ABI only
// id, name, version and abi are read, because the rest may follow rules that are not known here.
Manifest read_manifest(const std::filesystem::path& file);
// "linux_amd64"
std::string this_platform();
// "1.0"
std::string abi_text(unsigned major, unsigned minor);
// Is the ABI a manifest asks for one that this ferry has?
bool abi_fits(const Manifest&);

}  // namespace ferry::host
