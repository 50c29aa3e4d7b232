// The connector on a host of its own and a tenant that does what the documents say.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/plugins/dev2prod/model/documents.hpp"
#include "tests/plugins/dev2prod/model/tenant_host.hpp"
#include "tests/plugins/facts.hpp"

namespace ferry::dev2prod {
namespace {

using ::testing::AllOf;
using testing::Connector;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::Package;
using testing::Result;
using ::testing::StartsWith;

constexpr const char* again = R"({"policy":"replace","idempotency_key":"run-1"})";

std::string config(const std::string& url = server, const std::string& more = "") {
  return R"({"connection":"c","url":")" + url +
         R"(","settings":{"tenant":"123456789","username":"admin","package":"54321")" + more + "}}";
}

Result exported(TenantHost& host, const std::string& request = "{}", const std::string& configuration = config()) {
  return Connector(host, ferry_connector_v1(), configuration).export_package(request);
}
Result imported(TenantHost& host, const std::string& request = R"({"policy":"replace"})") {
  Package package;
  package.archive = "PK the package";
  return Connector(host, ferry_connector_v1(), config()).import_package(package, request);
}
Result checked(TenantHost& host, const std::string& configuration = config()) {
  return Connector(host, ferry_connector_v1(), configuration).check();
}
// A tenant whose dry run and import are those of the documents' example.
struct Importing : TenantHost {
  Importing() {
    rehearsing = {import_of_the_documents()};
    importing = {import_of_the_documents("COMPLETED", false)};
  }
};

Json with(Json job, const std::string& member, Json value) {
  job.set(member, std::move(value));
  return job;
}

TEST(Dev2ProdSessionTest, UrlsWithAndWithoutSlashAndPathMeanTheSame) {
  for (const char* end : {"", "/", "//", "/rest/123456789", "/rest/123456789/"}) {
    TenantHost host;
    expect_ok(checked(host, config(std::string(server) + end)));
    EXPECT_THAT(host.sent(), ElementsAre("login", "GET /dev2prod/export/000000000000000000000000")) << end;
  }
}

TEST(Dev2ProdSessionTest, TellsReachabilityCredentialsAndRightsApart) {
  const std::string probe = std::string(tenant) + "/dev2prod/export/000000000000000000000000";
  TenantHost away;
  away.always("POST", std::string(server) + "/auth/authentication-endpoint/authenticate/login?TENANTID=123456789",
              {.failure = FERRY_TRANSIENT});
  EXPECT_EQ(checked(away).status, FERRY_TRANSIENT);

  TenantHost stranger;
  stranger.secrets["password"] = "mistyped";
  const Result refused = checked(stranger);
  EXPECT_EQ(refused.status, FERRY_AUTH);
  EXPECT_THAT(refused.message,
              AllOf(HasSubstr("user, password or tenant 123456789 is wrong"), Not(HasSubstr("mistyped"))));

  TenantHost agent;
  agent.always("GET", probe, {.status = 403});
  const Result powerless = checked(agent);
  EXPECT_EQ(powerless.status, FERRY_AUTH);
  EXPECT_THAT(powerless.message, AllOf(HasSubstr("could log in"), HasSubstr("Tenant Admin")));

  TenantHost ill;
  ill.always("GET", probe, {.status = 500});
  EXPECT_EQ(checked(ill).status, FERRY_TRANSIENT);

  TenantHost unset;
  unset.secrets.clear();
  EXPECT_EQ(checked(unset).status, FERRY_BAD_CONFIG);
  EXPECT_THAT(unset.requests, IsEmpty());
}

TEST(Dev2ProdSessionTest, ASessionThatEndsIsBegunAnewAtAnyRequest) {
  for (int good = 0; good < 3; ++good) {
    TenantHost host;
    host.exporting = {export_of_the_documents()};
    host.good_requests = good;
    const Result result = exported(host);
    expect_ok(result);
    EXPECT_EQ(host.logins, 2) << good;
    EXPECT_EQ(result.package.archive, "PK the package");
  }
  for (int good = 0; good < 5; ++good) {
    Importing host;
    host.good_requests = good;
    expect_ok(imported(host));
    EXPECT_EQ(host.logins, 2) << good;
    EXPECT_EQ(host.imports, 1);
  }
}

