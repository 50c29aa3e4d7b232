#include "host/records/row_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "host/base/failure.hpp"
#include "host/base/json_text.hpp"

namespace ferry::host {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Layout invoices() {
  return Layout({{"id", ColumnType::integer, true},
                 {"name", ColumnType::text},
                 {"amount", ColumnType::number},
                 {"paid", ColumnType::boolean},
                 {"lines", ColumnType::json}});
}

std::unique_ptr<RowBatch> read(RowReader& reader, const std::vector<std::string>& records) {
  std::string lines;
  for (const std::string& record : records) lines += record + "\n";
  return reader.read(lines, records.size());
}

std::string text_of(const Value& value) {
  switch (value.kind) {
    case Value::null: return "null";
    case Value::boolean: return value.integer_value != 0 ? "boolean true" : "boolean false";
    case Value::integer: return "integer " + std::to_string(value.integer_value);
    case Value::real: return "real " + std::string(value.text_value);
    case Value::decimal: return "decimal " + std::string(value.text_value);
    case Value::text: return "text " + std::string(value.text_value);
    case Value::json: return "json " + std::string(value.text_value);
  }
  return "?";
}

std::vector<std::string> values(const RowBatch& batch, std::size_t row = 0) {
  std::vector<std::string> texts;
  for (const Value& value : batch.row(row)) texts.push_back(text_of(value));
  return texts;
}

std::string refusal(const std::function<void()>& work) {
  try {
    work();
  } catch (const Failure& failure) {
    return failure.code() + ": " + failure.message();
  }
  return "";
}

// What a reader remembers of the records before must not show.
TEST(RowReaderTest, RecordsOfAnyMembersInAnyOrderAreReadAsIfAlone) {
  const std::vector<std::string> members = {
      "\"id\":7",           "\"name\":\"a\\\"b\"", "\"amount\":1.5",       "\"paid\":true",
      "\"lines\":[1]",      "\"gone\":false",      "\"n\\u0061me\":\"c\"", "\"unknown\":null",
      "\"gone\":\"today\"", "\"\":\"\"",           " \"amount\" : null ",  "\"paid\":false"};
  std::mt19937 random(7);
  const RowRules rules{Contract::discard, "gone"};
  RowReader reader("INVOICES", invoices(), rules);
  std::vector<std::string> kept;
  for (int record = 0; record < 2000; ++record) {
    if (kept.empty() || random() % 4 == 0) {  // else nearly as before
      kept = members;
      std::shuffle(kept.begin() + 1, kept.end(), random);
      kept.resize(1 + random() % members.size());
    }
    std::vector<std::string> some = kept;
    if (some.size() > 1 && random() % 3 == 0)
      some.erase(some.begin() + 1 + static_cast<long>(random() % (some.size() - 1)));
    std::string line = "{";
    for (const std::string& member : some) line += (line.size() > 1 ? "," : "") + member;
    line += "}";
    const auto together = read(reader, {line});
    RowReader other("INVOICES", invoices(), rules);
    const auto alone = read(other, {line});
    ASSERT_EQ(values(*together), values(*alone)) << line;
    ASSERT_EQ(together->rows[0].hash, alone->rows[0].hash) << line;
    ASSERT_EQ(together->rows[0].removed, alone->rows[0].removed) << line;
    ASSERT_EQ(together->dropped_members, alone->dropped_members) << line;
  }
}

TEST(RowReaderTest, ValuesStandByColumnAndKeepWhatTheyAre) {
  RowReader reader("INVOICES", invoices(), {});
  const auto batch =
      read(reader, {R"({"id":7,"name":"a \"b\"\n\u00e9","amount":12.50,"paid":true,"lines":[1, {"n":2}]})",
                    R"({ "paid" : false , "id" : -9223372036854775808 })"});
  EXPECT_THAT(values(*batch),
              ElementsAre("integer 7", "text a \"b\"\n\xC3\xA9", "real 12.50", "boolean true", "json [1, {\"n\":2}]"));
  EXPECT_THAT(values(*batch, 1), ElementsAre("integer -9223372036854775808", "null", "null", "boolean false", "null"));
  EXPECT_EQ(batch->records, 2u);
  EXPECT_THAT(batch->changes, IsEmpty());
}

