#include "content.hpp"

#include <algorithm>
#include <iterator>

#include "guids.hpp"

namespace ferry::smartiq {

namespace {

constexpr std::string_view list_of_names[] = {"groups", "roles", "permissions"};

void sort_names(Json& list) {
  if (!list.is_array()) return;
  const bool names =
      std::all_of(list.items().begin(), list.items().end(), [](const Json& item) { return item.is_string(); });
  if (names)
    std::sort(list.items().begin(), list.items().end(),
              [](const Json& left, const Json& right) { return left.as_string() < right.as_string(); });
}

Json compared(std::string_view type, const Json& object, const Members& hidden) {
  Json out = object;
  out.remove("id");
  if (type == "project" || type == "content_item") {
    for (const char* member : {"modifiedUtc", "version"}) out.remove(member);
    if (Json* metadata = out.find("metadata")) metadata->remove("modifiedBy");
  }
  for (const std::string& member : hidden_of(type, object)) out.remove(member);
  for (const std::string& member : hidden) out.remove(member);
  for (const std::string_view member : list_of_names)
    if (Json* list = out.find(member)) sort_names(*list);
  return out;
}

void each_text(const Json& json, const std::function<void(const std::string&)>& text) {
  if (json.is_string()) return text(json.as_string());
  if (json.is_array())
    for (const Json& item : json.items()) each_text(item, text);
  if (json.is_object())
    for (const auto& [name, value] : json.members()) each_text(value, text);
}

}  // namespace

std::string id_of(const Json& object) { return lower_guid(object.text_or("id", "")); }

std::string name_of(std::string_view type, const Json& object) {
  if (type == "connector_setting") return std::string(object["metadata"].text_or("description", ""));
  const Kind* kind = kind_of_type(type);
  return std::string(object.text_or(kind == nullptr ? "name" : kind->name, ""));
}

std::string member_of(std::string_view type) {
  const Kind* kind = kind_of_type(type);
  return std::string(kind == nullptr ? type : kind->member);
}

std::string hash_of(std::string_view type, const Json& object, const Members& hidden) {
  return content_hash(compared(type, object, hidden));
}

Members hidden_of(std::string_view type, const Json& object) {
  Members out;
  if (type != "data_source") return out;
  const auto look = [&](const char* member, const char* permission) {
    if (object.text_or(member, "").empty() || !object.bool_or(permission, true)) out.insert(member);
  };
  look("connectionString", "allowConnectionExport");
  look("defaultData", "exportDefaultData");
  return out;
}

std::vector<Reference> references_of(std::string_view type, const Json& object, const TypeOfId& known) {
  std::vector<Reference> out;
  const auto add = [&](std::string_view to, std::string id) {
    Reference reference{std::string(to), std::move(id)};
    if (std::find(out.begin(), out.end(), reference) == out.end()) out.push_back(std::move(reference));
  };
  const auto named = [&](std::string_view member, std::string_view to) {
    if (const std::string_view id = object.text_or(member, ""); is_guid(id)) add(to, lower_guid(id));
  };
  if (type == "data_object") named("dataSourceId", "data_source");
  if (type == "published_project") {
    named("projectId", "project");
    named("folderId", "publish_folder");
  }
  const std::string own = id_of(object);
  each_text(compared(type, object, {}), [&](const std::string& text) {
    for_each_guid(text, [&](std::size_t, const std::string& guid) {
      const std::string* to = guid == own ? nullptr : known(guid);
      if (to != nullptr) add(*to, guid);
    });
  });
  return out;
}

std::vector<Reference> names_of(const Json& object) {
  std::vector<Reference> out;
  for (const auto& [member, type] : {std::pair("groups", "group"), std::pair("roles", "role")})
    if (const Json& names = object[member]; names.is_array())
      for (const Json& name : names.items())
        if (name.is_string()) out.push_back({type, name.as_string()});
  return out;
}

}  // namespace ferry::smartiq
