// What is exported, and what a package and the catalog say of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/plugins/node_red/model/node_red_host.hpp"

namespace ferry::node_red {
namespace {

using testing::Connector;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::Package;
using testing::Result;

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

}  // namespace
}  // namespace ferry::node_red
