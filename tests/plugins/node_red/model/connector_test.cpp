// The connector on a host of its own and a Node-RED that says what the test wants.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "ferry/testing.hpp"
#include "tests/plugins/node_red/facts.hpp"

namespace ferry::node_red {
namespace {

using ::testing::AllOf;
using testing::Connector;
using ::testing::ElementsAre;
using testing::FakeHost;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::Package;
using testing::Reply;
using testing::Result;

constexpr const char* plain = R"({"connection":"dev","url":"http://dev.test","settings":{}})";
constexpr const char* with_user = R"({"connection":"dev","url":"http://dev.test","settings":{"username":"ann"}})";

// A Node-RED that has the types of these tests installed.
struct NodeRedHost : FakeHost {
  NodeRedHost() {
    always("GET", "/nodes",
           {.body = R"([{"id":"node-red/all","enabled":true,"types":["http request","http proxy","http in",
                        "http response","function","debug","inject","link in","link out","comment","tls-config",
                        "mqtt-broker","mqtt in","config"]},{"enabled":false,"types":["switched-off"]}])"});
    always("GET", "/settings", {.body = R"({"version":"4.1.0"})"});
  }
};

std::string answer(const std::string& nodes, const std::string& revision = "r1") {
  return R"({"flows":)" + nodes + R"(,"rev":")" + revision + R"("})";
}

constexpr const char* one_flow =
    R"([{"id":"t","type":"tab","label":"T"},{"id":"n","type":"http request","z":"t","x":1,"y":1,"proxy":"c","wires":[]},
        {"id":"c","type":"http proxy","name":"P","url":"http://p"}])";
constexpr const char* other_url =
    R"([{"id":"t","type":"tab","label":"T"},{"id":"n","type":"http request","z":"t","x":1,"y":1,"proxy":"c","wires":[]},
        {"id":"c","type":"http proxy","name":"P","url":"http://q"}])";

Package exported(const std::string& nodes, const std::string& request = "{}") {
  NodeRedHost host;
  host.always("GET", "/flows", {.body = answer(nodes)});
  Result result = Connector(host, ferry_connector_v1(), plain).export_package(request);
  EXPECT_EQ(result.status, FERRY_OK) << result.message;
  EXPECT_THAT(result.violations, IsEmpty());
  return std::move(result.package);
}

TEST(NodeRedExportTest, IsStableAndComplete) {
  const Package package = exported(one_flow);
  std::vector<std::string> names;
  for (const auto& [name, content] : package.entries) names.push_back(name);
  EXPECT_THAT(names, ElementsAre("manifest.json", "config_nodes/c.json", "flows/t.json"));
  EXPECT_EQ(package.description["complete"], Json(true));
  EXPECT_EQ(package.entries,
            exported(R"([{"url":"http://p","name":"P","type":"http proxy","id":"c"},{"wires":[],"y":1,"x":1,"proxy":"c",
              "z":"t","type":"http request","id":"n"},{"label":"T","id":"t","type":"tab"}])")
                .entries);
  const Json manifest = Json::parse(package.entries[0].second);
  EXPECT_EQ(manifest["artefacts"].items()[1]["hash"], Json(sha256_hex(package.entries[2].second)));
}

TEST(NodeRedExportTest, TakesASelectionWithWhatItNeeds) {
  const std::string more =
      std::string(one_flow).substr(0, std::string(one_flow).size() - 1) +
      R"(,{"id":"u","type":"tab","label":"U"},{"id":"l","type":"link out","z":"t","links":["m"],"x":1,"y":1},
                            {"id":"m","type":"link in","z":"u","links":["l"],"x":1,"y":1}])";
  const auto names = [&](const std::string& request) {
    std::vector<std::string> out;
    for (const auto& [name, content] : exported(more, request).entries) out.push_back(name);
    return out;
  };
  EXPECT_THAT(names(R"({"select":[{"type":"flow","key":"T"}]})"),
              ElementsAre("manifest.json", "config_nodes/c.json", "flows/t.json"));
  EXPECT_THAT(names(R"({"select":[{"key":"t"}],"dependencies":false})"), ElementsAre("manifest.json", "flows/t.json"));
  const Package package = exported(more, R"({"select":[{"key":"t"}]})");
  EXPECT_EQ(Json::parse(package.entries[0].second)["artefacts"].items()[1]["links"].dump(), R"(["m"])");
  EXPECT_EQ(package.description["complete"], Json(false));
  EXPECT_EQ(Json::parse(package.entries[0].second)["artefacts"].items()[1]["references"].dump(),
            R"([{"id":"c","type":"config_node"}])");
}

