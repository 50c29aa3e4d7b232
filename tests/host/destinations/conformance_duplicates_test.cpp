// Records of one identity in one run: what is counted is the same in every destination, however they are cut into
// batches.
#include "tests/host/destinations/conformance.hpp"

namespace ferry::host {
namespace {

std::string record(int number) { return R"({"id":"a","number":)" + std::to_string(number) + "}"; }
const std::string gone = R"({"id":"a","number":1,"gone":true})";

// "2 1 0 0 1 0, 1 again": counts_text and duplicates.
std::string told(const ModelTally& tally) {
  return counts_text(tally) + ", " + std::to_string(tally.duplicates) + " again";
}

const std::string first = record(1), second = record(2), other = R"({"id":"b","number":1})";

struct Case {
  std::vector<std::string> before, records;
  std::string expected;
  std::string last;  // the number in the row; "": there is none
};

const std::vector<Case> cases = {
    {{}, {record(1), record(1)}, "2 1 0 0 1 0, 1 again", "1"},
    {{}, {record(1), record(2)}, "2 1 1 0 0 0, 1 again", "2"},
    {{}, {record(1), record(2), record(1)}, "3 1 2 0 0 0, 2 again", "1"},
    // What was there and did not change was not written by this run.
    {{record(1)}, {record(1), record(1)}, "2 0 0 0 2 0, 0 again", "1"},
    {{record(1)}, {record(1), record(2)}, "2 0 1 0 1 0, 0 again", "2"},
    {{record(1)}, {record(2), record(1)}, "2 0 2 0 0 0, 1 again", "1"},
    {{record(1)}, {record(2), record(2)}, "2 0 1 0 1 0, 1 again", "2"},
    {{record(1)}, {gone, record(1)}, "2 1 0 1 0 0, 1 again", "1"},
    {{record(1)}, {record(2), gone}, "2 0 1 1 0 0, 1 again", ""},
    {{}, {gone, record(1)}, "2 1 0 0 1 0, 0 again", "1"},
};

}  // namespace

TEST_P(Conformance, TheLastRecordOfAnIdentityWins) {
  const ModelTally together = sync("r1", {first, second}, {.batch = 10});
  EXPECT_EQ(together.counts.total, 2u);
  EXPECT_EQ(together.counts.added, 1u);
  EXPECT_EQ(together.duplicates, 1u);
  EXPECT_EQ(rows("id, number"), (TextRows{{"a", "2"}}));
  const ModelTally apart = sync("r2", {R"({"id":"a","number":5})", first, other, other}, {.batch = 1});
  EXPECT_EQ(apart.counts.total, 4u);
  EXPECT_EQ(apart.counts.added, 1u);
  EXPECT_EQ(apart.duplicates, 2u);
  EXPECT_EQ(rows("id, number"), (TextRows{{"a", "1"}, {"b", "1"}}));
}

TEST_P(Conformance, DuplicatesAreCountedAlikeInOneBatchAndInSeveral) {
  int runs = 0;
  for (const ReadKind kind : {ReadKind::changes, ReadKind::full})
    for (const bool preview : {true, false})
      for (const std::size_t batch : {10u, 1u})
        for (const Case& one : cases) {
          const std::string model = "M" + std::to_string(++runs);
          if (!one.before.empty()) sync("before" + model, one.before, {.kind = kind, .model = model});
          const ModelTally tally =
              sync(model, one.records, {.kind = kind, .preview = preview, .model = model, .batch = batch});
          EXPECT_EQ(told(tally), one.expected) << testing::PrintToString(one.records) << " after "
                                               << testing::PrintToString(one.before) << ", " << batch << " at once";
          if (preview) continue;
          EXPECT_EQ(query("SELECT number FROM " + state(model).view),
                    one.last.empty() ? TextRows{} : TextRows{{one.last}});
          EXPECT_EQ(state(model).rows, one.last.empty() ? 0u : 1u);
        }
}

TEST_P(Conformance, TheLastOfVeryManyOfOneIdentityWins) {
  std::vector<std::string> records = {R"({"id":"b","number":0})"};
  for (int i = 0; i < 500; ++i) records.push_back(record(i));
  const ModelTally tally = sync("r1", records, {.batch = 1000});
  EXPECT_EQ(tally.counts.total, 501u);
  EXPECT_EQ(tally.counts.added, 2u);
  EXPECT_EQ(tally.duplicates, 499u);
  EXPECT_EQ(rows("id, number"), (TextRows{{"a", "499"}, {"b", "0"}}));
}

}  // namespace ferry::host
