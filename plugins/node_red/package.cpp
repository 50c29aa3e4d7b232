#include "package.hpp"

#include <tuple>
#include <unordered_map>
#include <utility>

#include "ferry/percent.hpp"

namespace ferry::node_red {

namespace {

constexpr std::string_view format = "ferry.node-red/1";
constexpr std::string_view manifest_name = "manifest.json";

std::string quoted(std::string_view text) {
  std::string out;
  Json::append_quoted(out, text);
  return out;
}

[[noreturn]] void bad(const std::string& what) {
  throw Error(FERRY_BAD_DATA, "the package cannot be read: " + what + "; export it again");
}

bool is_known_type(std::string_view type) {
  return type == flow_type || type == subflow_type || type == config_node_type;
}

}  // namespace

std::string file_name(std::string_view type, std::string_view id) {
  constexpr std::size_t longest = 100;
  std::string safe = percent_encoded(id);
  if (safe.starts_with('.')) safe.replace(0, 1, "%2E");  // neither a hidden file nor ".."
  if (safe.size() > longest) safe = "%" + sha256_hex(id);
  return std::string(type) + "s/" + safe + ".json";
}

Artefact record(const Configuration& configuration, const Part& part) {
  Configuration::References references = configuration.references(part);
  Artefact artefact{.type = std::string(part.type),
                    .id = std::string(part.id),
                    .name = std::string(part.name),
                    .hash = configuration.hash(part),
                    .references = std::move(references.needed)};
  for (Reference& flow : configuration.flows_of(references.links)) artefact.references.push_back(std::move(flow));
  return artefact;
}

void write_package(const PackageWriter& writer, const Configuration& configuration,
                   const std::vector<Configuration::References>& references, const std::vector<std::size_t>& parts,
                   bool complete) {
  std::string manifest = "{\n \"format\": " + quoted(format) + ",\n \"artefacts\": [";
  std::string_view separator = "\n";
  for (const std::size_t position : parts) {
    const Part& part = configuration.parts()[position];
    Json entry = to_json({.type = std::string(part.type),
                          .id = std::string(part.id),
                          .name = std::string(part.name),
                          .hash = configuration.hash(part),
                          .references = references[position].needed});
    entry.set("file", file_name(part.type, part.id));
    if (const std::vector<std::string>& nodes = references[position].links; !nodes.empty()) {
      Json& links = entry.set("links", Json::array());
      for (const std::string& node : nodes) links.push_back(node);
    }
    manifest += separator;
    manifest += "  " + canonical_json(entry);
    separator = ",\n";
  }
  manifest += parts.empty() ? "]\n}\n" : "\n ]\n}\n";
  writer.entry(manifest_name, manifest);
  for (const std::size_t position : parts) {
    const Part& part = configuration.parts()[position];
    writer.entry(file_name(part.type, part.id), configuration.file(part));
  }
  writer.describe(Json::object({{"format", format}, {"complete", complete}}));
}

Package::Package(const PackageReader& reader) : reader_(reader) {
  const Json description = reader.description();
  complete_ = description.bool_or("complete", false);

  std::unordered_map<std::string, PackageReader::Entry> entries;
  for (std::uint64_t i = 0, count = reader.entry_count(); i < count; ++i) {
    PackageReader::Entry entry = reader.entry(i);
    entries.emplace(entry.name, std::move(entry));
  }
  if (entries.empty())
    throw Error(FERRY_BAD_DATA, "this is no package of Node-RED artefacts: it is no ZIP archive, or an empty one");
  const auto found = entries.find(std::string(manifest_name));
  if (found == entries.end())
    throw Error(FERRY_BAD_DATA, "this is no package of Node-RED artefacts: it has no " + std::string(manifest_name) +
                                    "; was it exported from another platform?");
  try {
    const Json manifest = Json::parse(reader.text(found->second));
    if (manifest.text_or("format", "") != format)
      throw Error(FERRY_BAD_DATA, "this is no package of Node-RED artefacts that this ferry reads: its format is \"" +
                                      std::string(manifest.text_or("format", "")) + "\", expected \"" +
                                      std::string(format) + "\"; was it exported from another platform?");
    for (const Json& item : manifest["artefacts"].items()) {
      Artefact artefact = parse_artefact(item);
      if (!is_known_type(artefact.type)) bad("manifest.json: the type " + artefact.type + " is unknown");
      const auto file = entries.find(std::string(item.text_or("file", "")));
      if (file == entries.end())
        bad("manifest.json: the file \"" + std::string(item.text_or("file", "")) + "\" of " + describe(artefact) +
            " is not there");
      if (!artefacts_.empty() &&
          std::tie(artefacts_.back().type, artefacts_.back().id) >= std::tie(artefact.type, artefact.id))
        bad("manifest.json: " + describe(artefact) + " stands twice or is out of order");
      artefacts_.push_back(std::move(artefact));
      std::vector<std::string>& links = links_.emplace_back();
      if (const Json* listed = item.find("links"))
        for (const Json& link : listed->items()) links.push_back(link.as_string());
      files_.push_back(file->second);
    }
  } catch (const JsonError& error) {
    bad("manifest.json: " + std::string(error.what()));
  }
}

std::vector<Artefact> Package::linked_artefacts() const {
  std::unordered_map<std::string, std::vector<std::size_t>> wanted;  // node -> the artefacts that lead to it
  for (std::size_t i = 0; i < links_.size(); ++i)
    for (const std::string& link : links_[i]) wanted[link].push_back(i);
  std::vector<Artefact> out = artefacts_;
  for (std::size_t i = 0; i < artefacts_.size(); ++i) {
    std::string text = file(i);
    verify(i, text);
    if (wanted.empty() || artefacts_[i].type != flow_type) continue;
    try {
      const NodeList list = NodeList::parse(std::move(text));
      for (const Node& node : list.nodes())
        if (const auto found = wanted.find(std::string(node.id)); found != wanted.end())
          for (const std::size_t from : found->second) {
            std::vector<Reference>& references = out[from].references;
            const Reference to{artefacts_[i].type, artefacts_[i].id};
            if (references.empty() || references.back() != to) references.push_back(to);
          }
    } catch (const JsonError& error) {
      bad(files_[i].name + ": " + error.what());
    }
  }
  return out;
}

std::string Package::file(std::size_t artefact) const { return reader_.text(files_[artefact]); }

void Package::verify(std::size_t artefact, std::string_view text) const {
  if (sha256_hex(text) != artefacts_[artefact].hash)
    bad(files_[artefact].name + " is not what manifest.json says (its hash differs): the package was changed by hand");
}

}  // namespace ferry::node_red
