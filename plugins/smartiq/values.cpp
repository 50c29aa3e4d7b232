#include "values.hpp"

#include <algorithm>
#include <iterator>

#include "guids.hpp"

namespace ferry::smartiq {

namespace {

struct Field {
  std::string_view type, word, member;
};
constexpr Field fields[] = {{"data_source", "connection_string", "connectionString"},
                            {"data_source", "default_data", "defaultData"},
                            {"connector_setting", "value", "value"}};

}  // namespace

Values Values::read(Host host, const Call& call, const Json& settings) {
  Values out;
  out.add(settings["values"], "settings.values");
  const auto secret = host.secret(call, "values");
  if (!secret) return out;
  Json json;
  try {
    json = Json::parse(*secret);
    for (const auto& [key, members] : json.members())
      for (const auto& [word, value] : members.members()) host.mask(call, value.as_string());
  } catch (const JsonError&) {
    // What is wrong is not shown: it would be a part of the secret.
    throw Error(FERRY_BAD_CONFIG,
                "the secret values is no JSON object of objects of texts, such as "
                "{\"data_source/Customers\": {\"connection_string\": \"...\"}}");
  }
  out.add(json, "the secret values");
  return out;
}

void Values::add(const Json& values, const std::string& where) {
  if (!values.is_object()) return;
  for (const auto& [key, members] : values.members()) {
    const std::string type = key.substr(0, key.find('/'));
    const bool known =
        std::any_of(std::begin(fields), std::end(fields), [&](const Field& f) { return f.type == type; });
    if (!known || key.size() <= type.size() + 1)
      throw Error(FERRY_BAD_CONFIG,
                  where + ": \"" + key + "\" is neither data_source/NAME_OR_ID nor connector_setting/NAME_OR_ID");
    for (const auto& [word, value] : members.members()) {
      const auto field = std::find_if(std::begin(fields), std::end(fields),
                                      [&, &asked = word](const Field& f) { return f.type == type && f.word == asked; });
      if (field == std::end(fields)) throw Error(FERRY_BAD_CONFIG, where + ": " + key + " has no value " + word);
      by_key_[type + "/" + lower_guid(key.substr(type.size() + 1))][std::string(field->member)] = value.as_string();
    }
  }
}

bool Values::apply(Object& object) {
  bool applied = false;
  for (const std::string& called : {name_of(object.type, object.json), id_of(object.json)}) {
    const auto found = by_key_.find(object.type + "/" + called);
    if (called.empty() || found == by_key_.end()) continue;
    for (const auto& [member, value] : found->second) object.json.set(member, value);
    used_.insert(found->first);
    applied = true;
  }
  return applied;
}

std::set<std::string> Values::unused() const {
  std::set<std::string> out;
  for (const auto& [key, members] : by_key_)
    if (!used_.contains(key)) out.insert(key);
  return out;
}

}  // namespace ferry::smartiq
