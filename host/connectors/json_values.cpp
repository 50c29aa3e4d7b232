#include "host/connectors/json_values.hpp"

#include <Poco/JSON/Stringifier.h>

#include <cmath>
#include <sstream>

namespace ferry::host {
namespace {
using Poco::Dynamic::Var;
using Poco::JSON::Array;
using Poco::JSON::Object;
}  // namespace

JsonKind kind_of(const Var& value) {
  if (value.isEmpty()) return JsonKind::null;
  if (value.type() == typeid(Object::Ptr)) return JsonKind::object;
  if (value.type() == typeid(Array::Ptr)) return JsonKind::list;
  if (value.isBoolean()) return JsonKind::boolean;
  if (value.isString()) return JsonKind::text;
  if (value.isInteger()) return JsonKind::integer;
  const double number = value.convert<double>();
  return std::floor(number) == number ? JsonKind::integer : JsonKind::number;
}

std::string kind_name(JsonKind kind) {
  switch (kind) {
    case JsonKind::null: return "nothing";
    case JsonKind::boolean: return "true or false";
    case JsonKind::integer: return "a whole number";
    case JsonKind::number: return "a number";
    case JsonKind::text: return "text";
    case JsonKind::list: return "a list";
    case JsonKind::object: break;
  }
  return "an object";
}

bool equal(const Var& a, const Var& b) {
  const JsonKind kind = kind_of(a);
  if (kind != kind_of(b)) return false;
  switch (kind) {
    case JsonKind::null: return true;
    case JsonKind::boolean: return a.convert<bool>() == b.convert<bool>();
    case JsonKind::text: return a.convert<std::string>() == b.convert<std::string>();
    case JsonKind::integer:
      if (a.isInteger() && b.isInteger()) return a.convert<std::string>() == b.convert<std::string>();
      return a.convert<double>() == b.convert<double>();
    case JsonKind::number: return a.convert<double>() == b.convert<double>();
    case JsonKind::list: {
      const auto x = a.extract<Array::Ptr>(), y = b.extract<Array::Ptr>();
      if (x->size() != y->size()) return false;
      for (unsigned i = 0; i < x->size(); ++i)
        if (!equal(x->get(i), y->get(i))) return false;
      return true;
    }
    case JsonKind::object: break;
  }
  const auto x = a.extract<Object::Ptr>(), y = b.extract<Object::Ptr>();
  if (x->size() != y->size()) return false;
  for (const std::string& name : x->getNames())
    if (!y->has(name) || !equal(x->get(name), y->get(name))) return false;
  return true;
}

std::string json_text(const Var& value) {
  std::ostringstream out;
  Poco::JSON::Stringifier::stringify(value, out);
  return out.str();
}

Var deep_copy(const Var& value) {
  if (kind_of(value) == JsonKind::object) {
    Object::Ptr copy = new Object(Poco::JSON_PRESERVE_KEY_ORDER);
    const auto original = value.extract<Object::Ptr>();
    for (const std::string& name : original->getNames()) copy->set(name, deep_copy(original->get(name)));
    return copy;
  }
  if (kind_of(value) == JsonKind::list) {
    Array::Ptr copy = new Array;
    for (const Var& item : *value.extract<Array::Ptr>()) copy->add(deep_copy(item));
    return copy;
  }
  return value;
}

const std::map<std::string, JsonKind>& json_types() {
  static const std::map<std::string, JsonKind> all = {{"null", JsonKind::null},       {"boolean", JsonKind::boolean},
                                                      {"integer", JsonKind::integer}, {"number", JsonKind::number},
                                                      {"string", JsonKind::text},     {"array", JsonKind::list},
                                                      {"object", JsonKind::object}};
  return all;
}

bool is_a(JsonKind found, JsonKind wanted) {
  return found == wanted || (wanted == JsonKind::number && found == JsonKind::integer);
}

std::string member_path(const std::string& path, const std::string& name) {
  return path.empty() ? name : path + "." + name;
}

std::string item_path(const std::string& path, std::size_t index) { return path + "[" + std::to_string(index) + "]"; }

}  // namespace ferry::host
