#include "plugins/node_red/canonical_text.hpp"

#include <gtest/gtest.h>

#include "plugins/node_red/json_scanner.hpp"

namespace ferry::node_red {
namespace {

std::string canonical(std::string_view text) {
  JsonScanner scanner(text);
  const std::string_view value = scanner.value();
  scanner.finish();
  std::string out;
  append_canonical(out, value);
  return out;
}

struct Spelling {
  const char *text, *canonical;
};

// The right column is what JSON.stringify(JSON.parse(text)) prints, but for the order of members.
class CanonicalTextTest : public ::testing::TestWithParam<Spelling> {};

TEST_P(CanonicalTextTest, IsWhatJavaScriptWouldGiveBack) {
  EXPECT_EQ(canonical(GetParam().text), GetParam().canonical);
  EXPECT_EQ(canonical(GetParam().canonical), GetParam().canonical);
}

INSTANTIATE_TEST_SUITE_P(
    Numbers, CanonicalTextTest,
    ::testing::Values(Spelling{"0", "0"}, Spelling{"-0", "0"}, Spelling{"-0.0", "0"}, Spelling{"1.10", "1.1"},
                      Spelling{"1e3", "1000"}, Spelling{"-12", "-12"}, Spelling{"9007199254740993", "9007199254740992"},
                      Spelling{"123456789012345678901234", "1.2345678901234569e+23"}, Spelling{"1e21", "1e+21"},
                      Spelling{"1e20", "100000000000000000000"}, Spelling{"0.000001", "0.000001"},
                      Spelling{"0.0000001", "1e-7"}, Spelling{"-1.5E-10", "-1.5e-10"}, Spelling{"0.1", "0.1"},
                      Spelling{"5e-324", "5e-324"}, Spelling{"1e-400", "0"}, Spelling{"1e400", "null"},
                      Spelling{"-1e400", "null"}, Spelling{"1.7976931348623157e308", "1.7976931348623157e+308"},
                      Spelling{"123.456", "123.456"}, Spelling{"100.0", "100"}));

INSTANTIATE_TEST_SUITE_P(Texts, CanonicalTextTest,
                         ::testing::Values(Spelling{R"("a\/b")", R"("a/b")"},
                                           Spelling{R"("\u0041\u00e9")", "\"A\xC3\xA9\""},
                                           Spelling{R"("\u000A\u0022\u005c")", R"("\n\"\\")"},
                                           Spelling{R"("\u001F\u007f")", "\"\\u001f\x7f\""},
                                           Spelling{R"("\uD83D\uDE00")", "\"\xF0\x9F\x98\x80\""},
                                           Spelling{R"("\uD83Dx\uDE00")", R"("\ud83dx\ude00")"},
                                           Spelling{R"("")", R"("")"}, Spelling{R"("\b\f\t\r")", R"("\b\f\t\r")"}));

INSTANTIATE_TEST_SUITE_P(
    Structures, CanonicalTextTest,
    ::testing::Values(Spelling{"{ }", "{}"}, Spelling{"[ ]", "[]"}, Spelling{"[ 1 , [2] ,{} ]", "[1,[2],{}]"},
                      Spelling{R"({"b":1,"a":{"d":true,"c":null}})", R"({"a":{"c":null,"d":true},"b":1})"},
                      Spelling{R"({"a":1,"b":2,"a":3})", R"({"a":3,"b":2})"},
                      Spelling{R"({"abcdefghz":1,"abcdefgha":2,"abcdefgh":3})",
                               R"({"abcdefgh":3,"abcdefgha":2,"abcdefghz":1})"},
                      Spelling{R"({"\u0061":1,"a":2,"\n":3})", R"({"\n":3,"a":2})"}, Spelling{"{\"\":0}", "{\"\":0}"}));

struct Wrong {
  const char *text, *why;
};
class JsonScannerTest : public ::testing::TestWithParam<Wrong> {};

TEST_P(JsonScannerTest, RefusesWhatIsNoJson) {
  try {
    canonical(GetParam().text);
    FAIL() << GetParam().text;
  } catch (const JsonError& error) {
    EXPECT_STREQ(error.what(), GetParam().why);
  }
}

INSTANTIATE_TEST_SUITE_P(Texts, JsonScannerTest,
                         ::testing::Values(Wrong{"", "line 1, column 1: the text ends where a value should stand"},
                                           Wrong{"[1,]", "line 1, column 4: not a JSON value"},
                                           Wrong{"[1 2]", "line 1, column 4: expected ',' or ']'"},
                                           Wrong{"{\"a\" 1}", "line 1, column 6: expected ':'"},
                                           Wrong{"{\"a\":1,}", "line 1, column 8: expected the name of a member"},
                                           Wrong{"{a:1}", "line 1, column 2: expected the name of a member"},
                                           Wrong{"01", "line 1, column 2: text after the end of the value"},
                                           Wrong{"-", "line 1, column 2: not a JSON value"},
                                           Wrong{"1.", "line 1, column 3: not a JSON value"},
                                           Wrong{"\n\"ab", "line 2, column 4: the text ends inside a string"},
                                           Wrong{"\"\\x\"", "line 1, column 3: unknown escape"},
                                           Wrong{"\"\\u12G4\"", "line 1, column 3: \\u needs four hexadecimal digits"},
                                           Wrong{"\"a\tb\"", "line 1, column 3: a control character inside a string"},
                                           Wrong{"\"12345678\xFF\"", "line 1, column 10: not UTF-8"},
                                           Wrong{"\"\xED\xA0\x80\"", "line 1, column 2: not UTF-8"},
                                           Wrong{"nul", "line 1, column 1: not a JSON value"},
                                           Wrong{"[1", "line 1, column 3: expected ',' or ']'"}));

TEST(JsonScannerTest, RefusesDepthThatWouldEndTheStack) {
  EXPECT_THROW(canonical(std::string(100'000, '[')), JsonError);
  EXPECT_NO_THROW(canonical(std::string(500, '[') + std::string(500, ']')));
}

TEST(CanonicalSetTest, HasNoOrder) {
  std::string out;
  append_canonical_set(out, R"(["c", "a" ,"b"])");
  EXPECT_EQ(out, R"(["a","b","c"])");
}

}  // namespace
}  // namespace ferry::node_red