TEST(NodeRedExportTest, MakesIdsIntoFileNames) {
  EXPECT_EQ(exported(R"([{"id":"../a/\u00e9.b","type":"tab","label":""}])").entries[1].first,
            "flows/%2E.%2Fa%2F%C3%A9.b.json");
  const std::string longest(300, 'x');
  EXPECT_EQ(exported(R"([{"id":")" + longest + R"(","type":"tab"}])").entries[1].first,
            "flows/%" + sha256_hex(longest) + ".json");
}

TEST(NodeRedInspectTest, NeedsNoServer) {
  const Package package = exported(one_flow);
  NodeRedHost host;
  Result result = Connector(host, ferry_connector_v1(), plain).inspect(package);
  EXPECT_EQ(result.status, FERRY_OK) << result.message;
  EXPECT_THAT(result.violations, IsEmpty());
  ASSERT_EQ(result.records["flow"].size(), 1u);
  EXPECT_EQ(result.records["flow"][0]["name"], Json("T"));
  EXPECT_EQ(result.records["config_node"].size(), 1u);
  EXPECT_TRUE(host.requests.empty());
}

TEST(NodeRedInspectTest, KnowsTheFlowsThatLinksLeadTo) {
  constexpr const char* linked = R"([{"id":"t","type":"tab","label":"T"},{"id":"u","type":"tab","label":"U"},
      {"id":"l","type":"link out","z":"t","links":["m","gone"],"x":1,"y":1},
      {"id":"m","type":"link in","z":"u","links":["l"],"x":1,"y":1}])";
  NodeRedHost host;
  host.on("GET", "/flows", {.body = answer(linked)});
  Connector connector(host, ferry_connector_v1(), plain);
  Result inspected = connector.inspect(exported(linked));
  EXPECT_EQ(inspected.records["flow"][0]["references"].dump(), R"([{"type":"flow","id":"u"}])");
  EXPECT_EQ(inspected.records["flow"][1]["references"].dump(), R"([{"type":"flow","id":"t"}])");
  EXPECT_EQ(connector.read(R"({"streams":[{"stream":"flow","mode":"full"}]})").records["flow"],
            inspected.records["flow"]);
}

TEST(NodeRedReadTest, IsTheInventory) {
  NodeRedHost host;
  host.on("GET", "/flows", {.body = answer(one_flow)});
  Connector connector(host, ferry_connector_v1(), plain);
  Result result =
      connector.read(R"({"streams":[{"stream":"flow","mode":"full"},{"stream":"config_node","mode":"full"}]})");
  EXPECT_EQ(result.status, FERRY_OK) << result.message;
  Result inspected = connector.inspect(exported(one_flow));
  EXPECT_EQ(result.records["flow"], inspected.records["flow"]);
  EXPECT_EQ(result.records["config_node"], inspected.records["config_node"]);
  EXPECT_EQ(connector.read(R"({"streams":[{"stream":"flows","mode":"full"}]})").status, FERRY_BAD_CONFIG);
  EXPECT_EQ(connector.read(R"({"streams":[{"stream":"flow","mode":"incremental"}]})").status, FERRY_UNSUPPORTED);
}

TEST(NodeRedCatalogTest, HasThreeArtefactStreams) {
  NodeRedHost host;
  Result result = Connector(host, ferry_connector_v1(), plain).catalog();
  ASSERT_EQ(result.records["catalog"].size(), 3u);
  for (const Json& stream : result.records["catalog"]) EXPECT_EQ(stream["kind"], Json("artefact"));
}

TEST(NodeRedImportTest, SendsNothingIfNothingDiffers) {
  NodeRedHost host;
  host.on("GET", "/flows", {.body = answer(one_flow)});
  const Result result = Connector(host, ferry_connector_v1(), plain).import_package(exported(one_flow));
  EXPECT_EQ(result.status, FERRY_OK) << result.message;
  EXPECT_THAT(items(result), ElementsAre("config_node c unchanged", "flow t unchanged"));
  EXPECT_THAT(result.violations, IsEmpty());
}

