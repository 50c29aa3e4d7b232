// The connector on a host of its own and a server that does what the documents say.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/plugins/smartiq/model/smartiq_host.hpp"

namespace ferry::smartiq {
namespace {

using testing::Connector;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::Package;
using testing::Result;

constexpr const char* form = "74f3d62e-0000-4000-8000-000000000001";
constexpr const char* customers = "74f3d62e-0000-4000-8000-000000000002";
constexpr const char* customer = "74f3d62e-0000-4000-8000-000000000003";
constexpr const char* staff = "74f3d62e-0000-4000-8000-000000000004";

std::string config(const std::string& settings = R"({"username":"admin"})",
                   const std::string& url = "https://forms.test/Manage") {
  return R"({"connection":"c","url":")" + url + R"(","settings":)" + settings + "}";
}

// A pack of the shape in the documents: a form that uses a data source by way of a data object.
std::string pack(const std::string& definition = "one", const std::string& connection = "Server=dev",
                 const std::string& name = "Claim form") {
  return R"({"options":{},"projects":[{"id":")" + std::string(form) + R"(","name":")" + name +
         R"(","version":"5.0","modifiedUtc":"2018-11-06T02:32:09.65Z","folderName":"","metadata":{"type":"Content",
         "modifiedBy":"77aa0000-0000-4000-8000-000000000009"},"definition":"<x id='74F3D62E-0000-4000-8000-000000000003'>)" +
         definition + R"(</x>"}],"contentLibraryItems":[],
    "dataSources":[{"id":")" +
         customers + R"(","name":"Customers","connectionType":"XML","connectionString":")" + connection +
         R"(","allowConnectionExport":true,"schema":"<s/>","defaultData":"<root/>","exportDefaultData":true,
      "credentials":{"method":"None"}}],
    "dataObjects":[{"id":")" +
         customer + R"(","dataSourceId":")" + customers + R"(","displayName":"Customer","dataObjectName":"customer"}],
    "groups":[{"id":")" +
         staff + R"(","name":"Staff","external":false,"roles":["Designer","Approver"]}],
    "roles":[],"templatesOfTomorrow":[{"id":"t1","name":"Letter"}]})";
}
std::string empty_pack() { return R"({"options":{},"projects":[],"dataSources":[]})"; }

Package exported(const std::string& content, const std::string& request = "{}") {
  SmartIqHost host(content);
  Result result = Connector(host, ferry_connector_v1(), config()).export_package(request);
  expect_ok(result);
  return std::move(result.package);
}
Result imported(SmartIqHost& host, const Package& package, const std::string& request,
                const std::string& settings = R"({"username":"admin"})") {
  return Connector(host, ferry_connector_v1(), config(settings)).import_package(package, request);
}
Json sent_pack(const SmartIqHost& host) {
  for (const auto& request : host.requests)
    if (request.url == std::string(root) + "/projects/sync/import") return Json::parse(request.body);
  return {};
}

TEST(SmartIqSessionTest, UrlsAndCasingsDoNotMatter) {
  for (const char* url :
       {"https://forms.test/Manage", "https://forms.test/Manage/", "https://forms.test/Manage/api/v1/admin/"}) {
    SmartIqHost host(pack());
    host.camel_case = false;
    const Result result = Connector(host, ferry_connector_v1(), config(R"({"username":"admin"})", url)).check();
    expect_ok(result);
    EXPECT_THAT(result.facts.back().text_or("message", ""), HasSubstr("SmartIQ 10.3 with 1 projects"));
  }
  SmartIqHost host(pack());
  expect_ok(Connector(host, ferry_connector_v1(), config()).check());
  EXPECT_EQ(host.masked, std::set<std::string>{"token-1"});
  EXPECT_EQ(host.requests.back().url, std::string(root) + "/logoff");
}

TEST(SmartIqSessionTest, TellsReachabilityCredentialsAndRightsApart) {
  SmartIqHost host(pack());
  host.secrets["password"] = "wrong-password";
  EXPECT_EQ(Connector(host, ferry_connector_v1(), config()).check().status, FERRY_AUTH);
  host.secrets.clear();
  EXPECT_EQ(Connector(host, ferry_connector_v1(), config()).check().status, FERRY_BAD_CONFIG);
  SmartIqHost unreachable(pack());
  unreachable.always("POST", std::string(root) + "/login/forms", {.failure = FERRY_TRANSIENT});
  EXPECT_EQ(Connector(unreachable, ferry_connector_v1(), config()).check().status, FERRY_TRANSIENT);
  SmartIqHost elsewhere(pack());
  elsewhere.always("POST", std::string(root) + "/login/forms", {.status = 404, .body = "<html>"});
  EXPECT_EQ(Connector(elsewhere, ferry_connector_v1(), config()).check().status, FERRY_BAD_CONFIG);
  SmartIqHost guarded(pack());
  guarded.always("POST", std::string(root) + "/projects/sync/export", {.status = 403});
  const Result result = Connector(guarded, ferry_connector_v1(), config()).check();
  EXPECT_EQ(result.status, FERRY_AUTH);
  EXPECT_THAT(result.message, HasSubstr("not sync"));
}

