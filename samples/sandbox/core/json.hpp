// JSON as the platforms write it, on Poco::JSON: members keep the order they were given in, integers stay integers,
// null is said. What arrives is parsed the same way, so that a document sent back unchanged reads as it did.
//
// Values are Poco's: copies of an Object or Array share one value. Reading a member that is absent or of another type
// gives the fallback; what must be there is asked for with the functions that throw BadRequest.
#pragma once

#include <Poco/Dynamic/Var.h>
#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sandbox::json {

using Value = Poco::Dynamic::Var;
using Object = Poco::JSON::Object::Ptr;  // never null unless a function below says so
using Array = Poco::JSON::Array::Ptr;

inline Value null() { return {}; }
Object object(std::initializer_list<std::pair<const char*, Value>> members = {});
Array array(std::initializer_list<Value> elements = {});
Array strings(const std::vector<std::string>&);

std::string text(const Value&);
Value parse(std::string_view);          // BadRequest if it is no JSON
Object parse_object(std::string_view);  // BadRequest if it is no JSON object

bool has(const Object&, const std::string& name);      // present, perhaps null
bool is_null(const Object&, const std::string& name);  // absent or null
std::string string(const Object&, const std::string& name, const std::string& fallback = "");
std::int64_t integer(const Object&, const std::string& name, std::int64_t fallback = 0);
bool boolean(const Object&, const std::string& name, bool fallback = false);
Object child(const Object&, const std::string& name);                 // null pointer if it is no object
std::vector<Value> elements(const Object&, const std::string& name);  // empty if it is no array
std::vector<Value> elements(const Value&);
std::vector<std::string> texts(const Object&, const std::string& name);  // the strings among an array's elements
Object as_object(const Value&);                                          // null pointer if it is none
std::string as_string(const Value&, const std::string& fallback = "");

}  // namespace sandbox::json
