#include "options.hpp"

#include <algorithm>

namespace ferry::smartiq {

Json export_options(const Json& said) {
  Json out = Json::object();
  for (const char* name : {"projects", "projectFragments", "dataSources", "connectionStrings", "defaultData",
                           "publishFolders", "groups", "users", "customFields", "connectorSettings", "roles"})
    out.set(name, true);
  for (const auto& [name, value] : said.members()) {
    if (out.find(name) == nullptr || !value.is_bool())
      throw Error(FERRY_BAD_CONFIG,
                  "export_options: " + name + " is no option of an export, or neither true nor false");
    out.set(name, value);
  }
  return out;
}

ImportOptions::ImportOptions(Policy policy, const Json& said) {
  const std::string word = policy == Policy::replace ? "Always" : "IfNotExists";
  for (const Kind& kind : kinds()) words_.emplace(kind.import_option, word);
  for (const auto& [name, value] : said.members()) {
    const auto found = words_.find(name);
    const bool dated = std::any_of(kinds().begin(), kinds().end(), [&option = name](const Kind& kind) {
      return kind.import_option == option && kind.dated;
    });
    const bool known = value == Json("Always") || value == Json("IfNotExists") || (dated && value == Json("IfNewer"));
    if (found == words_.end() || !known)
      throw Error(FERRY_BAD_CONFIG, "import_options: " + name +
                                        " is no option of an import, or has a word it does "
                                        "not know: Always, IfNotExists, and IfNewer for "
                                        "projects and contentLibraryItems");
    if (policy == Policy::replace) found->second = value.as_string();
  }
}

const std::string& ImportOptions::of(const Kind& kind) const { return words_.find(kind.import_option)->second; }

Json ImportOptions::json() const {
  Json out = Json::object();
  for (const Kind& kind : kinds()) out.set(kind.import_option, of(kind));
  return out;
}

}  // namespace ferry::smartiq
