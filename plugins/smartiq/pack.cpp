#include "pack.hpp"

#include <algorithm>
#include <map>
#include <tuple>

namespace ferry::smartiq {

namespace {

bool holds_objects(const Json& list) {
  if (!list.is_array()) return false;
  return std::all_of(list.items().begin(), list.items().end(),
                     [](const Json& item) { return item.is_object() && !item.text_or("id", "").empty(); });
}

}  // namespace

Pack Pack::parse(std::string text, const std::string& asked) {
  Json json;
  try {
    json = Json::parse(text);
  } catch (const JsonError& error) {
    throw Error(FERRY_REMOTE, asked + ": the sync pack is no JSON: " + error.what());
  }
  text = {};
  if (!json.is_object()) throw Error(FERRY_REMOTE, asked + ": the sync pack is no JSON object");
  Pack out;
  for (auto& [member, value] : json.members()) {
    const Kind* kind = kind_of_member(member);
    if (member == "options" || value.is_null()) continue;
    if (!holds_objects(value)) {
      if (kind != nullptr) throw Error(FERRY_REMOTE, asked + ": " + member + " is no list of objects with ids");
      out.others.emplace_back(member, std::move(value));
      continue;
    }
    // Newer servers add lists that are not known here; their objects travel like all others.
    const std::string type(kind == nullptr ? member : std::string(kind->type));
    for (Json& item : value.items()) out.objects.push_back({type, std::move(item)});
  }
  std::sort(out.objects.begin(), out.objects.end(), [](const Object& left, const Object& right) {
    const int types = left.type.compare(right.type);
    return types != 0 ? types < 0 : id_of(left.json) < id_of(right.json);
  });
  return out;
}

Artefact artefact_of(const Object& object, const TypeOfId& known) {
  return {.type = object.type,
          .id = id_of(object.json),
          .name = name_of(object.type, object.json),
          .hash = hash_of(object.type, object.json),
          .version = std::string(object.json.text_or("version", "")),
          .references = references_of(object.type, object.json, known)};
}

std::vector<Artefact> Pack::artefacts() const {
  std::map<std::string, std::string> types;
  for (const Object& object : objects) types.emplace(id_of(object.json), object.type);
  const TypeOfId known = [&](const std::string& id) {
    const auto found = types.find(id);
    return found == types.end() ? nullptr : &found->second;
  };
  std::vector<Artefact> out;
  for (const Object& object : objects) out.push_back(artefact_of(object, known));
  return out;
}

}  // namespace ferry::smartiq
