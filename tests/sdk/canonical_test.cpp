#include "ferry/canonical.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace ferry {
namespace {

std::string canonical(std::string_view text) { return canonical_json(Json::parse(text)); }

struct Number {
  const char* written;
  const char* canonical;
};

class CanonicalNumber : public testing::TestWithParam<Number> {};

TEST_P(CanonicalNumber, HasOneFormByItsExactValue) {
  EXPECT_EQ(canonical(GetParam().written), GetParam().canonical);
  EXPECT_EQ(canonical(canonical(GetParam().written)), GetParam().canonical) << "canonical once and for all";
}

INSTANTIATE_TEST_SUITE_P(
    Numbers, CanonicalNumber,
    testing::Values(Number{"0", "0"}, Number{"-0", "0"}, Number{"0.000", "0"}, Number{"-0.0e7", "0"},
                    Number{"0e99999999999999999999", "0"}, Number{"1", "1"}, Number{"-1", "-1"}, Number{"1.10", "1.1"},
                    Number{"1.1", "1.1"}, Number{"11e-1", "1.1"}, Number{"0.11E+1", "1.1"}, Number{"1e2", "100"},
                    Number{"100", "100"}, Number{"100.00", "100"}, Number{"1E+02", "100"}, Number{"10000e-2", "100"},
                    Number{"-25e-1", "-2.5"}, Number{"0.000001", "0.000001"}, Number{"1e-6", "0.000001"},
                    Number{"0.0000001", "1e-7"}, Number{"12.5e-8", "1.25e-7"},
                    // Beyond a double: nothing is rounded.
                    Number{"18446744073709551616", "18446744073709551616"},
                    Number{"9007199254740993", "9007199254740993"},
                    Number{"0.1000000000000000000000000000000000001", "0.1000000000000000000000000000000000001"},
                    Number{"123456789012345678901", "123456789012345678901"},
                    // 22 digits before the point and more: exponent form.
                    Number{"100000000000000000000", "100000000000000000000"}, Number{"1000000000000000000000", "1e21"},
                    Number{"1234567890123456789012", "1.234567890123456789012e21"}, Number{"1e1000", "1e1000"},
                    Number{"10e999", "1e1000"}, Number{"0.001e1003", "1e1000"}, Number{"-1.50e-1000", "-1.5e-1000"},
                    // Exponents beyond 64 bits.
                    Number{"10e99999999999999999", "1e100000000000000000"},
                    Number{"1e100000000000000000", "1e100000000000000000"},
                    Number{"10e99999999999999999999", "1e100000000000000000000"},
                    Number{"0.1e100000000000000000001", "1e100000000000000000000"},
                    Number{"0.1e-99999999999999999999", "1e-100000000000000000000"},
                    Number{"100e-100000000000000000002", "1e-100000000000000000000"},
                    Number{"1e00000000000000000000000000002", "100"}));

TEST(Canonical, SortsMembersByTheirBytes) {
  EXPECT_EQ(canonical(R"({"b":1,"a":{"z":[],"y":{}},"B":2,"aa":3,"":4})"),
            R"({"":4,"B":2,"a":{"y":{},"z":[]},"aa":3,"b":1})");
  EXPECT_EQ(canonical("{\"\xC3\xA9\":1,\"z\":2,\"\xF0\x9F\x98\x80\":3,\"\xEF\xBF\xBD\":4}"),
            "{\"z\":2,\"\xC3\xA9\":1,\"\xEF\xBF\xBD\":4,\"\xF0\x9F\x98\x80\":3}");
}

TEST(Canonical, KeepsTheOrderOfLists) { EXPECT_EQ(canonical("[3, 1 ,2, []]"), "[3,1,2,[]]"); }

TEST(Canonical, CountsTheLastOfEqualMembers) {
  EXPECT_EQ(canonical(R"({"a":1,"b":2,"a":3})"), R"({"a":3,"b":2})");
  const Json by_hand(Json::Object{{"a", 1}, {"b", 2}, {"a", 3}});
  EXPECT_EQ(canonical_json(by_hand), R"({"a":3,"b":2})");
}

TEST(Canonical, EscapesOnlyWhatJsonDemands) {
  EXPECT_EQ(canonical(R"("\u0041\/\u00e9\ud83d\ude00\u2028")"), "\"A/\xC3\xA9\xF0\x9F\x98\x80\xE2\x80\xA8\"");
  EXPECT_EQ(canonical(R"("\u0000\u001f\u000a\"\\\b\f\r\t")"), R"("\u0000\u001f\n\"\\\b\f\r\t")");
}

Json random_json(std::mt19937& random, int depth) {
  static const char* const texts[] = {"", "a", "b", "\"", "\n", "\xC3\xA9", "name", "\xF0\x9F\x98\x80"};
  static const char* const numbers[] = {"0", "1.50", "-0", "1e3", "12345678901234567890123", "5e-9"};
  switch (random() % (depth > 3 ? 5 : 7)) {
    case 0: return Json();
    case 1: return Json(true);
    case 2: return Json(false);
    case 3: return Json::number(numbers[random() % std::size(numbers)]);
    case 4: return Json(texts[random() % std::size(texts)]);
    case 5: {
      Json list = Json::array();
      for (unsigned i = random() % 5; i > 0; --i) list.push_back(random_json(random, depth + 1));
      return list;
    }
    default: {
      Json object = Json::object();
      for (unsigned i = random() % 6; i > 0; --i)
        object.set(texts[random() % std::size(texts)], random_json(random, depth + 1));
      return object;
    }
  }
}
void shuffle(Json& json, std::mt19937& random) {
  if (json.is_array())
    for (Json& item : json.items()) shuffle(item, random);
  if (!json.is_object()) return;
  std::shuffle(json.members().begin(), json.members().end(), random);
  for (Json::Member& member : json.members()) shuffle(member.second, random);
}

TEST(Canonical, DoesNotDependOnOrderWhiteSpaceOrSpelling) {
  std::mt19937 random(1);
  for (int i = 0; i < 2000; ++i) {
    Json json = random_json(random, 0);
    const std::string text = canonical_json(json);
    ASSERT_EQ(canonical(text), text);
    shuffle(json, random);
    ASSERT_EQ(canonical_json(json), text);
    ASSERT_EQ(canonical(json.dump(2)), text);
  }
}

// Stored hashes are compared with new ones for years: this test may only be added to.
TEST(Canonical, IsFrozen) {
  EXPECT_EQ(content_hash(Json()), "74234e98afe7498fb5daf1f36ac2d78acc339464f950703b8c019892f982b90b");
  const Json json = Json::parse("{\"name\":\"Caf\\u00e9\",\"sizes\":[1.50,1e30,-0],\"on\":true,\"nothing\":null}");
  EXPECT_EQ(canonical_json(json), "{\"name\":\"Caf\xC3\xA9\",\"nothing\":null,\"on\":true,\"sizes\":[1.5,1e30,0]}");
  EXPECT_EQ(content_hash(json), sha256_hex(canonical_json(json)));
}

}  // namespace
}  // namespace ferry
