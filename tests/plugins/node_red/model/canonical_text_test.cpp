#include "plugins/node_red/canonical_text.hpp"

#include <gtest/gtest.h>

namespace ferry::node_red {
namespace {

std::string canonical(std::string_view text) {
  JsonScanner scanner(text);
  std::string out;
  CanonicalText(out).value(scanner);
  scanner.finish();
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
                      Spelling{R"({"\u0061":1,"a":2,"\n":3})", R"({"\n":3,"a":2})"}, Spelling{"{\"\":0}", "{\"\":0}"},
                      Spelling{R"([{"b":{"d":1,"c":2},"a":[{"f":3,"e":4}]},{"b":5,"a":6}])",
                               R"([{"a":[{"e":4,"f":3}],"b":{"c":2,"d":1}},{"a":6,"b":5}])"},
                      Spelling{R"({"abcdefghi":1,"abcdefgh":2,"abcdefg\u00e9":3,"abcdefg":4,"abcdefghi":5})",
                               "{\"abcdefg\":4,\"abcdefgh\":2,\"abcdefghi\":5,\"abcdefg\xC3\xA9\":3}"}));

TEST(CanonicalSetTest, HasNoOrder) {
  std::string out;
  JsonScanner scanner(R"(["c", "a" ,"b"])");
  CanonicalText(out).set(scanner);
  EXPECT_EQ(out, R"(["a","b","c"])");
}

}  // namespace
}  // namespace ferry::node_red
