// Configuration schemas: a subset of JSON Schema (draft 2020-12), so small that every keyword is really checked.
//
//   type (one or a list), properties, required, additionalProperties (true, false or a schema), enum, const, default,
//   minimum, maximum, minLength, maxLength, pattern, format (uri, hostname), items, minItems, maxItems,
//   anyOf, oneOf, allOf
//
// Read over: title, description, examples, $schema, $id, $comment, deprecated, readOnly, writeOnly. Any other keyword
// is an error of the schema, so that nobody relies on one that is not looked at. Functions keep nothing; [any thread].
#pragma once

#include <Poco/JSON/Object.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace ferry::host {

struct SchemaError : std::runtime_error {
  SchemaError(std::string at, const std::string& what) : std::runtime_error(what), path(std::move(at)) {}
  std::string path;  // in the schema: "properties.username.type"
};

// What a value has wrong. The message never holds a text from the value except where an enum names the ones allowed
// (and never then if the schema says writeOnly).
struct SchemaViolation {
  std::string path;     // "settings.username"
  std::string message;  // "unknown member; did you mean \"username\"?"
};

// Throws SchemaError if the schema cannot be used: unknown keyword, wrong type of a keyword, a default it refuses
// itself.
void check_schema(const Poco::JSON::Object::Ptr& schema);

// Fills in defaults, then checks. `schema` has passed check_schema. Defaults inside anyOf and oneOf are not filled in,
// because which of them holds is known only afterwards. Empty: nothing is wrong.
std::vector<SchemaViolation> validate(const Poco::JSON::Object::Ptr& schema, const Poco::JSON::Object::Ptr& value,
                                      const std::string& path);

}  // namespace ferry::host