TEST(NodeRedImportTest, SendsOnlyWhatDiffers) {
  NodeRedHost host;
  host.on("GET", "/flows",
          {.body = answer(R"([{"id":"t","type":"tab","label":"T"},
    {"id":"keep", "type":"stray","z":"nowhere","big": 12345678901234567890},
    {"id":"c","type":"http proxy","name":"P","url":"http://old"},
    {"id":"n","type":"http request","z":"t","x":1,"y":1,"proxy":"c","wires":[]}])",
                          "r7")});
  host.on("POST", "/flows", {.body = R"({"rev":"r8"})"});
  const Result result =
      Connector(host, ferry_connector_v1(), plain).import_package(exported(one_flow), R"({"policy":"replace"})");
  EXPECT_EQ(result.status, FERRY_OK) << result.message;
  EXPECT_THAT(items(result), ElementsAre("config_node c modified", "flow t unchanged"));
  EXPECT_THAT(problems(result), ElementsAre("stray_node"));
  ASSERT_EQ(host.requests.size(), 3u);
  EXPECT_EQ(host.requests[2].body,
            R"({"flows":[{"id":"t","type":"tab","label":"T"},)"
            R"({"id":"keep", "type":"stray","z":"nowhere","big": 12345678901234567890}, {)"
            "\n  \"id\": \"c\",\n  \"name\": \"P\",\n  \"type\": \"http proxy\",\n  \"url\": \"http://p\"\n },"
            R"({"id":"n","type":"http request","z":"t","x":1,"y":1,"proxy":"c","wires":[]}],"rev":"r7"})");
}

TEST(NodeRedImportTest, IsRefusedByAbortBeforeAnythingIsSent) {
  for (const char* request : {R"({"preview":true})", "{}"}) {
    NodeRedHost host;
    host.on("GET", "/flows", {.body = answer(other_url)});
    const Result result = Connector(host, ferry_connector_v1(), plain).import_package(exported(one_flow), request);
    EXPECT_EQ(result.status, FERRY_REFUSED);
    EXPECT_THAT(result.message, HasSubstr("1 item of the package with other content (config_node \"P\" (c))"));
    EXPECT_EQ(host.requests.size(), 1u);
  }
}