TEST(Dev2ProdSessionTest, ASessionThatIsRefusedAtOnceIsNoEndlessLoop) {
  TenantHost host;
  host.always("POST", std::string(tenant) + "/dev2prod/export/types/54321", {.status = 401});
  const Result result = exported(host);
  EXPECT_EQ(result.status, FERRY_AUTH);
  EXPECT_THAT(result.message, HasSubstr("is the setting cookie right"));
  EXPECT_THAT(host.sent(),
              ElementsAre("login", "POST /dev2prod/export/types/54321", "login", "POST /dev2prod/export/types/54321"));
}

TEST(Dev2ProdSessionTest, TheTokenIsMaskedAndOlderServersGetTheirCookie) {
  TenantHost host;
  checked(host);
  EXPECT_THAT(host.masked, Contains("header.payload.number-1"));
  TenantHost old;
  old.always("GET", std::string(tenant) + "/dev2prod/export/000000000000000000000000", {.status = 404});
  expect_ok(checked(old, config(server, R"(,"cookie":"LWSSO_COOKIE_KEY")")));
  EXPECT_THAT(old.requests.back().headers,
              Contains(std::pair<std::string, std::string>(
                  "Cookie", "LWSSO_COOKIE_KEY=header.payload.number-1; TENANTID=123456789")));
}

TEST(Dev2ProdExportTest, GivesThePackageAndItsPartsInThePlatformsOrder) {
  TenantHost host;
  host.exporting = {export_of_the_documents("PENDING"), export_of_the_documents("RUNNING"), export_of_the_documents()};
  const Result result = exported(host);
  expect_ok(result);
  EXPECT_THAT(host.sent(), ElementsAre("login", "POST /dev2prod/export/types/54321", "GET /dev2prod/export/export-1",
                                       "GET /dev2prod/export/export-1", "GET /dev2prod/export/export-1",
                                       "GET /ces/attachment/file-1"));
  EXPECT_THAT(result.progress, ElementsAre("export PENDING", "export RUNNING", "export COMPLETED", "download"));
  EXPECT_EQ(result.package.archive, "PK the package");
  std::vector<std::pair<std::string, int>> described;
  for (const Json& part : result.package.description["parts"].items())
    described.emplace_back(part.text_or("PackageName", ""), static_cast<int>(part["ItemCount"].as_int()));
  EXPECT_EQ(described, parts()) << "the 17 parts";
  EXPECT_THAT(facts(result),
              ElementsAre("workflow exported 24", "formLayouts exported 117", "featureInstances exported 26",
                          "notificationTemplateDefinitions exported 88", "notificationTemplateBodies exported 97"));
  EXPECT_EQ(result.count("exported"), 352u);
}

TEST(Dev2ProdExportTest, TakesTheDocumentsExampleOfADownloadToo) {
  TenantHost host;
  host.exporting = {export_of_the_documents()};
  host.nested = true;
  const Result result = exported(host);
  expect_ok(result);
  EXPECT_EQ(result.package.archive, "PK the package");
  EXPECT_EQ(host.sent().back(), "GET /dev2prod/ces/attachment/file-1");
}

TEST(Dev2ProdExportTest, SaysWhatBecameOfAnExportThatGivesNoPackage) {
  const std::vector<std::pair<Json, const char*>> ends = {
      {export_of_the_documents("FAILED"), "ended it with FAILED"},
      {with(export_of_the_documents(), "FileId", Json("")), "names no file"},
      {with(export_of_the_documents(), "FileId", Json("file-2")), "downloading the package file-2"},
      {Json::object(), "has no Status"}};
  for (const auto& [job, words] : ends) {
    TenantHost host;
    host.exporting = {job};
    const Result result = exported(host);
    EXPECT_NE(result.status, FERRY_OK);
    EXPECT_THAT(result.message, HasSubstr(words));
    EXPECT_THAT(facts(result), IsEmpty());
  }
}

