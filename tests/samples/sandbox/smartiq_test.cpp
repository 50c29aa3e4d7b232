// SmartIQ as its documents have it: the log-in, what a sync pack holds, and what an import does with each object.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <thread>

#include "tests/samples/sandbox/raw_http.hpp"

namespace sandbox::test {

namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::UnorderedElementsAre;

const std::string api = "/Manage/api/v1/admin/";
const Headers no_headers;

Settings settings(const std::string& name, std::map<std::string, std::string> options = {}) {
  Settings made;
  made.platform = "smartiq";
  made.name = made.tenant = name;
  made.options = std::move(options);
  return made;
}

// One server and a client that has logged in.
struct Server : Playing {
  explicit Server(const std::string& name, std::map<std::string, std::string> options = {},
                  const std::string& user = "admin")
      : Playing(make_smartiq, settings(name, std::move(options))), bearer(log_in(user)) {}

  Headers log_in(const std::string& user) {
    const RawAnswer answer =
        post(api + "login/forms", no_headers, R"({"username":")" + user + R"(","password":"sandbox"})");
    EXPECT_EQ(answer.status, 200) << answer.body;
    return {{"Authorization", "Bearer " + json::string(answer.json(), "authorizationToken")}};
  }

  RawAnswer call(const std::string& method, const std::string& path, const std::string& body = "") {
    return send(method, api + path, bearer, body);
  }
  json::Object list(const std::string& path) { return call("GET", path).json(); }
  std::string export_text(const std::string& body) {
    const RawAnswer answer = call("POST", "projects/sync/export", body);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.body;
  }
  json::Object pack(const std::string& body) { return json::parse_object(export_text(body)); }
  // Everything, as one who does not know the ids would ask for it.
  std::string whole_request() {
    std::string ids;
    for (const json::Value& project : json::elements(list("projects"), "value")) {
      ids +=
          (ids.empty() ? "" : ",") + std::string(R"({"id":")") + json::string(json::as_object(project), "id") + "\"}";
    }
    return R"({"projects":[)" + ids + "]}";
  }
  json::Object whole() { return pack(whole_request()); }
  int import(const json::Object& pack) { return call("POST", "projects/sync/import", json::text(pack)).status; }
  std::int64_t counter(const std::string& name) { return json::integer(site().counters(), name); }
  std::string id_of(const std::string& list_path, const std::string& name) {
    for (const json::Value& value : json::elements(list(list_path), "value")) {
      const json::Object object = json::as_object(value);
      if (json::string(object, "name") == name) return json::string(object, "id");
    }
    ADD_FAILURE() << "no " << name << " among the " << list_path;
    return "";
  }