TEST(RowReaderTest, NumbersKeepEveryDigit) {
  RowReader reader("INVOICES", invoices(), {});
  const auto batch = read(reader, {R"({"id":1,"amount":123456789012345})", R"({"id":2,"amount":0.1})",
                                   R"({"id":3,"amount":0.10000000000000001})", R"({"id":4,"amount":1e400})",
                                   R"({"id":5,"amount":18446744073709551616})", R"({"id":6,"amount":1.5e-300})"});
  const std::vector<std::string> expected = {"integer 123456789012345",      "real 0.1",
                                             "decimal 0.10000000000000001",  "decimal 1e400",
                                             "decimal 18446744073709551616", "decimal 1.5e-300"};
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_EQ(values(*batch, i)[2], expected[i]);
}

TEST(RowReaderTest, TheHashIsOfTheContentNotOfItsOrderOrSpaces) {
  RowReader reader("INVOICES", invoices(), {});
  const auto batch =
      read(reader, {R"({"id":1,"name":"x","paid":null})", R"({ "name" : "\u0078", "id": 1 })", R"({"id":1,"name":"y"})",
                    R"({"id":1,"amount":1,"name":""})", R"({"id":1,"amount":1})", R"({"id":11,"name":"x"})"});
  EXPECT_EQ(batch->rows[0].hash, batch->rows[1].hash);
  for (std::size_t i = 0; i < batch->rows.size(); ++i)
    for (std::size_t k = 2; k < batch->rows.size(); ++k)
      if (i != k) {
        EXPECT_NE(batch->rows[i].hash, batch->rows[k].hash) << i << " " << k;
      }
}

TEST(RowReaderTest, TheHashStaysWhenColumnsAreAdded) {
  RowReader small("INVOICES", invoices(), {});
  Layout grown = invoices();
  grown.add({"extra", ColumnType::text});
  RowReader large("INVOICES", grown, {});
  const std::string record = R"({"id":1,"name":"x","lines":{"a":[]}})";
  EXPECT_EQ(read(small, {record})->rows[0].hash, read(large, {record})->rows[0].hash);
}

TEST(RowReaderTest, NewMembersBecomeColumnsAlsoInTheMiddleOfABatch) {
  RowReader reader("INVOICES", invoices(), {});
  const auto batch = read(reader, {R"({"id":1,"name":"x"})", R"({"id":2,"later":null})",
                                   R"({"id":3,"new":4,"na\u006de":"z"})", R"({"id":4,"name":"y"})"});
  ASSERT_EQ(batch->changes.size(), 1u);
  EXPECT_EQ(batch->changes[0].column.member, "new");
  EXPECT_EQ(batch->changes[0].column.type, ColumnType::integer);
  EXPECT_EQ(batch->width, 6u);
  EXPECT_THAT(values(*batch, 0), ElementsAre("integer 1", "text x", "null", "null", "null", "null"));
  EXPECT_THAT(values(*batch, 2), ElementsAre("integer 3", "text z", "null", "null", "null", "integer 4"));
  EXPECT_THAT(values(*batch, 3), ElementsAre("integer 4", "text y", "null", "null", "null", "null"));
}

TEST(RowReaderTest, TypesWidenAsFarAsTheyCan) {
  Layout layout({{"id", ColumnType::integer, true}, {"n", ColumnType::integer}, {"b", ColumnType::boolean}});
  RowReader reader("M", layout, {});
  const auto batch = read(
      reader, {R"({"id":1,"n":5,"b":true})", R"({"id":2,"n":5.5})", R"({"id":3,"n":"five"})", R"({"id":4,"b":"yes"})"});
  EXPECT_EQ(reader.layout().columns()[1].type, ColumnType::text);
  EXPECT_EQ(reader.layout().columns()[2].type, ColumnType::text);
  EXPECT_EQ(batch->changes.size(), 3u);
  EXPECT_THAT(values(*batch, 0), ElementsAre("integer 1", "text 5", "text true"));
  EXPECT_EQ(values(*batch, 1)[1], "text 5.5");
}

TEST(RowReaderTest, WhatCannotBeARowIsRejectedWithItsReason) {
  RowRules rules;
  rules.longest_record = 100;
  RowReader reader("INVOICES", invoices(), rules);
  const auto batch =
      read(reader, {R"({"name":"x"})", R"({"id":null})", R"({"id":"seven"})",
                    R"({"id":1,"name":")" + std::string(100, 'x') + "\"}", R"({"id":2,"name":{}})", R"({"id":3})"});
  EXPECT_EQ(batch->rows.size(), 1u);
  EXPECT_EQ(batch->records, 6u);
  std::vector<std::string> codes;
  for (const RejectedRecord& rejected : batch->rejected) codes.push_back(rejected.code + " " + rejected.identity);
  EXPECT_THAT(codes, ElementsAre("no_identity ", "no_identity ", "wrong_type seven", "too_large 1", "wrong_type 2"));
  EXPECT_THAT(batch->rejected[2].reason, HasSubstr("its id is a text (seven) where integer is expected"));
}

