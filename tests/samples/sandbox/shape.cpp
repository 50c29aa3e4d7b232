#include "tests/samples/sandbox/shape.hpp"

namespace sandbox::test {

namespace {

std::string type_of(const json::Value& value) {
  if (value.isEmpty()) return "null";
  if (value.type() == typeid(json::Object)) return "object";
  if (value.type() == typeid(json::Array)) return "array";
  if (value.isString()) return "string";
  if (value.isBoolean()) return "boolean";
  return value.isInteger() ? "integer" : "number";
}

}  // namespace

std::string difference(const json::Value& example, const json::Value& actual, const std::string& where) {
  const std::string expected = type_of(example), found = type_of(actual);
  if (expected != found) return where + " is " + found + ", not " + expected;
  if (expected == "array") {
    const auto examples = json::elements(example);
    std::size_t at = 0;
    for (const json::Value& element : json::elements(actual)) {
      if (examples.empty()) break;
      const std::string differs = difference(examples[0], element, where + '[' + std::to_string(at++) + ']');
      if (!differs.empty()) return differs;
    }
  }
  if (expected == "object") {
    const json::Object left = json::as_object(example), right = json::as_object(actual);
    if (left->getNames() != right->getNames()) {
      return where + " has the members " + json::text(json::strings(right->getNames())) + ", not " +
             json::text(json::strings(left->getNames()));
    }
    for (const std::string& name : left->getNames()) {
      const std::string differs = difference(left->get(name), right->get(name), where + '.' + name);
      if (!differs.empty()) return differs;
    }
  }
  return "";
}

std::string difference(const std::string& example, const std::string& actual) {
  return difference(json::parse(example), json::parse(actual));
}

}  // namespace sandbox::test
