// Which artefacts of a package an import takes, and under which ids.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/plugins/node_red/model/node_red_host.hpp"

namespace ferry::node_red {
namespace {

using testing::Connector;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::Package;
using testing::Result;

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

}  // namespace
}  // namespace ferry::node_red
