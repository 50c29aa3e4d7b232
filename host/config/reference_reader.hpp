// Members that say where a value stands instead of the value: env:NAME, file:PATH.
#pragma once

#include <string>

#include "host/config/secrets.hpp"
#include "host/config/yaml_members.hpp"

namespace ferry::host {

bool is_variable_name(const std::string& name);
// Does it say where to look, well or badly?
bool is_reference(const std::string& text);
// Failure(usage, bad_config), which does not repeat what was found: it may be the secret itself.
SecretReference read_reference(const YamlMembers&, const YamlMember&, const std::string& path);

}  // namespace ferry::host
