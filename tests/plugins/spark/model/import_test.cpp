// Imports and their previews, against a tenant that does what the documents say.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/plugins/spark/model/operations.hpp"

namespace ferry::spark {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(SparkImportTest, NumbersVersionsOnlyWhereItAddsThem) {
  SparkHost host;
  const Result result = imported(host, life(), R"({"policy":"replace","options":{"update_version_type":"major"}})");
  EXPECT_EQ(result.status, FERRY_BAD_CONFIG);
  EXPECT_THAT(result.message, HasSubstr("leave the option out, or import with add_version"));
  EXPECT_THAT(host.requests, IsEmpty());
}

TEST(SparkImportTest, SendsWhatTheDocumentsSayAndReportsWhatTheJobSays) {
  SparkHost host;
  host.import_outputs = outputs("updated", "added");
  const Result result =
      imported(host, life(),
               R"({"policy":"add_version","mapping":[{"type":"service","source":"rates/life","target":"prod/life"}],
          "options":{"update_version_type":"major"},"idempotency_key":"k1"})");
  expect_ok(result);
  EXPECT_EQ(body_of(host, "/api/v4/import").dump(),
            R"({"inputs":{"services_modify":[{"service_uri_source":"rates/life","service_uri_destination":"prod/life",)"
            R"("update_version_type":"major"}]},"services_existing":"add_version","source_system":"ferry",)"
            R"("correlation_id":"k1"})");
  const auto sent = std::find_if(host.requests.begin(), host.requests.end(),
                                 [](const testing::SentRequest& request) { return !request.parts.empty(); });
  ASSERT_NE(sent, host.requests.end());
  EXPECT_EQ(sent->parts[0].name, "importRequestEntity");
  EXPECT_EQ(sent->parts[1].file_name, "package.zip");
  EXPECT_EQ(sent->parts[1].data, "PK the archive");
  EXPECT_THAT(items(result), ElementsAre("service prod/life modified", "service_version prod/life[0.4.2] added"));
  EXPECT_THAT(host.state, IsEmpty());
}

TEST(SparkImportTest, MapsEachStatusExactly) {
  SparkHost host;
  host.import_outputs = outputs("replaced", "replaced");
  EXPECT_THAT(items(imported(host, life(), R"({"policy":"replace"})")),
              ElementsAre("service prod/life modified", "service_version prod/life[0.4.2] modified"));
  host.import_outputs = outputs("added", "frozen");
  EXPECT_THAT(items(imported(host, life(), R"({"policy":"replace"})")),
              ElementsAre("service prod/life added", "service_version prod/life[0.4.2] failed not_imported"));
}

TEST(SparkImportTest, ErrorsOfTheJobFailIt) {
  SparkHost host;
  host.import_errors = Json::parse(R"({"message":"folder prod is not accessible"})");
  const Result result = imported(host, life(), R"({"policy":"replace"})");
  EXPECT_EQ(result.status, FERRY_REMOTE);
  EXPECT_THAT(result.message, HasSubstr("folder prod is not accessible"));
  EXPECT_EQ(result.count("failed"), 2u);
  // Some were taken: the run is a partial success, and tells which were not.
  Json some = outputs();
  some.remove("service_versions");
  host.import_outputs = some;
  const Result partial = imported(host, life(), R"({"policy":"replace"})");
  expect_ok(partial);
  EXPECT_EQ(partial.count("added"), 1u);
  EXPECT_EQ(partial.count("failed"), 1u);
}

TEST(SparkImportTest, WhatAWarningIsAboutWasSkipped) {
  SparkHost host;
  host.import_warnings = Json::array({"rates/life was skipped."});
  const Result result = imported(host, life(), R"({"policy":"replace"})");
  expect_ok(result);
  EXPECT_THAT(items(result), ElementsAre("service rates/life skipped skipped_by_platform",
                                         "service_version rates/life[0.4.2] skipped skipped_by_platform"));
}

TEST(SparkImportTest, RefusesBeforeAnythingIsSent) {
  SparkHost host;
  EXPECT_EQ(imported(host, life(), R"({"policy":"skip"})").status, FERRY_UNSUPPORTED);
  EXPECT_EQ(imported(host, life(), R"({"policy":"replace","prune":true})").status, FERRY_UNSUPPORTED);
  Package large = life();
  large.archive = std::string(11, 'x');
  const Result too_large =
      imported(host, large, R"({"policy":"replace"})", config(R"({"client_id":"ferry","package_size_limit":10})"));
  EXPECT_EQ(too_large.status, FERRY_BAD_DATA);
  EXPECT_THAT(too_large.message, HasSubstr("configured limit"));
  large.archive.pop_back();
  Package runners = life();
  runners.description.set("file_filter", "onpremises");
  const Result wrong_kind = imported(host, runners, R"({"policy":"replace"})");
  EXPECT_EQ(wrong_kind.status, FERRY_BAD_DATA);
  EXPECT_THAT(wrong_kind.message, HasSubstr("file_filter migrate"));
  for (const char* mapping : {R"({"type":"service","source":"rates/lief","target":"prod/life"})",
                              R"({"type":"service","source":"rates/life","target":"prod"})",
                              R"({"type":"folder","source":"rate","target":"prod"})"}) {
    const Result result = imported(host, life(), std::string(R"({"policy":"replace","mapping":[)") + mapping + "]}");
    EXPECT_EQ(result.status, FERRY_BAD_CONFIG) << mapping;
  }
  EXPECT_THAT(host.requests, IsEmpty());
}

