// What a connector says about itself without being run: connector.json beside the library.
#pragma once

#include <Poco/JSON/Object.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace ferry::host {

struct Manifest {
  std::string id;         // "node-red", "org.example.acme"
  std::string name;       // for people
  std::string version;    // MAJOR.MINOR.PATCH
  std::string publisher;
  unsigned abi_major = 0, abi_minor = 0;  // needed
  std::filesystem::path file;             // of the manifest
  std::filesystem::path library;          // absolute
  std::string library_sha256;
  std::vector<std::string> operations;        // check catalog read export inspect import
  std::vector<std::string> import_policies;   // of import: abort replace skip add_version
  Poco::JSON::Object::Ptr config_schema;      // of the connection's settings; null: no settings
  std::vector<std::string> allowed_hosts;     // beside the connection's own origin
  std::vector<std::string> secrets;           // names the connector may ask for
  std::vector<std::string> optional_secrets;  // of these, the ones a connection may leave out
  std::uint64_t memory_mb = 512;              // limits of the worker
  std::int64_t start_ms = 10'000;             // longest time for load and create
  std::int64_t idle_ms = 300'000;             // longest time without a fact, byte or progress

  bool offers(std::string_view operation) const;
};

// Reads and checks a manifest; throws Failure(connector, bad_manifest, ...) that names file, line and member.
Manifest read_manifest(const std::filesystem::path& file);
// "linux_amd64"
std::string this_platform();

}  // namespace ferry::host
