// A package of Node-RED artefacts: manifest.json, and one file per artefact with the list of its nodes.
//
// The manifest lists the artefacts by type and id, each with name, hash, references and file; the hash is that of the
// file's bytes. Link nodes are listed by the nodes elsewhere they lead to: which flow those are on is not the
// artefact's to say, and an import can do without them. Everything is canonical: the same content gives the same bytes.
// A file is what Node-RED's editor takes in "Import nodes".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "artefacts.hpp"
#include "ferry/sdk.hpp"

namespace ferry::node_red {

// Writes the parts of the configuration at these positions; references: of all its parts.
void write_package(const PackageWriter& writer, const Configuration& configuration,
                   const std::vector<Configuration::References>& references, const std::vector<std::size_t>& parts,
                   bool complete);

// What is known about a part of a configuration: its hash, what it needs, and the flows its link nodes lead to.
Artefact record(const Configuration& configuration, const Part& part);

class Package {
 public:
  // Reads the manifest. Throws Error(FERRY_BAD_DATA) that names entry and member.
  explicit Package(const PackageReader& reader);

  // By type and id; their references have to be in the target or in the package.
  const std::vector<Artefact>& artefacts() const noexcept { return artefacts_; }
  // The same with the flows that link nodes lead to, where the package has them. Verifies and reads every file.
  std::vector<Artefact> linked_artefacts() const;
  bool complete() const noexcept { return complete_; }
  // The file of an artefact, not yet compared with its hash, and its size in bytes.
  std::string file(std::size_t artefact) const;
  std::uint64_t file_size(std::size_t artefact) const { return files_[artefact].bytes; }
  // Throws Error(FERRY_BAD_DATA) if the text is not what the manifest says.
  void verify(std::size_t artefact, std::string_view text) const;

 private:
  PackageReader reader_;
  std::vector<Artefact> artefacts_;
  std::vector<std::vector<std::string>> links_;  // of each artefact: nodes elsewhere
  std::vector<PackageReader::Entry> files_;
  bool complete_ = false;
};

// "flows/4f1c.json"; what is not a letter, digit, '.', '_' or '-' becomes %XX.
std::string file_name(std::string_view type, std::string_view id);

}  // namespace ferry::node_red
