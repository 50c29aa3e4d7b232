// Dev2Prod as its documents have it: the worked example field for field, then the rules around it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "tests/samples/sandbox/raw_http.hpp"

namespace sandbox::test {

namespace {

using testing::HasSubstr;

const std::string tenant = "123456789";
const Headers no_headers;
const std::string agent = "Apache-HttpClient/4.4.1";

Settings settings(const std::string& name, std::map<std::string, std::string> options = {}) {
  Settings made;
  made.platform = "dev2prod";
  made.name = name;
  made.tenant = tenant;
  made.options = std::move(options);
  return made;
}

std::string log_in_target(const std::string& way = "login", const std::string& id = tenant) {
  return "/auth/authentication-endpoint/authenticate/" + way + "?TENANTID=" + id;
}

// One tenant and a client that has logged in.
struct Tenant : Playing {
  explicit Tenant(const std::string& name = "dev", std::map<std::string, std::string> options = {})
      : Playing(make_dev2prod, settings(name, std::move(options))), admin(log_in("admin")) {}

  Headers log_in(const std::string& user) {
    const RawAnswer answer = post(log_in_target(), no_headers, R"({"login":")" + user + R"(","password":"sandbox"})");
    EXPECT_EQ(answer.status, 200) << answer.body;
    return {{"Cookie", "SMAX_AUTH_TOKEN=" + answer.body + "; TENANTID=" + tenant}};
  }
  RawAnswer call(const std::string& method, const std::string& path, const std::string& body = "") {
    return send(method, "/rest/" + tenant + path, admin, body);
  }
  std::string begin(const std::string& path, const std::string& body) {
    const RawAnswer answer = call("POST", path, body);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return json::string(answer.json(), "Id");
  }
  json::Object status(const std::string& path) { return call("GET", path).json(); }
  // The finished export.
  json::Object exported(const std::string& package) {
    const std::string id = begin("/dev2prod/export/types/" + package, "{}");
    advance(200);
    return status("/dev2prod/export/" + id);
  }
  std::string package(const std::string& id) {
    const RawAnswer answer = call("GET", "/ces/attachment/" + json::string(exported(id), "FileId"));
    EXPECT_EQ(answer.status, 200);
    return answer.body;
  }
  RawAnswer upload(const std::string& content, const std::string& field = "files[]", const std::string& path = "",
                   const std::string& user_agent = agent) {
    const auto [type, body] = form({{field, "package.zip", "application/zip", content}});
    Headers headers = admin;
    headers.emplace_back("Content-Type", type);
    if (!user_agent.empty()) headers.emplace_back("User-Agent", user_agent);
    return send("POST", "/rest/" + tenant + "/ces/attachment" + path, headers, body);
  }
  std::string uploaded(const std::string& content) { return json::string(upload(content).json(), "guid"); }
  std::string begin_import(const std::string& file, bool dry_run = false) {
    return begin(dry_run ? "/dev2prod/import?dryRun=true" : "/dev2prod/import", R"({"FileId":")" + file + "\"}");
  }
  json::Object imported(const std::string& file, bool dry_run = false) {
    const std::string id = begin_import(file, dry_run);
    advance(200);
    return status("/dev2prod/import/" + id);
  }
  std::int64_t counter(const std::string& name) { return json::integer(site().counters(), name); }

