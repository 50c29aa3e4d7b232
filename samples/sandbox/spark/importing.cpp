#include "samples/sandbox/spark/importing.hpp"

#include <algorithm>
#include <set>

namespace sandbox::spark {

namespace {

// "folder/service": both there, nothing else.
bool is_uri(const std::string& text) {
  const std::size_t slash = text.find('/');
  return slash != std::string::npos && slash > 0 && slash + 1 < text.size() &&
         text.find_first_of("/[]", slash + 1) == std::string::npos;
}

class Importer {
 public:
  Importer(const Library& library, const ImportRequest& request, const ImportContext& context)
      : request_(request), context_(context), outcome_{library, json::array(), json::array(), {}, {}} {}

  ImportOutcome run(const std::vector<Service>& package) {
    warn_of_unused_mappings(package);
    std::size_t place = 0;
    for (const Service& source : package) {
      const bool is_lost = context_.in_halves && 2 * place++ >= package.size();
      if (is_lost) {
        fail(source.uri() + " could not be imported.");
      } else {
        import_service(source);
      }
    }
    return std::move(outcome_);
  }

 private:
  void fail(const std::string& message) { outcome_.errors.push_back(message); }

  void warn_of_unused_mappings(const std::vector<Service>& package) {
    for (const auto& [source, mapping] : request_.mappings) {
      const bool is_used = std::any_of(package.begin(), package.end(),
                                       [&, uri = source](const Service& service) { return service.uri() == uri; });
      if (!is_used) outcome_.warnings.push_back("services_modify names " + source + ", which the package lacks.");
    }
  }

  void import_service(const Service& source) {
    const auto mapped = request_.mappings.find(source.uri());
    const Mapping mapping = mapped == request_.mappings.end() ? Mapping{source.uri(), "minor"} : mapped->second;
    const std::string folder = mapping.destination.substr(0, mapping.destination.find('/'));
    if (context_.faults.skips(source.uri()) || context_.faults.skips(source.id)) {
      outcome_.warnings.push_back(source.uri() + " was skipped.");
      return;
    }
    if (context_.faults.fails(source.uri()) || context_.faults.fails(source.id)) {
      return fail(source.uri() + " could not be imported.");
    }
    if (!outcome_.library.folders.count(folder)) return fail("The destination folder " + folder + " does not exist.");
    if (is_restricted(folder) && !request_.is_supervisor) {
      return fail("The destination folder " + folder + " is not accessible.");
    }
    // inferred: that two services cannot become one.
    if (!destinations_.insert(mapping.destination).second) {
      return fail("Two services of the package have the destination " + mapping.destination + ".");
    }
    const auto existing = outcome_.library.services.find(mapping.destination);
    if (existing == outcome_.library.services.end()) {
      add(source, mapping, nullptr);
    } else if (request_.existing == "replace") {
      const Service removed = existing->second;
      outcome_.library.services.erase(existing);
      add(source, mapping, &removed);
    } else if (request_.existing == "add_version") {
      add_versions(source, mapping, existing->second);
    } else {
      fail("The service " + mapping.destination + " exists already.");
    }
  }

  // The source's id where it is free in this tenant.
  std::string free_id(const std::string& id, const Service& unfinished) const {
    const auto& versions = unfinished.versions;
    const bool is_taken =
        id.empty() || outcome_.library.has_version_id(id) ||
        std::any_of(versions.begin(), versions.end(), [&](const VersionPointer& each) { return each->id == id; });
    return is_taken ? context_.new_id() : id;
  }

  // A new service with the source's versions. Of a service it replaces, versions of the same number keep their id.
  // inferred: the service itself gets a new one, as its call history is gone.
  void add(const Service& source, const Mapping& mapping, const Service* removed) {
    const std::size_t slash = mapping.destination.find('/');
    Service made{context_.new_id(), mapping.destination.substr(0, slash), mapping.destination.substr(slash + 1), {}};
    // Ids that stay are taken before those that come.
    std::map<Number, std::string> kept;
    if (removed) {
      for (const VersionPointer& version : removed->versions) kept[version->number] = version->id;
    }
    std::set<std::string> staying;
    for (const VersionPointer& version : source.versions) {
      if (const auto found = kept.find(version->number); found != kept.end()) staying.insert(found->second);
    }
    std::vector<std::string> statuses;
    for (const VersionPointer& version : source.versions) {
      const auto found = kept.find(version->number);
      Version copy = *version;
      if (found != kept.end()) {
        copy.id = found->second;
      } else {
        copy.id = staying.count(version->id) ? context_.new_id() : free_id(version->id, made);
      }
      made.versions.push_back(std::make_shared<const Version>(std::move(copy)));
      statuses.push_back(found == kept.end() ? "added" : "replaced");
    }
    report_service(source, made, removed ? "replaced" : "added");
    for (std::size_t at = 0; at < statuses.size(); ++at) {
      report_version(source, *source.versions[at], made, *made.versions[at], statuses[at]);
    }
    outcome_.library.services.emplace(made.uri(), std::move(made));
  }

