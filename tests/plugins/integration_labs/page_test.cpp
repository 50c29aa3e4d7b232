// Cutting a page into its records, at every place where blocks of sixteen bytes may end.
#include "plugins/integration_labs/page.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ferry::integration_labs {
namespace {

using ::testing::ElementsAre;

TEST(LabsPageTest, RecordsComeAsTheyStand) {
  const std::string text = R"( { "data" : [ {"a": "x,}]\"{" , "b":[{},{"c":[1.50e3]}]} , {} ], "prev":null,
                               "next":"bmV4dA==","total_count": 17} )";
  const Page page = cut_page(text);
  EXPECT_THAT(page.records, ElementsAre(R"({"a": "x,}]\"{" , "b":[{},{"c":[1.50e3]}]})", "{}"));
  EXPECT_EQ(page.next, "bmV4dA==");
  EXPECT_EQ(page.total, 17u);
  EXPECT_TRUE(cut_page(R"({"data":[]})").records.empty());
  EXPECT_EQ(cut_page(R"({"next":null,"data":[]})").next, "");
}

TEST(LabsPageTest, EveryShiftAgainstTheBlocksGivesTheSame) {
  for (std::size_t shift = 0; shift < 40; ++shift) {
    const std::string filler(shift, 'x');
    const std::string record = R"({"t":")" + filler + R"(\\","u":"\"}{][","v":{"w":["\\\"",{}]}})";
    const std::string text = R"({"data":[)" + record + "," + record + "]}";
    const Page page = cut_page(text);
    EXPECT_THAT(page.records, ElementsAre(record, record)) << shift;
    EXPECT_EQ(member_of(record, "v"), R"({"w":["\\\"",{}]})");
    EXPECT_EQ(member_of(record, "w"), std::nullopt);
  }
}

TEST(LabsPageTest, WhatIsCutOffIsAnError) {
  const std::string whole = R"({"data":[{"a":"b\"c","d":[{"e":1}]},{}],"next":null})";
  cut_page(whole);
  for (std::size_t size = 0; size < whole.size(); ++size)
    EXPECT_THROW(cut_page(whole.substr(0, size)), JsonError) << whole.substr(0, size);
  for (const char* wrong : {"[]", R"({"data":{}})", R"({"data":[1]})", R"({"date":[]})", R"({"data":[{} {}]})",
                            R"({"data":[]}x)", R"({"data":[],"next":7})", "<html>"})
    EXPECT_THROW(cut_page(wrong), JsonError) << wrong;
}

}  // namespace
}  // namespace ferry::integration_labs
