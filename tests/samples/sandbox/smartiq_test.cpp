// SmartIQ as its documents have it: the log-in, and what a sync pack holds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/samples/sandbox/smartiq_server.hpp"

namespace sandbox::test {

namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

TEST(SmartIqLogIn, AnswersWithATokenThatOpensTheApi) {
  Server server("dev");
  // The names as the vendor's sample program sends them.
  const RawAnswer answer = server.post(api + "login/forms", no_headers, R"({"UserName":"admin","Password":"sandbox"})");
  ASSERT_EQ(answer.status, 200);
  EXPECT_THAT(answer.header("Content-Type"), HasSubstr("application/json"));
  EXPECT_EQ(shape(answer.json()), "{authorizationToken:string userGuid:string userName:string produceVersion:string }");
  EXPECT_EQ(json::string(answer.json(), "userName"), "admin");
  EXPECT_EQ(json::string(answer.json(), "authorizationToken").size(), 36u);
  EXPECT_EQ(server.counter("logins"), 2);

  const Headers bearer{{"Authorization", "Bearer " + json::string(answer.json(), "authorizationToken")}};
  EXPECT_EQ(server.get(api + "projects", bearer).status, 200);
  EXPECT_EQ(server.get("/api/v1/admin/projects", bearer).status, 200);
  EXPECT_EQ(server.get("/produce/api/v1/admin/projects", bearer).status, 404);
  EXPECT_EQ(server.post(api + "logoff", bearer, "").status, 204);
  EXPECT_EQ(server.get(api + "projects", bearer).status, 401);
  EXPECT_EQ(server.call("GET", "projects").status, 200);
}

TEST(SmartIqLogIn, RefusesWhatItDoesNotKnow) {
  Server server("dev");
  EXPECT_EQ(server.post(api + "login/forms", no_headers, R"({"username":"admin","password":"wrong"})").status, 401);
  EXPECT_EQ(server.post(api + "login/forms", no_headers, R"({"username":"nobody","password":"sandbox"})").status, 401);
  EXPECT_EQ(server.post(api + "login/forms", no_headers, R"({"username":"admin"})").status, 400);
  EXPECT_EQ(server.post(api + "login/forms", no_headers, "Login").status, 400);
  EXPECT_EQ(server.post(api + "login/account", no_headers, "Login").status, 401);
  EXPECT_EQ(server.get(api + "projects").status, 401);
  EXPECT_EQ(server.get(api + "projects", {{"Authorization", "Bearer undefined"}}).status, 401);
  EXPECT_EQ(server.get(api + "projects", {{"Authorization", "Bearer undefined"}}).header("WWW-Authenticate"), "Bearer");
}

TEST(SmartIqLogIn, ATokenLivesAYearUnlessExpired) {
  Server server("dev");
  server.advance(364LL * 24 * 3600 * 1000);
  EXPECT_EQ(server.call("GET", "projects").status, 200);
  Faults expire;
  expire.expire_tokens = true;
  server.faults().set({expire});
  EXPECT_EQ(server.call("GET", "projects").status, 401);
  server.bearer = server.log_in("admin");
  EXPECT_EQ(server.call("GET", "projects").status, 200);
  server.advance(366LL * 24 * 3600 * 1000);
  EXPECT_EQ(server.call("GET", "projects").status, 401);
}

TEST(SmartIqLogIn, RightsAreLookedUpWithEachUse) {
  Server server("dev");
  const Headers viewer = server.log_in("viewer");
  const std::string body = server.whole_request();
  EXPECT_EQ(server.get(api + "projects", viewer).status, 200);
  const RawAnswer refused = server.post(api + "projects/sync/export", viewer, body);
  EXPECT_EQ(refused.status, 403);
  EXPECT_THAT(json::string(refused.json(), "message"), HasSubstr("Management console"));
  const std::string observer = server.id_of("roles", "Observer");
  EXPECT_EQ(server.call("PATCH", "roles/" + observer, R"({"permissions":["Management console"]})").status, 204);
  EXPECT_EQ(server.post(api + "projects/sync/export", viewer, body).status, 200);
}

TEST(SmartIqExport, ThePackHasTheDocumentsShape) {
  Server dev("dev");
  const json::Object pack = dev.whole();
  EXPECT_THAT(pack->getNames(), ElementsAre("options", "projects", "contentLibraryItems", "dataSources", "dataObjects",
                                            "contentFolders", "publishedProjects", "publishFolders", "users", "groups",
                                            "roles", "customFields", "connectorSettings"));
  EXPECT_EQ(json::text(pack->get("options")),
            R"({"projects":"Always","contentLibraryItems":"Always","dataSources":"Always","contentFolders":"Always",)"
            R"("publishedProjects":"Always","publishFolders":"Always","users":"Always","groups":"Always",)"
            R"("roles":"Always","customFields":"Always","connectorSettings":"Always"})");
  const auto expect = [&](const std::string& list, const std::string& name, const std::string& documented,
                          const std::string& member = "name") {
    EXPECT_EQ(shape(named(pack, list, name, member)), shape(json::parse(documented))) << list;
  };
  expect("projects", "Claim form",
         R"({"id":"guid","name":"Claim form","version":"5.0","modifiedUtc":"2018-11-06T02:32:09.65Z","folderName":"",
             "metadata":{"type":"Content","modifiedBy":"guid"},"definition":"<Intelledox_TemplateFile />",
             "documents":[{"id":"guid","formatType":"WordDocx","base64":"UEsDB"}]})");
  expect("dataSources", "Customers",
         R"({"id":"guid","name":"Customers","connectionType":"XML","connectionString":"","allowConnectionExport":true,
             "schema":"<xs:schema/>","defaultData":"<root/>","exportDefaultData":true,"credentials":{"method":"None"}})");
  expect("dataObjects", "Customers entry",
         R"({"id":"guid","dataSourceId":"guid","displayName":"Customer","dataObjectName":"customer",
             "objectType":"cff4010b-32d3-4f3b-9518-70f72a403297","useAnswerFileData":false,
             "filters":[{"name":"/c/id","isFilter":true}],"schemaFields":[],"displayFields":[{"name":"/c/nm"}]})",
         "displayName");
  expect("contentFolders", "Letters", R"({"id":"guid","name":"Letters","groups":["Staff"]})");
  expect("publishFolders", "Public forms", R"({"id":"guid","name":"Public forms","groups":["Staff"]})");
  expect("users", "designer",
         R"({"id":"guid","username":"u","firstName":"","lastName":"","disabled":false,"changePasswordAtNextLogin":false,
             "passwordNeverExpires":false,"lockedOut":false,"twoFactorAuth":false,"email":"","culture":"en-AU",
             "language":"en","timezone":"AUS Eastern Standard Time","prefix":"","jobTitle":"","organization":"",
             "phone":"","fax":"",
             "streetAddress":{"line1":"","line2":"","city":"","state":"","zipcode":"","country":""},
             "postalAddress":{"line1":"","line2":"","city":"","state":"","zipcode":"","country":""},
             "customFields":{},"roles":["Global Administrator"],"groups":["Staff"]})",
         "username");
  expect("groups", "Claims team",
         R"({"id":"guid","name":"Staff","external":false,"system":true,"email":"","emailIndividualMembers":false,
             "roles":["Reviewer"]})");
  expect("roles", "Form designer", R"({"id":"guid","name":"r","permissions":["Licensing","Design projects"]})");
  expect("customFields", "Cost centre",
         R"({"id":"guid","name":"Cost centre","validationType":"Text","location":"ResponseMetadata"})");
  const json::Value setting = json::elements(pack, "connectorSettings").at(1);
  EXPECT_EQ(shape(setting),
            shape(json::parse(R"({"id":"g","value":"443","metadata":{"typeId":"g","description":"SMTP port"}})")));
  EXPECT_TRUE(json::is_null(json::as_object(json::elements(pack, "connectorSettings").at(2)), "value"));
  EXPECT_EQ(shape(json::elements(pack, "publishedProjects").front()), shape(json::parse(R"(
    {"id":"guid","folderId":"guid","projectId":"guid","layoutId":null,
     "messages":{"helpText":"","wizardFinishPageMessage":"","completionPageMessage":""},
     "options":{"allowPreview":false,"allowRestartAfterSubmission":false,"allowSave":true,
       "autoCreateInProgressForms":true,"formInteractionLog":true,"enforceValidation":true,"updateDocumentFields":true,
       "hideNavigationPane":false,"showFormActivity":true,"matchProjectVersionLoadingInProgress":false,
       "restrictAvailabilityDates":false,"allowOfflineLaunch":false,"troubleshootingMode":0,"isHomePage":false},
     "outputFormats":{"document":[{"extension":"docx","version":"2007","lock":false}],
       "presentation":[{"extension":"pptx","lock":false}],"spreadsheet":[{"extension":"xlsx","lock":false}]}})")));
}

TEST(SmartIqExport, PullsInWhatTheProjectsUseAndEachOnce) {
  Server dev("dev");
  const std::string claim = dev.id_of("projects", "Claim form"), home = dev.id_of("projects", "Home quote");
  const json::Object pack = dev.pack(R"({"projects":[{"id":")" + claim + R"("},{"id":")" + home + "\"}]}");
  EXPECT_THAT(names(pack, "projects"), UnorderedElementsAre("Claim form", "Home quote", "Signature block"));
  EXPECT_THAT(names(pack, "dataSources"), UnorderedElementsAre("Customers", "Rates"));
  EXPECT_EQ(json::elements(pack, "dataObjects").size(), 4u);
  EXPECT_THAT(names(pack, "contentLibraryItems"), UnorderedElementsAre("Letterhead", "Company logo"));
  EXPECT_THAT(names(pack, "contentFolders"), UnorderedElementsAre("Letters", "Logos"));
  EXPECT_EQ(json::elements(pack, "publishedProjects").size(), 1u);
  EXPECT_THAT(names(pack, "publishFolders"), ElementsAre("Public forms"));
  EXPECT_THAT(names(pack, "groups"), UnorderedElementsAre("Claims team", "Staff", "Underwriters"));
  EXPECT_THAT(names(pack, "users", "username"), UnorderedElementsAre("designer", "claims-clerk", "underwriter"));
  EXPECT_THAT(names(pack, "roles"), UnorderedElementsAre("Reviewer", "Form designer"));
  EXPECT_EQ(json::elements(pack, "customFields").size(), 2u);
  EXPECT_EQ(json::elements(pack, "connectorSettings").size(), 3u);
  // Ids are taken however they are written.
  std::string upper = claim;
  std::transform(upper.begin(), upper.end(), upper.begin(), [](unsigned char c) { return std::toupper(c); });
  EXPECT_THAT(names(dev.pack(R"({"projects":[{"id":")" + upper + "\"}]}"), "projects"),
              UnorderedElementsAre("Claim form", "Signature block"));
}

