#include "samples/sandbox/spark/selection.hpp"

#include <algorithm>

namespace sandbox::spark {

namespace {

bool is_visible(const Service& service, const ExportRequest& request) {
  return request.is_supervisor || !is_restricted(service.folder);
}

class Selector {
 public:
  Selector(const Library& library, const ExportRequest& request) : library_(library), request_(request) {}

  Selection run() {
    for (const std::string& folder : request_.folders) add_folder(folder);
    for (const std::string& service : request_.services) add_named(service);
    for (const std::string& id : request_.version_ids) add_version(id);
    for (auto& [uri, service] : chosen_) {
      sort_versions(service);
      for (const VersionPointer& version : service.versions) {
        if (!version->is_compiled) fail(service.uri_of(*version) + " has not been compiled by Neuron.");
      }
      selection_.services.push_back(std::move(service));
    }
    std::sort(selection_.services.begin(), selection_.services.end(), [](const Service& left, const Service& right) {
      return std::tie(left.folder, left.name) < std::tie(right.folder, right.name);
    });
    return std::move(selection_);
  }

 private:
  void fail(const std::string& message) { selection_.errors.push_back(message); }

  void add(const Service& service, const VersionPointer& version) {
    Service& chosen =
        chosen_.try_emplace(service.uri(), Service{service.id, service.folder, service.name, {}}).first->second;
    const auto& versions = chosen.versions;
    if (std::find(versions.begin(), versions.end(), version) == versions.end()) chosen.versions.push_back(version);
  }

  void add_filtered(const Service& service) {
    if (!request_.all_versions) return add(service, service.versions.back());
    for (const VersionPointer& version : service.versions) add(service, version);
  }

  void add_folder(const std::string& folder) {
    bool has_any = false;
    for (const auto& [uri, service] : library_.services) {
      if (service.folder != folder || !is_visible(service, request_)) continue;
      has_any = true;
      add_filtered(service);
    }
    if (has_any) return;
    const bool is_known = library_.folders.count(folder) > 0 && (request_.is_supervisor || !is_restricted(folder));
    fail(is_known ? "The folder " + folder + " holds no service." : "The folder " + folder + " does not exist.");
  }

  const Service* find_visible(const std::string& uri_or_id) const {
    for (const auto& [uri, service] : library_.services) {
      if ((uri == uri_or_id || service.id == uri_or_id) && is_visible(service, request_)) return &service;
    }
    return nullptr;
  }

  // "folder/service", "folder/service[0.4]", "service/{id}", "version/{id}" or an id.
  void add_named(const std::string& name) {
    if (name.starts_with("version/") && add_version_if_there(name.substr(8))) return;
    const std::size_t bracket = name.find('[');
    const bool has_version = bracket != std::string::npos && name.ends_with(']');
    const std::string uri = has_version ? name.substr(0, bracket) : name;
    const Service* service = find_visible(uri);
    if (!service && uri.starts_with("service/")) service = find_visible(uri.substr(8));
    if (!service) return fail("The service " + uri + " does not exist.");
    if (!has_version) return add_filtered(*service);
    const std::string partial = name.substr(bracket + 1, name.size() - bracket - 2);
    for (auto version = service->versions.rbegin(); version != service->versions.rend(); ++version) {
      if (has_prefix((*version)->number, partial)) return add(*service, *version);
    }
    fail("The service " + uri + " has no version " + partial + ".");
  }

  bool add_version_if_there(const std::string& id) {
    for (const auto& [uri, service] : library_.services) {
      for (const VersionPointer& version : service.versions) {
        if (version->id != id || !is_visible(service, request_)) continue;
        add(service, version);
        return true;
      }
    }
    return false;
  }

  void add_version(const std::string& id) {
    if (!add_version_if_there(id)) fail("The version " + id + " does not exist.");
  }

  const Library& library_;
  const ExportRequest& request_;
  std::map<std::string, Service> chosen_;
  Selection selection_;
};

// What the sandbox was told to let fail or leave out, by uri or id.
void apply_faults(Selection& selection, const FaultBox& faults) {
  for (Service& service : selection.services) {
    const auto is_skipped = [&](const VersionPointer& version) {
      const std::string uri = service.uri_of(*version);
      const bool is_service = faults.skips(service.uri()) || faults.skips(service.id);
      if (!is_service && !faults.skips(uri) && !faults.skips(version->id)) return false;
      selection.warnings.push_back(uri + " was skipped.");
      return true;
    };
    service.versions.erase(std::remove_if(service.versions.begin(), service.versions.end(), is_skipped),
                           service.versions.end());
    for (const VersionPointer& version : service.versions) {
      const std::string uri = service.uri_of(*version);
      if (faults.fails(service.uri()) || faults.fails(service.id) || faults.fails(uri) || faults.fails(version->id)) {
        selection.errors.push_back(uri + " cannot be exported.");
      }
    }
  }
  std::erase_if(selection.services, [](const Service& service) { return service.versions.empty(); });
}

}  // namespace

ExportRequest export_request_of(const json::Object& body, bool is_supervisor) {
  const json::Object inputs = json::child(body, "inputs");
  ExportRequest request;
  request.folders = json::texts(inputs, "folders");
  request.services = json::texts(inputs, "services");
  request.version_ids = json::texts(inputs, "version_ids");
  request.is_supervisor = is_supervisor;
  if (request.folders.empty() && request.services.empty() && request.version_ids.empty()) {
    throw BadRequest{"inputs names no folders, services or version_ids."};
  }
  const std::string files = json::string(body, "file_filter", "migrate");
  // inferred: where neither is asked for, the latest, as the platform's own SDKs ask.
  const std::string versions = json::string(body, "version_filter", "latest");
  if (files != "migrate" && files != "onpremises") throw BadRequest{"file_filter is migrate or onpremises."};
  if (versions != "latest" && versions != "all") throw BadRequest{"version_filter is latest or all."};
  request.for_migration = files == "migrate";
  request.all_versions = versions == "all";
  return request;
}

Selection select(const Library& library, const ExportRequest& request, const FaultBox& faults) {
  Selection selection = Selector(library, request).run();
  apply_faults(selection, faults);
  if (selection.services.empty() && selection.errors.empty()) {
    selection.errors.push_back("Nothing is left to export.");
  }
  return selection;
}

}  // namespace sandbox::spark
