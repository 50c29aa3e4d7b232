#include "host/connectors/json_schema.hpp"

#include <gtest/gtest.h>

#include "host/connectors/json_document.hpp"
#include "host/connectors/json_values.hpp"

namespace ferry::host {
namespace {

Poco::JSON::Object::Ptr parse(const std::string& text) { return JsonDocument::parse(text).root; }

// One line for each violation.
std::string violations(const std::string& schema_text, const std::string& value) {
  const auto schema = parse(schema_text);
  check_schema(schema);
  std::string out;
  for (const SchemaViolation& wrong : validate(schema, parse(value), "settings")) {
    if (!out.empty()) out += "\n";
    out += wrong.path + ": " + wrong.message;
  }
  return out;
}

struct Case {
  const char* schema;  // of the member "a"
  const char* value;
  const char* message;  // "" if it fits; else what follows "settings.a"
};

class ValueTest : public ::testing::TestWithParam<Case> {};

TEST_P(ValueTest, IsChecked) {
  const Case& one = GetParam();
  const std::string message = std::string(one.message).empty() ? "" : std::string("settings.a") + one.message;
  EXPECT_EQ(violations(std::string("{\"properties\": {\"a\": ") + one.schema + "}}",
                       std::string("{\"a\": ") + one.value + "}"),
            message);
}

INSTANTIATE_TEST_SUITE_P(
    Keywords, ValueTest,
    ::testing::Values(
        Case{"{}", "{\"any\": [1, null]}", ""}, Case{R"({"type": "string"})", R"("x")", ""},
        Case{R"({"type": "string"})", "5", ": expected text, found a whole number; put it in quotes"},
        Case{R"({"type": "string"})", "true", ": expected text, found true or false; put it in quotes"},
        Case{R"({"type": "string"})", "null", ": expected text, found nothing"},
        Case{R"({"type": "boolean"})", R"("yes")",
             ": expected true or false, found text; write true or false, without quotes"},
        Case{R"({"type": "boolean"})", "1", ": expected true or false, found a whole number"},
        Case{R"({"type": "integer"})", "3", ""}, Case{R"({"type": "integer"})", "3.0", ""},
        Case{R"({"type": "integer"})", "3.5", ": expected a whole number, found a number"},
        Case{R"({"type": "integer"})", R"("35")", ": expected a whole number, found text; write it without quotes"},
        Case{R"({"type": "number"})", "3", ""}, Case{R"({"type": "number"})", "3.5", ""},
        Case{R"({"type": "number"})", "{}", ": expected a number, found an object"},
        Case{R"({"type": "null"})", "null", ""}, Case{R"({"type": "array"})", "[]", ""},
        Case{R"({"type": "object"})", "[]", ": expected an object, found a list"},
        Case{R"({"type": ["string", "integer"]})", "5", ""},
        Case{R"({"type": ["string", "array"]})", "{}", ": expected text or a list, found an object"},
        Case{R"({"const": {"b": 1, "c": [1, "x", null, true, 2.5]}})", R"({"c": [1.0, "x", null, true, 2.5], "b": 1})",
             ""},
        Case{R"({"const": "on"})", R"("off")", ": must be \"on\""},
        Case{R"({"enum": ["full", "nodes", "flows"]})", R"("nodes")", ""},
        Case{R"({"enum": ["full", "nodes", "flows"]})", R"("node")",
             ": \"node\" is not allowed; did you mean \"nodes\"?"},
        Case{R"({"enum": ["full", "nodes"]})", R"("something")", ": \"something\" is not allowed; known: full, nodes"},
        Case{R"({"enum": ["abcd"], "writeOnly": true})", R"("abce")", ": must be one of: abcd"},
        Case{R"({"enum": [1, 2, null]})", "3", ": must be one of: 1, 2, null"}, Case{R"({"minimum": 1})", "1", ""},
        Case{R"({"minimum": 1})", "0", ": must be at least 1, found 0"},
        Case{R"({"maximum": 2.5})", "2.75", ": must be at most 2.5, found 2.75"},
        Case{R"({"minimum": 1})", R"("text is not looked at")", ""},
        Case{R"({"minLength": 1})", R"("")", ": must have at least 1 character, is empty"},
        Case{R"({"minLength": 3})", R"("äö")", ": must have at least 3 characters, has 2"},
        Case{R"({"maxLength": 2})", R"("äö")", ""},
        Case{R"({"maxLength": 2})", R"("abc")", ": must have at most 2 characters, has 3"},
        Case{R"({"pattern": "^[a-z]+$"})", R"("abc")", ""}, Case{R"({"pattern": "b"})", R"("abc")", ""},
        Case{R"({"pattern": "^.$"})", R"("ä")", ""},
        Case{R"({"pattern": "^[a-z]+$", "description": "the tenant"})", R"("hunter2")",
             ": does not match the pattern ^[a-z]+$ (the tenant)"},
        Case{R"({"pattern": "^(a+)+$"})", R"("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!")",
             ": does not match the pattern ^(a+)+$"},
        Case{R"({"format": "uri"})", R"("https://h/p?q")", ""},
        Case{R"({"format": "uri"})", R"("h/p")", ": is not a URL with a scheme, such as https://host/path"},
        Case{R"({"format": "uri"})", R"("https://h /p")", ": is not a URL with a scheme, such as https://host/path"},
        Case{R"({"format": "hostname"})", R"("api.example.com")", ""},
        Case{R"({"format": "hostname"})", R"("https://h")",
             ": is not a host name, such as api.example.com (no scheme, no path)"},
        Case{R"({"items": {"type": "string"}})", R"(["x", "y"])", ""},
        Case{R"({"items": {"type": "string"}})", R"(["x", {}])", "[1]: expected text, found an object"},
        Case{R"({"minItems": 1})", "[]", ": must have at least 1 item, is empty"},
        Case{R"({"maxItems": 1})", "[1, 2]", ": must have at most 1 item, has 2"},
        Case{R"({"properties": {"b": {"type": "string"}}, "additionalProperties": false})", R"({"bb": 1})",
             ".bb: unknown member; did you mean \"b\"?"},
        Case{R"({"additionalProperties": false})", R"({"bb": 1})", ".bb: unknown member; none is known"},
        Case{R"({"additionalProperties": {"type": "string"}})", R"({"b": "x", "c": []})",
             ".c: expected text, found a list"},
        Case{R"({"properties": {"b": {}}})", R"({"c": 1})", ""},
        Case{R"({"properties": {"b": {"description": "who asks"}}, "required": ["b"]})", "{}",
             ".b: missing, but required (who asks)"},
        Case{R"({"required": ["b"]})", "{}", ".b: missing, but required"},
        Case{R"({"allOf": [{"minimum": 1}, {"maximum": 3}]})", "4", ": must be at most 3, found 4"},
        Case{R"({"anyOf": [{"type": "string"}, {"minimum": 3}]})", "4", ""},
        Case{R"({"anyOf": [{"type": "array"}, {"required": ["b"]}]})", "{}",
             ": fits none of the forms allowed: expected a list, found an object; or settings.a.b: missing, but "
             "required"},
        Case{R"({"oneOf": [{"type": "string"}, {"type": "null"}]})", "null", ""},
        Case{R"({"oneOf": [{"minimum": 1}, {"maximum": 3}]})", "2",
             ": fits 2 of the forms allowed, but may fit only one"}));

TEST(ValidationTest, TellsEverythingThatIsWrong) {
  EXPECT_EQ(violations(R"({"properties": {"username": {"type": "string"}, "port": {"maximum": 9}},
                           "required": ["username"], "additionalProperties": false})",
                       R"({"usernam": "admin", "port": 10})"),
            "settings.username: missing, but required\n"
            "settings.usernam: unknown member; did you mean \"username\"?\n"
            "settings.port: must be at most 9, found 10");
}

TEST(ValidationTest, FillsInDefaultsWithoutSharingThem) {
  const auto schema = parse(R"({"properties": {
      "mode": {"type": "string", "default": "full"},
      "retry": {"type": "object", "default": {}, "properties": {"times": {"type": "integer", "default": 3}}},
      "list": {"default": [1]}}, "required": ["mode"]})");
  check_schema(schema);
  for (int round = 0; round < 2; ++round) {
    const auto value = parse(R"({"mode": "nodes"})");
    EXPECT_TRUE(validate(schema, value, "settings").empty());
    EXPECT_EQ(json_text(value), R"({"mode":"nodes","retry":{"times":3},"list":[1]})");
    value->getArray("list")->add(2);
  }
}

