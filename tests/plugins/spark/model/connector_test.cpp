// The connector on a host of its own and a tenant that does what the documents say.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/plugins/spark/model/spark_host.hpp"

namespace ferry::spark {
namespace {

using testing::Connector;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::Package;
using testing::Result;

std::string config(const std::string& settings = R"({"client_id":"ferry"})", const std::string& url = base) {
  return R"({"connection":"c","url":")" + url + R"(","settings":)" + settings + "}";
}

Result exported(SparkHost& host, const std::string& request, const std::string& configuration = config()) {
  return Connector(host, ferry_connector_v1(), configuration).export_package(request);
}
Result imported(SparkHost& host, const Package& package, const std::string& request,
                const std::string& configuration = config()) {
  return Connector(host, ferry_connector_v1(), configuration).import_package(package, request);
}

void expect_ok(const Result& result) {
  EXPECT_EQ(result.status, FERRY_OK) << result.message;
  EXPECT_THAT(result.violations, IsEmpty());
}

Json body_of(const SparkHost& host, const std::string& url) {
  for (auto request = host.requests.rbegin(); request != host.requests.rend(); ++request)
    if (request->method == "POST" && request->url == base + url) {
      for (const testing::SentPart& part : request->parts)
        if (part.name == "importRequestEntity") return Json::parse(part.data);
      return Json::parse(request->body);
    }
  return {};
}

Package package_of(const std::string& manifest_outputs) {
  Package package;
  package.archive = "PK the archive";
  package.entries = {{"acme/manifest.json", R"({"object":"export","id":"1","outputs":)" + manifest_outputs + "}"}};
  return package;
}

Package life() {
  return package_of(R"({"files":null,
    "services":[{"service_uri_source":"rates/life","folder_source":"rates","service_source":"life","service_id_source":"s1"}],
    "service_versions":[{"service_uri_source":"rates/life[0.4.2]","folder_source":"rates","service_source":"life",
      "version_source":"0.4.2","service_id_source":"s1","version_id_source":"v1"}]})");
}

// The job's outputs in the documents, with other statuses where wanted.
Json outputs(const std::string& service = "added", const std::string& version = "added") {
  return Json::parse(R"({
    "services":[{"service_uri_source":"rates/life","folder_source":"rates","service_source":"life",
      "folder_destination":"prod","service_destination":"life","service_uri_destination":"prod/life",
      "service_id_destination":"d1","status":")" +
                     service + R"("}],
    "service_versions":[{"service_uri_source":"rates/life[0.4.2]","folder_source":"rates","service_source":"life",
      "version_source":"0.4.2","version_id_source":"v1","folder_destination":"prod","service_destination":"life",
      "version_destination":"0.4.2","service_uri_destination":"prod/life[0.4.2]","service_id_destination":"d1",
      "version_id_destination":"v1","status":")" +
                     version + R"("}]})");
}

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
