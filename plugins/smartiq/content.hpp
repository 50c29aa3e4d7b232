// An object of a sync pack: what it is called, what its content is, what it refers to.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "ferry/artefacts.hpp"
#include "ferry/sdk.hpp"
#include "kinds.hpp"

namespace ferry::smartiq {

struct Object {
  std::string type;  // of its kind, or the name of a list that is not known here
  Json json;
};

std::string id_of(const Json& object);
std::string name_of(std::string_view type, const Json& object);
// The list of the pack an object of that type belongs to.
std::string member_of(std::string_view type);

// What an object is compared by. Left out: its id, and what the platform itself changes when an object is saved
// (inferred: modifiedUtc, version, metadata.modifiedBy), or keeps to itself. Lists of names have no order.
// hidden: members that the object it is compared with does not show.
using Members = std::set<std::string, std::less<>>;
std::string hash_of(std::string_view type, const Json& object, const Members& hidden = {});
// What an export does not show of a data source: what is blank, or not to be exported. inferred: an import leaves it in
// the target as it is.
Members hidden_of(std::string_view type, const Json& object);

// What the platform says it refers to by id, and the ids of `known` objects anywhere in it.
using TypeOfId = std::function<const std::string*(const std::string& id)>;
std::vector<Reference> references_of(std::string_view type, const Json& object, const TypeOfId& known);
// Names of groups and roles it refers to: {"group", "Staff"}.
std::vector<Reference> names_of(const Json& object);

}  // namespace ferry::smartiq