TEST(SmartIqExport, EachOptionLeavesItsPartOut) {
  Server dev("dev");
  const std::string project = R"({"projects":[{"id":")" + dev.id_of("projects", "Motor quote") + R"("}],"options":{")";
  const auto without = [&](const std::string& option) { return dev.pack(project + option + R"(":false}})"); };
  EXPECT_THAT(names(without("projects"), "projects"), ElementsAre("Address block"));
  EXPECT_THAT(names(without("projectFragments"), "projects"), ElementsAre("Motor quote"));
  EXPECT_TRUE(json::elements(without("dataSources"), "dataSources").empty());
  EXPECT_TRUE(json::elements(without("dataSources"), "dataObjects").empty());
  EXPECT_TRUE(json::elements(without("publishFolders"), "publishedProjects").empty());
  EXPECT_TRUE(json::elements(without("publishFolders"), "publishFolders").empty());
  EXPECT_TRUE(json::elements(without("groups"), "groups").empty());
  EXPECT_FALSE(json::elements(without("groups"), "users").empty());
  EXPECT_TRUE(json::elements(without("users"), "users").empty());
  EXPECT_TRUE(json::elements(without("roles"), "roles").empty());
  EXPECT_TRUE(json::elements(without("customFields"), "customFields").empty());
  EXPECT_TRUE(json::elements(without("connectorSettings"), "connectorSettings").empty());

  const json::Object everything = without("none");
  EXPECT_THAT(json::string(named(everything, "dataSources", "Policies"), "connectionString"), HasSubstr("dev-db"));
  EXPECT_EQ(json::string(named(without("connectionStrings"), "dataSources", "Policies"), "connectionString"), "");
  EXPECT_NE(json::string(named(everything, "dataSources", "Customers"), "defaultData"), "");
  EXPECT_EQ(json::string(named(without("defaultData"), "dataSources", "Customers"), "defaultData"), "");
}

