// The one job a tenant runs at a time: waited for, tried again, cancelled.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/plugins/spark/model/operations.hpp"

namespace ferry::spark {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;

TEST(SparkJobsTest, WaitsForAnothersJobAndSaysSo) {
  SparkHost host;
  host.services["rates/life"] = {"0.4.2"};
  host.others = 3;
  const Result result = exported(host, R"({"select":[{"type":"folder","key":"rates"}]})");
  expect_ok(result);
  EXPECT_THAT(result.progress, Contains("wait for another export of the tenant"));
  EXPECT_THAT(problems(result), ElementsAre("waited_for_turn"));
  EXPECT_EQ(host.sent("POST", std::string(base) + "/api/v4/export"), 1u);

  host.others = 1'000'000;
  const Result given_up = exported(host, R"({"select":[{"type":"folder","key":"rates"}]})",
                                   config(R"({"client_id":"ferry","wait_minutes":1})"));
  EXPECT_EQ(given_up.status, FERRY_RATE_LIMITED);
  EXPECT_EQ(host.sent("POST", std::string(base) + "/api/v4/export"), 1u);
}

TEST(SparkJobsTest, ARefusedSecondJobIsTriedAgain) {
  SparkHost host;
  host.services["rates/life"] = {"0.4.2"};
  host.on("POST", std::string(base) + "/api/v4/export", {.status = 409, .body = R"({"message":"one job at a time"})"});
  expect_ok(exported(host, R"({"select":[{"type":"folder","key":"rates"}]})"));
}

TEST(SparkJobsTest, CancellingCancelsThePlatformsJobWhereverItHappens) {
  for (std::uint64_t calls = 4; calls < 14; ++calls) {
    SparkHost host;
    host.polls = 1'000;
    host.import_outputs = outputs();
    host.cancel_after(calls);
    const Result result = imported(host, life(), R"({"policy":"replace","idempotency_key":"k1"})");
    EXPECT_EQ(result.status, FERRY_CANCELLED) << calls;
    for (const auto& [id, job] : host.jobs) EXPECT_TRUE(job.cancelled) << "after " << calls << " calls";
  }
}

TEST(SparkJobsTest, AJobThatHangsIsCancelled) {
  SparkHost host;
  host.polls = 1'000'000;
  const Result result =
      imported(host, life(), R"({"policy":"replace"})", config(R"({"client_id":"ferry","job_minutes":2})"));
  EXPECT_EQ(result.status, FERRY_TRANSIENT);
  EXPECT_TRUE(host.jobs.at("import-1").cancelled);
}

}  // namespace
}  // namespace ferry::spark