TEST(NodeRedImportTest, ComparesAgainWhenTheRevisionIsStale) {
  NodeRedHost host;
  host.on("GET", "/flows", {.body = answer("[]", "r1")})
      .on("POST", "/flows", {.status = 409, .body = R"({"code":"version_mismatch"})"});
  host.on("GET", "/flows", {.body = answer(R"([{"id":"c","type":"http proxy","name":"P","url":"http://p"}])", "r2")});
  host.on("POST", "/flows", {.body = R"({"rev":"r3"})"});
  const Result result = Connector(host, ferry_connector_v1(), plain).import_package(exported(one_flow));
  EXPECT_EQ(result.status, FERRY_OK) << result.message;
  EXPECT_THAT(items(result), ElementsAre("config_node c unchanged", "flow t added"))
      << "the facts of the last comparison";
  EXPECT_THAT(host.requests[4].body, HasSubstr(R"("rev":"r2")"));
}

// A node of a type that is not installed keeps Node-RED from starting any flow at all, also those that ran before.
TEST(NodeRedImportTest, WritesNoNodeOfATypeTheTargetHasNotInstalled) {
  const Package package = exported(
      R"([{"id":"t","type":"tab","label":"T"},{"id":"n","type":"acme-sap","z":"t","x":1,"y":1,"wires":[]},
          {"id":"u","type":"tab","label":"U"},{"id":"m","type":"debug","z":"u","x":1,"y":1,"wires":[]}])");
  for (const bool preview : {true, false}) {
    NodeRedHost host;
    host.always("GET", "/flows", {.body = answer("[]")}).always("POST", "/flows", {.body = R"({"rev":"r2"})"});
    const Result result =
        Connector(host, ferry_connector_v1(), plain).import_package(package, preview ? R"({"preview":true})" : "{}");
    EXPECT_EQ(result.status, FERRY_OK) << result.message;
    EXPECT_THAT(items(result), ElementsAre("flow t skipped unknown_type", "flow u added"));
  }
  NodeRedHost silent;
  silent.on("GET", "/nodes", {.status = 401, .body = "{}"}).always("GET", "/flows", {.body = answer("[]")});
  silent.always("POST", "/flows", {.body = R"({"rev":"r2"})"});
  const Result unchecked = Connector(silent, ferry_connector_v1(), plain).import_package(package);
  EXPECT_THAT(items(unchecked), ElementsAre("flow t added", "flow u added"));
}

TEST(NodeRedImportTest, APreviewDoesNotPromiseWhatTheUserMayNotDo) {
  FakeHost host;
  host.always("GET", "/flows", {.body = answer("[]")})
      .always("GET", "/nodes", {.body = R"([{"types":["http request","http proxy"]}])"});
  host.always("GET", "/settings", {.body = R"({"version":"4.1.0","user":{"username":"ann","permissions":"read"}})"});
  const Result result =
      Connector(host, ferry_connector_v1(), plain).import_package(exported(one_flow), R"({"preview":true})");
  EXPECT_EQ(result.status, FERRY_OK) << result.message;
  bool told = false;
  for (const Json& fact : result.facts)
    told = told || (fact.text_or("code", "") == "read_only" && fact.text_or("severity", "") == "error");
  EXPECT_TRUE(told);
}

TEST(NodeRedImportTest, GivesUpAfterThreeStaleRevisions) {
  NodeRedHost host;
  host.always("GET", "/flows", {.body = answer("[]")})
      .always("POST", "/flows", {.status = 409, .body = R"({"code":"version_mismatch"})"});
  const Result result = Connector(host, ferry_connector_v1(), plain).import_package(exported(one_flow));
  EXPECT_EQ(result.status, FERRY_TRANSIENT);
  EXPECT_THAT(result.message,
              AllOf(HasSubstr("somebody else changed the flows 3 times"), HasSubstr("nothing was written")));
  EXPECT_EQ(host.requests.size(), 7u);
  EXPECT_THAT(items(result), IsEmpty());
}

TEST(NodeRedImportTest, ALostAnswerIsLookedUp) {
  NodeRedHost host;
  host.on("GET", "/flows", {.body = answer("[]", "r1")}).on("POST", "/flows", {.failure = FERRY_TRANSIENT});
  host.on("GET", "/flows", {.body = answer(one_flow, "r2")});
  const Result result = Connector(host, ferry_connector_v1(), plain).import_package(exported(one_flow));
  EXPECT_EQ(result.status, FERRY_OK) << result.message;
  EXPECT_THAT(items(result), ElementsAre("config_node c added", "flow t added"));
}

TEST(NodeRedImportTest, ALostAnswerToAPruneIsLookedUp) {
  NodeRedHost host;
  host.on("GET", "/flows", {.body = answer(R"([{"id":"old","type":"tab","label":"Old"}])", "r1")});
  host.on("POST", "/flows", {.status = 502, .body = "bad gateway"})
      .on("GET", "/flows", {.body = answer(one_flow, "r2")});
  const Result result =
      Connector(host, ferry_connector_v1(), plain).import_package(exported(one_flow), R"({"prune":true})");
  EXPECT_EQ(result.status, FERRY_OK) << result.message;
  EXPECT_THAT(items(result), ElementsAre("config_node c added", "flow t added", "flow old removed"));
}

// It may be in place or not, and says so; what was not to be written is not doubted.
TEST(NodeRedImportTest, WhatWasSentWhenItWasCancelledIsUnknown) {
  NodeRedHost host;
  host.always("GET", "/flows", {.body = answer(R"([{"id":"c","type":"http proxy","name":"P","url":"http://p"}])")});
  host.answer_others = [&host](const testing::SentRequest&) {
    host.cancel_after(0);
    return Reply{.failure = FERRY_CANCELLED};
  };
  const Result result = Connector(host, ferry_connector_v1(), plain).import_package(exported(one_flow));
  EXPECT_EQ(result.status, FERRY_CANCELLED);
  EXPECT_THAT(items(result), ElementsAre("config_node c unchanged", "flow t unknown"));
  EXPECT_THAT(result.message, HasSubstr("the deployment was sent and may have been carried out"));
  EXPECT_THAT(result.violations, IsEmpty());
}

TEST(NodeRedImportTest, WhatWasSentAndCannotBeLookedUpIsUnknown) {
  for (const bool stale : {false, true}) {
    NodeRedHost host;
    host.on("GET", "/flows", {.body = answer("[]")}).on("POST", "/flows", {.failure = FERRY_TRANSIENT});
    host.always("GET", "/flows", stale ? Reply{.body = answer("[]")} : Reply{.failure = FERRY_TRANSIENT});
    host.always("POST", "/flows", {.status = 409, .body = R"({"code":"version_mismatch"})"});
    const Result result = Connector(host, ferry_connector_v1(), plain).import_package(exported(one_flow));
    EXPECT_EQ(result.status, FERRY_TRANSIENT);
    EXPECT_THAT(items(result), ElementsAre("config_node c unknown", "flow t unknown"));
    EXPECT_THAT(result.message, AllOf(HasSubstr("the deployment was sent and may have been carried out"),
                                      ::testing::Not(HasSubstr("nothing was written"))));
  }
}

TEST(NodeRedImportTest, SaysWhenNoAnswerEverCame) {
  NodeRedHost host;
  host.always("GET", "/flows", {.body = answer("[]")}).always("POST", "/flows", {.failure = FERRY_TRANSIENT});
  const Result result = Connector(host, ferry_connector_v1(), plain).import_package(exported(one_flow));
  EXPECT_EQ(result.status, FERRY_TRANSIENT);
  EXPECT_THAT(result.message, HasSubstr("no answer says what became of it (POST /flows: no answer)"));
}

TEST(NodeRedImportTest, RefusesPackagesThatAreNoneOrWereChanged) {
  struct Case {
    Package package;
    const char* message;
  };
  Package foreign = exported(one_flow), edited = exported(one_flow), missing = exported(one_flow),
          unsorted = exported(one_flow);
  foreign.entries[0].second = R"({"format":"spark/1"})";
  edited.entries[2].second += " ";
  missing.entries.pop_back();
  const std::string one = R"({"type":"flow","id":"t","file":"flows/t.json"})";
  unsorted.entries[0].second = R"({"format":"ferry.node-red/1","artefacts":[)" + one + "," + one + "]}";
  for (const Case& wrong :
       {Case{{{{"a.txt", ""}}, {}, Json::object()}, "it has no manifest.json; was it exported from another platform?"},
        Case{foreign, "its format is \"spark/1\", expected \"ferry.node-red/1\""},
        Case{edited, "flows/t.json is not what manifest.json says (its hash differs)"},
        Case{missing, "the file \"flows/t.json\" of flow \"T\" (t) is not there"},
        Case{unsorted, "flow t stands twice or is out of order"}}) {
    NodeRedHost host;
    host.always("GET", "/flows", {.body = answer("[]")});
    const Result result = Connector(host, ferry_connector_v1(), plain).import_package(wrong.package);
    EXPECT_EQ(result.status, FERRY_BAD_DATA);
    EXPECT_THAT(result.message, HasSubstr(wrong.message));
    EXPECT_THAT(items(result), IsEmpty());
  }
}

TEST(NodeRedImportTest, SkipsWhatNodeRedCouldNotRun) {
  struct Case {
    const char *package, *target;
    std::vector<std::string> items;
  };
  const Case cases[] = {
      {R"([{"id":"t","type":"tab","label":"T"},{"id":"g","type":"group","z":"t","g":"gone"}])",
       "[]",
       {"flow t skipped broken_group"}},
      {R"([{"id":"s","type":"subflow","name":"S"},{"id":"i","type":"subflow:s","z":"s","x":1,"y":1}])",
       "[]",
       {"subflow s skipped subflow_cycle"}},
      {R"([{"id":"a","type":"subflow","name":"A"},{"id":"i","type":"subflow:b","z":"a","x":1,"y":1},
           {"id":"b","type":"subflow","name":"B"}])",
       R"([{"id":"b","type":"subflow","name":"B"},{"id":"j","type":"subflow:a","z":"b","x":1,"y":1},
           {"id":"a","type":"subflow","name":"A"}])",
       {"subflow a modified", "subflow b modified"}},
      {R"([{"id":"t","type":"tab","label":"T"},{"id":"n","type":"debug","z":"t"}])",
       R"([{"id":"u","type":"tab","label":"U"},{"id":"n","type":"debug","z":"u"}])",
       {"flow t skipped id_conflict"}},
      {R"([{"id":"t","type":"tab","label":"T"},{"id":"n","type":"debug","z":"t"}])",
       R"([{"id":"n","type":"debug","z":"t"}])",
       {"flow t skipped id_conflict"}},
      {R"([{"id":"t","type":"tab","label":"T"}])",
       R"([{"id":"n","type":"debug","z":"t"}])",
       {"flow t skipped stray_nodes"}},
      // n moved from u to t: if u cannot be written, neither can t.
      {R"([{"id":"t","type":"tab","label":"T"},{"id":"n","type":"debug","z":"t"},{"id":"u","type":"tab","label":"U"},
           {"id":"g","type":"group","z":"u","g":"gone"}])",
       R"([{"id":"t","type":"tab","label":"T"},{"id":"u","type":"tab","label":"U"},{"id":"n","type":"debug","z":"u"}])",
       {"flow t skipped id_conflict", "flow u skipped broken_group"}},
      {R"([{"id":"t","type":"tab","label":"T"},{"id":"n","type":"debug","z":"t"},{"id":"u","type":"tab","label":"U"}])",
       R"([{"id":"t","type":"tab","label":"T"},{"id":"u","type":"tab","label":"U"},{"id":"n","type":"debug","z":"u"}])",
       {"flow t modified", "flow u modified"}},
      {R"([{"id":"t","type":"tab","label":"T"},{"id":"n","type":"subflow:gone","z":"t","x":1,"y":1}])",
       "[]",
       {"flow t skipped dangling_reference"}},
      {R"([{"id":"t","type":"tab","label":"Same"}])",
       R"([{"id":"u","type":"tab","label":"Same"}])",
       {"flow t skipped name_conflict"}},
      {R"([{"id":"c","type":"mqtt-broker","name":"Same"}])",
       R"([{"id":"d","type":"mqtt-broker","name":"Same"}])",
       {"config_node c skipped name_conflict"}},
      {R"([{"id":"c","type":"global-config","env":[]}])",
       R"([{"id":"d","type":"global-config","env":[]}])",
       {"config_node c skipped name_conflict"}},
      {R"([{"id":"c","type":"mqtt-broker","name":"Same"}])",
       R"([{"id":"d","type":"http proxy","name":"Same"}])",
       {"config_node c added"}},
  };
  for (const Case& one : cases) {
    NodeRedHost host;
    host.on("GET", "/flows", {.body = answer(one.target)});
    const Result result = Connector(host, ferry_connector_v1(), plain)
                              .import_package(exported(one.package), R"({"preview":true,"policy":"replace"})");
    EXPECT_EQ(result.status, FERRY_OK) << result.message;
    EXPECT_EQ(items(result), one.items) << one.package << "\ninto " << one.target;
    EXPECT_THAT(result.violations, IsEmpty());
  }
}

