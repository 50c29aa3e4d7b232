// A package of Node-RED artefacts: manifest.json, and one file per artefact with the list of its nodes.
//
// The manifest lists the artefacts by type and id, each with name, hash, references and file; the hash is that of the
// file's bytes. Everything is canonical: the same content gives the same bytes. A file is what Node-RED's editor takes
// in "Import nodes".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "artefacts.hpp"
#include "ferry/sdk.hpp"

namespace ferry::node_red {

// Writes the artefacts; `references` are theirs, in the same order.
void write_package(const PackageWriter& writer, const Configuration& configuration,
                   const std::vector<std::size_t>& parts, const std::vector<Artefact>& records, bool complete);

class Package {
 public:
  // Reads the manifest. Throws Error(FERRY_BAD_DATA) that names entry and member.
  explicit Package(const PackageReader& reader);

  // By type and id; references with those to other flows.
  const std::vector<Artefact>& artefacts() const noexcept { return artefacts_; }
  bool complete() const noexcept { return complete_; }
  // The file of an artefact, not yet compared with its hash.
  std::string file(std::size_t artefact) const;
  // Throws Error(FERRY_BAD_DATA) if the text is not what the manifest says.
  void verify(std::size_t artefact, std::string_view text) const;

 private:
  PackageReader reader_;
  std::vector<Artefact> artefacts_;
  std::vector<PackageReader::Entry> files_;
  bool complete_ = false;
};

// "flows/4f1c.json"; what is not a letter, digit, '.', '_' or '-' becomes %XX.
std::string file_name(std::string_view type, std::string_view id);

}  // namespace ferry::node_red
