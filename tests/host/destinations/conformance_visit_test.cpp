// What a verification compares: rows as a destination holds them, and the records they were made of.
#include "tests/host/destinations/conformance.hpp"

namespace ferry::host {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct Visited {
  std::string hash, content;
  bool operator==(const Visited&) const = default;
};
using Visits = std::map<std::string, Visited>;

std::string text_of(const RowHash& hash) { return {reinterpret_cast<const char*>(hash.data()), hash.size()}; }

Visits visits(Destination& destination, const ModelState& state) {
  Visits all;
  destination.visit(state, [&](const RowContent& content, const RowHash& hash) {
    all[content.identity()] = {text_of(hash), text_of(content.hash())};
  });
  return all;
}

// As a verification reads them: beside the layout that the destination has.
Visits records_of(const Layout& layout, const std::vector<std::string>& records) {
  RowReader reader("INVOICES", layout, {Contract::evolve, "gone"});
  const auto batch = batch_of(reader, records);
  Visits all;
  for (std::size_t row = 0; row < batch->rows.size(); ++row) {
    RowContent content;
    const std::span<const Value> values = batch->row(row);
    content.read(layout, [&](std::size_t i) -> std::optional<std::string_view> {
      return values[i].kind == Value::null ? std::nullopt : std::optional(values[i].text_value);
    });
    all[content.identity()] = {text_of(batch->rows[row].hash), text_of(content.hash())};
  }
  return all;
}

std::vector<std::string> different(const Visits& left, const Visits& right) {
  std::vector<std::string> ids;
  for (const auto& [id, visited] : left)
    if (const auto found = right.find(id); found == right.end() || !(found->second == visited)) ids.push_back(id);
  for (const auto& [id, visited] : right)
    if (!left.contains(id)) ids.push_back(id);
  return ids;
}

const std::vector<std::string> of_all_kinds = {
    R"({"id":"a","number":-9223372036854775808,"amount":123456789012345678901234567890.0123456789,"paid":true})",
    R"({"id":"b","number":0,"amount":1.50,"paid":false,"lines":[{"sku":"x \"y\"\n","n":1.50,"b":null,"a":[]}]})",
    R"({"id":"c","number":-0,"amount":-0.0,"lines":{"b":1,"a":{"z":1e3,"y":"\u00e9\ud83d\ude00"},"b":2}})",
    R"({"id":"d \u00e9 '","amount":1e300,"lines":"text"})",
    R"({"id":"e","amount":0.00012,"lines":12345678901234567890.5})",
    R"({"id":"f","amount":12345678901234567890,"lines":[[],{},"",true]})",
    R"({"id":"g","amount":1E+2,"lines":true})",
    R"({"id":"h"})",
    R"({"id":"i","amount":999999999999999.0,"number":7})",
    R"({"id":"007","amount":1.7976931348623157e308})"};

}  // namespace

TEST_P(Conformance, RowsAreVisitedWithoutThoseThatAreRemoved) {
  const std::string a = R"({"id":"a","number":1})", b_gone = R"({"id":"b","gone":true})";
  sync("r1", {a, R"({"id":"b"})"});
  sync("r2", {b_gone});
  EXPECT_EQ(visits(*destination_, state()), records_of(state().layout, {a}));
}

TEST_P(Conformance, WhatARowHoldsIsWhatItsRecordHolds) {
  sync("r1", of_all_kinds);
  EXPECT_THAT(different(visits(*destination_, state()), records_of(state().layout, of_all_kinds)), IsEmpty());
}

TEST_P(Conformance, WhatARowHoldsIsTheSameAfterItsColumnsWidened) {
  sync("r1", of_all_kinds);
  const std::string wide = R"({"id":"wide","number":"text","amount":"-","paid":1,"more":1})";
  std::vector<std::string> records = of_all_kinds;
  records.push_back(wide);
  const ModelState before = state();
  EXPECT_THAT(different(visits(*destination_, before), records_of(before.layout, records)), ElementsAre("wide"));
  sync("r2", {wide});
  EXPECT_THAT(different(visits(*destination_, state()), records_of(state().layout, records)), IsEmpty());
  EXPECT_EQ(visits(*destination_, before).size(), records.size()) << "who knows fewer columns can look, too";
}

TEST_P(Conformance, WhatSomeoneChangedInARowIsSeen) {
  sync("r1", of_all_kinds);
  const Visits records = records_of(state().layout, of_all_kinds);
  const auto change = [&](const std::string& column, const std::string& value, const std::string& id) {
    query("UPDATE " + state().table + " SET " + column + " = " + value + " WHERE id = '" + id + "'");
  };
  change("amount", "1.51", "b");
  change("lines", R"('{"b":1}')", "c");
  change("number", "0", "h");
  change("paid", "NULL", "a");
  change("lines", R"('[ [], {},  "", true ]')", "f");  // the same JSON
  EXPECT_THAT(different(visits(*destination_, state()), records), ElementsAre("a", "b", "c", "h"));
}

TEST_P(Conformance, IdentitiesAreTheSameHoweverTheyAreWritten) {
  const Layout layout({{"number", ColumnType::number, true}, {"open", ColumnType::boolean, true}});
  const std::vector<std::string> records = {R"({"number":1.50,"open":true})", R"({"number":2.0,"open":false})",
                                            R"({"number":1e2,"open":true})",
                                            R"({"number":12345678901234567890.25,"open":false})"};
  sync("r1", records, {}, layout);
  EXPECT_EQ(visits(*destination_, state()), records_of(layout, records));
}

}  // namespace ferry::host
