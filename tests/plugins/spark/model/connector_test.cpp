// Where a connection leads, what a check tells apart, how it signs in, and what is read without a job.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/plugins/spark/model/operations.hpp"

namespace ferry::spark {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(SparkAddressTest, UrlsWithAndWithoutSlashAndPathMeanTheSame) {
  for (const char* url : {"https://excel.test.coherent.global/acme", "https://excel.test.coherent.global/acme/",
                          "https://excel.test.coherent.global/acme/api/v4/"}) {
    SparkHost host;
    expect_ok(Connector(host, ferry_connector_v1(), config(R"({"client_id":"ferry"})", url)).check());
  }
  SparkHost host;
  EXPECT_EQ(Connector(host, ferry_connector_v1(), config("{}", "https://excel.test.coherent.global")).created.status,
            FERRY_BAD_CONFIG);
  EXPECT_THAT(
      Connector(host, ferry_connector_v1(), config("{}", "https://spark.test.coherent.global/acme")).created.message,
      HasSubstr("https://excel.{environment}"));
}

TEST(SparkAddressTest, AnotherHostIsAskedForTokensItself) {
  SparkHost host;
  host.always("POST", "http://127.0.0.1:8801/auth/realms/dev/protocol/openid-connect/token",
              {.body = R"({"access_token":"t","expires_in":60})"});
  host.always("GET", "http://127.0.0.1:8801/health", {.status = 404});
  host.always("GET", "http://127.0.0.1:8801/dev/api/v4/export/status", {.body = "{}"});
  host.always("GET", "http://127.0.0.1:8801/dev/api/v4/import/status", {.body = "{}"});
  expect_ok(
      Connector(host, ferry_connector_v1(), config(R"({"client_id":"ferry"})", "http://127.0.0.1:8801/dev")).check());
}

TEST(SparkCheckTest, TellsReachabilityCredentialsAndRightsApart) {
  {
    SparkHost host;
    host.on("GET", "https://excel.test.coherent.global/health", {.failure = FERRY_TRANSIENT});
    EXPECT_EQ(Connector(host, ferry_connector_v1(), config()).check().status, FERRY_TRANSIENT);
  }
  {
    SparkHost host;
    host.on("POST", token_url, {.status = 401, .body = R"({"error":"unauthorized_client"})"});
    const Result result = Connector(host, ferry_connector_v1(), config()).check();
    EXPECT_EQ(result.status, FERRY_AUTH);
    EXPECT_THAT(result.message, HasSubstr("client_secret"));
    EXPECT_THAT(result.message, HasSubstr("unauthorized_client"));
  }
  {
    SparkHost host;
    host.always("GET", std::string(base) + "/api/v4/import/status", {.status = 403, .body = R"({"message":"no"})"});
    const Result result = Connector(host, ferry_connector_v1(), config()).check();
    expect_ok(result);
    EXPECT_THAT(problems(result), ElementsAre("read_only", "platform"));
    EXPECT_THAT(std::string(result.facts[0].text_or("message", "")), HasSubstr("Spark.Imports.json"));
  }
  {
    SparkHost host;
    host.always("GET", std::string(base) + "/api/v4/export/status", {.status = 403});
    host.always("GET", std::string(base) + "/api/v4/import/status", {.status = 403});
    EXPECT_EQ(Connector(host, ferry_connector_v1(), config()).check().status, FERRY_AUTH);
  }
}

TEST(SparkSessionTest, TakesApiKeysAndBearerTokens) {
  SparkHost host;
  host.secrets = {{"api_key", "key-1234"}};
  expect_ok(Connector(host, ferry_connector_v1(), config("{}")).check());
  EXPECT_EQ(SparkHost::header(host.requests.back(), "x-tenant-name"), "acme");
  EXPECT_EQ(host.tokens, 0);
  SparkHost other;
  other.secrets = {{"bearer", "Bearer abc"}};
  other.good_token = "abc";
  expect_ok(Connector(other, ferry_connector_v1(), config("{}")).check());
  other.good_token = "expired";
  EXPECT_EQ(Connector(other, ferry_connector_v1(), config("{}")).check().status, FERRY_AUTH);
  SparkHost none;
  none.secrets.clear();
  EXPECT_EQ(Connector(none, ferry_connector_v1(), config("{}")).check().status, FERRY_BAD_CONFIG);
  EXPECT_EQ(Connector(none, ferry_connector_v1(), config()).check().status, FERRY_BAD_CONFIG);
}

TEST(SparkSessionTest, TokensAreRenewedAfterA401AndBeforeTheyExpire) {
  SparkHost host;
  host.services["rates/life"] = {"0.4.2"};
  host.polls = 3;
  // The platform forgets the token in the middle of the run.
  host.on("GET", std::string(base) + "/api/v4/export/export-1/status", {.status = 401});
  expect_ok(exported(host, R"({"select":[{"type":"folder","key":"rates"}]})"));
  EXPECT_EQ(host.tokens, 2);
  EXPECT_EQ(host.masked, (std::set<std::string>{"token-1", "token-2"}));

  SparkHost brief;
  brief.services["rates/life"] = {"0.4.2"};
  brief.token_seconds = 31;  // one second beyond the margin
  brief.polls = 20;
  expect_ok(exported(brief, R"({"select":[{"type":"folder","key":"rates"}]})"));
  EXPECT_GT(brief.tokens, 2);
}

TEST(SparkReadTest, WhatTheFoldersOfTheSettingsHoldIsRecordsOfServicesAndVersions) {
  SparkHost host;
  host.services = {{"rates/life", {"0.4.1", "0.4.2"}}};
  Connector connector(host, ferry_connector_v1(), config(R"({"client_id":"ferry","folders":["rates"]})"));
  const Result result =
      connector.read(R"({"streams":[{"stream":"service","mode":"full"},{"stream":"service_version","mode":"full"}]})");
  expect_ok(result);
  EXPECT_EQ(body_of(host, "/api/v4/export")["version_filter"], Json("all"));
  EXPECT_EQ(host.sent("GET", std::string(base) + "/file.zip"), 0u);
  std::vector<std::string> names;
  for (const auto& [stream, records] : result.records)
    for (const Json& record : records) names.push_back(stream + " " + std::string(record.text_or("name", "")));
  EXPECT_THAT(names, ElementsAre("service rates/life", "service_version rates/life[0.4.1]",
                                 "service_version rates/life[0.4.2]"));
}

TEST(SparkReadTest, WithoutFoldersNothingCanBeLookedInto) {
  SparkHost host;
  Connector connector(host, ferry_connector_v1(), config());
  const Result result = connector.read(R"({"streams":[{"stream":"service","mode":"full"}]})");
  EXPECT_EQ(result.status, FERRY_BAD_CONFIG);
  EXPECT_THAT(result.message, HasSubstr("settings.folders"));
  EXPECT_THAT(host.requests, IsEmpty());
}

TEST(SparkInspectTest, ReadsTheManifestOfThePackage) {
  SparkHost host;
  Result result = Connector(host, ferry_connector_v1(), R"({"connection":"","url":"","settings":{}})").inspect(life());
  expect_ok(result);
  ASSERT_EQ(result.records["service"].size(), 1u);
  EXPECT_EQ(result.records["service"][0]["name"], Json("rates/life"));
  EXPECT_EQ(result.records["service"][0]["id"], Json("s1"));
  ASSERT_EQ(result.records["service_version"].size(), 1u);
  EXPECT_EQ(result.records["service_version"][0]["version"], Json("0.4.2"));
  Package other;
  other.entries = {{"projects.xml", "<x/>"}};
  EXPECT_EQ(Connector(host, ferry_connector_v1(), config()).inspect(other).status, FERRY_BAD_DATA);
}

}  // namespace
}  // namespace ferry::spark
