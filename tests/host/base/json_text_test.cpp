#include "host/base/json_text.hpp"

#include <gtest/gtest.h>

namespace ferry::host {
namespace {

TEST(JsonText, AnyTextComesBack) {
  const std::string value("a\0b\x7f\x01 ä😀 \n\"\\/", 17);
  Poco::JSON::Object json;
  json.set("value", value);
  json.set("large", std::uint64_t(-1));
  const Poco::JSON::Object::Ptr same = parse_object(json_text(json));
  ASSERT_TRUE(same);
  EXPECT_EQ(same->getValue<std::string>("value"), value);
  EXPECT_EQ(same->getValue<std::uint64_t>("large"), std::uint64_t(-1));
}

TEST(JsonText, MembersKeepTheirOrder) {
  const std::string text = R"({"z":1,"a":{"y":2,"b":3}})";
  EXPECT_EQ(json_text(*parse_object(text)), text);
}

TEST(JsonText, WhatIsNoObjectIsNull) {
  for (const char* text : {"", " ", "null", "1", "[]", "[{}]", "{", "{} x", "{\"a\":\"\xff\"}", "{a:1}"})
    EXPECT_FALSE(parse_object(text)) << text;
}

TEST(JsonText, WhatIsPassedOnMayHoldAnyNumber) {
  for (const char* text : {"{}", " {\"a\":12345678901234567890123, \"b\":1e400}\n", "{\"a\":[{}]}"})
    EXPECT_TRUE(is_json_object(text)) << text;
  for (const char* text : {"", " ", "null", "1", "[]", "[{}]", "{", "{} x", "{\"a\":\"\xff\"}", "{a:1}", "{}{}"})
    EXPECT_FALSE(is_json_object(text)) << text;
}

}  // namespace
}  // namespace ferry::host