TEST(NodeRedImportTest, SkipsADanglingReferenceThatTheSelectionLeftBehind) {
  const Package package = exported(one_flow, R"({"select":[{"key":"t"}],"dependencies":false})");
  NodeRedHost host;
  host.on("GET", "/flows", {.body = answer("[]")});
  const Result result = Connector(host, ferry_connector_v1(), plain).import_package(package);
  EXPECT_THAT(items(result), ElementsAre("flow t skipped dangling_reference"));
}

TEST(NodeRedImportTest, SkipsASubflowThatWouldCloseACycleThroughTheTarget) {
  const Package package =
      exported(R"([{"id":"a","type":"subflow","name":"A"},{"id":"i","type":"subflow:b","z":"a","x":1,"y":1},
      {"id":"b","type":"subflow","name":"B"}])",
               R"({"select":[{"key":"A"}],"dependencies":false})");
  NodeRedHost host;
  host.on("GET", "/flows",
          {.body = answer(R"([{"id":"a","type":"subflow","name":"A"},{"id":"b","type":"subflow","name":"B"},
      {"id":"j","type":"subflow:a","z":"b","x":1,"y":1}])")});
  const Result result =
      Connector(host, ferry_connector_v1(), plain).import_package(package, R"({"policy":"replace","preview":true})");
  EXPECT_THAT(items(result), ElementsAre("subflow a skipped subflow_cycle"));
}

