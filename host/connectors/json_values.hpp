// Looking at JSON values as Poco holds them.
#pragma once

#include <Poco/Dynamic/Var.h>
#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>

#include <map>
#include <string>

namespace ferry::host {

enum class JsonKind { null, boolean, integer, number, text, list, object };

JsonKind kind_of(const Poco::Dynamic::Var&);
// "nothing", "true or false", "a whole number", "a number", "text", "a list", "an object": for people.
std::string kind_name(JsonKind);
// The types as JSON Schema calls them.
const std::map<std::string, JsonKind>& json_types();
// A whole number is a number, too.
bool is_a(JsonKind found, JsonKind wanted);
// By value: 1 and 1.0 are equal, the order of members is not looked at.
bool equal(const Poco::Dynamic::Var&, const Poco::Dynamic::Var&);
// As JSON, on one line.
std::string json_text(const Poco::Dynamic::Var&);
// A copy that shares nothing with the original.
Poco::Dynamic::Var deep_copy(const Poco::Dynamic::Var&);
// "settings.username", "settings.hosts[2]"
std::string member_path(const std::string& path, const std::string& name);
std::string item_path(const std::string& path, std::size_t index);

}  // namespace ferry::host
