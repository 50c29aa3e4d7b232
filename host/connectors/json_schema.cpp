#include "host/connectors/json_schema.hpp"

#include <Poco/Exception.h>
#include <Poco/JSON/Array.h>
#include <Poco/RegularExpression.h>

#include <functional>
#include <map>

#include "host/base/text.hpp"
#include "host/connectors/json_values.hpp"

namespace ferry::host {
namespace {

using Poco::Dynamic::Var;
using Poco::JSON::Array;
using Poco::JSON::Object;

constexpr int deepest = 32;

template <class Map>
std::vector<std::string> keys(const Map& map) {
  std::vector<std::string> names;
  for (const auto& [name, unused] : map) names.push_back(name);
  return names;
}

class SchemaCheck {
 public:
  void schema(const Var& value, const std::string& path, int depth) {
    if (depth > deepest) throw SchemaError(path, "nested too deeply");
    if (kind_of(value) != JsonKind::object) throw SchemaError(path, "a schema, an object, is expected");
    Object::Ptr object = value.extract<Object::Ptr>();
    for (const std::string& keyword : object->getNames()) {
      const auto known = keywords().find(keyword);
      if (known == keywords().end())
        throw SchemaError(member_path(path, keyword), "the keyword \"" + printable(keyword) +
                                                          "\" is not one that ferry checks" +
                                                          suggestion(keyword, keys(keywords())));
      known->second(*this, object->get(keyword), member_path(path, keyword), depth);
    }
    if (object->has("default")) {
      Object::Ptr holder = new Object, around = new Object, properties = new Object;
      properties->set("default", object);
      around->set("properties", properties);
      holder->set("default", deep_copy(object->get("default")));
      const auto wrong = validate(around, holder, path);
      if (!wrong.empty()) throw SchemaError(wrong[0].path, "the schema refuses its own default: " + wrong[0].message);
    }
  }

 private:
  using Check = std::function<void(SchemaCheck&, const Var&, const std::string& path, int depth)>;

  static Check ignored() {
    return [](SchemaCheck&, const Var&, const std::string&, int) {};
  }

  static Check of_kind(JsonKind kind) {
    return [kind](SchemaCheck&, const Var& value, const std::string& path, int) {
      if (!is_a(kind_of(value), kind)) throw SchemaError(path, kind_name(kind) + " is expected");
    };
  }

  static void count(SchemaCheck&, const Var& value, const std::string& path, int) {
    if (kind_of(value) != JsonKind::integer || value.convert<double>() < 0 || value.convert<double>() > 1e9)
      throw SchemaError(path, "a whole number from 0 on is expected");
  }

  static Array::Ptr list(const Var& value, const std::string& path) {
    if (kind_of(value) != JsonKind::list || value.extract<Array::Ptr>()->size() == 0)
      throw SchemaError(path, "a list that is not empty is expected");
    return value.extract<Array::Ptr>();
  }

  static void any_list(SchemaCheck&, const Var& value, const std::string& path, int) { list(value, path); }

  static void schemas(SchemaCheck& self, const Var& value, const std::string& path, int depth) {
    const Array::Ptr all = list(value, path);
    for (unsigned i = 0; i < all->size(); ++i) self.schema(all->get(i), item_path(path, i), depth + 1);
  }

  static void one_schema(SchemaCheck& self, const Var& value, const std::string& path, int depth) {
    self.schema(value, path, depth + 1);
  }

  static void schema_or_boolean(SchemaCheck& self, const Var& value, const std::string& path, int depth) {
    if (kind_of(value) != JsonKind::boolean) self.schema(value, path, depth + 1);
  }

  static void properties(SchemaCheck& self, const Var& value, const std::string& path, int depth) {
    if (kind_of(value) != JsonKind::object) throw SchemaError(path, "an object is expected");
    const Object::Ptr all = value.extract<Object::Ptr>();
    for (const std::string& name : all->getNames()) self.schema(all->get(name), member_path(path, name), depth + 1);
  }

  static void names(SchemaCheck&, const Var& value, const std::string& path, int) {
    if (kind_of(value) != JsonKind::list) throw SchemaError(path, "a list of names is expected");
    for (const Var& one : *value.extract<Array::Ptr>())
      if (kind_of(one) != JsonKind::text) throw SchemaError(path, "a list of names is expected");
  }

  static void type(SchemaCheck&, const Var& value, const std::string& path, int) {
    const bool single = kind_of(value) == JsonKind::text;
    Array::Ptr all = single ? Array::Ptr(new Array) : list(value, path);
    if (single) all->add(value);
    for (const Var& one : *all) {
      const std::string name = kind_of(one) == JsonKind::text ? one.convert<std::string>() : json_text(one);
      if (!json_types().contains(name))
        throw SchemaError(path, "\"" + printable(name) + "\" is not a type" + suggestion(name, keys(json_types())));
    }
  }

  static void pattern(SchemaCheck&, const Var& value, const std::string& path, int) {
    if (kind_of(value) != JsonKind::text) throw SchemaError(path, "text is expected");
    try {
      const Poco::RegularExpression compiled(value.convert<std::string>(), Poco::RegularExpression::RE_UTF8);
    } catch (const Poco::Exception& e) {
      throw SchemaError(path, "not a regular expression: " + printable(e.message()));
    }
  }

  static void format(SchemaCheck&, const Var& value, const std::string& path, int) {
    const std::string name = kind_of(value) == JsonKind::text ? value.convert<std::string>() : json_text(value);
    if (name != "uri" && name != "hostname")
      throw SchemaError(path, "\"" + printable(name) + "\" is not a format that ferry checks; known: uri, hostname");
  }

  static const std::map<std::string, Check>& keywords() {
    static const std::map<std::string, Check> all = {{"$comment", ignored()},
                                                     {"$id", ignored()},
                                                     {"$schema", ignored()},
                                                     {"additionalProperties", schema_or_boolean},
                                                     {"allOf", schemas},
                                                     {"anyOf", schemas},
                                                     {"const", ignored()},
                                                     {"default", ignored()},
                                                     {"deprecated", ignored()},
                                                     {"description", of_kind(JsonKind::text)},
                                                     {"enum", any_list},
                                                     {"examples", ignored()},
                                                     {"format", format},
                                                     {"items", one_schema},
                                                     {"maxItems", count},
                                                     {"maxLength", count},
                                                     {"maximum", of_kind(JsonKind::number)},
                                                     {"minItems", count},
                                                     {"minLength", count},
                                                     {"minimum", of_kind(JsonKind::number)},
                                                     {"oneOf", schemas},
                                                     {"pattern", pattern},
                                                     {"properties", properties},
                                                     {"readOnly", ignored()},
                                                     {"required", names},
                                                     {"title", of_kind(JsonKind::text)},
                                                     {"type", type},
                                                     {"writeOnly", of_kind(JsonKind::boolean)}};
    return all;
  }
};

}  // namespace

void check_schema(const Object::Ptr& schema) { SchemaCheck().schema(schema, "", 0); }

}  // namespace ferry::host