TEST(SmartIqExport, WhatDoesNotDependOnProjectsComesWithoutAny) {
  Server dev("dev");
  const json::Object pack = dev.pack(R"({"projects":[]})");
  EXPECT_TRUE(json::elements(pack, "projects").empty());
  EXPECT_TRUE(json::elements(pack, "users").empty());
  EXPECT_EQ(json::elements(pack, "customFields").size(), 2u);
  EXPECT_EQ(json::elements(pack, "connectorSettings").size(), 3u);
  EXPECT_EQ(dev.counter("exports"), 1);
}

TEST(SmartIqExport, RefusesWhatMeansNothing) {
  Server dev("dev");
  const auto status = [&](const std::string& body) { return dev.call("POST", "projects/sync/export", body).status; };
  EXPECT_EQ(status(R"({"projects":[{"id":"00000000-0000-4000-8000-000000000000"}]})"), 404);
  EXPECT_EQ(status(R"({"projects":[{"name":"Claim form"}]})"), 400);
  EXPECT_EQ(status(R"({"projects":"all"})"), 400);
  EXPECT_EQ(status(R"({"projects":[],"options":{"users":"yes"}})"), 400);
  EXPECT_EQ(status(R"({"projects":[],"options":{"defaultData ":true}})"), 200);
  EXPECT_EQ(status(R"({"projects":[)"), 400);
  EXPECT_EQ(status("[]"), 400);
  EXPECT_EQ(status(""), 400);
  EXPECT_EQ(dev.call("GET", "projects/sync/export").status, 405);
}

}  // namespace

}  // namespace sandbox::test