TEST(ValidationTest, DefaultsOfAFormAreNotFilledIn) {
  const auto schema = parse(R"({"anyOf": [{"properties": {"a": {"default": 1}}, "required": ["a"]}]})");
  check_schema(schema);
  const auto value = parse("{}");
  EXPECT_TRUE(validate(schema, value, "settings").empty());
  EXPECT_EQ(json_text(value), "{}");
}

struct BadSchema {
  const char* schema;
  const char* message;
};

class BadSchemaTest : public ::testing::TestWithParam<BadSchema> {};

TEST_P(BadSchemaTest, IsNamed) {
  try {
    check_schema(parse(GetParam().schema));
    FAIL() << "the schema was taken";
  } catch (const SchemaError& e) {
    EXPECT_EQ(e.path + ": " + e.what(), GetParam().message);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Texts, BadSchemaTest,
    ::testing::Values(
        BadSchema{R"({"propertys": {}})",
                  "propertys: the keyword \"propertys\" is not one that ferry checks; did you mean \"properties\"?"},
        BadSchema{
            R"({"properties": {"a": {"multipleOf": 2}}})",
            "properties.a.multipleOf: the keyword \"multipleOf\" is not one that ferry checks; known: $comment, "
            "$id, $schema, additionalProperties, allOf, anyOf, const, default, deprecated, description, enum, "
            "examples, format, items, maxItems, maxLength, maximum, minItems, minLength, minimum, oneOf, pattern, "
            "properties, readOnly, required, title, type, writeOnly"},
        BadSchema{R"({"type": "text"})",
                  "type: \"text\" is not a type; known: array, boolean, integer, null, number, object, string"},
        BadSchema{R"({"type": []})", "type: a list that is not empty is expected"},
        BadSchema{R"({"type": 5})", "type: a list that is not empty is expected"},
        BadSchema{R"({"properties": []})", "properties: an object is expected"},
        BadSchema{R"({"properties": {"a": true}})", "properties.a: a schema, an object, is expected"},
        BadSchema{R"({"required": "a"})", "required: a list of names is expected"},
        BadSchema{R"({"required": [1]})", "required: a list of names is expected"},
        BadSchema{R"({"additionalProperties": 1})", "additionalProperties: a schema, an object, is expected"},
        BadSchema{R"({"enum": []})", "enum: a list that is not empty is expected"},
        BadSchema{R"({"anyOf": [{}, {"tipe": 1}]})",
                  "anyOf[1].tipe: the keyword \"tipe\" is not one that ferry checks; did you mean \"type\"?"},
        BadSchema{R"({"minimum": "1"})", "minimum: a number is expected"},
        BadSchema{R"({"minLength": -1})", "minLength: a whole number from 0 on is expected"},
        BadSchema{R"({"pattern": "("})", "pattern: not a regular expression: missing ) (at offset 1)"},
        BadSchema{R"({"format": "email"})",
                  "format: \"email\" is not a format that ferry checks; known: uri, hostname"},
        BadSchema{R"({"items": []})", "items: a schema, an object, is expected"},
        BadSchema{
            R"({"properties": {"a": {"type": "string", "default": 5}}})",
            "properties.a.default: the schema refuses its own default: expected text, found a whole number; put it "
            "in quotes"}));

}  // namespace
}  // namespace ferry::host
