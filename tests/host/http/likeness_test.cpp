#include "host/http/likeness.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ferry::host {
namespace {

const Comparer comparer({"nonce"});

Likeness json(const char* recorded, const char* asked) {
  return comparer.body(recorded, asked, "application/json").likeness;
}

TEST(LikenessTest, JsonIsComparedByStructureAndValues) {
  EXPECT_EQ(json(R"({"a":1,"b":[true]})", R"({"a":1,"b":[true]})"), Likeness::exact);
  EXPECT_EQ(json(R"({"a":1,"b":[true]})", R"({ "b":[true], "a":1 })"), Likeness::values);
  EXPECT_EQ(json(R"({"policy":"replace"})", R"({"policy":"abort"})"), Likeness::shape);
  EXPECT_EQ(json(R"({"ids":["a","b"]})", R"({"ids":["a"]})"), Likeness::shape);
  EXPECT_EQ(json(R"({"a":1})", R"({"a":"1"})"), Likeness::none);
  EXPECT_EQ(json(R"({"a":1})", R"({"b":1})"), Likeness::none);
  EXPECT_EQ(json(R"({"a":1})", R"({"a":1,"b":1})"), Likeness::none);
  EXPECT_EQ(json(R"({"a":1})", "a=1"), Likeness::none);
}

TEST(LikenessTest, WhatDiffersEachTimeIsNotCompared) {
  EXPECT_EQ(json(R"({"at":"2026-11-21T10:00:00.000Z"})", R"({"at":"2027-01-01T00:00:00Z"})"), Likeness::values);
  EXPECT_EQ(json(R"({"run":"20261121-201530-7f3a12"})", R"({"run":"20270101-000000-abcdef"})"), Likeness::values);
  EXPECT_EQ(json(R"({"nonce":1})", R"({"nonce":"x"})"), Likeness::values);
  EXPECT_EQ(json(R"({"nonce":1})", R"({})"), Likeness::values);
  EXPECT_EQ(json(R"({"password":"***"})", R"({"password":"anything"})"), Likeness::values);
  EXPECT_EQ(json(R"({"from":"2026-11-21"})", R"({"from":"2026-11-22"})"), Likeness::shape);
}

TEST(LikenessTest, ParametersComeInAnyOrder) {
  EXPECT_EQ(comparer.parameters("a=1&b=2", "b=2&a=1").likeness, Likeness::values);
  EXPECT_EQ(comparer.parameters("a=1", "a=2").likeness, Likeness::shape);
  EXPECT_EQ(comparer.parameters("a=1", "a=1&b=2").difference, "b is asked and was not recorded");
  EXPECT_EQ(comparer.parameters("a=1&c=3", "a=1&b=2").likeness, Likeness::none);
  EXPECT_EQ(comparer.parameters("token=***&a=1", "a=1&token=xyz").likeness, Likeness::values);
  EXPECT_EQ(comparer.body("grant=x&scope=", "scope=&grant=x", "application/x-www-form-urlencoded").likeness,
            Likeness::values);
}

TEST(LikenessTest, TheFirstDifferenceIsTold) {
  EXPECT_EQ(comparer.body(R"({"a":[{"b":"x"}]})", R"({"a":[{"b":"y"}]})", "").difference,
            ".a[0].b: \"x\" was recorded, \"y\" is asked");
}

TEST(LikenessTest, MaskedTextStandsForAnyText) {
  EXPECT_TRUE(same_value("/a/***/b/***", "/a/1/b/2"));
  EXPECT_TRUE(same_value("***", ""));
  EXPECT_FALSE(same_value("/a/***/b", "/a/1/c"));
  EXPECT_FALSE(same_value("x***x", "x"));
}

}  // namespace
}  // namespace ferry::host
