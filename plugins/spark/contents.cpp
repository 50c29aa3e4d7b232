#include "contents.hpp"

#include "ferry/sha256.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace ferry::spark {

namespace {

constexpr std::string_view manifest_name = "manifest.json";
constexpr std::uint64_t longest_manifest = 64u << 20;

std::string uri_of(const Json& item) {
  return std::string(item.text_or("folder_source", "")) + "/" + std::string(item.text_or("service_source", ""));
}

// {tenant}/manifest.json, or nothing that could be it.
std::optional<PackageReader::Entry> find_manifest(const PackageReader& reader) {
  std::optional<PackageReader::Entry> found;
  for (std::uint64_t i = 0, count = reader.entry_count(); i < count; ++i) {
    PackageReader::Entry entry = reader.entry(i);
    const auto depth = std::count(entry.name.begin(), entry.name.end(), '/');
    const bool named = entry.name == manifest_name || entry.name.ends_with("/" + std::string(manifest_name));
    if (named && depth <= 1 && (!found || entry.name.size() < found->name.size())) found = std::move(entry);
  }
  return found;
}

}  // namespace

Contents Contents::of_outputs(const Json& outputs) {
  Contents out;
  if (const Json& services = outputs["services"]; services.is_array())
    for (const Json& item : services.items())
      out.services.push_back({std::string(item.text_or("service_uri_source", uri_of(item))),
                              std::string(item.text_or("service_id_source", ""))});
  if (const Json& versions = outputs["service_versions"]; versions.is_array())
    for (const Json& item : versions.items()) {
      Version version{.uri = {},
                      .service = uri_of(item),
                      .number = std::string(item.text_or("version_source", "")),
                      .id = std::string(item.text_or("version_id_source", ""))};
      version.uri = item.text_or("service_uri_source", version.service + "[" + version.number + "]");
      out.versions.push_back(std::move(version));
    }
  return out;
}

Contents Contents::read(const PackageReader& reader) {
  Json manifest;
  if (const auto entry = find_manifest(reader)) {
    try {
      manifest = Json::parse(reader.text(*entry, longest_manifest));
    } catch (const JsonError& error) {
      throw Error(FERRY_BAD_DATA, "the package's " + entry->name + " is damaged: " + error.what());
    }
  } else {
    // inferred: only the layout of packages for runners is known; where no manifest is inside, the export said it.
    manifest.set("outputs", reader.description());
  }
  Contents out = of_outputs(manifest["outputs"]);
  if (out.services.empty() && out.versions.empty())
    throw Error(FERRY_BAD_DATA,
                "this is no package of Coherent Spark: no {tenant}/manifest.json in it lists services; was it exported "
                "from another platform?");
  for (const Service& service : out.services)
    if (!is_service_uri(service.uri))
      throw Error(FERRY_BAD_DATA,
                  "the package's manifest names a service \"" + service.uri + "\"; expected {folder}/{service}");
  return out;
}

const Service* Contents::service(std::string_view uri) const {
  const auto found =
      std::find_if(services.begin(), services.end(), [&](const Service& service) { return service.uri == uri; });
  return found == services.end() ? nullptr : &*found;
}

std::vector<Artefact> Contents::artefacts() const {
  const auto id_or = [](const std::string& id, const std::string& uri) { return id.empty() ? uri : id; };
  std::vector<Artefact> out;
  std::map<std::string_view, std::vector<std::string>> of_service;
  for (const Version& version : versions) of_service[version.service].push_back(id_or(version.id, version.uri));
  for (const Service& service : services) {
    // inferred: a version never changes once it has its id, so that ids tell what a service consists of.
    Json ids = Json::array();
    std::vector<std::string>& own = of_service[service.uri];
    std::sort(own.begin(), own.end());
    for (const std::string& id : own) ids.push_back(id);
    out.push_back({.type = std::string(service_type),
                   .id = id_or(service.id, service.uri),
                   .name = service.uri,
                   .hash = content_hash(ids)});
  }
  for (const Version& version : versions) {
    Artefact artefact{.type = std::string(version_type),
                      .id = id_or(version.id, version.uri),
                      .name = version.uri,
                      .hash = content_hash(Json(id_or(version.id, version.uri))),
                      .version = version.number};
    if (const Service* owner = service(version.service))
      artefact.references.push_back({std::string(service_type), id_or(owner->id, owner->uri)});
    out.push_back(std::move(artefact));
  }
  return out;
}

Json description(const Contents& contents, std::string_view file_filter, std::string_view version_filter) {
  constexpr std::size_t longest = 400 * 1024;
  Json out = Json::object({{"platform", "spark"},
                           {"file_filter", file_filter},
                           {"version_filter", version_filter},
                           {"services", Json::array()},
                           {"service_versions", Json::array()}});
  const auto split = [](std::string_view uri) {
    return std::pair(std::string(folder_of(uri)), std::string(uri.substr(folder_of(uri).size() + 1)));
  };
  for (const Service& service : contents.services) {
    const auto [folder, name] = split(service.uri);
    out.find("services")
        ->push_back(Json::object({{"service_uri_source", service.uri},
                                  {"folder_source", folder},
                                  {"service_source", name},
                                  {"service_id_source", service.id}}));
  }
  for (const Version& version : contents.versions) {
    const auto [folder, name] = split(version.service);
    out.find("service_versions")
        ->push_back(Json::object({{"service_uri_source", version.uri},
                                  {"folder_source", folder},
                                  {"service_source", name},
                                  {"version_source", version.number},
                                  {"version_id_source", version.id}}));
  }
  const std::string all = out.dump();
  if (all.size() > longest)
    for (const char* list : {"services", "service_versions"}) out.remove(list);
  // The archive differs each time, by the id of its export job; what is in it does not.
  out.set("content", sha256_hex(all));
  return out;
}

bool is_onpremises(const PackageReader& reader) {
  return reader.description().text_or("file_filter", "") == "onpremises";
}

std::string_view folder_of(std::string_view service_uri) { return service_uri.substr(0, service_uri.find('/')); }

bool is_service_uri(std::string_view text) {
  const std::size_t slash = text.find('/');
  return slash != std::string_view::npos && slash > 0 && slash + 1 < text.size() &&
         text.find('/', slash + 1) == std::string_view::npos && text.find_first_of("[]") == std::string_view::npos;
}

}  // namespace ferry::spark