TEST(NodeRedImportTest, MapsIds) {
  NodeRedHost host;
  host.on("GET", "/flows",
          {.body = answer(
               R"([{"id":"x","type":"tab","label":"T"},{"id":"c2","type":"http proxy","name":"P","url":"http://p"},
     {"id":"n","type":"http request","z":"x","x":1,"y":1,"proxy":"c2","wires":[]}])")});
  Connector connector(host, ferry_connector_v1(), plain);
  Result result = connector.import_package(exported(one_flow), R"({"mapping":[{"type":"flow","source":"t","target":"x"},
      {"type":"config_node","source":"P","target":"c2"}]})");
  EXPECT_EQ(result.status, FERRY_OK) << result.message;
  EXPECT_THAT(items(result), ElementsAre("config_node c unchanged", "flow t unchanged"));
  EXPECT_EQ(result.facts[0].text_or("target_id", ""), "c2");
  EXPECT_EQ(result.facts[1].text_or("target_id", ""), "x");

  host.on("GET", "/flows",
          {.body = answer(R"([{"id":"x","type":"tab","label":"T"},{"id":"c2","type":"http proxy","name":"Q"}])")});
  host.on("POST", "/flows", {.body = R"({"rev":"2"})"});
  result = connector.import_package(exported(one_flow),
                                    R"({"policy":"replace","mapping":[{"type":"flow","source":"t","target":"x"},
      {"type":"config_node","source":"P","target":"Q"}]})");
  EXPECT_THAT(items(result), ElementsAre("config_node c modified", "flow t modified"));
  EXPECT_EQ(Json::parse(host.requests.back().body)["flows"].items()[2].dump(),
            R"({"id":"n","proxy":"c2","type":"http request","wires":[],"x":1,"y":1,"z":"x"})");
}

