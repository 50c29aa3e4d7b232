// The other half of json_schema.hpp: a value against a schema that check_schema has let pass.
#include <Poco/Exception.h>
#include <Poco/JSON/Array.h>
#include <Poco/RegularExpression.h>

#include <algorithm>

#include "host/base/text.hpp"
#include "host/connectors/host_names.hpp"
#include "host/connectors/json_schema.hpp"
#include "host/connectors/json_values.hpp"

namespace ferry::host {
namespace {

using Poco::Dynamic::Var;
using Poco::JSON::Array;
using Poco::JSON::Object;

std::vector<std::string> texts(const Object& schema, const std::string& keyword) {
  std::vector<std::string> out;
  const Var value = schema.get(keyword);
  if (kind_of(value) == JsonKind::text) out.push_back(value.convert<std::string>());
  if (kind_of(value) == JsonKind::list)
    for (const Var& one : *value.extract<Array::Ptr>()) out.push_back(one.convert<std::string>());
  return out;
}

std::size_t characters(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

bool is_uri(const std::string& text) {
  const std::size_t colon = text.find(':');
  if (colon == 0 || colon == std::string::npos || colon + 1 == text.size()) return false;
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto other = [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.'; };
  if (!letter(text[0]) || !std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(colon), other))
    return false;
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f; });
}

class Validation {
 public:
  std::vector<SchemaViolation> take() { return std::move(violations_); }

  void check(const Object& schema, const Var& value, const std::string& path) {
    const JsonKind kind = kind_of(value);
    if (schema.has("type") && !has_type(schema, value, kind, path)) return;
    allowed_values(schema, value, path);
    if (kind == JsonKind::integer || kind == JsonKind::number) number(schema, value, path);
    if (kind == JsonKind::text) text(schema, value.convert<std::string>(), path);
    if (kind == JsonKind::list) list(schema, *value.extract<Array::Ptr>(), path);
    if (kind == JsonKind::object) {
      Object::Ptr members = value.extract<Object::Ptr>();
      object(schema, *members, path);
    }
    combined(schema, value, path);
  }

 private:
  void wrong(const std::string& path, const std::string& message) { violations_.push_back({path, message}); }

  bool has_type(const Object& schema, const Var& value, JsonKind kind, const std::string& path) {
    std::vector<std::string> expected;
    for (const std::string& name : texts(schema, "type")) {
      const JsonKind wanted = json_types().at(name);
      if (is_a(kind, wanted)) return true;
      expected.push_back(kind_name(wanted));
    }
    wrong(path, "expected " + join(expected, " or ") + ", found " + kind_name(kind) +
                    hint(texts(schema, "type"), value, kind));
    return false;
  }

  // Where YAML reads a value otherwise than its writer meant it.
  static std::string hint(const std::vector<std::string>& expected, const Var& value, JsonKind kind) {
    const auto wants = [&](const char* type) {
      return std::find(expected.begin(), expected.end(), type) != expected.end();
    };
    if (wants("string") && (kind == JsonKind::boolean || is_a(kind, JsonKind::number))) return "; put it in quotes";
    if (kind != JsonKind::text) return "";
    const std::string text = lower(value.convert<std::string>());
    if (wants("boolean") &&
        (text == "yes" || text == "no" || text == "on" || text == "off" || text == "true" || text == "false"))
      return "; write true or false, without quotes";
    if ((wants("integer") || wants("number")) && !text.empty() &&
        text.find_first_not_of("0123456789.-") == std::string::npos)
      return "; write it without quotes";
    return "";
  }

  void allowed_values(const Object& schema, const Var& value, const std::string& path) {
    if (schema.has("const") && !equal(schema.get("const"), value))
      wrong(path, "must be " + json_text(schema.get("const")));
    if (!schema.has("enum")) return;
    std::vector<std::string> allowed;
    for (const Var& one : *schema.getArray("enum")) {
      if (equal(one, value)) return;
      allowed.push_back(kind_of(one) == JsonKind::text ? one.convert<std::string>() : json_text(one));
    }
    const bool shown =
        kind_of(value) == JsonKind::text && !(schema.has("writeOnly") && schema.getValue<bool>("writeOnly"));
    if (!shown) return wrong(path, "must be one of: " + join(allowed, ", "));
    const std::string text = value.convert<std::string>();
    wrong(path, "\"" + printable(shortened(text, 60)) + "\" is not allowed" + suggestion(text, allowed));
  }

  void number(const Object& schema, const Var& value, const std::string& path) {
    const double found = value.convert<double>();
    if (schema.has("minimum") && found < schema.get("minimum").convert<double>())
      wrong(path, "must be at least " + json_text(schema.get("minimum")) + ", found " + json_text(value));
    if (schema.has("maximum") && found > schema.get("maximum").convert<double>())
      wrong(path, "must be at most " + json_text(schema.get("maximum")) + ", found " + json_text(value));
  }

