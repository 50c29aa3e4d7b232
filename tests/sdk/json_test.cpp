#include "ferry/json.hpp"

#include <gtest/gtest.h>

#include <random>

namespace ferry {
namespace {

template <class Work>
std::string error_in(Work&& work) {
  try {
    work();
  } catch (const JsonError& error) {
    return error.what();
  }
  return "";
}

// Whoever only walks over the text is told the same.
std::string error_of(std::string_view text) {
  const std::string error = error_in([&] { Json::parse(text); });
  EXPECT_EQ(error_in([&] {
              JsonScanner scanner(text);
              scanner.value();
              scanner.finish();
            }),
            error);
  return error;
}

class Accepted : public testing::TestWithParam<const char*> {};
TEST_P(Accepted, IsJson) {
  EXPECT_EQ(error_of(GetParam()), "");
  const Json json = Json::parse(GetParam());
  EXPECT_EQ(Json::parse(json.dump()), json);
  EXPECT_EQ(Json::parse(json.dump(2)), json);
}
INSTANTIATE_TEST_SUITE_P(Json, Accepted,
                         testing::Values("null", "true", "false", "0", "-0", "1", "-1.5", "1e1", "1E+1", "1e-1",
                                         "0.5e05", "\"\"", "[]", "{}", " [ ] ", "\t\r\n{ }\n", "[1,2,3]",
                                         "[[],{},[{}]]", R"({"a":1})", R"({"":{}})", R"({"a":1,"a":2})",
                                         R"("\"\\\/\b\f\n\r\t")", R"("\u0000\u00e9\uFFFF")", R"("\ud83d\ude00")",
                                         "\"\x7F\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\"", "\"\xEF\xBF\xBF\"",
                                         "\"\xF4\x8F\xBF\xBF\"", "123456789012345678901234567890.123456789",
                                         "1e99999999999999999999", "\xEF\xBB\xBF[]", "[\"a\\u0000b\"]"));

struct Rejected {
  const char* text;
  const char* error;
};
class Refused : public testing::TestWithParam<Rejected> {};
TEST_P(Refused, IsNotJsonAndSaysWhere) { EXPECT_EQ(error_of(GetParam().text), GetParam().error); }
INSTANTIATE_TEST_SUITE_P(
    Json, Refused,
    testing::Values(
        Rejected{"", "line 1, column 1: the text ends where a value should stand"},
        Rejected{" \n ", "line 2, column 2: the text ends where a value should stand"},
        Rejected{"nul", "line 1, column 1: not a JSON value"}, Rejected{"Null", "line 1, column 1: not a JSON value"},
        Rejected{"nullx", "line 1, column 5: text after the end of the value"},
        Rejected{"01", "line 1, column 2: text after the end of the value"},
        Rejected{"+1", "line 1, column 1: not a JSON value"}, Rejected{"-", "line 1, column 2: not a JSON value"},
        Rejected{"1.", "line 1, column 3: not a JSON value"}, Rejected{".5", "line 1, column 1: not a JSON value"},
        Rejected{"1e", "line 1, column 3: not a JSON value"}, Rejected{"1e+", "line 1, column 4: not a JSON value"},
        Rejected{"0x1", "line 1, column 2: text after the end of the value"},
        Rejected{"NaN", "line 1, column 1: not a JSON value"},
        Rejected{"-Infinity", "line 1, column 2: not a JSON value"},
        Rejected{"[1,]", "line 1, column 4: not a JSON value"}, Rejected{"[,1]", "line 1, column 2: not a JSON value"},
        Rejected{"[1 2]", "line 1, column 4: expected ',' or ']'"},
        Rejected{"[1", "line 1, column 3: expected ',' or ']'"}, Rejected{"]", "line 1, column 1: not a JSON value"},
        Rejected{"{\"a\":1,}", "line 1, column 8: expected the name of a member"},
        Rejected{"{a:1}", "line 1, column 2: expected the name of a member"},
        Rejected{"{'a':1}", "line 1, column 2: expected the name of a member"},
        Rejected{"{\"a\" 1}", "line 1, column 6: expected ':'"},
        Rejected{"{\"a\":1 \"b\":2}", "line 1, column 8: expected ',' or '}'"},
        Rejected{"{\n  \"a\": [1,\n  2 3]\n}", "line 3, column 5: expected ',' or ']'"},
        Rejected{"[] []", "line 1, column 4: text after the end of the value"},
        Rejected{"[] // no", "line 1, column 4: text after the end of the value"},
        Rejected{"\"a", "line 1, column 3: the text ends inside a string"},
        Rejected{"\"\\", "line 1, column 3: the text ends inside a string"},
        Rejected{"\"a\nb\"", "line 1, column 3: a control character inside a string"},
        Rejected{"\"\\x\"", "line 1, column 3: unknown escape"},
        Rejected{"\"\\u12\"", "line 1, column 4: \\u needs four hexadecimal digits"},
        Rejected{"\"\\u-123\"", "line 1, column 4: \\u needs four hexadecimal digits"},
        Rejected{"\"\\u123g\"", "line 1, column 4: \\u needs four hexadecimal digits"},
        // Not UTF-8: a stray byte, overlong, a surrogate, beyond U+10FFFF, cut off.
        Rejected{"\"a\x80\"", "line 1, column 3: a byte that is not UTF-8 inside a string"},
        Rejected{"\"\xC0\xAF\"", "line 1, column 2: a byte that is not UTF-8 inside a string"},
        Rejected{"\"\xE0\x80\xAF\"", "line 1, column 2: a byte that is not UTF-8 inside a string"},
        Rejected{"\"\xED\xA0\x80\"", "line 1, column 2: a byte that is not UTF-8 inside a string"},
        Rejected{"\"\xF4\x90\x80\x80\"", "line 1, column 2: a byte that is not UTF-8 inside a string"},
        Rejected{"\"\xF0\x80\x80\x80\"", "line 1, column 2: a byte that is not UTF-8 inside a string"},
        Rejected{"\"\xF5\x80\x80\x80\"", "line 1, column 2: a byte that is not UTF-8 inside a string"},
        Rejected{"\"\xE2\x82\"", "line 1, column 2: a byte that is not UTF-8 inside a string"},
        Rejected{"\"caf\xE9\"", "line 1, column 5: a byte that is not UTF-8 inside a string"}));

TEST(Json, RefusesAnEmbeddedZero) {
  EXPECT_NE(error_of(std::string_view("[\0]", 3)), "");
  EXPECT_NE(error_of(std::string_view("\"\0\"", 3)), "");
}

TEST(Json, NestsTo512Levels) {
  const auto nested = [](std::size_t levels) { return std::string(levels, '[') + std::string(levels, ']'); };
  EXPECT_EQ(error_of(nested(512)), "");
  EXPECT_EQ(error_of(std::string(512, '[') + "1" + std::string(512, ']')), "");
  EXPECT_EQ(error_of(nested(513)), "line 1, column 513: nested deeper than 512 levels");
  EXPECT_EQ(error_of(std::string(1'000'000, '[')), "line 1, column 513: nested deeper than 512 levels");
  std::string objects;
  for (int i = 0; i < 600; ++i) objects += "{\"a\":";
  EXPECT_NE(error_of(objects).find("nested deeper than 512 levels"), std::string::npos);
}

TEST(Json, KeepsNumbersAsTheyWereWritten) {
  for (const char* number : {"1.10", "18446744073709551616", "-0", "1E+05", "0.30000000000000000000000000004"})
    EXPECT_EQ(Json::parse(std::string("[") + number + "]").dump(), std::string("[") + number + "]");
  EXPECT_EQ(Json::parse("-9223372036854775808").as_int(), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(Json::parse("9223372036854775807").as_int(), std::numeric_limits<std::int64_t>::max());
  EXPECT_THROW(Json::parse("9223372036854775808").as_int(), JsonError);
  EXPECT_THROW(Json::parse("1.0").as_int(), JsonError);
  EXPECT_THROW(Json::parse("\"1\"").as_int(), JsonError);
  EXPECT_EQ(Json(std::uint64_t{18446744073709551615u}).dump(), "18446744073709551615");
}

TEST(Json, MakesNumbersFromNothingElse) {
  EXPECT_EQ(Json::number("1.10").dump(), "1.10");
  for (const char* text : {"", "abc", "01", "1,2", "1 ", " 1", "1e", "\"1\"", "--1", "1}"})
    EXPECT_THROW(Json::number(text), JsonError) << text;
}

TEST(Json, CountsTheLastOfEqualMembersWhereTheFirstStood) {
  const Json small = Json::parse(R"({"a":1,"b":2,"a":3})");
  EXPECT_EQ(small.dump(), R"({"a":3,"b":2})");
  std::string text = "{";
  for (int round = 0; round < 3; ++round)
    for (int i = 0; i < 500; ++i)
      text += (text.size() > 1 ? ",\"m" : "\"m") + std::to_string(i) + "\":" + std::to_string(1000 * round + i);
  const Json large = Json::parse(text + "}");
  ASSERT_EQ(large.members().size(), 500u);
  for (int i = 0; i < 500; ++i) {
    ASSERT_EQ(large.members()[static_cast<std::size_t>(i)].first, "m" + std::to_string(i));
    ASSERT_EQ(large.members()[static_cast<std::size_t>(i)].second.as_int(), 2000 + i);
  }
}

TEST(Json, ReadsUtf16Escapes) {
  EXPECT_EQ(Json::parse(R"("\u0041\u00e9\u20ac\ud83d\ude00")").as_string(), "A\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80");
  EXPECT_EQ(Json::parse(R"("\u0000")").as_string(), std::string(1, '\0'));
  // Halves of a pair on their own, and what follows them.
  EXPECT_EQ(Json::parse(R"("\ud83d")").as_string(), "\xEF\xBF\xBD");
  EXPECT_EQ(Json::parse(R"("\ude00x")").as_string(), "\xEF\xBF\xBDx");
  EXPECT_EQ(Json::parse(R"("\ud83d\u0041")").as_string(),
            "\xEF\xBF\xBD"
            "A");
  EXPECT_EQ(Json::parse(R"("\ud83d\ud83d\ude00")").as_string(), "\xEF\xBF\xBD\xF0\x9F\x98\x80");
  EXPECT_EQ(Json::parse(R"("\ud83d\n")").as_string(), "\xEF\xBF\xBD\n");
}

TEST(Json, WritesValidUtf8Whatever) {
  EXPECT_EQ(Json("caf\xE9!").dump(), "\"caf\xEF\xBF\xBD!\"");
  EXPECT_EQ(Json("\xC3\xA9\xC3").dump(), "\"\xC3\xA9\xEF\xBF\xBD\"");
  EXPECT_EQ(Json(std::string("\0\x1f\x7f", 3)).dump(), "\"\\u0000\\u001f\x7f\"");
}

TEST(Json, SaysWhatItFoundInstead) {
  const auto said = [](auto&& work) -> std::string {
    try {
      work();
    } catch (const JsonError& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(said([] { Json(1).as_string(); }), "expected a text, found a number");
  EXPECT_EQ(said([] { Json("x").items(); }), "expected a list, found a text");
  EXPECT_EQ(said([] { Json().members(); }), "expected an object, found null");
  EXPECT_EQ(said([] { Json::array().as_bool(); }), "expected a boolean, found a list");
}

TEST(Json, ATemporaryGivesAwayWhatItHolds) {
  std::string seen;
  for (const Json& item : Json::parse(R"({"list":[1,2,{"a":3}]})")["list"].items()) seen += item.dump();
  for (const auto& [name, value] : Json::parse(R"({"b":4})").members()) seen += name + value.dump();
  EXPECT_EQ(seen, R"(12{"a":3}b4)");
  EXPECT_TRUE(Json::parse("{}")["list"].is_null());
}

TEST(Json, IsReadAndChangedByName) {
  Json json = Json::parse(R"({"a":{"b":[1,true,"x"]},"n":null})");
  EXPECT_EQ(json["a"]["b"].items()[0].as_int(), 1);
  EXPECT_TRUE(json["nowhere"]["deeper"].is_null());
  EXPECT_EQ(json.find("nowhere"), nullptr);
  EXPECT_NE(json.find("n"), nullptr);
  EXPECT_EQ(json.text_or("a", "other"), "other");
  EXPECT_TRUE(json.bool_or("a", true));
  json.set("a", 1);
  json.set("z", Json::array()).push_back("last");
  json.remove("n");
  EXPECT_EQ(json.dump(), R"({"a":1,"z":["last"]})");
  EXPECT_EQ(json.dump(2), "{\n  \"a\": 1,\n  \"z\": [\n    \"last\"\n  ]\n}");
}

// Whatever bytes come: an error or a value that survives a round trip, never more.
TEST(JsonScanner, HandsOutWhatStandsInTheText) {
  constexpr std::string_view text = R"( {"a\u0062" : [ 1.50 , "x\n" ] , "plain" : { "b" : null } } )";
  JsonScanner scanner(text);
  JsonScanner::Scope members = scanner.begin_object();
  EXPECT_EQ(scanner.next_member(members), R"(a\u0062)");
  EXPECT_TRUE(scanner.escaped());
  JsonScanner::Scope items = scanner.begin_array();
  ASSERT_TRUE(scanner.next_item(items));
  EXPECT_EQ(scanner.value(), "1.50");
  ASSERT_TRUE(scanner.next_item(items));
  EXPECT_EQ(scanner.peek(), '"');
  EXPECT_EQ(scanner.string(), R"(x\n)");
  EXPECT_FALSE(scanner.next_item(items));
  EXPECT_EQ(scanner.next_member(members), "plain");
  EXPECT_FALSE(scanner.escaped());
  EXPECT_EQ(scanner.value(), R"({ "b" : null })");
  EXPECT_EQ(scanner.next_member(members), std::nullopt);
  scanner.finish();
  EXPECT_THROW(JsonScanner("[]").begin_object(), JsonError);
  EXPECT_THROW(JsonScanner("{}").begin_array(), JsonError);
  EXPECT_THROW(JsonScanner("1").string(), JsonError);
}

TEST(Json, SurvivesMutatedText) {
  const std::string seed =
      R"({"id":"a1","n":[0,-1.5e+10,null,true,false],"t":"\u00e9\ud83d\ude00 \n","o":{"a":{"b":{}}},"e":""})"
      "\xC3\xA9\xF0\x9F\x98\x80";
  static const std::string bytes = "{}[]\",:\\u0123456789eE+-.tfn \n\x80\xC3\xF0\xFF";
  std::mt19937 random(42);
  int accepted = 0;
  for (int i = 0; i < 30'000; ++i) {
    std::string text = seed.substr(0, seed.size() - (i % 2 == 0 ? 6 : 0));
    for (unsigned n = 1 + random() % 4; n > 0; --n) {
      const std::size_t at = random() % text.size();
      switch (random() % 4) {
        case 0: text[at] = bytes[random() % bytes.size()]; break;
        case 1: text.erase(at, 1 + random() % 5); break;
        case 2: text.insert(at, 1, bytes[random() % bytes.size()]); break;
        default: text.insert(at, text.substr(random() % text.size(), random() % 10));
      }
      if (text.empty()) text = "{}";
    }
    try {
      const Json json = Json::parse(text);
      ++accepted;
      ASSERT_EQ(Json::parse(json.dump()), json) << text;
    } catch (const JsonError& error) {
      ASSERT_EQ(std::string_view(error.what()).substr(0, 5), "line ") << text;
    }
  }
  EXPECT_GT(accepted, 1000) << "the mutations should leave something to parse";
}

}  // namespace
}  // namespace ferry