TEST(SparkImportTest, ALimitIsReachedOnlyBeyondIt) {
  SparkHost host;
  host.import_outputs = outputs();
  Package package = life();
  package.archive = std::string(10, 'x');
  expect_ok(
      imported(host, package, R"({"policy":"replace"})", config(R"({"client_id":"ferry","package_size_limit":10})")));
}

TEST(SparkImportTest, ALostAnswerIsLookedForAndNothingIsImportedTwice) {
  SparkHost host;
  host.import_outputs = outputs();
  host.lose_answers = 1;
  host.polls = 3;
  expect_ok(imported(host, life(), R"({"policy":"replace","idempotency_key":"k1"})"));
  EXPECT_EQ(host.imports, 1);
  // Lost on the way there: no job is listed, so it is sent again.
  host.on("POST", std::string(base) + "/api/v4/import", {.failure = FERRY_TRANSIENT});
  expect_ok(imported(host, life(), R"({"policy":"replace","idempotency_key":"k2"})"));
  EXPECT_EQ(host.imports, 2);
}

TEST(SparkImportTest, TheSameImportAfterFerryDiedFollowsTheJobThatIsThere) {
  SparkHost host;
  host.import_outputs = outputs();
  host.polls = 3;
  imported(host, life(), R"({"policy":"replace","idempotency_key":"k0"})");
  const Package package = life();
  // What a host leaves behind that was killed while it followed the job.
  const std::map<std::string, std::string> nothing = host.state;
  {
    SparkHost probe;
    probe.polls = 1'000;
    probe.cancel_after(16);
    imported(probe, package, R"({"policy":"replace","idempotency_key":"k1"})");
    ASSERT_FALSE(probe.state.empty());
    host.state = probe.state;
  }
  Json begun = Json::parse(host.state.at("import"));
  begun.set("job", "import-1");
  begun.set("at", host.now_unix_ms);
  host.state["import"] = begun.dump();
  const Result result = imported(host, package, R"({"policy":"replace","idempotency_key":"k2"})");
  expect_ok(result);
  EXPECT_EQ(host.imports, 1);
  EXPECT_THAT(problems(result), ElementsAre("import_found"));
  EXPECT_EQ(host.state, nothing);
  // Another package is another import.
  host.state["import"] = begun.dump();
  Package other = life();
  other.archive += "!";
  expect_ok(imported(host, other, R"({"policy":"replace","idempotency_key":"k3"})"));
  EXPECT_EQ(host.imports, 2);
}

TEST(SparkPreviewTest, SaysWhatCanBeToldWithoutSendingThePackage) {
  SparkHost host;
  host.services = {{"rates/life", {"0.4.1", "0.4.2"}}};
  Result result = imported(host, life(), R"({"preview":true,"policy":"replace"})");
  expect_ok(result);
  EXPECT_THAT(items(result), ElementsAre("service rates/life modified", "service_version rates/life[0.4.2] modified"));
  EXPECT_THAT(problems(result), ElementsAre("service_replaced"));
  result = imported(host, life(), R"({"preview":true,"policy":"add_version"})");
  EXPECT_THAT(items(result), ElementsAre("service rates/life modified", "service_version rates/life[0.4.2] added"));
  result =
      imported(host, life(), R"({"preview":true,"policy":"add_version","options":{"update_version_type":"copy"}})");
  EXPECT_THAT(items(result), ElementsAre("service rates/life modified", "service_version rates/life[0.4.2] unknown"));
  result = imported(host, life(), R"({"preview":true,"policy":"abort"})");
  EXPECT_EQ(result.status, FERRY_REFUSED);
  EXPECT_THAT(items(result),
              ElementsAre("service rates/life skipped exists", "service_version rates/life[0.4.2] skipped exists"));
  EXPECT_EQ(host.imports, 0);
}

TEST(SparkPreviewTest, AFolderTellsWhatIsNotInItAndAMissingOneNothing) {
  SparkHost host;
  host.services = {{"rates/motor", {"1.0.0"}}};
  Result result = imported(host, life(), R"({"preview":true,"policy":"abort"})");
  expect_ok(result);
  EXPECT_THAT(items(result), ElementsAre("service rates/life added", "service_version rates/life[0.4.2] added"));
  host.services.clear();
  result = imported(host, life(), R"({"preview":true,"policy":"abort"})");
  expect_ok(result);
  EXPECT_THAT(items(result),
              ElementsAre("service rates/life unknown unknown", "service_version rates/life[0.4.2] unknown unknown"));
  EXPECT_THAT(problems(result), ElementsAre("folder_unknown"));
  host.refusal = "The folder rates holds no service.";
  EXPECT_THAT(items(imported(host, life(), R"({"preview":true,"policy":"abort"})")),
              ElementsAre("service rates/life added", "service_version rates/life[0.4.2] added"));
  host.refusal = "The folder rates does not exist.";
  EXPECT_THAT(items(imported(host, life(), R"({"preview":true,"policy":"abort"})")),
              ElementsAre("service rates/life failed folder_missing",
                          "service_version rates/life[0.4.2] failed folder_missing"));
  EXPECT_EQ(host.imports, 0);
}

}  // namespace
}  // namespace ferry::spark