TEST(SmartIqSessionTest, LogsInAgainAfterA401) {
  SmartIqHost host(pack());
  host.on("POST", std::string(root) + "/projects/sync/export", {.status = 401});
  expect_ok(Connector(host, ferry_connector_v1(), config()).export_package());
  EXPECT_EQ(host.logins, 2);
}

TEST(SmartIqExportTest, IsStableAndListsWhatRefersToWhat) {
  const Package package = exported(pack());
  std::vector<std::string> names;
  for (const auto& [name, content] : package.entries) names.push_back(name);
  EXPECT_THAT(names,
              ElementsAre("manifest.json", std::string("dataObjects/") + customer + ".json",
                          std::string("dataSources/") + customers + ".json", std::string("groups/") + staff + ".json",
                          std::string("projects/") + form + ".json", "templatesOfTomorrow/t1.json"));
  EXPECT_EQ(package.entries, exported(pack()).entries);
  SmartIqHost host(empty_pack());
  Result result = Connector(host, ferry_connector_v1(), config()).inspect(package);
  expect_ok(result);
  EXPECT_EQ(result.records["project"][0]["references"].dump(),
            R"([{"type":"data_object","id":")" + std::string(customer) + R"("}])");
  EXPECT_EQ(result.records["project"][0]["version"], Json("5.0"));
  EXPECT_THAT(host.requests, IsEmpty());
}

TEST(SmartIqExportTest, SendsSelectionAndOptions) {
  SmartIqHost host(pack());
  expect_ok(Connector(host, ferry_connector_v1(), config(R"({"username":"admin","export_options":{"users":false}})"))
                .export_package(R"({"select":[{"type":"project","key":"Claim form"}],
                                    "options":{"defaultData":false}})"));
  const Json body = Json::parse(std::find_if(host.requests.begin(), host.requests.end(), [](const auto& request) {
                                  return request.url.ends_with("/sync/export");
                                })->body);
  EXPECT_EQ(body["projects"].dump(), R"([{"id":")" + std::string(form) + R"("}])");
  EXPECT_EQ(body["options"]["users"], Json(false));
  EXPECT_EQ(body["options"]["defaultData"], Json(false));
  EXPECT_EQ(body["options"]["roles"], Json(true));
  for (const char* request : {R"({"select":[{"type":"group","key":"Staff"}]})", R"({"select":[{"key":"Clam form"}]})",
                              R"({"options":{"user":true}})"})
    EXPECT_EQ(Connector(host, ferry_connector_v1(), config()).export_package(request).status, FERRY_BAD_CONFIG);
}

TEST(SmartIqExportTest, AllProjectsComeFromAllPages) {
  std::string two = pack();
  two.insert(two.find("\"projects\":[") + 12, R"({"id":"74f3d62e-0000-4000-8000-00000000000a","name":"B"},)");
  SmartIqHost host(two);
  expect_ok(Connector(host, ferry_connector_v1(), config()).export_package());
  for (const auto& request : host.requests)
    if (request.url.ends_with("/sync/export")) {
      EXPECT_EQ(Json::parse(request.body)["projects"].items().size(), 2u);
    }
}

TEST(SmartIqImportTest, AddsWhatIsNotThereAndVerifiesIt) {
  SmartIqHost host(empty_pack());
  const Package package = exported(pack());
  Result result = imported(host, package, R"({"preview":true,"policy":"replace"})");
  expect_ok(result);
  EXPECT_EQ(result.count("added"), 5u);
  EXPECT_EQ(host.imports, 0);
  result = imported(host, package, R"({"policy":"replace"})");
  expect_ok(result);
  EXPECT_EQ(result.count("added"), 5u);
  const Json sent = sent_pack(host);
  EXPECT_EQ(sent["options"]["projects"], Json("Always"));
  EXPECT_EQ(sent["users"], Json::array());
  EXPECT_EQ(sent["projects"].items()[0]["modifiedUtc"], Json("2018-11-06T02:32:09.65Z"));
  // The second time nothing is left to do, and nothing is sent.
  result = imported(host, package, R"({"policy":"abort"})");
  expect_ok(result);
  EXPECT_EQ(result.count("unchanged"), 5u);
  EXPECT_EQ(host.imports, 1);
}