TEST(Dev2ProdExportTest, RefusesWhatIsNoPackageBeforeAskingThePlatform) {
  for (const char* select : {R"([{"type":"","key":"Orders"}])", R"([{"type":"form","key":"1"}])",
                             R"([{"type":"package","key":"1"},{"type":"package","key":"2"}])"}) {
    TenantHost host;
    EXPECT_NE(exported(host, std::string(R"({"select":)") + select + "}").status, FERRY_OK) << select;
    EXPECT_THAT(host.requests, IsEmpty());
  }
  TenantHost host;
  host.exporting = {export_of_the_documents()};
  expect_ok(exported(host, R"({"select":[{"type":"package","key":"54321"}]})"));
}

TEST(Dev2ProdImportTest, UploadsRehearsesAndImportsOnce) {
  Importing host;
  const Result result = imported(host);
  expect_ok(result);
  EXPECT_THAT(host.sent(), ElementsAre("login", "POST /ces/attachment", "POST /dev2prod/import?dryRun=true",
                                       "GET /dev2prod/import/rehearsal-1", "POST /dev2prod/import",
                                       "GET /dev2prod/import/import-1"));
  const testing::SentRequest& upload = host.requests[1];
  ASSERT_EQ(upload.parts.size(), 1u);
  EXPECT_EQ(upload.parts[0].name, "files[]");
  EXPECT_EQ(upload.parts[0].data, "PK the package");
  EXPECT_THAT(upload.headers, Contains(std::pair<std::string, std::string>("User-Agent", "Apache-HttpClient/4.4.1")));
  EXPECT_EQ(host.requests[2].body, R"({"FileId":"file-1"})");
  EXPECT_EQ(host.requests[4].body, R"({"FileId":"file-1"})");
  EXPECT_THAT(facts(result), ElementsAre("metadata modified 300", "indexConfiguration modified 26"));
  EXPECT_EQ(result.count("modified"), 326u);
}

TEST(Dev2ProdImportTest, TakesEveryFormOfTheAnswerToAnUpload) {
  for (const char* stored : {R"({"Id":"file-1"})", R"({"guid":"file-1","success":true})",
                             R"({"Id":"other","guid":"file-1","success":true})"}) {
    Importing host;
    host.stored = stored;
    expect_ok(imported(host));
    EXPECT_EQ(host.requests[2].body, R"({"FileId":"file-1"})") << stored;
  }
  Importing host;
  host.stored = R"({"success":false,"returnCode":500})";
  EXPECT_THAT(imported(host).message, HasSubstr("did not store it"));
  EXPECT_EQ(host.rehearsals, 0);
}