struct Refusal {
  const char* operation;
  const char* config;
  Reply reply;
  ferry_status status;
  const char* message;
};
class NodeRedAnswerTest : public ::testing::TestWithParam<Refusal> {};

TEST_P(NodeRedAnswerTest, IsExplained) {
  const Refusal& refusal = GetParam();
  const Package package = exported(one_flow);
  NodeRedHost host;
  host.secrets["password"] = "opensesame";
  host.always("POST", "/auth/revoke", {});
  if (std::string_view(refusal.operation) == "login") {
    host.on("POST", "/auth/token", refusal.reply);
  } else {
    host.always("POST", "/auth/token", {.body = R"({"access_token":"tok","expires_in":9,"token_type":"Bearer"})"});
    if (std::string_view(refusal.operation) == "POST") host.on("GET", "/flows", {.body = answer("[]")});
    host.on(refusal.operation, "/flows", refusal.reply);
  }
  const Result result = Connector(host, ferry_connector_v1(), refusal.config).import_package(package);
  EXPECT_EQ(result.status, refusal.status);
  EXPECT_THAT(result.message, HasSubstr(refusal.message));
  EXPECT_THAT(result.message, ::testing::Not(HasSubstr("opensesame")));
  EXPECT_THAT(items(result), IsEmpty());
  EXPECT_THAT(result.violations, IsEmpty());
}

const Reply html{.status = 200,
                 .body = "<!DOCTYPE html>\n<html>  <title>Node-RED</title>",
                 .headers = {{"Content-Type", "text/html"}}};

INSTANTIATE_TEST_SUITE_P(
    All, NodeRedAnswerTest,
    ::testing::Values(
        Refusal{"GET", plain, html, FERRY_REMOTE,
                "GET /flows at http://dev.test: expected JSON from Node-RED, found status 200, text/html, beginning "
                "\"<!DOCTYPE html> <html> <title>Node-RED</title>\"; check the connection's url; if Node-RED serves "
                "its editor "
                "under a path (httpAdminRoot), the url ends with that path"},
        Refusal{"GET",
                plain,
                {.status = 404, .body = "Cannot GET /flows"},
                FERRY_BAD_CONFIG,
                "not found (status 404, no content type"},
        Refusal{
            "GET",
            plain,
            {.status = 401},
            FERRY_AUTH,
            "Node-RED asks for credentials (status 401, no content type, no content); give the connection a username"},
        Refusal{"GET", with_user, {.status = 401}, FERRY_AUTH, "the user ann lacks the right flows.read"},
        Refusal{"GET", with_user, {.status = 403}, FERRY_AUTH, "the user ann lacks the right flows.read"},
        Refusal{"GET", plain, {.status = 500, .body = "oops"}, FERRY_TRANSIENT, "the server failed (status 500"},
        Refusal{"GET", plain, {.status = 429}, FERRY_RATE_LIMITED, "too many requests"},
        Refusal{"GET",
                plain,
                {.body = R"({"flows":[{"id":)"},
                FERRY_REMOTE,
                "line 1, column 17: the text ends where a value should stand"},
        Refusal{"GET", plain, {.body = R"({"flows":[]})"}, FERRY_REMOTE, "the answer names no revision"},
        Refusal{"GET", plain, {.failure = FERRY_TRANSIENT}, FERRY_TRANSIENT, "no answer"},
        Refusal{"POST", with_user, {.status = 401}, FERRY_AUTH, "the user ann lacks the right flows.write"},
        Refusal{"POST", plain, {.status = 401}, FERRY_AUTH, "everybody may read here, but this takes credentials"},
        Refusal{"POST", plain, {.status = 413, .body = "<html>"}, FERRY_REMOTE, "raise apiMaxLength"},
        Refusal{"POST",
                plain,
                {.status = 400, .body = "<!DOCTYPE html><pre>SyntaxError", .headers = {{"Content-Type", "text/html"}}},
                FERRY_REMOTE,
                "found status 400, text/html, beginning \"<!DOCTYPE html><pre>SyntaxError\""},
        Refusal{"POST",
                plain,
                {.status = 400, .body = R"({"code":"ENOSPC","message":"no space left on device"})"},
                FERRY_REMOTE,
                "no space left on device"},
        Refusal{"login",
                with_user,
                {.status = 403, .body = R"({"error":"invalid_grant"})"},
                FERRY_AUTH,
                "logging in to http://dev.test as ann: user name or password is wrong"},
        Refusal{"login",
                with_user,
                {.status = 404, .body = "Cannot POST"},
                FERRY_BAD_CONFIG,
                "there is no log-in with a password"},
        Refusal{"login",
                with_user,
                {.status = 500, .body = R"({"message":"Too many login attempts. Wait"})"},
                FERRY_AUTH,
                "takes no more attempts of this user for ten minutes"},
        Refusal{"login", with_user, html, FERRY_REMOTE, "expected JSON from Node-RED"},
        Refusal{"login", with_user, {.body = "{}"}, FERRY_REMOTE, "holds no access token"}));

