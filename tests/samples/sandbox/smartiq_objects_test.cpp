// SmartIQ as its documents have it: its objects one by one, and the content a server begins with.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "tests/samples/sandbox/smartiq_server.hpp"

namespace sandbox::test {

namespace {

using testing::UnorderedElementsAre;

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