TEST(RowReaderTest, TheContractDecidesOnNewMembersAndTypes) {
  RowRules rules;
  rules.contract = Contract::freeze;
  RowReader frozen("INVOICES", invoices(), rules);
  EXPECT_THAT(refusal([&] { read(frozen, {R"({"id":1,"new":1})"}); }),
              HasSubstr("schema_frozen: the schema of INVOICES is frozen (contract: freeze), and records have a new "
                        "member, \"new\""));
  EXPECT_THAT(refusal([&] { read(frozen, {R"({"id":1,"amount":"much"})"}); }), HasSubstr("schema_frozen"));
  rules.contract = Contract::discard;
  RowReader discarding("INVOICES", invoices(), rules);
  const auto batch = read(discarding, {R"({"id":1,"new":1,"newer":null})", R"({"id":2,"amount":"much"})"});
  EXPECT_EQ(batch->dropped_members, 1u);
  EXPECT_THAT(batch->changes, IsEmpty());
  EXPECT_EQ(batch->rejected.size(), 1u);
}

TEST(RowReaderTest, RemovedRecordsAreKnownByTheirMember) {
  RowRules rules;
  rules.removed_when = "name";
  RowReader reader("INVOICES", invoices(), rules);
  const auto batch = read(reader, {R"({"id":1,"name":null})", R"({"id":2})", R"({"id":3,"name":"2024-01-01"})"});
  EXPECT_FALSE(batch->rows[0].removed);
  EXPECT_FALSE(batch->rows[1].removed);
  EXPECT_TRUE(batch->rows[2].removed);
}

TEST(RowReaderTest, WhatIsNoRecordIsTheConnectorsFault) {
  RowReader reader("INVOICES", invoices(), {});
  for (const char* line : {"[1]", "{\"id\":1", "{\"id\":01}", "{\"id\":1}{\"id\":2}", "{\"name\":\"\xFF\"}", "", "x"})
    EXPECT_THAT(refusal([&] { read(reader, {line}); }), HasSubstr("bad_record: reading INVOICES")) << line;
  EXPECT_THAT(refusal([&] { reader.read("{\"id\":1}\n", 2); }), HasSubstr("said to hold 2 records, which holds 1"));
}

TEST(LayoutTest, IsReadFromAJsonSchemaWithTheIdentityFirst) {
  const auto schema = parse_object(R"({"properties":{"a":{"type":["string","null"]},"b":{"type":["integer","string"]},
    "c":{"type":"array"},"d":{"anyOf":[{"type":"number"},{"type":"null"}]},"e":{},"k":{"type":"integer"}}})");
  const Layout layout = Layout::of_schema(schema.get(), {"k"});
  std::vector<std::string> columns;
  for (const Column& column : layout.columns())
    columns.push_back(column.member + " " + std::string(type_word(column.type)));
  EXPECT_THAT(columns, ElementsAre("k integer", "a text", "b text", "c json", "d number", "e text"));
  EXPECT_THAT(refusal([&] { Layout::of_schema(schema.get(), {}); }), HasSubstr("bad_catalog"));
}

TEST(LayoutTest, GrowsToWhatIsWantedAndNeverShrinks) {
  Layout layout({{"id", ColumnType::integer, true}, {"a", ColumnType::integer}, {"old", ColumnType::json}});
  const auto changes =
      layout.grow_to(Layout({{"id", ColumnType::integer, true}, {"b", ColumnType::text}, {"a", ColumnType::number}}));
  ASSERT_EQ(changes.size(), 2u);
  EXPECT_EQ(changes[0].kind, LayoutChange::added);
  EXPECT_EQ(changes[1].kind, LayoutChange::widened);
  EXPECT_EQ(layout.size(), 4u);
  EXPECT_EQ(layout.columns()[1].type, ColumnType::number);
  EXPECT_THAT(layout.grow_to(layout), IsEmpty());
}

}  // namespace
}  // namespace ferry::host