TEST(SmartIqImportTest, FollowsThePolicy) {
  const Package package = exported(pack("two"));
  SmartIqHost host(pack("one"));
  Result result = imported(host, package, R"({"policy":"abort"})");
  EXPECT_EQ(result.status, FERRY_REFUSED);
  result = imported(host, package, R"({"policy":"skip"})");
  expect_ok(result);
  EXPECT_THAT(items(result), Contains("project Claim form skipped exists"));
  EXPECT_EQ(host.imports, 0);
  result = imported(host, package, R"({"policy":"replace"})");
  expect_ok(result);
  EXPECT_THAT(items(result), Contains("project Claim form modified"));
  EXPECT_EQ(sent_pack(host)["dataSources"], Json::array());  // what is unchanged stays at home
  EXPECT_EQ(imported(host, package, R"({"policy":"add_version"})").status, FERRY_UNSUPPORTED);
  EXPECT_EQ(imported(host, package, R"({"policy":"replace","prune":true})").status, FERRY_UNSUPPORTED);
}

TEST(SmartIqImportTest, OptionsKeepWhatIsAsNew) {
  const Package package = exported(pack("two"));
  SmartIqHost host(pack("one"));
  const Result result = imported(host, package, R"({"policy":"replace"})",
                                 R"({"username":"admin","import_options":{"projects":"IfNewer"}})");
  expect_ok(result);
  EXPECT_THAT(items(result), Contains("project Claim form skipped not_newer"));
  EXPECT_EQ(host.imports, 0);
}

TEST(SmartIqImportTest, OptionsOfTheRequestStandInPlaceOfTheSettings) {
  const Package package = exported(pack("two"));
  SmartIqHost host(pack("one"));
  constexpr const char* settings = R"({"username":"admin","import_options":{"projects":"IfNewer"}})";
  const Result kept = imported(
      host, package, R"({"policy":"replace","preview":true,"options":{"dataSources":"IfNotExists"}})", settings);
  EXPECT_THAT(items(kept), Contains("project Claim form skipped not_newer"))
      << "one option leaves the others as they are";
  const Result replaced = imported(host, package, R"({"policy":"replace","options":{"projects":"Always"}})", settings);
  expect_ok(replaced);
  EXPECT_THAT(items(replaced), Contains("project Claim form modified"));
  const Result without = imported(host, package, R"({"policy":"skip","options":{"projects":"Always"}})");
  EXPECT_EQ(without.status, FERRY_BAD_CONFIG);
  EXPECT_THAT(without.message, HasSubstr("leave \"projects\" out, or import with replace"));
}

TEST(SmartIqImportTest, AnIdUnderAnotherNameIsAConflict) {
  const Package package = exported(pack("two"));
  for (const char* policy : {R"({"policy":"replace"})", R"({"policy":"skip"})"}) {
    SmartIqHost host(pack("one", "Server=dev", "Claims"));
    const Result result = imported(host, package, policy);
    EXPECT_THAT(items(result), Contains("project Claim form skipped name_conflict")) << policy;
    EXPECT_EQ(host.imports, 0);
  }
}

TEST(SmartIqImportTest, ANameUnderAnotherIdIsAConflictWhichAMappingResolves) {
  std::string other = pack("one");
  const std::string there = "74f3d62e-0000-4000-8000-0000000000ff";
  for (std::size_t at = 0; (at = other.find(customers, at)) != std::string::npos;) other.replace(at, 36, there);
  const Package package = exported(pack("two"));
  SmartIqHost host(other);
  Result result = imported(host, package, R"({"preview":true,"policy":"replace"})");
  EXPECT_THAT(items(result), Contains("data_source Customers skipped name_conflict"));
  EXPECT_THAT(items(result), Contains("data_object Customer skipped dangling_reference"));
  result =
      imported(host, package,
               R"({"policy":"replace","mapping":[{"type":"data_source","source":"Customers","target":"Customers"}]})");
  expect_ok(result);
  EXPECT_THAT(items(result), Contains("data_source Customers unchanged"));
  EXPECT_THAT(items(result), Contains("data_object Customer unchanged"));
  EXPECT_THAT(items(result), Contains("project Claim form modified"));
}