  // inferred: numbers go on from the destination's latest, one version after the other; "copy" onto a number that is
  // there replaces that version and keeps its id.
  void add_versions(const Service& source, const Mapping& mapping, Service& service) {
    report_service(source, service, "updated");
    for (const VersionPointer& version : source.versions) {
      Version copy = *version;
      std::string status = "added";
      const auto same = std::find_if(service.versions.begin(), service.versions.end(),
                                     [&](const VersionPointer& each) { return each->number == version->number; });
      if (mapping.update_type != "copy") {
        copy.number = service.versions.back()->number.bumped(mapping.update_type);
      } else if (same != service.versions.end()) {
        copy.id = (*same)->id;
        status = "replaced";
        service.versions.erase(same);
      }
      if (status == "added") copy.id = free_id(version->id, Service{});
      service.versions.push_back(std::make_shared<const Version>(copy));
      report_version(source, *version, service, copy, status);
      sort_versions(service);
    }
  }

  void report_service(const Service& source, const Service& made, const std::string& status) {
    outcome_.services->add(json::object({{"service_uri_source", source.uri()},
                                         {"folder_source", source.folder},
                                         {"service_source", source.name},
                                         {"folder_destination", made.folder},
                                         {"service_destination", made.name},
                                         {"service_uri_destination", made.uri()},
                                         {"service_id_destination", made.id},
                                         {"status", status}}));
  }

  void report_version(const Service& source, const Version& from, const Service& made, const Version& to,
                      const std::string& status) {
    outcome_.versions->add(json::object({{"service_uri_source", source.uri_of(from)},
                                         {"folder_source", source.folder},
                                         {"service_source", source.name},
                                         {"version_source", from.number.text()},
                                         {"version_id_source", from.id},
                                         {"folder_destination", made.folder},
                                         {"service_destination", made.name},
                                         {"version_destination", to.number.text()},
                                         {"service_uri_destination", made.uri_of(to)},
                                         {"service_id_destination", made.id},
                                         {"version_id_destination", to.id},
                                         {"status", status}}));
  }

  const ImportRequest& request_;
  const ImportContext& context_;
  ImportOutcome outcome_;
  std::set<std::string> destinations_;
};

}  // namespace

ImportRequest import_request_of(const json::Object& entity) {
  ImportRequest request;
  request.existing = json::string(entity, "services_existing", request.existing);
  if (request.existing != "abort" && request.existing != "replace" && request.existing != "add_version") {
    throw BadRequest{"services_existing is abort, replace or add_version."};
  }
  for (const json::Value& element : json::elements(json::child(entity, "inputs"), "services_modify")) {
    const json::Object each = json::as_object(element);
    const std::string source = json::string(each, "service_uri_source");
    const Mapping mapping{json::string(each, "service_uri_destination", source),
                          json::string(each, "update_version_type", "minor")};
    if (!is_uri(source) || !is_uri(mapping.destination)) {
      throw BadRequest{"services_modify takes URIs of the form folder/service."};
    }
    const std::string& type = mapping.update_type;
    if (type != "major" && type != "minor" && type != "patch" && type != "copy") {
      throw BadRequest{"update_version_type is major, minor, patch or copy."};
    }
    request.mappings[source] = mapping;
  }
  return request;
}

json::Object json_of(const ImportRequest& request) {
  json::Array modify = json::array();
  for (const auto& [source, mapping] : request.mappings) {
    modify->add(json::object({{"service_uri_source", source},
                              {"service_uri_destination", mapping.destination},
                              {"update_version_type", mapping.update_type}}));
  }
  return json::object(
      {{"inputs", json::object({{"services_modify", modify}})}, {"services_existing", request.existing}});
}

ImportOutcome import_services(const Library& library, const std::vector<Service>& package, const ImportRequest& request,
                              const ImportContext& context) {
  return Importer(library, request, context).run(package);
}

}  // namespace sandbox::spark
