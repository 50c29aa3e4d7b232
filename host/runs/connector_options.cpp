#include "host/runs/connector_options.hpp"

#include <algorithm>
#include <optional>

#include "host/base/failure.hpp"
#include "host/base/json_text.hpp"
#include "host/base/text.hpp"
#include "host/connectors/json_schema.hpp"
#include "host/connectors/json_values.hpp"

namespace ferry::host {
namespace {

using Poco::Dynamic::Var;
using Poco::JSON::Object;

Object::Ptr parsed(const std::string& options_json) {
  const Object::Ptr options = parse_object(options_json);
  return options ? options : Object::Ptr(new Object(Poco::JSON_PRESERVE_KEY_ORDER));
}

// As a member of an object, because a scalar alone is no document for the parser.
Var scalar_or_text(const std::string& text) {
  const Object::Ptr holder = parse_object("{\"value\":" + text + "}");
  if (!holder || holder->size() != 1) return text;
  const Var value = holder->get("value");
  const JsonKind kind = kind_of(value);
  return kind == JsonKind::object || kind == JsonKind::list ? Var(text) : value;
}

// What is wrong with the option, "" if nothing; nullopt: the operation has none of that name.
std::optional<std::string> objection_to(const Manifest& manifest, const std::string& operation, const std::string& name,
                                        const Var& value) {
  const std::vector<std::string> names = manifest.option_names(operation);
  if (std::find(names.begin(), names.end(), name) == names.end()) return std::nullopt;
  Object::Ptr alone = new Object;
  alone->set(name, deep_copy(value));
  const std::vector<SchemaViolation> violations = validate(manifest.options.at(operation), alone, "");
  return violations.empty() ? "" : violations[0].message;
}

}  // namespace

std::string parse_options(const std::vector<std::string>& texts, const std::string& where, const std::string& option) {
  Object options(Poco::JSON_PRESERVE_KEY_ORDER);
  for (const std::string& text : texts) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0)
      throw Failure(
          Fault::usage, "bad_option",
          where + option + "wants NAME=VALUE, such as " + option + "groups=false; found \"" + printable(text) + "\"");
    const std::string name = text.substr(0, equals);
    if (options.has(name))
      throw Failure(Fault::usage, "bad_option", where + option + "gives \"" + printable(name) + "\" twice");
    options.set(name, scalar_or_text(text.substr(equals + 1)));
  }
  return json_text(options);
}

void check_options(const Manifest& manifest, const std::vector<std::string>& operations,
                   const std::string& options_json) {
  const Object::Ptr options = parsed(options_json);
  for (const std::string& name : options->getNames()) {
    std::vector<std::string> known, wrong;
    bool taken = false;
    for (const std::string& operation : operations) {
      for (const std::string& one : manifest.option_names(operation)) known.push_back(one);
      const std::optional<std::string> objection = objection_to(manifest, operation, name, options->get(name));
      taken = taken || (objection && objection->empty());
      if (objection) wrong.push_back(operation + ": " + *objection);
    }
    if (taken) continue;
    if (wrong.empty())
      throw Failure(Fault::usage, "unsupported_option",
                    "the connector " + manifest.id + " has no option \"" + printable(name) + "\" for " +
                        join(operations, " or ") +
                        (known.empty() ? ", nor any other: leave it out" : suggestion(name, known)));
    throw Failure(
        Fault::usage, "bad_option",
        "the option " + printable(name) + " of the connector " + manifest.id + " for " + join(wrong, "; for "));
  }
}

std::string options_of(const Manifest& manifest, const std::string& operation, const std::string& options_json) {
  Object taken(Poco::JSON_PRESERVE_KEY_ORDER);
  const Object::Ptr options = parsed(options_json);
  for (const std::string& name : options->getNames())
    if (objection_to(manifest, operation, name, options->get(name)) == "") taken.set(name, options->get(name));
  return json_text(taken);
}

}  // namespace ferry::host
