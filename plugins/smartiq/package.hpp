// A package: manifest.json, and one file per object of the sync pack, each canonical JSON in a place of its own, so
// that the same objects give the same bytes and a difference between two packages is a difference between two files.
#pragma once

#include <string>
#include <vector>

#include "ferry/artefacts.hpp"
#include "ferry/sdk.hpp"
#include "pack.hpp"

namespace ferry::smartiq {

void write_package(const PackageWriter& writer, const Pack& pack, const std::vector<Artefact>& artefacts,
                   bool complete);

class Package {
 public:
  // Reads the manifest. Throws Error(FERRY_BAD_DATA) that names entry and member.
  explicit Package(const PackageReader& reader);

  const std::vector<Artefact>& artefacts() const noexcept { return artefacts_; }
  bool complete() const noexcept { return complete_; }
  const Json& others() const noexcept { return others_; }
  // Throws Error(FERRY_BAD_DATA) if it is not what the manifest says.
  Object object(std::size_t artefact) const;

 private:
  PackageReader reader_;
  std::vector<Artefact> artefacts_;
  std::vector<PackageReader::Entry> files_;
  Json others_;
  bool complete_ = false;
};

}  // namespace ferry::smartiq
