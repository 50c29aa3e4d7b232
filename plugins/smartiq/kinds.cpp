#include "kinds.hpp"

#include <algorithm>
#include <iterator>

namespace ferry::smartiq {

namespace {

using enum Kind::Identity;

// The platform updates an object only if its id and its name agree. inferred: what has no name of its own goes by its
// id, and so do data objects and connector settings, whose names are for display and need not be unique; groups and
// roles go by their names, because that is how others refer to them. Data objects have no import option and go with
// their data sources.
constexpr Kind known[] = {
    {"project", "projects", "Projects and fragments", "name", "projects", id_and_name, true},
    {"content_item", "contentLibraryItems", "Content library items", "name", "contentLibraryItems", id_and_name, true},
    {"data_source", "dataSources", "Data sources", "name", "dataSources"},
    {"data_object", "dataObjects", "Data objects of data sources", "displayName", "dataSources", id},
    {"content_folder", "contentFolders", "Content folders", "name", "contentFolders"},
    {"published_project", "publishedProjects", "Published projects", "", "publishedProjects", id},
    {"publish_folder", "publishFolders", "Publish folders", "name", "publishFolders"},
    {"user", "users", "Users", "username", "users"},
    {"group", "groups", "Groups", "name", "groups", name},
    {"role", "roles", "Roles", "name", "roles", name},
    {"custom_field", "customFields", "Custom fields", "name", "customFields"},
    {"connector_setting", "connectorSettings", "Connector settings", "description", "connectorSettings", id}};

}  // namespace

std::span<const Kind> kinds() { return known; }

const Kind* kind_of_type(std::string_view type) {
  const auto found =
      std::find_if(std::begin(known), std::end(known), [&](const Kind& kind) { return kind.type == type; });
  return found == std::end(known) ? nullptr : found;
}

const Kind* kind_of_member(std::string_view member) {
  const auto found =
      std::find_if(std::begin(known), std::end(known), [&](const Kind& kind) { return kind.member == member; });
  return found == std::end(known) ? nullptr : found;
}

}  // namespace ferry::smartiq
