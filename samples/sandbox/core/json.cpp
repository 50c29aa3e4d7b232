#include "samples/sandbox/core/json.hpp"

#include <Poco/JSON/Parser.h>
#include <Poco/JSON/Stringifier.h>

#include <sstream>

#include "samples/sandbox/core/environment.hpp"

namespace sandbox::json {

Object object(std::initializer_list<std::pair<const char*, Value>> members) {
  Object made = new Poco::JSON::Object(Poco::JSON_PRESERVE_KEY_ORDER);
  for (const auto& [name, value] : members) made->set(name, value);
  return made;
}

Array array(std::initializer_list<Value> elements) {
  Array made = new Poco::JSON::Array;
  for (const Value& element : elements) made->add(element);
  return made;
}

Array strings(const std::vector<std::string>& values) {
  Array made = new Poco::JSON::Array;
  for (const std::string& value : values) made->add(value);
  return made;
}

std::string text(const Value& value) {
  std::ostringstream out;
  Poco::JSON::Stringifier::stringify(value, out);
  return out.str();
}

Value parse(std::string_view text) {
  try {
    Poco::JSON::Parser parser(new Poco::JSON::ParseHandler(true));
    return parser.parse(std::string(text));
  } catch (const Poco::Exception&) {
    throw BadRequest{"The body is not well-formed JSON."};
  }
}

Object parse_object(std::string_view text) {
  Object parsed = as_object(parse(text));
  if (!parsed) throw BadRequest{"The body is not a JSON object."};
  return parsed;
}

bool has(const Object& object, const std::string& name) { return object && object->has(name); }

bool is_null(const Object& object, const std::string& name) { return !has(object, name) || object->isNull(name); }

std::string string(const Object& object, const std::string& name, const std::string& fallback) {
  return has(object, name) ? as_string(object->get(name), fallback) : fallback;
}

std::int64_t integer(const Object& object, const std::string& name, std::int64_t fallback) {
  if (is_null(object, name)) return fallback;
  const Value value = object->get(name);
  if (!value.isInteger()) return fallback;
  try {
    return value.convert<std::int64_t>();
  } catch (const Poco::Exception&) {
    return fallback;
  }
}

bool boolean(const Object& object, const std::string& name, bool fallback) {
  if (is_null(object, name)) return fallback;
  const Value value = object->get(name);
  return value.isBoolean() ? value.convert<bool>() : fallback;
}

Object child(const Object& object, const std::string& name) {
  return has(object, name) ? as_object(object->get(name)) : Object();
}

std::vector<Value> elements(const Object& object, const std::string& name) {
  return has(object, name) ? elements(object->get(name)) : std::vector<Value>();
}

std::vector<Value> elements(const Value& value) {
  if (value.type() != typeid(Array)) return {};
  const Array array = value.extract<Array>();
  return std::vector<Value>(array->begin(), array->end());
}

std::vector<std::string> texts(const Object& object, const std::string& name) {
  std::vector<std::string> found;
  for (const Value& element : elements(object, name)) {
    if (element.isString()) found.push_back(element.extract<std::string>());
  }
  return found;
}

Object as_object(const Value& value) { return value.type() == typeid(Object) ? value.extract<Object>() : Object(); }

std::string as_string(const Value& value, const std::string& fallback) {
  return value.isString() ? value.convert<std::string>() : fallback;
}

}  // namespace sandbox::json
