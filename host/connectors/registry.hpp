// Which connectors there are. Reads manifests only: no connector code runs here.
//
// Search order: directories given (--connector-path, FERRY_CONNECTOR_PATH), the user's
// ($XDG_DATA_HOME/ferry/connectors), the one beside the executable (PREFIX/lib/ferry/connectors), the system's
// (/usr/lib/ferry/connectors). Absolute paths only, never the current directory. A connector is a folder with
// connector.json in a search directory, or a search directory that has connector.json itself. Directory, manifest and
// library must belong to root or the user and be writable by nobody else; in a search directory symbolic links are not
// followed, and hidden names not looked at.
//
// The library's hash is not checked here: the worker checks what it loads. A registry does not change once it is made;
// any thread may read it. It does not fail: what cannot be used is a candidate with its reason.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "host/base/failure.hpp"
#include "host/connectors/manifest.hpp"

namespace ferry::host {

struct Candidate {  // one place that was looked at
  std::filesystem::path path;
  std::string verdict;  // "taken", or why not
  bool taken = false;
  // For a connector's folder. Where the manifest could not be read, id is the folder's name.
  std::string id;
  Fault fault = Fault::machine;
  std::string code;     // of the failure to report: bad_manifest, wrong_platform, needs_newer_ferry, ...; "": no folder
                        // of a connector
  bool broken = false;  // a manifest that ends the search for its id
};

class Registry {
 public:
  // explicit_paths: from the command line; FERRY_CONNECTOR_PATH (parts separated by ':') comes after them. A relative
  // one is a Failure(usage, relative_path). Each directory stands there once.
  static std::vector<std::filesystem::path> search_path(const std::vector<std::string>& explicit_paths);

  explicit Registry(const std::vector<std::filesystem::path>& directories);

  const std::vector<Manifest>& connectors() const noexcept { return connectors_; }  // sorted by id
  const std::vector<Candidate>& candidates() const noexcept { return candidates_; }
  // Throws Failure with the whole trace: every path tried and why it was not taken, and the nearest known id. The same
  // id twice is a failure that names both; a broken manifest of this id stops the search with its own error.
  const Manifest& find(const std::string& id) const;

 private:
  void look_into(const std::filesystem::path& directory);
  void consider(const std::filesystem::path& folder);
  void refuse_duplicates();
  std::string trace() const;

  std::vector<Manifest> connectors_;
  std::vector<Candidate> candidates_;
};

}  // namespace ferry::host