  void text(const Object& schema, const std::string& value, const std::string& path) {
    const std::size_t length = characters(value);
    bounds(schema, "minLength", "maxLength", length, length == 0 ? "is empty" : "has " + std::to_string(length),
           "character", path);
    if (schema.has("pattern")) {
      const std::string pattern = schema.getValue<std::string>("pattern");
      bool fits = false;
      try {
        Poco::RegularExpression::Match where;
        fits = Poco::RegularExpression(pattern, Poco::RegularExpression::RE_UTF8).match(value, 0, where) > 0;
      } catch (const Poco::Exception&) {  // too much backtracking: cannot be told, so not taken
      }
      if (!fits) wrong(path, "does not match the pattern " + pattern + about(schema));
    }
    if (!schema.has("format")) return;
    if (schema.getValue<std::string>("format") == "uri") {
      if (!is_uri(value)) wrong(path, "is not a URL with a scheme, such as https://host/path");
    } else if (!is_host_name(value)) {
      wrong(path, "is not a host name, such as api.example.com (no scheme, no path)");
    }
  }

  void bounds(const Object& schema, const char* least, const char* most, std::size_t size, const std::string& found,
              const std::string& unit, const std::string& path) {
    const auto amount = [&](const char* keyword) {
      const std::string number = json_text(schema.get(keyword));
      return number + " " + unit + (number == "1" ? "" : "s") + ", " + found;
    };
    if (schema.has(least) && static_cast<double>(size) < schema.get(least).convert<double>())
      wrong(path, "must have at least " + amount(least));
    if (schema.has(most) && static_cast<double>(size) > schema.get(most).convert<double>())
      wrong(path, "must have at most " + amount(most));
  }

  void list(const Object& schema, const Array& value, const std::string& path) {
    bounds(schema, "minItems", "maxItems", value.size(),
           value.empty() ? "is empty" : "has " + std::to_string(value.size()), "item", path);
    if (!schema.has("items")) return;
    const Object::Ptr of_items = schema.getObject("items");
    for (unsigned i = 0; i < value.size(); ++i) check(*of_items, value.get(i), item_path(path, i));
  }

  void object(const Object& schema, Object& value, const std::string& path) {
    const Object::Ptr properties = schema.has("properties") ? schema.getObject("properties") : Object::Ptr(new Object);
    std::vector<std::string> known;
    properties->getNames(known);
    for (const std::string& name : known) {
      const Object::Ptr of_member = properties->getObject(name);
      if (!value.has(name) && of_member->has("default")) value.set(name, deep_copy(of_member->get("default")));
    }
    for (const std::string& name : texts(schema, "required")) {
      if (value.has(name)) continue;
      const bool described = properties->has(name);
      wrong(member_path(path, name), "missing, but required" + (described ? about(*properties->getObject(name)) : ""));
    }
    for (const std::string& name : value.getNames()) {
      if (properties->has(name)) {
        check(*properties->getObject(name), value.get(name), member_path(path, name));
      } else if (schema.has("additionalProperties")) {
        const Var others = schema.get("additionalProperties");
        if (kind_of(others) == JsonKind::object)
          check(*others.extract<Object::Ptr>(), value.get(name), member_path(path, name));
        else if (!others.convert<bool>())
          wrong(member_path(path, printable(shortened(name, 60))), "unknown member" + suggestion(name, known));
      }
    }
  }

  static std::string about(const Object& schema) {
    return schema.has("description") ? " (" + schema.getValue<std::string>("description") + ")" : "";
  }

  static std::vector<SchemaViolation> tried(const Var& schema, const Var& value, const std::string& path) {
    Validation branch;
    branch.check(*schema.extract<Object::Ptr>(), deep_copy(value), path);
    return branch.take();
  }

  void combined(const Object& schema, const Var& value, const std::string& path) {
    if (schema.has("allOf"))
      for (const Var& part : *schema.getArray("allOf")) check(*part.extract<Object::Ptr>(), value, path);
    for (const std::string keyword : {"anyOf", "oneOf"}) {
      if (!schema.has(keyword)) continue;
      std::vector<std::string> reasons;
      int fitting = 0;
      for (const Var& form : *schema.getArray(keyword)) {
        const auto violations = tried(form, value, path);
        if (violations.empty())
          ++fitting;
        else
          reasons.push_back((violations[0].path == path ? "" : violations[0].path + ": ") + violations[0].message);
      }
      if (fitting == 0) wrong(path, "fits none of the forms allowed: " + join(reasons, "; or "));
      if (fitting > 1 && keyword == "oneOf")
        wrong(path, "fits " + std::to_string(fitting) + " of the forms allowed, but may fit only one");
    }
  }

  std::vector<SchemaViolation> violations_;
};

}  // namespace

std::vector<SchemaViolation> validate(const Object::Ptr& schema, const Object::Ptr& value, const std::string& path) {
  Validation validation;
  validation.check(*schema, value, path);
  return validation.take();
}

}  // namespace ferry::host
