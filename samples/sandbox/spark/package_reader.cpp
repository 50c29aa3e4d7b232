#include <algorithm>
#include <map>

#include "samples/sandbox/spark/package.hpp"

namespace sandbox::spark {

namespace {

using Entries = std::map<std::string, const ZipEntry*>;

const ZipEntry* find(const Entries& entries, const std::string& path) {
  const auto found = entries.find(path);
  return found == entries.end() ? nullptr : found->second;
}

// The manifest and the folder, the exporting tenant's, that it stands in.
std::pair<const ZipEntry*, std::string> find_manifest(const std::vector<ZipEntry>& entries) {
  constexpr std::string_view name = "manifest.json";
  for (const ZipEntry& entry : entries) {
    if (!entry.path.ends_with(name)) continue;
    const std::string folder = entry.path.substr(0, entry.path.size() - name.size());
    if (std::count(folder.begin(), folder.end(), '/') <= 1 && (folder.empty() || folder.back() == '/')) {
      return {&entry, folder};
    }
  }
  throw PackageFault{"The package has no manifest.json."};
}

Version read_version(const Entries& entries, const std::string& folder, const Service& service, const Version& named) {
  const ZipEntry* metadata = find(entries, folder + "ModelMetaData.json");
  if (!metadata) throw PackageFault{"The package lacks " + service.uri_of(named) + ", which its manifest names."};
  const ZipEntry* workbook = find(entries, folder + service.name + ".xlsx");
  if (!workbook) {
    throw PackageFault{"The package cannot be imported: " + service.uri_of(named) +
                       " was not exported with the file filter \"migrate\"."};
  }
  const json::Object engine = json::child(json::parse_object(metadata->content()), "EngineInformation");
  const std::string key = json::string(engine, "FileGuid");
  Version version = named;
  if (workbook->is_deflated) {
    version.workbook = workbook_of(key, workbook->content());
  } else {
    version.workbook = workbook_of(key, workbook->stored);
    // One of our own making was compared with what it must be; its checksum is known without reading it again.
    if (!version.workbook.is_made || version.workbook.crc() != workbook->crc) workbook->check();
  }
  return version;
}

std::vector<Service> read_services(const json::Object& manifest, const Entries& entries, const std::string& root) {
  const json::Object outputs = json::child(manifest, "outputs");
  std::map<std::string, Service> services;
  for (const json::Value& element : json::elements(outputs, "services")) {
    const json::Object each = json::as_object(element);
    Service service{json::string(each, "service_id_source"),
                    json::string(each, "folder_source"),
                    json::string(each, "service_source"),
                    {}};
    services.emplace(service.uri(), std::move(service));
  }
  for (const json::Value& element : json::elements(outputs, "service_versions")) {
    const json::Object each = json::as_object(element);
    const std::string uri = json::string(each, "folder_source") + '/' + json::string(each, "service_source");
    const std::string number_text = json::string(each, "version_source");
    const std::optional<Number> number = parse_number(number_text);
    const auto service = services.find(uri);
    if (service == services.end() || !number) throw PackageFault{"The package's manifest contradicts itself."};
    const Version named{json::string(each, "version_id_source"), *number, {}, true};
    service->second.versions.push_back(std::make_shared<const Version>(
        read_version(entries, root + uri + '/' + number_text + '/', service->second, named)));
  }
  std::vector<Service> list;
  for (auto& [uri, service] : services) {
    if (service.versions.empty()) throw PackageFault{"The package has no version of " + uri + "."};
    sort_versions(service);
    list.push_back(std::move(service));
  }
  std::sort(list.begin(), list.end(), [](const Service& left, const Service& right) {
    return std::tie(left.folder, left.name) < std::tie(right.folder, right.name);
  });
  return list;
}

}  // namespace

std::vector<Service> read_package(std::string_view bytes) {
  try {
    const std::vector<ZipEntry> all = read_zip(bytes);
    Entries entries;
    for (const ZipEntry& entry : all) {
      if (!entry.path.ends_with(".xlsx")) entry.check();
      entries.emplace(entry.path, &entry);
    }
    const auto [manifest, root] = find_manifest(all);
    std::vector<Service> services = read_services(json::parse_object(manifest->content()), entries, root);
    if (services.empty()) throw PackageFault{"The package holds no service."};
    return services;
  } catch (const NotAZip& failure) {
    throw PackageFault{failure.message};
  } catch (const BadRequest& failure) {
    throw PackageFault{"The package's manifest or metadata: " + failure.message};
  }
}

}  // namespace sandbox::spark
