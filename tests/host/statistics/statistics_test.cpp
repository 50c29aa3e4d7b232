#include "host/statistics/statistics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "host/base/failure.hpp"

namespace ferry::host {
namespace {

std::string text_of(const Statistics& statistics) {
  std::ostringstream out;
  statistics.to_json()->stringify(out);
  return out.str();
}

TEST(Statistics, CountsFactsByTypeAndOutcome) {
  StatisticsCounter counter;
  counter.count(R"({"fact":"item","type":"flow","outcome":"added","id":"1","name":"a"})");
  counter.count(R"({"fact":"item","type":"flow","outcome":"modified","count":3})");
  counter.count(R"({"fact":"item","type":"subflow","outcome":"unknown"})");
  const OutcomeCounts flows{4, 1, 3, 0, 0, 0, 0, 0};
  EXPECT_EQ(counter.items().at("flow"), flows);
  EXPECT_EQ(counter.items().at("subflow").unknown, 1u);
  EXPECT_FALSE(counter.has_errors());
}

TEST(Statistics, ExportedItemsCountInTheTotalOnly) {
  StatisticsCounter counter;
  counter.count(R"({"fact":"item","type":"workflow","outcome":"exported","count":24})");
  const OutcomeCounts expected{24, 0, 0, 0, 0, 0, 0, 0};
  EXPECT_EQ(counter.items().at("workflow"), expected);
}

TEST(Statistics, EverySkippedOrFailedItemHasAProblemThatSaysWhy) {
  StatisticsCounter counter;
  counter.count(R"({"fact":"item","type":"flow","outcome":"skipped","code":"exists","message":"it is there"})");
  counter.count(R"({"fact":"item","type":"flow","outcome":"failed"})");
  ASSERT_EQ(counter.problems().size(), 2u);
  EXPECT_EQ(counter.problems()[0], (Problem{"warning", "flow", "", "", "exists", "it is there"}));
  EXPECT_EQ(counter.problems()[1], (Problem{"error", "flow", "", "", "unexplained", "the connector gave no reason"}));
  EXPECT_TRUE(counter.has_errors());
}

TEST(Statistics, AConnectorMaySayHowSevereASkippedItemIs) {
  StatisticsCounter counter;
  counter.count(
      R"({"fact":"item","type":"f","outcome":"skipped","code":"name_conflict","message":"m","severity":"error"})");
  EXPECT_TRUE(counter.has_errors());
}

TEST(Statistics, RefusesFactsThatCannotBeCounted) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "reported a fact"},
      {"[1]", "it is no object"},
      {"{\"fact\":\"item\"", "reported a fact"},
      {R"({"fact":"song"})", "neither item nor problem"},
      {R"({"fact":"item","outcome":"added"})", "\"type\" is missing"},
      {R"({"fact":"item","type":"f","outcome":"exploded"})", "\"exploded\" is unknown"},
      {R"({"fact":"item","type":"f","outcome":"added","count":-1})", "no whole number"},
      {R"({"fact":"problem","severity":"fatal","code":"c","message":"m"})", "error, warning, notice"},
      {R"({"fact":"problem","severity":"error","message":"m"})", "\"code\" and \"message\""},
      {"{\"fact\":\"item\",\"type\":\"\xff\",\"outcome\":\"added\"}", "reported a fact"},
  };
  for (const auto& [fact, words] : cases) {
    StatisticsCounter counter;
    try {
      counter.count(fact);
      ADD_FAILURE() << fact << " was counted";
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.code(), "bad_fact");
      EXPECT_THAT(failure.what(), testing::HasSubstr(words)) << fact;
    }
  }
}

TEST(Statistics, ProblemsAreBoundedAndSayWhatIsLeftOut) {
  StatisticsCounter counter;
  for (std::size_t i = 0; i < StatisticsCounter::most_problems + 5; ++i)
    counter.add_problem({"warning", "", "", "", "c", "m"});
  EXPECT_EQ(counter.problems().size(), StatisticsCounter::most_problems + 1);
  EXPECT_EQ(counter.problems().back().message, "5 more problems are not listed here");
}

TEST(Statistics, DocumentsSurviveARoundTripAndTheTotalsAreTheSum) {
  Statistics statistics;
  statistics.run = {"r1", "import", "prod", "node-red", "1.0.0", true, "succeeded", 1, 1737971051843, 1737971053134};
  statistics.items["flow"] = {5, 1, 2, 0, 1, 1, 0, 0};
  statistics.items["subflow"] = {2, 0, 0, 1, 0, 0, 1, 0};
  statistics.problems = {{"error", "flow", "1", "n", "code", "message"}};
  statistics.synced["flow"] = {"flows", "full", "succeeded", 3};
  statistics.transfer = Transfer{1, 2, 3, 4, 5, 6};
  statistics.records = RecordCounts{10, std::nullopt, 8};
  const OutcomeCounts sum{7, 1, 2, 1, 1, 1, 1, 0};
  EXPECT_EQ(statistics.totals(), sum);
  const Statistics again = Statistics::from_json(*statistics.to_json());
  EXPECT_EQ(text_of(again), text_of(statistics));
  EXPECT_EQ(again.transfer->rate_limited, 6u);
  EXPECT_EQ(again.synced, statistics.synced);
  EXPECT_THAT(text_of(statistics), testing::HasSubstr(R"("started_at":"2025-01-27T09:44:11.843Z")"));
  EXPECT_THAT(text_of(statistics), testing::Not(testing::HasSubstr("received\":null")));
}

// A connector may report as much as it likes; what is kept of it is bounded.
TEST(Statistics, KeepsOfLongTextsWhatAPersonReads) {
  StatisticsCounter counter;
  const std::string longest(900'000, 'x');
  const auto item = counter.count(R"({"fact":"item","type":"t","outcome":"failed","code":"c","id":")" + longest +
                                  R"(","message":")" + longest + "\"}");
  EXPECT_LT(item->id.size(), 1100u);
  EXPECT_LT(item->message.size(), 4100u);
  EXPECT_LT(counter.problems()[0].message.size(), 4100u);
}

TEST(Statistics, RefusesWhatCannotBe) {
  StatisticsCounter counter;
  for (int i = 0; i < 10'000; ++i)
    counter.count(R"({"fact":"item","type":")" + std::to_string(i) + R"(","outcome":"added"})");
  for (const std::string& fact :
       {std::string(R"({"fact":"item","type":"one too many","outcome":"added"})"),
        R"({"fact":"item","outcome":"added","type":")" + std::string(201, 't') + "\"}",
        std::string(R"({"fact":"item","type":"1","outcome":"added","count":18446744073709551615})"),
        std::string(R"({"fact":"item","type":"1","outcome":"failed","severity":"dreadful","code":"c","message":"m"})")})
    EXPECT_THROW(counter.count(fact), Failure) << fact;
  counter.count(R"({"fact":"item","type":"1","outcome":"added"})");
}

}  // namespace
}  // namespace ferry::host