  Headers admin;
};

std::string totals(const json::Object& import) { return json::text(import->get("Totals")); }

TEST(Dev2ProdExample, TheExportIsTheDocuments) {
  Tenant source("dev", {{"export_ms", "1291"},
                        {"object_ids", "6797556be4b0c05084915394"},
                        {"file_ids", "c7e87b89-f214-4766-8032-bba6967e1c49"}});
  source.advance(1737971051843 - source.now_ms());
  source.admin = source.log_in("admin");
  const RawAnswer posted = source.call("POST", "/dev2prod/export/types/54321", "{}");
  EXPECT_EQ(posted.status, 200);
  EXPECT_THAT(posted.header("Content-Type"), HasSubstr("application/json"));
  EXPECT_EQ(posted.body, R"({"Id":"6797556be4b0c05084915394"})");
  source.advance(1291);
  const RawAnswer answer = source.call("GET", "/dev2prod/export/6797556be4b0c05084915394");
  EXPECT_EQ(answer.body, json::text(json::parse(R"(
    { "id": "6797556be4b0c05084915394", "PackageBundleName": "Package-54321-123456789-2025-01-27 09-44",
      "Status": "COMPLETED", "FileId": "c7e87b89-f214-4766-8032-bba6967e1c49", "StartTime": 1737971051843,
      "LastUpdateTime": 1737971053134, "ItemCount": 352, "Statistics": [
        { "PackageName": "metadata", "ItemCount": 0 }, { "PackageName": "workflow", "ItemCount": 24 },
        { "PackageName": "formLayouts", "ItemCount": 117 }, { "PackageName": "customAction", "ItemCount": 0 },
        { "PackageName": "indexConfiguration", "ItemCount": 0 }, { "PackageName": "featureInstances", "ItemCount": 26 },
        { "PackageName": "uiComponentConfig", "ItemCount": 0 },
        { "PackageName": "notificationTemplateDefinitions", "ItemCount": 88 },
        { "PackageName": "notificationTemplateBodies", "ItemCount": 97 },
        { "PackageName": "SLTTenantSetting", "ItemCount": 0 }, { "PackageName": "data", "ItemCount": 0 },
        { "PackageName": "userOptionMetadata", "ItemCount": 0 }, { "PackageName": "rulesInEntity", "ItemCount": 0 },
        { "PackageName": "many2manyRelations", "ItemCount": 0 }, { "PackageName": "attachments", "ItemCount": 0 },
        { "PackageName": "customAppSltSettings", "ItemCount": 0 }, { "PackageName": "resourceBundles", "ItemCount": 0 }
      ], "OperationType": "Export" })")));
}

TEST(Dev2ProdExample, TheDryRunIsTheDocuments) {
  Tenant source("dev"), target("test", {{"import_ms", "53754"},
                                        {"object_ids",
                                         "66fabdf1e4b06908b04d4051,66fabdf1e4b06908b04d4051,"
                                         "67975a8be4b0c050849153b2"},
                                        {"file_ids", "c7e87b89-f214-4766-8032-bba6967e1c49"}});
  target.advance(1737972352849 - target.now_ms());
  target.admin = target.log_in("admin");
  const RawAnswer uploaded = target.upload(source.package("54322"), "Files[]");
  EXPECT_EQ(json::string(uploaded.json(), "Id"), "66fabdf1e4b06908b04d4051");
  const RawAnswer posted =
      target.call("POST", "/dev2prod/import?dryRun=true", R"({ "FileId": "c7e87b89-f214-4766-8032-bba6967e1c49" })");
  EXPECT_EQ(posted.body, R"({"Id":"66fabdf1e4b06908b04d4051"})");
  target.advance(60'000);
  const RawAnswer answer = target.call("GET", "/dev2prod/import/66fabdf1e4b06908b04d4051");
  EXPECT_EQ(answer.body, json::text(json::parse(R"(
    { "TimeToLive": 9946986, "StudioLocked": false, "SystemLocked": false, "id": "66fabdf1e4b06908b04d4051",
      "FileId": "c7e87b89-f214-4766-8032-bba6967e1c49", "Status": "COMPLETED", "DryRun": true,
      "PackageManagerId": "67975a8be4b0c050849153b2", "StartTime": 1737972352849, "LastUpdateTime": 1737972406603,
      "ProcessingServerName": "company-server", "Results": [
        { "PackageName": "metadata", "Statistics": { "Modified": 300, "Removed": 0, "Failed": 0, "Skipped": 0 },
          "Errors": [], "Warnings": [] },
        { "PackageName": "SLTTenantSetting", "Statistics": { "Modified": 0, "Removed": 0, "Failed": 0, "Skipped": 0 },
          "Errors": [], "Warnings": [] },
        { "PackageName": "indexConfiguration", "Statistics": { "Modified": 26, "Removed": 0, "Failed": 0, "Skipped": 0 },
          "Errors": [], "Warnings": [] } ],
      "Totals": { "Added": 0, "Modified": 326, "Removed": 0, "Failed": 0, "Skipped": 0 },
      "OperationType": "Import" })")));
  EXPECT_EQ(target.counter("imports_dry"), 1);
  EXPECT_EQ(target.counter("imports_applied"), 0);
}

TEST(Dev2ProdLogIn, GivesAPlainTokenThatIsACookie) {
  Tenant dev;
  for (const std::string way : {"login", "token"}) {
    const RawAnswer answer = dev.post(log_in_target(way), no_headers, R"({"Login":"admin","Password":"sandbox"})");
    EXPECT_EQ(answer.status, 200);
    EXPECT_THAT(answer.header("Content-Type"), HasSubstr("text/plain"));
    EXPECT_EQ(std::count(answer.body.begin(), answer.body.end(), '.'), 2);
    for (const std::string name : {"SMAX_AUTH_TOKEN", "LWSSO_COOKIE_KEY"}) {
      const Headers cookie{{"Cookie", "TENANTID=" + tenant + "; " + name + "=" + answer.body}};
      EXPECT_EQ(dev.get("/rest/" + tenant + "/dev2prod/export/none", cookie).status, 404);
    }
  }
  const auto status = [&](const std::string& target, const std::string& body) {
    return dev.post(target, no_headers, body).status;
  };
  const std::string right = R"({"login":"admin","password":"sandbox"})";
  EXPECT_EQ(status(log_in_target(), R"({"login":"admin","password":"wrong"})"), 401);
  EXPECT_EQ(status(log_in_target("login", "1"), right), 401);
  EXPECT_EQ(status("/auth/authentication-endpoint/authenticate/login", right), 401);
  EXPECT_EQ(status(log_in_target(), "login"), 400);
  EXPECT_EQ(status(log_in_target("guess"), right), 404);
  EXPECT_EQ(dev.get("/rest/" + tenant + "/dev2prod/export/none").status, 401);
  EXPECT_EQ(dev.get("/rest/1/dev2prod/export/none", dev.admin).status, 403);
  EXPECT_EQ(dev.counter("logins"), 3);
}

TEST(Dev2ProdLogIn, TokensEnd) {
  Tenant dev("dev", {{"token_ms", "1000"}});
  EXPECT_EQ(dev.call("GET", "/dev2prod/export/none").status, 404);
  Faults expire;
  expire.expire_tokens = true;
  dev.faults().set({expire});
  EXPECT_EQ(dev.call("GET", "/dev2prod/export/none").status, 401);
  dev.admin = dev.log_in("admin");
  EXPECT_EQ(dev.call("GET", "/dev2prod/export/none").status, 404);
  dev.advance(1000);
  EXPECT_EQ(dev.call("GET", "/dev2prod/export/none").status, 401);
}

TEST(Dev2ProdExport, TakesItsTime) {
  Tenant dev;
  const std::string id = dev.begin("/dev2prod/export/types/54320", "");
  EXPECT_EQ(id.size(), 24u);
  dev.advance(100);
  const json::Object running = dev.status("/dev2prod/export/" + id);
  EXPECT_EQ(json::string(running, "Status"), "RUNNING");
  EXPECT_TRUE(running->has("FileId") && running->isNull("FileId"));
  EXPECT_EQ(json::elements(running, "Statistics").size(), 8u);
  EXPECT_EQ(dev.counter("jobs_running"), 1);
  EXPECT_EQ(dev.counter("exports"), 0);
  dev.advance(100);
  const json::Object done = dev.status("/dev2prod/export/" + id);
  EXPECT_EQ(json::string(done, "Status"), "COMPLETED");
  EXPECT_EQ(json::elements(done, "Statistics").size(), 17u);
  EXPECT_EQ(json::integer(done, "ItemCount"), 788);
  EXPECT_EQ(json::integer(done, "LastUpdateTime") - json::integer(done, "StartTime"), 200);
  EXPECT_EQ(dev.counter("jobs_running"), 0);
  EXPECT_EQ(dev.counter("exports"), 1);
  EXPECT_EQ(dev.call("POST", "/dev2prod/export/types/1", "{}").status, 404);
  EXPECT_EQ(dev.call("POST", "/dev2prod/export/types/54321", "{").status, 400);
  EXPECT_EQ(dev.call("GET", "/dev2prod/import/" + id).status, 404);
}

TEST(Dev2ProdFiles, AreFoundUnderBothPaths) {
  Tenant dev;
  const std::string file = json::string(dev.exported("54321"), "FileId");
  const RawAnswer one = dev.call("GET", "/ces/attachment/" + file);
  const RawAnswer other = dev.call("GET", "/dev2prod/ces/attachment/" + file);
  EXPECT_EQ(one.status, 200);
  EXPECT_EQ(one.header("Content-Type"), "application/zip");
  EXPECT_EQ(one.body.substr(0, 4), "PK\x03\x04");
  EXPECT_EQ(one.body, other.body);
  EXPECT_EQ(dev.package("54321"), one.body);
  EXPECT_EQ(dev.call("GET", "/ces/attachment/c7e87b89-f214-4766-8032-bba6967e1c49").status, 404);
  EXPECT_EQ(dev.counter("downloads"), 3);
  Tenant large("dev", {{"package_bytes", "5000000"}});
  EXPECT_GT(large.package("54321").size(), 5'000'000u);
}

TEST(Dev2ProdFiles, AreUploadedAsClientsDo) {
  Tenant dev;
  for (const std::string field : {"files[]", "Files[]"}) {
    for (const std::string path : {"", "/"}) {
      const RawAnswer answer = dev.upload("some bytes", field, path);
      ASSERT_EQ(answer.status, 200) << answer.body;
      const json::Object object = answer.json();
      EXPECT_THAT(object->getNames(),
                  testing::ElementsAre("Id", "contentMD5", "metadata", "creator", "success", "name", "guid",
                                       "contentEncoding", "contentLanguage", "eTag", "contentLength", "serverTime",
                                       "lastModified", "expiredTimestamp", "contentType"));
      EXPECT_EQ(json::string(object, "Id").size(), 24u);
      EXPECT_EQ(json::string(object, "guid").size(), 36u);
      EXPECT_EQ(json::string(object, "contentMD5"), "9d0568469d206c1aedf1b71f12f474bc");
      EXPECT_EQ(json::integer(object, "contentLength"), 10);
      EXPECT_EQ(json::string(object, "contentType"), "application/zip");
      EXPECT_TRUE(json::boolean(object, "success"));
      EXPECT_TRUE(object->isNull("contentEncoding"));
      EXPECT_EQ(dev.call("GET", "/ces/attachment/" + json::string(object, "guid")).body, "some bytes");
      EXPECT_EQ(dev.call("GET", "/ces/attachment/" + json::string(object, "Id")).body, "some bytes");
    }
  }
  EXPECT_EQ(dev.upload("some bytes", "file").status, 400);
  EXPECT_EQ(dev.upload("some bytes", "files[]", "", "curl/7.88.1").status, 403);
  EXPECT_EQ(dev.upload("some bytes", "files[]", "", "").status, 403);
  Tenant lenient("dev", {{"user_agent", "any"}});
  EXPECT_EQ(lenient.upload("some bytes", "files[]", "", "").status, 200);
  EXPECT_EQ(dev.counter("uploads"), 4);
}

TEST(Dev2ProdImport, ADryRunChangesNothingAndTellsTheSame) {
  Tenant source("dev"), target("test");
  const std::string file = target.uploaded(source.package("54321"));
  const std::string expected = R"({"Added":5,"Modified":19,"Removed":0,"Failed":0,"Skipped":0})";
  EXPECT_EQ(totals(target.imported(file, true)), expected);
  EXPECT_EQ(totals(target.imported(file, true)), expected);
  const json::Object real = target.imported(file);
  EXPECT_EQ(totals(real), expected);
  EXPECT_FALSE(json::boolean(real, "DryRun", true));
  EXPECT_EQ(totals(target.imported(file, true)), R"({"Added":0,"Modified":0,"Removed":0,"Failed":0,"Skipped":0})");
  EXPECT_EQ(target.package("54321"), source.package("54321"));
  EXPECT_EQ(target.counter("imports_dry"), 3);
  EXPECT_EQ(target.counter("imports_started"), 1);
  EXPECT_EQ(target.counter("imports_applied"), 1);
  EXPECT_EQ(target.counter("items_added"), 5);
  EXPECT_EQ(target.counter("items_modified"), 19);
}

TEST(Dev2ProdImport, OnlyAPackageOfEverythingRemoves) {
  Tenant source("dev"), target("test");
  const json::Object few = target.imported(target.uploaded(source.package("54323")));
  EXPECT_EQ(totals(few), R"({"Added":2,"Modified":4,"Removed":0,"Failed":0,"Skipped":0})");
  const json::Object everything = target.imported(target.uploaded(source.package("54320")));
  EXPECT_EQ(json::integer(json::child(everything, "Totals"), "Removed"), 1);
  EXPECT_EQ(target.package("54320"), source.package("54320"));
  Tenant own("prod", {{"clone", "false"}});
  const json::Object strange = own.imported(own.uploaded(source.package("54321")), true);
  EXPECT_EQ(totals(strange), R"({"Added":352,"Modified":0,"Removed":0,"Failed":0,"Skipped":0})");
}

TEST(Dev2ProdImport, LocksOthersOutWhileItRuns) {
  Tenant source("dev"), target("test", {{"import_ms", "10000"}});
  const Headers other = target.log_in("agent");
  const std::string package = source.package("54321"), file = target.uploaded(package);
  const auto reads = [&] { return target.get("/rest/" + tenant + "/ces/attachment/" + file, other).status; };
  EXPECT_EQ(reads(), 200);
  EXPECT_EQ(target.get("/rest/" + tenant + "/dev2prod/export/none", other).status, 403);

  const std::string dry = target.begin_import(file, true);
  json::Object status = target.status("/dev2prod/import/" + dry);
  EXPECT_EQ(json::string(status, "Status"), "RUNNING");
  EXPECT_FALSE(json::boolean(status, "SystemLocked", true));
  EXPECT_EQ(reads(), 200);
  target.advance(10'000);

  const std::string id = target.begin_import(file);
  target.advance(2'000);
  status = target.status("/dev2prod/import/" + id);
  EXPECT_EQ(json::string(status, "Status"), "RUNNING");
  EXPECT_TRUE(json::boolean(status, "SystemLocked"));
  EXPECT_TRUE(json::boolean(status, "StudioLocked"));
  EXPECT_EQ(json::integer(status, "TimeToLive"), 10'000'000 - 2'000 + 740);
  EXPECT_EQ(json::elements(status, "Results").size(), 1u);
  target.advance(1'000);
  EXPECT_EQ(json::integer(target.status("/dev2prod/import/" + id), "TimeToLive"), 10'000'000 - 3'000 + 740);
  EXPECT_EQ(reads(), 403);
  EXPECT_EQ(target.call("POST", "/dev2prod/import", R"({"FileId":")" + file + "\"}").status, 400);
  EXPECT_EQ(target.call("POST", "/dev2prod/export/types/54321", "{}").status, 400);
  EXPECT_EQ(target.counter("jobs_running"), 1);
  EXPECT_EQ(target.counter("locked_out"), 1);
  EXPECT_EQ(target.counter("imports_applied"), 0);
  target.advance(7'000);
  status = target.status("/dev2prod/import/" + id);
  EXPECT_EQ(json::string(status, "Status"), "COMPLETED");
  EXPECT_FALSE(json::boolean(status, "SystemLocked", true));
  EXPECT_FALSE(json::boolean(status, "StudioLocked", true));
  EXPECT_EQ(reads(), 200);
  EXPECT_EQ(target.counter("imports_applied"), 1);
}

TEST(Dev2ProdImport, OfManyAtOnceOneBegins) {
  Tenant source("dev"), target("test");
  const std::string package = source.package("54321"), file = target.uploaded(package);
  std::vector<std::thread> threads;
  std::atomic<int> begun = 0, refused = 0;
  for (int client = 0; client < 8; ++client) {
    threads.emplace_back([&] {
      target.upload(package);
      const int status = target.call("POST", "/dev2prod/import", R"({"FileId":")" + file + "\"}").status;
      ++(status == 200 ? begun : refused);
      target.call("GET", "/ces/attachment/" + file);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(begun, 1);
  EXPECT_EQ(refused, 7);
  EXPECT_EQ(target.counter("imports_started"), 1);
  EXPECT_EQ(target.counter("uploads"), 9);
}

TEST(Dev2ProdImport, TakesEitherIdOfAFileAndRefusesWhatIsNone) {
  Tenant source("dev"), target("test");
  const RawAnswer uploaded = target.upload(source.package("54322"));
  const std::string id = json::string(uploaded.json(), "Id");
  EXPECT_EQ(json::string(target.imported(id, true), "FileId"), id);
  const auto status = [&](const std::string& body) { return target.call("POST", "/dev2prod/import", body).status; };
  EXPECT_EQ(status("{}"), 400);
  EXPECT_EQ(status(""), 400);
  EXPECT_EQ(status("[]"), 400);
  EXPECT_EQ(status(R"({"FileId":"c7e87b89-f214-4766-8032-bba6967e1c49"})"), 404);
}

TEST(Dev2ProdImport, ADamagedPackageFailsAndLeavesTheTenantAsItWas) {
  Tenant source("dev"), target("test");
  const std::string package = source.package("54321"), before = target.package("54320");
  std::string flipped = package;
  flipped[flipped.find("\"Body\":\"") + 10] ^= 1;
  const std::string damaged[] = {"no archive", package.substr(0, package.size() / 2), flipped,
                                 std::string("PK\x05\x06", 4) + std::string(18, '\0')};
  for (const std::string& content : damaged) {
    const json::Object failed = target.imported(target.uploaded(content));
    EXPECT_EQ(json::string(failed, "Status"), "FAILED");
    const json::Object first = json::as_object(json::elements(failed, "Results").at(0));
    EXPECT_EQ(json::texts(first, "Errors").size(), 1u);
  }
  EXPECT_EQ(target.counter("imports_failed"), 4);
  EXPECT_EQ(target.counter("rolled_back"), 4);
  EXPECT_EQ(target.package("54320"), before);
}

TEST(Dev2ProdFaults, ItemsFailOrAreSkipped) {
  Tenant source("dev"), target("test");
  Faults faults;
  faults.fail_items = {"workflow-001"};
  faults.skip_items = {"formLayouts-001", "formLayouts-117"};
  target.faults().set({faults});
  const json::Object import = target.imported(target.uploaded(source.package("54323")));
  EXPECT_EQ(json::string(import, "Status"), "COMPLETED");
  EXPECT_EQ(totals(import), R"({"Added":1,"Modified":2,"Removed":0,"Failed":1,"Skipped":2})");
  const json::Object workflow = json::as_object(json::elements(import, "Results").at(0));
  EXPECT_EQ(json::text(workflow->get("Statistics")), R"({"Modified":1,"Removed":0,"Failed":1,"Skipped":0})");
  EXPECT_THAT(json::texts(workflow, "Errors").at(0), HasSubstr("workflow-001"));
  const json::Object layouts = json::as_object(json::elements(import, "Results").at(1));
  EXPECT_EQ(json::texts(layouts, "Warnings").size(), 2u);
}

TEST(Dev2ProdFaults, JobsFailHangOrEndHalfDone) {
  Tenant source("dev"), target("test");
  const std::string file = target.uploaded(source.package("54321")), before = target.package("54320");
  const auto next_job = [&](const std::string& word) {
    Faults faults;
    faults.job = word;
    faults.count = 1;
    target.faults().set({faults});
  };
  next_job("fail");
  const json::Object failed = target.imported(file);
  EXPECT_EQ(json::string(failed, "Status"), "FAILED");
  EXPECT_EQ(totals(failed), R"({"Added":0,"Modified":0,"Removed":0,"Failed":0,"Skipped":0})");
  EXPECT_EQ(target.package("54320"), before);
  EXPECT_EQ(target.counter("rolled_back"), 1);

  next_job("fail");
  const json::Object no_export = target.exported("54321");
  EXPECT_EQ(json::string(no_export, "Status"), "FAILED");
  EXPECT_TRUE(no_export->isNull("FileId"));

  next_job("hang");
  const std::string hanging = target.begin_import(file);
  target.advance(1'000'000);
  json::Object status = target.status("/dev2prod/import/" + hanging);
  EXPECT_EQ(json::string(status, "Status"), "RUNNING");
  EXPECT_EQ(json::integer(status, "LastUpdateTime"), json::integer(status, "StartTime"));
  EXPECT_TRUE(json::boolean(status, "SystemLocked"));
  target.advance(9'100'000);
  target.admin = target.log_in("admin");
  status = target.status("/dev2prod/import/" + hanging);
  EXPECT_EQ(json::string(status, "Status"), "FAILED");
  EXPECT_EQ(json::integer(status, "TimeToLive"), 0);
  EXPECT_EQ(target.package("54320"), before);

  next_job("partial");
  const json::Object partial = target.imported(file);
  EXPECT_EQ(json::string(partial, "Status"), "COMPLETED");
  EXPECT_EQ(json::integer(json::child(partial, "Totals"), "Failed"), 5);
  EXPECT_NE(target.package("54320"), before);
  EXPECT_EQ(totals(target.imported(file)), R"({"Added":2,"Modified":0,"Removed":0,"Failed":0,"Skipped":0})");
}

TEST(Dev2ProdContent, FollowsFromTheSeedAndSurvivesARestart) {
  Settings made = settings("test");
  std::int64_t clock = 1'767'225'600'000;
  made.now_ms = [&clock] { return clock; };
  EXPECT_EQ(make_dev2prod(made)->state(), make_dev2prod(made)->state());
  Settings other = made;
  other.seed = 2;
  EXPECT_NE(make_dev2prod(other)->state(), make_dev2prod(made)->state());
  EXPECT_THROW(make_dev2prod(settings("test", {{"job_ms", "soon"}})), BadRequest);
  EXPECT_THROW(make_dev2prod(made)->restore("{}"), BadRequest);

  Tenant source("dev");
  const std::string package = source.package("54321");
  const auto [type, body] = form({{"files[]", "package.zip", "application/zip", package}});
  const std::filesystem::path file = std::filesystem::path(testing::TempDir()) / "dev2prod_restart.json";
  std::filesystem::remove(file);
  Headers cookie;
  std::string guid, import;
  const std::string base = "/rest/" + tenant;
  {
    Site site(make_dev2prod, made, file);
    Listener listener(site, "127.0.0.1", 0);
    const RawAnswer token =
        send(listener.port(), "POST", log_in_target(), no_headers, R"({"login":"admin","password":"sandbox"})");
    cookie = {{"Cookie", "SMAX_AUTH_TOKEN=" + token.body}};
    Headers headers = cookie;
    headers.emplace_back("Content-Type", type);
    headers.emplace_back("User-Agent", agent);
    guid = json::string(send(listener.port(), "POST", base + "/ces/attachment", headers, body).json(), "guid");
    import = json::string(
        send(listener.port(), "POST", base + "/dev2prod/import", cookie, R"({"FileId":")" + guid + "\"}").json(), "Id");
  }
  // The import ends while nobody is there.
  clock += 1'000;
  Site site(make_dev2prod, made, file);
  Listener listener(site, "127.0.0.1", 0);
  const json::Object status = send(listener.port(), "GET", base + "/dev2prod/import/" + import, cookie).json();
  EXPECT_EQ(json::string(status, "Status"), "COMPLETED");
  EXPECT_EQ(totals(status), R"({"Added":5,"Modified":19,"Removed":0,"Failed":0,"Skipped":0})");
  EXPECT_EQ(json::integer(site.counters(), "imports_applied"), 1);
  EXPECT_EQ(send(listener.port(), "GET", base + "/ces/attachment/" + guid, cookie).body, package);
  const std::string again = json::string(
      send(listener.port(), "POST", base + "/dev2prod/import?dryRun=true", cookie, R"({"FileId":")" + guid + "\"}")
          .json(),
      "Id");
  clock += 1'000;
  EXPECT_EQ(totals(send(listener.port(), "GET", base + "/dev2prod/import/" + again, cookie).json()),
            R"({"Added":0,"Modified":0,"Removed":0,"Failed":0,"Skipped":0})");
  std::filesystem::remove(file);
}

}  // namespace

}  // namespace sandbox::test
