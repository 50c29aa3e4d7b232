// ferry/artefact.hpp - a part of a solution: what it is called, the hash of its content, what it refers to.
//
// The record of an artefact stream (connector.h, FERRY_CAPABILITY_READ) as a value, and an index over many of them. An
// index borrows the artefacts: they stay where they are, unchanged, for as long as it lives.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "ferry/error.hpp"
#include "ferry/json.hpp"

namespace ferry {

struct Reference {
  std::string type, id;
  bool operator==(const Reference&) const = default;
};

struct Artefact {
  std::string type, id;
  std::string name = {};     // "": the platform has no name for it
  std::string hash = {};     // of the canonical content: equal exactly if nothing is to be written
  std::string version = {};  // "": the platform has no versions
  std::vector<Reference> references = {};
  bool operator==(const Artefact&) const = default;
};

// The record of an artefact, for Records::add.
inline Json to_json(const Artefact& artefact) {
  Json json =
      Json::object({{"type", artefact.type}, {"id", artefact.id}, {"name", artefact.name}, {"hash", artefact.hash}});
  if (!artefact.version.empty()) json.set("version", artefact.version);
  if (!artefact.references.empty()) {
    Json& references = json.set("references", Json::array());
    for (const Reference& reference : artefact.references)
      references.push_back(Json::object({{"type", reference.type}, {"id", reference.id}}));
  }
  return json;
}

// Throws Error(FERRY_BAD_DATA) if type or id is missing.
inline Artefact parse_artefact(const Json& json) {
  const auto text = [](const Json& object, std::string_view member) { return std::string(object.text_or(member, "")); };
  Artefact artefact{text(json, "type"), text(json, "id"),      text(json, "name"),
                    text(json, "hash"), text(json, "version"), {}};
  if (artefact.type.empty() || artefact.id.empty())
    throw Error(FERRY_BAD_DATA, "an artefact record has no type or no id: " + json.dump());
  if (json["references"].is_array())
    for (const Json& reference : json["references"].items())
      artefact.references.push_back({text(reference, "type"), text(reference, "id")});
  return artefact;
}

// For people: flow "Orders" (4f1c).
inline std::string describe(const Artefact& artefact) {
  if (artefact.name.empty()) return artefact.type + " " + artefact.id;
  return artefact.type + " \"" + artefact.name + "\" (" + artefact.id + ")";
}

namespace detail {

struct ArtefactKey {
  std::string_view type, text;  // text: an id or a name
  bool operator==(const ArtefactKey&) const = default;
};
struct ArtefactKeyHash {
  std::size_t operator()(const ArtefactKey& key) const noexcept {
    const std::size_t type = std::hash<std::string_view>()(key.type);
    return std::hash<std::string_view>()(key.text) ^ (type * 0x9e3779b97f4a7c15u + (type >> 7));
  }
};

}  // namespace detail

class ArtefactIndex {
 public:
  // Two artefacts with one type and id are an Error(status); where: "the package", "the target".
  ArtefactIndex(std::span<const Artefact> artefacts, std::string_view where, ferry_status status)
      : artefacts_(artefacts) {
    by_id_.reserve(artefacts.size());
    by_name_.reserve(artefacts.size());
    for (std::size_t i = 0; i < artefacts.size(); ++i) {
      const Artefact& artefact = artefacts[i];
      if (!by_id_.emplace(detail::ArtefactKey{artefact.type, artefact.id}, i).second)
        throw Error(status, std::string(where) + " has two of " + artefact.type + " with the id " + artefact.id);
      if (!artefact.name.empty()) by_name_[{artefact.type, artefact.name}].push_back(i);
    }
  }

  std::span<const Artefact> artefacts() const noexcept { return artefacts_; }
  std::optional<std::size_t> find(std::string_view type, std::string_view id) const {
    const auto found = by_id_.find({type, id});
    if (found == by_id_.end()) return std::nullopt;
    return found->second;
  }
  // Positions, in their order, of the artefacts of that type and (not empty) name.
  std::span<const std::size_t> named(std::string_view type, std::string_view name) const {
    const auto found = by_name_.find({type, name});
    return found == by_name_.end() ? std::span<const std::size_t>() : std::span<const std::size_t>(found->second);
  }

 private:
  std::span<const Artefact> artefacts_;
  std::unordered_map<detail::ArtefactKey, std::size_t, detail::ArtefactKeyHash> by_id_;
  std::unordered_map<detail::ArtefactKey, std::vector<std::size_t>, detail::ArtefactKeyHash> by_name_;
};

}  // namespace ferry
