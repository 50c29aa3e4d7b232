#include "package.hpp"

#include <unordered_map>
#include <utility>

#include "ferry/percent.hpp"

namespace ferry::smartiq {

namespace {

constexpr std::string_view manifest_name = "manifest.json", format = "ferry.smartiq/1";
constexpr std::uint64_t longest_object = 512u << 20;

// "projects/74f3….json"; what is not a letter, digit, '_' or '-' becomes %XX.
std::string file_name(const Artefact& artefact) {
  return member_of(artefact.type) + "/" + percent_encoded(artefact.id, "-_") + ".json";
}

[[noreturn]] void bad(const std::string& what) {
  throw Error(FERRY_BAD_DATA, "the package is damaged: " + what + "; export it again");
}

}  // namespace

void write_package(const PackageWriter& writer, const Pack& pack, const std::vector<Artefact>& artefacts,
                   bool complete) {
  std::string manifest = "{\"artefacts\":[";
  const char* separator = "\n";
  for (const Artefact& artefact : artefacts) {
    Json entry = to_json(artefact);
    entry.set("file", file_name(artefact));
    manifest += separator + canonical_json(entry);
    separator = ",\n";
  }
  manifest += "\n],\n\"format\":\"" + std::string(format) + "\",\n\"others\":";
  writer.entry(manifest_name, manifest + canonical_json(Json(pack.others)) + "}\n");
  for (std::size_t i = 0; i < artefacts.size(); ++i)
    writer.entry(file_name(artefacts[i]), canonical_json(pack.objects[i].json) + "\n");
  writer.describe(Json::object({{"format", format}, {"complete", complete}}));
}

Package::Package(const PackageReader& reader) : reader_(reader) {
  complete_ = reader.complete();
  std::unordered_map<std::string, PackageReader::Entry> entries;
  for (PackageReader::Entry& entry : reader.entries()) {
    std::string name = entry.name;
    entries.emplace(std::move(name), std::move(entry));
  }
  const auto found = entries.find(std::string(manifest_name));
  if (found == entries.end())
    throw Error(FERRY_BAD_DATA, "this is no package of SmartIQ objects: it has no " + std::string(manifest_name) +
                                    "; was it exported from another platform?");
  try {
    Json manifest = Json::parse(reader.text(found->second));
    if (manifest.text_or("format", "") != format)
      throw Error(FERRY_BAD_DATA, "this is no package of SmartIQ objects that this ferry reads: its format is \"" +
                                      std::string(manifest.text_or("format", "")) + "\", expected \"" +
                                      std::string(format) + "\"; was it exported from another platform?");
    for (const Json& item : manifest["artefacts"].items()) {
      Artefact artefact = parse_artefact(item);
      const auto file = entries.find(std::string(item.text_or("file", "")));
      if (file == entries.end())
        bad("manifest.json: the file \"" + std::string(item.text_or("file", "")) + "\" of " + describe(artefact) +
            " is not there");
      artefacts_.push_back(std::move(artefact));
      files_.push_back(file->second);
    }
    if (Json* others = manifest.find("others")) others_ = std::move(*others);
  } catch (const JsonError& error) {
    bad("manifest.json: " + std::string(error.what()));
  }
}

Object Package::object(std::size_t artefact) const {
  const Artefact& expected = artefacts_[artefact];
  Object out{expected.type, {}};
  try {
    out.json = Json::parse(reader_.text(files_[artefact], longest_object));
  } catch (const JsonError& error) {
    bad(files_[artefact].name + ": " + error.what());
  }
  if (id_of(out.json) != expected.id || hash_of(out.type, out.json) != expected.hash)
    bad(files_[artefact].name + " is not what manifest.json says: the package was changed by hand");
  return out;
}

}  // namespace ferry::smartiq