TEST(Dev2ProdImportTest, TellsLocksAndTheTimeThatIsLeftWhileItWaits) {
  Importing host;
  Json running = import_of_the_documents("RUNNING", false);
  running.set("SystemLocked", true);
  Json both = with(running, "StudioLocked", true);
  both.set("TimeToLive", 59'999);
  host.importing = {running, both, import_of_the_documents("COMPLETED", false)};
  const Result result = imported(host);
  expect_ok(result);
  EXPECT_THAT(
      result.progress,
      ElementsAre("upload", "dry run COMPLETED, 165 min to live", "import RUNNING, tenant locked, 165 min to live",
                  "import RUNNING, tenant locked, studio locked, 0 min to live", "import COMPLETED, 165 min to live"));
}

TEST(Dev2ProdImportTest, APreviewIsTheDryRunAndNoMore) {
  Importing host;
  const Result result = imported(host, R"({"policy":"replace","preview":true})");
  expect_ok(result);
  EXPECT_EQ(host.imports, 0);
  EXPECT_THAT(facts(result), ElementsAre("metadata modified 300", "indexConfiguration modified 26"));
}

// What the totals have beyond the parts is not lost: the parts' counts have no Added.
TEST(Dev2ProdImportTest, EveryFigureOfTheReportIsTold) {
  Importing host;
  host.rehearsing = {Json::parse(R"({"Status":"COMPLETED","DryRun":true,
    "Results":[{"PackageName":"workflow","Statistics":{"Modified":1,"Removed":2,"Failed":0,"Skipped":4},
                "Errors":[],"Warnings":["an old form",{"Message":"a rule"}]}],
    "Totals":{"Added":7,"Modified":3,"Removed":2,"Failed":0,"Skipped":5}})")};
  EXPECT_THAT(
      facts(imported(host, R"({"policy":"replace","preview":true})")),
      ElementsAre("workflow modified 1", "workflow removed 2", "workflow skipped 4 platform_skipped",
                  "warning platform_warning: an old form", "warning platform_warning: a rule", "unattributed added 7",
                  "unattributed modified 2", "unattributed skipped 1 platform_skipped"));
}

TEST(Dev2ProdImportTest, ADryRunThatFailsStopsItWithThePlatformsErrors) {
  Json job = Json::parse(R"({"Status":"COMPLETED","DryRun":true,
    "Results":[{"PackageName":"workflow","Statistics":{"Modified":0,"Removed":0,"Failed":2,"Skipped":0},
                "Errors":["a field is not there"],"Warnings":[]}],
    "Totals":{"Added":0,"Modified":0,"Removed":0,"Failed":2,"Skipped":0}})");
  for (const char* status : {"COMPLETED", "FAILED"}) {
    Importing host;
    host.rehearsing = {with(job, "Status", Json(status))};
    const Result result = imported(host);
    EXPECT_EQ(result.status, FERRY_REMOTE);
    EXPECT_THAT(result.message, HasSubstr("the dry run failed, so nothing was imported"));
    EXPECT_THAT(facts(result),
                ElementsAre("workflow failed 2 platform_failed", "error platform_error: a field is not there"));
    EXPECT_EQ(host.imports, 0);
  }
}

TEST(Dev2ProdImportTest, AnImportThatFailsSaysThatTheTenantGoesBack) {
  Importing host;
  host.importing = {Json::parse(R"({"Status":"FAILED","DryRun":false,
    "Results":[{"PackageName":"workflow","Statistics":{"Modified":0,"Removed":0,"Failed":1,"Skipped":0},
                "Errors":["rolled back"],"Warnings":[]}],
    "Totals":{"Added":0,"Modified":0,"Removed":0,"Failed":1,"Skipped":0}})")};
  const Result result = imported(host);
  EXPECT_EQ(result.status, FERRY_REMOTE);
  EXPECT_THAT(result.message, AllOf(HasSubstr("FAILED"), HasSubstr("goes back to its former configuration")));
  EXPECT_THAT(facts(result), ElementsAre("workflow failed 1 platform_failed", "error platform_error: rolled back"));
  EXPECT_EQ(result.count("modified"), 0u) << "what was rolled back did not happen";
}

TEST(Dev2ProdImportTest, ADryRunThatWasNoneIsAnError) {
  Importing host;
  host.rehearsing = {import_of_the_documents("COMPLETED", false)};
  EXPECT_THAT(imported(host).message, HasSubstr("made a real import of what was asked for as a dry run"));
  EXPECT_EQ(host.imports, 0);
}

TEST(Dev2ProdImportTest, KeepsThePolicyThatThePlatformDoesNotHave) {
  Importing host;
  const Result result = imported(host, R"({"policy":"abort"})");
  EXPECT_EQ(result.status, FERRY_REFUSED);
  EXPECT_THAT(result.message, HasSubstr("would modify 326 and remove 0"));
  EXPECT_EQ(host.imports, 0);
}

TEST(Dev2ProdImportTest, RefusesWhatIsNotOfferedBeforeAskingThePlatform) {
  for (const char* request : {R"({"policy":"replace","prune":true})",
                              R"({"policy":"replace","mapping":[{"type":"form","source":"a","target":"b"}]})"}) {
    Importing host;
    EXPECT_EQ(imported(host, request).status, FERRY_UNSUPPORTED);
    EXPECT_THAT(host.requests, IsEmpty());
  }
}