TEST(NodeRedLoginTest, MasksAndRevokesTheSession) {
  NodeRedHost host;
  host.secrets["password"] = "p&1=\xC3\xA9";
  host.on("POST", "/auth/token", {.body = R"({"access_token":"tok"})"}).on("GET", "/flows", {.body = answer("[]")});
  host.on("POST", "/auth/revoke", {});
  const Result result = Connector(host, ferry_connector_v1(), with_user).export_package();
  EXPECT_EQ(result.status, FERRY_OK) << result.message;
  EXPECT_EQ(host.requests[0].body,
            "client_id=node-red-admin&grant_type=password&scope=&username=ann&password=p%261%3D%C3%A9");
  EXPECT_THAT(host.masked, ElementsAre("tok"));
  EXPECT_EQ(host.requests[2].body, R"({"token":"tok"})");
  EXPECT_EQ(host.unused_replies(), 0u);
}

TEST(NodeRedLoginTest, LeavesATokenOfTheUserAlone) {
  NodeRedHost host;
  host.secrets["token"] = "mine";
  host.on("GET", "/flows", {.body = answer("[]")}).on("GET", "/flows", {.status = 401});
  Connector connector(host, ferry_connector_v1(), plain);
  EXPECT_EQ(connector.export_package().status, FERRY_OK);
  EXPECT_EQ(host.requests.size(), 1u);
  const Result refused = connector.export_package();
  EXPECT_EQ(refused.status, FERRY_AUTH);
  EXPECT_THAT(refused.message, HasSubstr("the token was refused"));
}

TEST(NodeRedLoginTest, NeedsAPasswordForAUser) {
  NodeRedHost host;
  const Result result = Connector(host, ferry_connector_v1(), with_user).export_package();
  EXPECT_EQ(result.status, FERRY_BAD_CONFIG);
  EXPECT_THAT(result.message, HasSubstr("no password"));
}

// Wherever an operation is cancelled, it ends at once and says nothing more.
TEST(NodeRedCancelTest, EndsAtEveryHostCall) {
  const Package package = exported(one_flow);
  for (std::uint64_t calls = 0;; ++calls) {
    NodeRedHost host;
    host.secrets["password"] = "p";
    host.always("POST", "/auth/token", {.body = R"({"access_token":"tok"})"}).always("POST", "/auth/revoke", {});
    host.always("GET", "/flows", {.body = answer("[]")}).always("POST", "/flows", {.body = R"({"rev":"2"})"});
    Connector connector(host, ferry_connector_v1(), with_user);
    host.cancel_after(calls);
    const Result result = connector.import_package(package);
    EXPECT_THAT(result.violations, IsEmpty());
    if (result.status == FERRY_OK) break;
    EXPECT_EQ(result.status, FERRY_CANCELLED) << "after " << calls << ": " << result.message;
    ASSERT_LT(calls, 100u);
  }
}

// A package is looked into where no connection is configured.
TEST(NodeRedCreateTest, NeedsNoConnection) {
  const Package package = exported(one_flow);
  NodeRedHost host;
  Connector connector(host, ferry_connector_v1(), "{}");
  EXPECT_EQ(connector.created.status, FERRY_OK);
  EXPECT_EQ(connector.inspect(package).records["flow"].size(), 1u);
}

}  // namespace
}  // namespace ferry::node_red