TEST(SmartIqImportTest, GroupsAreOneWhereTheirNamesAre) {
  std::string other = pack();
  other.replace(other.find(staff), 36, "74f3d62e-0000-4000-8000-0000000000ee");
  other.replace(other.find(R"(["Designer","Approver"])"), 23, R"(["Approver","Designer"])");
  SmartIqHost host(other);
  const Result result = imported(host, exported(pack()), R"({"policy":"abort"})");
  expect_ok(result);
  EXPECT_THAT(items(result), Contains("group Staff unchanged"));
}

TEST(SmartIqImportTest, ValuesOfTheEnvironmentReplaceThoseOfTheSource) {
  const Package package = exported(pack("one", "Server=dev"));
  SmartIqHost host(pack("one", "Server=prod;Password=p1"));
  Result result = imported(host, package, R"({"preview":true,"policy":"replace"})");
  EXPECT_THAT(problems(result), ElementsAre("connection_string_overwritten"));
  EXPECT_THAT(items(result), Contains("data_source Customers modified"));
  host.secrets["values"] = R"({"data_source/Customers":{"connection_string":"Server=prod;Password=p1"}})";
  result = imported(host, package, R"({"policy":"replace"})",
                    R"({"username":"admin","values":{"data_source/Custmers":{"connection_string":"x"},
                        "data_source/Customers":{"connection_string":"overruled"}}})");
  expect_ok(result);
  EXPECT_THAT(items(result), Contains("data_source Customers unchanged"));
  EXPECT_THAT(problems(result), ElementsAre("value_not_used"));
  EXPECT_TRUE(host.masked.contains("Server=prod;Password=p1"));
  host.secrets["values"] = R"({"data_source/Customers":)";
  result = imported(host, package, R"({"policy":"replace"})");
  EXPECT_EQ(result.status, FERRY_BAD_CONFIG);
}

TEST(SmartIqImportTest, WhatIsNotThereAfterwardsHasFailed) {
  SmartIqHost host(pack("one"));
  host.ignores_imports = true;
  const Result result = imported(host, exported(pack("two")), R"({"policy":"replace"})");
  expect_ok(result);
  EXPECT_THAT(items(result), Contains("project Claim form failed not_applied"));
}

TEST(SmartIqImportTest, ALostAnswerIsNoReasonToImportTwice) {
  SmartIqHost host(pack("one"));
  host.lose_answers = 1;
  Result result = imported(host, exported(pack("two")), R"({"policy":"replace"})");
  expect_ok(result);
  EXPECT_THAT(items(result), Contains("project Claim form modified"));
  EXPECT_EQ(host.imports, 1);
  // Lost on the way there: nothing is in the target, so it is sent again.
  host.on("POST", std::string(root) + "/projects/sync/import", {.failure = FERRY_TRANSIENT});
  result = imported(host, exported(pack("three")), R"({"policy":"replace"})");
  expect_ok(result);
  EXPECT_EQ(host.imports, 2);
}

TEST(SmartIqImportTest, ARefusalIsPassedOnInThePlatformsWords) {
  SmartIqHost host(pack("one"));
  host.always("POST", std::string(root) + "/projects/sync/import",
              {.status = 409, .body = R"({"message":"projects 'Claim form' is locked"})"});
  const Result result = imported(host, exported(pack("two")), R"({"policy":"replace"})");
  EXPECT_EQ(result.status, FERRY_BAD_CONFIG);
  EXPECT_THAT(result.message, HasSubstr("'Claim form' is locked"));
}

TEST(SmartIqImportTest, DamagedAndForeignPackagesAreRefused) {
  SmartIqHost host(pack());
  Package package = exported(pack());
  package.entries.back().second = R"({"id":"t1","name":"Changed"})";
  EXPECT_EQ(imported(host, package, R"({"policy":"replace"})").status, FERRY_BAD_DATA);
  Package foreign;
  foreign.entries = {{"acme/manifest.json", "{}"}};
  EXPECT_EQ(imported(host, foreign, R"({"policy":"replace"})").status, FERRY_BAD_DATA);
  EXPECT_THAT(host.requests, IsEmpty());
}

TEST(SmartIqReadTest, GivesTheArtefactsOfTheServer) {
  SmartIqHost host(pack());
  Result result = Connector(host, ferry_connector_v1(), config())
                      .read(R"({"streams":[{"stream":"project","mode":"full"},{"stream":"group","mode":"full"}]})");
  expect_ok(result);
  EXPECT_EQ(result.records["project"].size(), 1u);
  EXPECT_EQ(result.records["group"].size(), 1u);
  result = Connector(host, ferry_connector_v1(), config()).catalog();
  expect_ok(result);
  EXPECT_EQ(result.records["catalog"].size(), 12u);
}

}  // namespace
}  // namespace ferry::smartiq
