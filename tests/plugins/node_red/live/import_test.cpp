// Policies, prune, mapping and strays on a real Node-RED.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/plugins/node_red/live/live.hpp"

namespace ferry::node_red {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::NodeRedServer;
using ::testing::Not;
using testing::Package;
using testing::Result;

constexpr const char* source = R"([
  {"id":"t1","type":"tab","label":"Orders"},
  {"id":"n1","type":"http request","z":"t1","name":"fetch","proxy":"c1","x":100,"y":80,"wires":[["i1"]]},
  {"id":"i1","type":"subflow:s1","z":"t1","x":200,"y":80,"wires":[["l1"]]},
  {"id":"l1","type":"link out","z":"t1","links":["l2"],"x":300,"y":80,"wires":[]},
  {"id":"t2","type":"tab","label":"Billing"},
  {"id":"l2","type":"link in","z":"t2","links":["l1"],"x":100,"y":80,"wires":[[]]},
  {"id":"s1","type":"subflow","name":"Retry","in":[],"out":[]},
  {"id":"c1","type":"http proxy","name":"Proxy","url":"http://dev.test"}])";

class NodeRedImportTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { server = new NodeRedServer; }
  static void TearDownTestSuite() {
    delete server;
    server = nullptr;
  }
  static Package package(const std::string& flows, const std::string& request = "{}") {
    server->set_flows(flows);
    Result result = Live(*server).connector->export_package(request);
    EXPECT_EQ(result.status, FERRY_OK) << result.message;
    return std::move(result.package);
  }
  // The preview has to foretell it.
  static Result import(const Package& package, const std::string& options) {
    Live live(*server);
    const Result preview = live.connector->import_package(package, "{\"preview\":true" + options + "}");
    EXPECT_EQ(live.deployments(), 0);
    Result result = live.connector->import_package(package, "{\"preview\":false" + options + "}");
    EXPECT_EQ(preview.status, result.status);
    EXPECT_EQ(preview.facts, result.facts);
    EXPECT_THAT(result.violations, ::testing::IsEmpty());
    return result;
  }
  static NodeRedServer* server;
};
NodeRedServer* NodeRedImportTest::server = nullptr;

constexpr const char* older = R"([
  {"id":"c1","type":"http proxy","name":"Proxy","url":"http://prod.test"},
  {"id":"t2","type":"tab","label":"Billing"},
  {"id":"l2","type":"link in","z":"t2","links":["l1"],"x":100,"y":80,"wires":[[]]},
  {"id":"gone","type":"tab","label":"Old"}])";

TEST_F(NodeRedImportTest, FollowsThePolicy) {
  const Package all = package(source);
  server->set_flows(older);
  Result result = import(all, "");
  EXPECT_EQ(result.status, FERRY_REFUSED);
  EXPECT_EQ(server->flows().find("Orders"), std::string::npos);
  result = import(all, R"(,"policy":"skip")");
  EXPECT_THAT(items(result),
              ElementsAre("config_node c1 skipped exists", "flow t1 added", "flow t2 unchanged", "subflow s1 added"));
  EXPECT_THAT(server->flows(), HasSubstr("http://prod.test"));
  result = import(all, R"(,"policy":"replace")");
  EXPECT_THAT(items(result),
              ElementsAre("config_node c1 modified", "flow t1 unchanged", "flow t2 unchanged", "subflow s1 unchanged"));
  EXPECT_THAT(server->flows(), HasSubstr("Old"));
}

TEST_F(NodeRedImportTest, PrunesOnlyWhenAskedAndOnlyWithEverything) {
  const Package all = package(source), part = package(source, R"({"select":[{"key":"Billing"}]})");
  server->set_flows(older);
  EXPECT_EQ(import(part, R"(,"policy":"replace","prune":true)").status, FERRY_REFUSED);
  const Result result = import(all, R"(,"policy":"replace","prune":true)");
  EXPECT_THAT(items(result), ElementsAre("config_node c1 modified", "flow t1 added", "flow t2 unchanged",
                                         "subflow s1 added", "flow gone removed"));
  EXPECT_THAT(server->flows(), Not(HasSubstr("Old")));
  EXPECT_EQ(Live(*server).connector->export_package().package.entries, all.entries);
}