  Headers bearer;
};

std::vector<std::string> names(const json::Object& pack, const std::string& list, const std::string& member = "name") {
  std::vector<std::string> found;
  for (const json::Value& value : json::elements(pack, list)) {
    found.push_back(json::string(json::as_object(value), member));
  }
  return found;
}

json::Object named(const json::Object& pack, const std::string& list, const std::string& name,
                   const std::string& member = "name") {
  for (const json::Value& value : json::elements(pack, list)) {
    if (json::string(json::as_object(value), member) == name) return json::as_object(value);
  }
  ADD_FAILURE() << "no " << name << " among the " << list;
  return json::object();
}

// Members, their order and the types of their values; of a list what its first element looks like.
std::string shape(const json::Value& value) {
  if (const json::Object object = json::as_object(value)) {
    std::string text = "{";
    for (const std::string& name : object->getNames()) text += name + ":" + shape(object->get(name)) + " ";
    return text + "}";
  }
  if (value.type() == typeid(json::Array)) {
    const std::vector<json::Value> elements = json::elements(value);
    return "[" + (elements.empty() ? "" : shape(elements.front())) + "]";
  }
  if (value.isEmpty()) return "null";
  if (value.isBoolean()) return "boolean";
  if (value.isInteger()) return "integer";
  return value.isString() ? "string" : "?";
}

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

TEST(SmartIqImport, BringsACloneToWhereItsSourceIs) {
  Server dev("dev"), clone("test");
  const json::Object pack = dev.whole(), before = clone.whole();
  EXPECT_THAT(names(before, "projects"), Not(testing::Contains("Complaint")));
  EXPECT_EQ(json::string(named(before, "projects", "Claim form"), "version"), "5.0");
  EXPECT_EQ(json::string(named(pack, "projects", "Claim form"), "version"), "6.0");
  EXPECT_EQ(json::string(named(before, "projects", "Claim form"), "id"),
            json::string(named(pack, "projects", "Claim form"), "id"));

  const RawAnswer answer = clone.call("POST", "projects/sync/import", json::text(pack));
  EXPECT_EQ(answer.status, 204);
  EXPECT_EQ(answer.body, "");
  EXPECT_EQ(clone.counter("imports_applied"), 1);
  EXPECT_EQ(clone.counter("conflicts"), 0);
  EXPECT_EQ(clone.counter("objects_added"), 2);  // Complaint and its publication
  const json::Object after = clone.whole();
  EXPECT_EQ(json::text(json::as_object(after)->get("projects")), json::text(pack->get("projects")));
  EXPECT_EQ(json::text(after), json::text(pack));

  EXPECT_EQ(clone.import(pack), 204);
  EXPECT_EQ(clone.counter("imports_applied"), 2);
  EXPECT_EQ(clone.counter("objects_added"), 2);
}

TEST(SmartIqImport, UpdatesOnlyWhereIdAndNameAgree) {
  Server dev("dev"), clone("test", {{"conflicts", "1"}, {"renamed", "1"}});
  const json::Object pack = dev.whole(), before = clone.whole();
  EXPECT_NE(json::string(named(before, "projects", "Claim form"), "id"),
            json::string(named(pack, "projects", "Claim form"), "id"));
  EXPECT_EQ(json::string(named(before, "projects", "Motor quote (test)"), "id"),
            json::string(named(pack, "projects", "Motor quote"), "id"));
  EXPECT_EQ(clone.import(pack), 204);
  const json::Object after = clone.whole();
  for (const std::string name : {"Claim form", "Motor quote (test)"}) {
    EXPECT_EQ(json::text(named(after, "projects", name)), json::text(named(before, "projects", name)));
  }
  EXPECT_THAT(names(after, "projects"), Not(testing::Contains("Motor quote")));
  EXPECT_THAT(names(after, "projects"), testing::Contains("Complaint"));
  EXPECT_EQ(clone.counter("conflicts"), 3);  // both, and the publication of the one that is not here
}

TEST(SmartIqImport, CanRefuseConflictsAndTellWhatItDid) {
  Server dev("dev"), strict("test", {{"conflicts", "1"}, {"conflict", "refuse"}});
  const json::Object pack = dev.whole(), before = strict.whole();
  const RawAnswer refused = strict.call("POST", "projects/sync/import", json::text(pack));
  EXPECT_EQ(refused.status, 409);
  EXPECT_THAT(json::string(refused.json(), "message"), HasSubstr("Claim form"));
  EXPECT_EQ(json::text(strict.whole()), json::text(before));
  EXPECT_EQ(strict.counter("imports_applied"), 0);

  Server talkative("test", {{"import_answer", "summary"}});
  const RawAnswer answer = talkative.call("POST", "projects/sync/import", json::text(pack));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(json::string(named(answer.json(), "results", "Complaint"), "result"), "added");
  EXPECT_EQ(json::string(named(answer.json(), "results", "Claim form"), "result"), "updated");
  EXPECT_EQ(json::string(named(answer.json(), "results", "Home quote"), "result"), "unchanged");
}

TEST(SmartIqImport, AnEnvironmentOfItsOwnMeetsConflictsEverywhereButInGroupsAndRoles) {
  Server dev("dev"), own("test", {{"clone", "false"}});
  const json::Object pack = dev.whole(), before = own.whole();
  EXPECT_EQ(names(before, "projects"), names(pack, "projects"));
  EXPECT_EQ(own.import(pack), 204);
  const json::Object after = own.whole();
  EXPECT_EQ(json::text(after->get("projects")), json::text(before->get("projects")));
  EXPECT_EQ(json::text(after->get("users")), json::text(before->get("users")));
  EXPECT_EQ(names(after, "groups"), names(before, "groups"));
  // A group is the same where its name is; its id stays.
  EXPECT_EQ(json::string(named(after, "groups", "Staff"), "id"), json::string(named(before, "groups", "Staff"), "id"));

  named(pack, "groups", "Staff")->set("email", "staff@example.test");
  EXPECT_EQ(own.import(pack), 204);
  EXPECT_EQ(json::string(named(own.whole(), "groups", "Staff"), "email"), "staff@example.test");
  EXPECT_EQ(json::string(named(own.whole(), "groups", "Staff"), "id"),
            json::string(named(before, "groups", "Staff"), "id"));
}

TEST(SmartIqImport, PoliciesSayWhatIsOverwritten) {
  Server dev("dev");
  const json::Object pack = dev.whole();
  // The last project was edited here, in March; the source changed the first two in February.
  const auto after = [&](const std::string& policy) {
    Server clone("test", {{"edited", "1"}});
    json::child(pack, "options")->set("projects", policy);
    json::child(pack, "options")->set("dataSources", policy == "IfNewer" ? "IfNotExists" : policy);
    EXPECT_EQ(clone.import(pack), 204);
    const json::Object whole = clone.whole();
    const bool sources =
        json::string(named(whole, "dataSources", "Rates"), "connectionString").find("dev.") != std::string::npos;
    return json::string(named(whole, "projects", "Claim form"), "version") + " " +
           json::string(named(whole, "projects", "Feedback"), "version") + " " +
           json::string(named(whole, "projects", "Complaint"), "version") + (sources ? " theirs" : " own");
  };
  EXPECT_EQ(after("Always"), "6.0 5.0 1.0 theirs");
  EXPECT_EQ(after("IfNotExists"), "5.0 5.1 1.0 own");
  EXPECT_EQ(after("IfNewer"), "6.0 5.1 1.0 own");

  Server clone("test");
  const json::Object before = clone.whole();
  json::child(pack, "options")->set("dataSources", std::string("IfNewer"));
  EXPECT_EQ(clone.import(pack), 400);
  json::child(pack, "options")->set("dataSources", std::string("Sometimes"));
  EXPECT_EQ(clone.import(pack), 400);
  EXPECT_EQ(json::text(clone.whole()), json::text(before));
}

TEST(SmartIqImport, WithoutOptionsEverythingIsOverwritten) {
  Server dev("dev"), clone("test");
  json::Object pack = dev.whole();
  pack->remove("options");
  EXPECT_EQ(clone.import(pack), 204);
  EXPECT_EQ(json::string(named(clone.whole(), "projects", "Claim form"), "version"), "6.0");
}

TEST(SmartIqImport, APartLeftBlankKeepsWhatTheTargetHas) {
  Server dev("dev"), clone("test");
  std::string request = dev.whole_request();
  request.insert(request.size() - 1, R"(,"options":{"connectionStrings":false})");
  EXPECT_EQ(clone.import(dev.pack(request)), 204);
  EXPECT_THAT(json::string(named(clone.whole(), "dataSources", "Policies"), "connectionString"), HasSubstr("test-db"));
  EXPECT_THAT(json::string(named(clone.whole(), "dataSources", "Rates"), "defaultData"), HasSubstr("1.1"));
}

TEST(SmartIqImport, KeepsWhatItDoesNotUnderstand) {
  Server dev("dev"), clone("test");
  std::string pack = dev.whole_request();
  pack = dev.export_text(pack);
  const std::string marker = R"("name":"Complaint")";
  pack.insert(pack.find(marker), R"("sequences":[1.50,{"z":1e400,"a":"\u00e9\/"}],)");
  EXPECT_EQ(clone.call("POST", "projects/sync/import", pack).status, 204);
  EXPECT_THAT(clone.export_text(dev.whole_request()), HasSubstr(R"("sequences":[1.50,{"z":1e400,"a":"\u00e9\/"}],)"));
}

TEST(SmartIqImport, RefusesAPackThatIsNone) {
  Server clone("test");
  const auto status = [&](const std::string& body) { return clone.call("POST", "projects/sync/import", body).status; };
  EXPECT_EQ(status("[]"), 400);
  EXPECT_EQ(status("PK\x03\x04"), 400);
  EXPECT_EQ(status(R"({"projects":{}})"), 400);
  EXPECT_EQ(status(R"({"projects":[{"name":"Claim form"}]})"), 400);
  EXPECT_EQ(status(R"({"projects":[{"id":"1","name":"Claim form"}]})"), 400);
  EXPECT_EQ(status(R"({"projects":[{"id":"74f3d62e-0000-4000-8000-000000000001"}]})"), 400);
  EXPECT_EQ(status(R"({"projects":[{"id":"74f3d62e-0000-4000-8000-000000000001","name":"N")"), 400);
  EXPECT_EQ(status(R"({"projects":["\u12"]})"), 400);
  EXPECT_EQ(clone.counter("imports_applied"), 0);
}

TEST(SmartIqFaults, ItemsFailOrAreSkipped) {
  Server dev("dev"), clone("test");
  Faults faults;
  faults.fail_items = {"Claim form"};
  faults.skip_items = {dev.id_of("projects", "Motor quote")};
  clone.faults().set({faults});
  EXPECT_EQ(clone.import(dev.whole()), 204);
  EXPECT_EQ(json::string(named(clone.whole(), "projects", "Claim form"), "version"), "5.0");
  EXPECT_EQ(json::string(named(clone.whole(), "projects", "Motor quote"), "version"), "5.0");
  EXPECT_EQ(clone.counter("objects_failed"), 1);
  EXPECT_EQ(clone.counter("objects_skipped"), 1);
}

TEST(SmartIqFaults, AnImportFailsWholeOrHalfDone) {
  Server dev("dev"), clone("test");
  const json::Object pack = dev.whole(), before = clone.whole();
  Faults faults;
  faults.job = "fail";
  faults.count = 1;
  clone.faults().set({faults});
  EXPECT_EQ(clone.import(pack), 500);
  EXPECT_EQ(json::text(clone.whole()), json::text(before));
  EXPECT_EQ(clone.counter("imports_failed"), 1);

  faults.job = "partial";
  clone.faults().set({faults});
  EXPECT_EQ(clone.import(pack), 500);
  EXPECT_NE(json::text(clone.whole()), json::text(before));
  EXPECT_NE(json::text(clone.whole()), json::text(pack));
  EXPECT_EQ(clone.import(pack), 204);
  EXPECT_EQ(json::text(clone.whole()), json::text(pack));
  EXPECT_EQ(clone.counter("imports_applied"), 1);
}

TEST(SmartIqObjects, ListsComeInPages) {
  Server dev("dev");
  EXPECT_FALSE(json::has(dev.list("projects"), "@nextLink"));
  std::vector<std::string> paged;
  std::string target = api + "projects?$skip=0&$top=4";
  while (!target.empty()) {
    const json::Object page = dev.get(target, dev.bearer).json();
    for (const std::string& name : names(page, "value")) paged.push_back(name);
    EXPECT_LE(json::elements(page, "value").size(), 4u);
    target = json::string(page, "@nextLink");
    if (!target.empty()) target = target.substr(dev.url().size());
  }
  EXPECT_EQ(paged, names(dev.list("projects"), "value"));
  EXPECT_EQ(paged.size(), 9u);
  EXPECT_EQ(dev.call("GET", "projects?$top=many").status, 400);
  EXPECT_EQ(shape(json::elements(dev.list("projects"), "value").back()),
            "{id:string name:string version:string modifiedUtc:string folderName:string "
            "metadata:{type:string modifiedBy:string } }");
}

TEST(SmartIqObjects, AreReadOneByOne) {
  Server dev("dev");
  const std::string id = dev.id_of("projects", "Claim form");
  EXPECT_EQ(json::string(dev.call("GET", "projects/" + id).json(), "name"), "Claim form");
  EXPECT_TRUE(json::has(dev.call("GET", "projects/" + id).json(), "definition"));
  for (const std::string list : {"connectorSettings", "contentfolders", "publishfolders", "roles", "groups", "users",
                                 "publishedprojects", "contentlibrary", "customFields", "datasources"}) {
    EXPECT_FALSE(json::elements(dev.list(list), "value").empty()) << list;
  }
  const std::string source = dev.id_of("datasources", "Customers"), group = dev.id_of("groups", "Staff");
  EXPECT_EQ(json::elements(dev.list("datasources/" + source + "/dataobjects"), "value").size(), 2u);
  EXPECT_THAT(names(dev.list("groups/" + group + "/users"), "value", "username"),
              UnorderedElementsAre("designer", "claims-clerk"));
  EXPECT_EQ(json::string(dev.call("GET", "users/name/designer").json(), "username"), "designer");
  EXPECT_EQ(dev.call("GET", "projects/00000000-0000-4000-8000-000000000000").status, 404);
  EXPECT_EQ(dev.call("GET", "workflows").status, 404);
}

TEST(SmartIqObjects, TheVendorsSampleProgramWorks) {
  Server dev("dev");
  const std::string user =
      R"({"username":"PostUser","password":"InsertPassword#1234","firstName":"","groups":["Staff"]})";
  const RawAnswer posted = dev.call("POST", "users", user);
  EXPECT_EQ(posted.status, 201);
  EXPECT_EQ(dev.call("POST", "users", user).status, 409);
  const std::string location = posted.header("Location");
  ASSERT_EQ(location.rfind(dev.url(), 0), 0u) << location;
  const std::string target = location.substr(dev.url().size());
  json::Object read = dev.get(target, dev.bearer).json();
  EXPECT_EQ(json::string(read, "username"), "PostUser");
  EXPECT_FALSE(json::has(read, "password"));
  read->set("firstName", "PatchFirstName");
  EXPECT_EQ(dev.send("PATCH", target, dev.bearer, json::text(read)).status, 204);
  EXPECT_EQ(json::string(dev.get(target, dev.bearer).json(), "firstName"), "PatchFirstName");
  EXPECT_EQ(dev.send("DELETE", target, dev.bearer).status, 204);
  EXPECT_EQ(dev.get(target, dev.bearer).status, 404);
}

TEST(SmartIqObjects, NothingIsLostBetweenManyClients) {
  Server dev("dev"), clone("test");
  const std::string pack = dev.export_text(dev.whole_request()), request = dev.whole_request();
  constexpr int clients = 6, rounds = 5;
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (int client = 0; client < clients; ++client) {
    threads.emplace_back([&, client] {
      for (int round = 0; round < rounds; ++round) {
        const std::string name = "user-" + std::to_string(client) + "-" + std::to_string(round);
        wrong += clone.call("POST", "users", R"({"username":")" + name + "\"}").status != 201;
        wrong += clone.call("POST", "projects/sync/import", pack).status != 204;
        wrong += clone.call("POST", "projects/sync/export", request).status / 100 == 5;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(json::elements(clone.list("users"), "value").size(), 5u + clients * rounds);
  EXPECT_EQ(clone.counter("imports_applied"), clients * rounds);
  EXPECT_EQ(clone.counter("objects_added"), 2);
}

TEST(SmartIqContent, FollowsFromTheSeedAlone) {
  const auto whole = [](std::uint64_t seed, std::map<std::string, std::string> options) {
    Settings made = settings("dev", std::move(options));
    made.seed = seed;
    return make_smartiq(made)->state();
  };
  EXPECT_EQ(whole(1, {}), whole(1, {}));
  EXPECT_NE(whole(1, {}), whole(2, {}));
  EXPECT_GT(whole(1, {{"document_bytes", "100000"}}).size(), 400'000u);
  Server large("dev", {{"projects", "20"}});
  EXPECT_EQ(json::elements(large.list("projects"), "value").size(), 23u);  // two fragments, one added later
  EXPECT_THROW(make_smartiq(settings("dev", {{"projects", "many"}})), BadRequest);
}

TEST(SmartIqContent, SurvivesARestart) {
  Server dev("dev");
  const std::string pack = dev.export_text(dev.whole_request());
  const std::filesystem::path file = std::filesystem::path(testing::TempDir()) / "smartiq_restart.json";
  std::filesystem::remove(file);
  Settings made = settings("test");
  made.now_ms = [] { return std::int64_t{1'767'225'600'000}; };
  Headers bearer;
  {
    Site site(make_smartiq, made, file);
    Listener listener(site, "127.0.0.1", 0);
    const RawAnswer token =
        send(listener.port(), "POST", api + "login/forms", no_headers, R"({"username":"admin","password":"sandbox"})");
    bearer = {{"Authorization", "Bearer " + json::string(token.json(), "authorizationToken")}};
    EXPECT_EQ(send(listener.port(), "POST", api + "projects/sync/import", bearer, pack).status, 204);
  }
  Site site(make_smartiq, made, file);
  Listener listener(site, "127.0.0.1", 0);
  EXPECT_EQ(json::integer(site.counters(), "imports_applied"), 1);
  const RawAnswer exported = send(listener.port(), "POST", api + "projects/sync/export", bearer, dev.whole_request());
  EXPECT_EQ(exported.body, pack);
  std::filesystem::remove(file);
  EXPECT_THROW(make_smartiq(made)->restore("{}"), BadRequest);
}

}  // namespace

}  // namespace sandbox::test
