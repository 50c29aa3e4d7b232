// Exports, against a tenant that does what the documents say.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/plugins/spark/model/operations.hpp"

namespace ferry::spark {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(SparkExportTest, SendsWhatTheDocumentsSay) {
  SparkHost host;
  host.services = {{"rates/life", {"0.4.1", "0.4.2"}}, {"rates/motor", {"1.0.0"}}, {"other/a", {"2.0.0"}}};
  const Result result =
      exported(host, R"({"select":[{"type":"folder","key":"rates"},{"type":"service","key":"other/a[2]"},
      {"type":"service_version","key":"2b1e0000-0000-4000-8000-000000000001"}],"options":{"version_filter":"all"}})");
  expect_ok(result);
  EXPECT_EQ(body_of(host, "/api/v4/export").dump(),
            R"({"inputs":{"folders":["rates"],"services":["other/a[2]"],)"
            R"("version_ids":["2b1e0000-0000-4000-8000-000000000001"]},"file_filter":"migrate","version_filter":"all",)"
            R"("source_system":"ferry","correlation_id":"test-operation"})");
  EXPECT_EQ(result.package.archive, host.file);
  EXPECT_EQ(result.package.description["file_filter"], Json("migrate"));
  EXPECT_THAT(items(result),
              ElementsAre("service other/a exported", "service rates/life exported", "service rates/motor exported",
                          "service_version other/a[2.0.0] exported", "service_version rates/life[0.4.1] exported",
                          "service_version rates/life[0.4.2] exported", "service_version rates/motor[1.0.0] exported"));
}

TEST(SparkExportTest, RefusesWhatThePlatformCannotMeanBeforeAskingIt) {
  for (const char* request :
       {"{}", R"({"select":[{"type":"folder","key":"a/b"}]})", R"({"select":[{"type":"service","key":"life"}]})",
        R"({"select":[{"type":"service","key":"rates/life[]"}]})",
        R"({"select":[{"type":"service_version","key":"a/b"}]})", R"({"select":[{"type":"flow","key":"x"}]})",
        R"({"select":[{"type":"folder","key":"a"}],"options":{"file_filter":"x"}})"}) {
    SparkHost host;
    const Result result = exported(host, request);
    EXPECT_EQ(result.status, FERRY_BAD_CONFIG) << request;
    EXPECT_THAT(host.requests, IsEmpty());
  }
}

TEST(SparkExportTest, WithoutASelectionTheFoldersOfTheSettingsWithAllVersions) {
  SparkHost host;
  host.services["rates/life"] = {"0.4.2"};
  expect_ok(exported(host, "{}", config(R"({"client_id":"ferry","folders":["rates"]})")));
  EXPECT_EQ(body_of(host, "/api/v4/export")["version_filter"], Json("all"));
}

TEST(SparkExportTest, OptionsOfTheRequestStandInPlaceOfTheSettings) {
  SparkHost host;
  host.services["rates/life"] = {"0.4.2"};
  const Result result = exported(host, R"({"options":{"version_filter":"latest","file_filter":"onpremises"}})",
                                 config(R"({"client_id":"ferry","folders":["rates"],"version_filter":"all"})"));
  expect_ok(result);
  EXPECT_EQ(body_of(host, "/api/v4/export")["version_filter"], Json("latest"));
  EXPECT_EQ(result.package.description["file_filter"], Json("onpremises"));
  host.others = 1'000'000;
  const Result impatient =
      exported(host, R"({"select":[{"type":"folder","key":"rates"}],"options":{"wait_minutes":0}})");
  EXPECT_EQ(impatient.status, FERRY_RATE_LIMITED);
}

TEST(SparkExportTest, DownloadsAgainWhatIsNotWhatTheJobSays) {
  SparkHost host;
  host.services["rates/life"] = {"0.4.2"};
  host.on("GET", std::string(base) + "/file.zip", {.body = "PK damaged"});
  Result result = exported(host, R"({"select":[{"type":"folder","key":"rates"}]})");
  expect_ok(result);
  EXPECT_EQ(result.package.archive, host.file);
  host.file_hash = sha256_hex("something else");
  result = exported(host, R"({"select":[{"type":"folder","key":"rates"}]})");
  EXPECT_EQ(result.status, FERRY_REMOTE);
  EXPECT_THAT(result.message, HasSubstr("SHA-256"));
}

TEST(SparkExportTest, AsksForAFreshLinkWhereOneHasExpired) {
  SparkHost host;
  host.services["rates/life"] = {"0.4.2"};
  host.on("GET", std::string(base) + "/file.zip", {.status = 403, .body = "expired"});
  const Result result = exported(host, R"({"select":[{"type":"folder","key":"rates"}]})");
  expect_ok(result);
  EXPECT_EQ(result.package.archive, host.file);
}

TEST(SparkExportTest, AJobWithErrorsOrWithoutFilesFails) {
  SparkHost host;
  host.services["rates/life"] = {"0.4.2"};
  host.export_errors = Json::parse(R"([{"message":"rates/life was not compiled"}])");
  const Result result = exported(host, R"({"select":[{"type":"folder","key":"rates"}]})");
  EXPECT_EQ(result.status, FERRY_REMOTE);
  EXPECT_THAT(result.message, HasSubstr("rates/life was not compiled"));
}

}  // namespace
}  // namespace ferry::spark
