#include "samples/sandbox/smartiq/store.hpp"

#include <algorithm>
#include <cctype>

#include "samples/sandbox/core/answers.hpp"

namespace sandbox::smartiq {

namespace {

constexpr std::size_t guid_size = 36;

bool is_guid(std::string_view text) {
  for (std::size_t i = 0; i < guid_size; ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !std::isxdigit(static_cast<unsigned char>(text[i]))) return false;
  }
  return true;
}

// Every id in a text: whatever stands in a project's definition in the form of an id may be a reference.
void collect_guids(std::string_view text, std::vector<std::string>& found) {
  for (std::size_t dash = text.find('-', 8); dash != std::string_view::npos; dash = text.find('-', dash + 1)) {
    const std::size_t begin = dash - 8;
    if (begin + guid_size > text.size() || !is_guid(text.substr(begin, guid_size))) continue;
    std::string guid = lower(text.substr(begin, guid_size));
    if (std::find(found.begin(), found.end(), guid) == found.end()) found.push_back(std::move(guid));
    dash = begin + guid_size - 1;
  }
}

}  // namespace

const std::array<KindFacts, kind_count>& kinds() {
  // inferred: data objects have no option of their own and go with their data source; a data object is told by its id
  // alone, as its names are unique within a data source only.
  static const std::array<KindFacts, kind_count> facts{
      {{"projects", "projects", "name", Identity::id_and_name, "projects", true},
       {"contentLibraryItems", "contentlibrary", "name", Identity::id_and_name, "contentLibraryItems", true},
       {"dataSources", "datasources", "name", Identity::id_and_name, "dataSources", false},
       {"dataObjects", "dataobjects", "displayName", Identity::id, "dataSources", false},
       {"contentFolders", "contentfolders", "name", Identity::id_and_name, "contentFolders", false},
       {"publishedProjects", "publishedprojects", "", Identity::id, "publishedProjects", false},
       {"publishFolders", "publishfolders", "name", Identity::id_and_name, "publishFolders", false},
       {"users", "users", "username", Identity::id_and_name, "users", false},
       {"groups", "groups", "name", Identity::name, "groups", false},
       {"roles", "roles", "name", Identity::name, "roles", false},
       {"customFields", "customfields", "name", Identity::id_and_name, "customFields", false},
       {"connectorSettings", "connectorsettings", "", Identity::id, "connectorSettings", false}}};
  return facts;
}

const std::array<Kind, kind_count>& import_order() {
  static const std::array<Kind, kind_count> order{roles,
                                                  groups,
                                                  users,
                                                  custom_fields,
                                                  data_sources,
                                                  data_objects,
                                                  content_folders,
                                                  content_library_items,
                                                  projects,
                                                  publish_folders,
                                                  published_projects,
                                                  connector_settings};
  return order;
}

ItemPointer make_item(Kind kind, std::string_view object) {
  const KindFacts& facts = kinds()[kind];
  auto item = std::make_shared<Item>();
  item->text = object;
  const Slice slice = Slice::parse(item->text);
  if (!slice.is(Slice::Type::object)) throw BadRequest{"'" + std::string(facts.list) + "' holds what is no object."};
  for (const auto& [name, value] : slice.members()) {
    if (same_text(name, "id")) {
      item->id = lower(value.string());
    } else if (!facts.name_member.empty() && same_text(name, facts.name_member)) {
      item->name = value.string();
    } else if (name == "modifiedUtc") {
      item->modified = value.string();
    } else if (name == "groups") {
      item->groups = value.strings();
    } else if (name == "roles") {
      item->roles = value.strings();
    } else if (name == "folderName") {
      item->folder = value.string();
    } else if (name == "definition" || name == "dataSourceId" || name == "folderId" || name == "projectId") {
      collect_guids(value.raw(), item->refers_to);
    } else if (name == "metadata") {
      const std::optional<Slice> type = value.member("type");
      item->fragment = type && type->string() == "Fragment";  // inferred: the word
    }
  }
  if (item->id.size() != guid_size || !is_guid(item->id)) {
    throw BadRequest{"An object of '" + std::string(facts.list) + "' has no id."};
  }
  if (!facts.name_member.empty() && item->name.empty()) {
    throw BadRequest{"The object " + item->id + " of '" + std::string(facts.list) + "' has no " +
                     std::string(facts.name_member) + "."};
  }
  return item;
}

ItemPointer Shelf::by_id(std::string_view id) const {
  const auto found = place_of_id_.find(id);
  return found == place_of_id_.end() ? nullptr : items_[found->second];
}

ItemPointer Shelf::by_name(std::string_view name) const {
  const auto found = place_of_name_.find(name);
  return found == place_of_name_.end() ? nullptr : items_[found->second];
}

void Shelf::put(ItemPointer item) {
  const auto found = place_of_id_.find(item->id);
  const std::size_t place = found == place_of_id_.end() ? items_.size() : found->second;
  if (place == items_.size()) {
    items_.push_back(nullptr);
  } else if (const auto name = place_of_name_.find(items_[place]->name); name != place_of_name_.end()) {
    if (name->second == place) place_of_name_.erase(name);
  }
  place_of_id_[item->id] = place;
  place_of_name_.emplace(item->name, place);
  items_[place] = std::move(item);
}

bool Shelf::remove(std::string_view id) {
  const auto found = place_of_id_.find(id);
  if (found == place_of_id_.end()) return false;
  std::vector<ItemPointer> left;
  for (const ItemPointer& item : items_) {
    if (item->id != id) left.push_back(item);
  }
  items_.clear();
  place_of_id_.clear();
  place_of_name_.clear();
  for (ItemPointer& item : left) put(std::move(item));
  return true;
}

}  // namespace sandbox::smartiq