TEST(Dev2ProdImportTest, ALostAnswerIsToldAndTheSameImportIsNotSentTwice) {
  Importing host;
  host.lose_import = true;
  const Result lost = imported(host, again);
  EXPECT_EQ(lost.status, FERRY_TRANSIENT);
  EXPECT_THAT(lost.message, HasSubstr("its answer was lost"));
  EXPECT_THAT(facts(lost), ElementsAre("package unknown 1 answer_lost"));

  // It was done: the dry run finds nothing left to change.
  host.rehearsing = {
      Json::parse(R"({"Status":"COMPLETED","DryRun":true,"Results":[],"Totals":{"Added":0,"Modified":0}})")};
  const Result found = imported(host, again);
  expect_ok(found);
  EXPECT_THAT(facts(found), ElementsAre(StartsWith("notice import_found")));
  EXPECT_EQ(host.imports, 1);

  // It was not done: it is sent again.
  host.rehearsing = {import_of_the_documents()};
  expect_ok(imported(host, again));
  EXPECT_EQ(host.imports, 2);
}

TEST(Dev2ProdImportTest, AJobThatCouldNotBeFollowedIsFoundAgain) {
  Importing host;
  host.on("GET", std::string(tenant) + "/dev2prod/import/import-1", {.failure = FERRY_TRANSIENT});
  const Result lost = imported(host, again);
  EXPECT_EQ(lost.status, FERRY_TRANSIENT);
  EXPECT_THAT(lost.message,
              AllOf(HasSubstr("could not be followed to its end"), HasSubstr("the same command finds it")));
  EXPECT_THAT(facts(lost), ElementsAre("package unknown 1 not_followed"));
  host.requests.clear();
  const Result found = imported(host, again);
  expect_ok(found);
  EXPECT_THAT(host.sent(), ElementsAre("login", "GET /dev2prod/import/import-1")) << "neither uploaded nor begun";
  EXPECT_EQ(found.count("modified"), 326u);
}

TEST(Dev2ProdImportTest, WhatWasSentWithoutAKeyIsNotTakenForThis) {
  Importing host;
  host.state["import_job"] = R"({"key":"another","job":"import-9"})";
  expect_ok(imported(host, again));
  host.state["import_job"] = "what is this";
  expect_ok(imported(host, again));
  EXPECT_EQ(host.imports, 2);
}

TEST(Dev2ProdImportTest, ACancelEndsItWhereverItHappensAndSaysWhatWasBegun) {
  bool begun_and_cancelled = false;
  for (std::uint64_t calls = 0;; ++calls) {
    ASSERT_LT(calls, 200u);
    Importing host;
    host.importing = {import_of_the_documents("RUNNING", false), import_of_the_documents("COMPLETED", false)};
    host.cancel_after(calls);
    const Result result = imported(host, again);
    EXPECT_THAT(result.violations, IsEmpty());
    EXPECT_LE(host.imports, 1);
    if (result.status == FERRY_OK) break;
    EXPECT_EQ(result.status, FERRY_CANCELLED) << calls << ": " << result.message;
    if (host.imports == 0) {
      EXPECT_EQ(result.count("modified"), 0u) << calls;
      EXPECT_LE(result.count("unknown"), host.state.size()) << calls << ": only from the moment it is being sent";
    } else if (result.count("modified") == 0) {
      begun_and_cancelled = true;
      EXPECT_EQ(result.count("unknown"), 1u) << calls << ": what was begun on the platform is told";
    }
  }
  EXPECT_TRUE(begun_and_cancelled);
}

TEST(Dev2ProdExportTest, ACancelEndsItWhereverItHappens) {
  for (std::uint64_t calls = 0;; ++calls) {
    ASSERT_LT(calls, 200u);
    TenantHost host;
    host.exporting = {export_of_the_documents("RUNNING"), export_of_the_documents()};
    host.cancel_after(calls);
    const Result result = exported(host);
    EXPECT_THAT(result.violations, IsEmpty());
    if (result.status == FERRY_OK) break;
    EXPECT_EQ(result.status, FERRY_CANCELLED) << calls << ": " << result.message;
  }
}

}  // namespace
}  // namespace ferry::dev2prod