TEST_F(NodeRedImportTest, LeavesNodesThatBelongNowhere) {
  const Package all = package(source);
  const std::string stray = R"({"id":"lost","type":"debug","z":"nobody","x":1,"y":1,"wires":[]})";
  server->set_flows("[" + stray + "]");
  const Result result = import(all, R"(,"policy":"replace","prune":true)");
  EXPECT_THAT(problems(result), ElementsAre("credentials_not_moved", "stray_node"));
  EXPECT_THAT(server->flows(), HasSubstr(stray));
}

TEST_F(NodeRedImportTest, MapsWhatIsCalledTheSame) {
  const Package all = package(source);
  const std::string there =
      R"([{"id":"t9","type":"tab","label":"Billing"},{"id":"c9","type":"http proxy","name":"Proxy","url":"http://prod.test"}])";
  server->set_flows(there);
  Result result = import(all, R"(,"policy":"replace")");
  EXPECT_THAT(items(result), ElementsAre("config_node c1 skipped name_conflict", "flow t1 skipped dangling_reference",
                                         "flow t2 skipped name_conflict", "subflow s1 added"));
  server->set_flows(there);
  const std::string mapping = R"(,"policy":"replace","mapping":[{"type":"flow","source":"t2","target":"t9"},
      {"type":"config_node","source":"Proxy","target":"c9"}])";
  result = import(all, mapping);
  EXPECT_THAT(items(result),
              ElementsAre("config_node c1 modified", "flow t1 added", "flow t2 modified", "subflow s1 added"));
  EXPECT_THAT(server->flows(), HasSubstr(R"("proxy":"c9")"));
  EXPECT_THAT(items(import(all, mapping)), ElementsAre("config_node c1 unchanged", "flow t1 unchanged",
                                                       "flow t2 unchanged", "subflow s1 unchanged"));
}

TEST_F(NodeRedImportTest, WarnsOfLinksAndWiresThatLeadNowhere) {
  const Package part = package(source, R"({"select":[{"key":"t1"}]})");
  const Package wired = package(
      R"([{"id":"t","type":"tab","label":"T"},{"id":"n","type":"debug","z":"t","x":1,"y":1,"wires":[["gone"]]}])");
  server->set_flows("[]");
  EXPECT_THAT(problems(import(part, "")), ElementsAre("credentials_not_moved", "dangling_link"));
  EXPECT_THAT(problems(import(wired, "")), ElementsAre("credentials_not_moved", "dangling_wire"));
}

// With one such node Node-RED would start no flow at all.
TEST_F(NodeRedImportTest, SkipsTypesThatAreNotInstalled) {
  const Package odd = package(R"([{"id":"t","type":"tab","label":"T"},{"id":"u","type":"tab","label":"U"},
      {"id":"n","type":"no such type","z":"t","x":1,"y":1,"wires":[]},
      {"id":"j","type":"junction","z":"u","x":1,"y":1,"wires":[]}])");
  server->set_flows("[]");
  EXPECT_THAT(items(import(odd, "")), ElementsAre("flow t skipped unknown_type", "flow u added"));
}

// Whatever JavaScript makes of numbers, texts and names of members, it is the same a second time.
TEST_F(NodeRedImportTest, KeepsEveryKindOfValue) {
  const Package odd =
      package(R"([{"id":"t","type":"tab","label":"\u00c4 \ud83d\ude00 \"q\" \\ \u0001","info":"\ud83d alone",
    "numbers":[1.10,1e3,-0,9007199254740993,0.0000001,1e21,123456789012345678901234,1e400,5e-324],
    "10":"ten","9":"nine","__proto__":{"a":1},"":[],"nested":{"b":[{}],"a":null}}])");
  server->set_flows("[]");
  EXPECT_THAT(items(import(odd, "")), ElementsAre("flow t added"));
  EXPECT_EQ(Live(*server).connector->export_package().package.entries, odd.entries);
}

}  // namespace
}  // namespace ferry::node_red
