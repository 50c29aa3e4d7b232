#include "plugins/node_red/artefacts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ferry::node_red {
namespace {

using ::testing::ElementsAre;

Configuration configuration(const std::string& nodes) {
  return Configuration::parse(R"({"flows":)" + nodes + R"(,"rev":"r1"})");
}

std::vector<std::string> listing(const Configuration& configuration) {
  std::vector<std::string> out;
  for (const Part& part : configuration.parts()) {
    std::string line = std::string(part.type) + " " + std::string(part.id) + " \"" + std::string(part.name) + "\":";
    for (const std::size_t node : part.nodes) line += " " + std::string(configuration.nodes()[node].id);
    out.push_back(line);
  }
  return out;
}

constexpr const char* sample = R"([
  {"id":"t2","type":"tab","label":"Second"},
  {"id":"t1","type":"tab","label":"First","env":[{"name":"B","type":"conf-type","value":"c2"}]},
  {"id":"n2","type":"debug","z":"t1","x":1,"y":2,"wires":[]},
  {"id":"n1","type":"mqtt in","z":"t1","broker":"c1","x":1,"y":2,"wires":[["n2"]]},
  {"id":"l1","type":"link out","z":"t1","links":["l2","gone"],"x":1,"y":2,"wires":[]},
  {"id":"l2","type":"link in","z":"t2","links":["l1"],"x":1,"y":2,"wires":[[]]},
  {"id":"local","type":"http proxy","z":"t1","name":"mine"},
  {"id":"i1","type":"subflow:s1","z":"t2","x":1,"y":2,"wires":[],"env":[{"name":"deep","value":{"in":["c3"]}}]},
  {"id":"s1","type":"subflow","name":"Sub","in":[],"out":[]},
  {"id":"s1n","type":"function","z":"s1","x":1,"y":1,"wires":[]},
  {"id":"c1","type":"mqtt-broker","name":"Broker","tls":"c2"},
  {"id":"c2","type":"tls-config","name":"","z":""},
  {"id":"c3","type":"http proxy","name":"P"}
])";

TEST(ConfigurationTest, GroupsNodesIntoArtefacts) {
  const Configuration found = configuration(sample);
  EXPECT_THAT(listing(found), ElementsAre("config_node c1 \"Broker\": c1", "config_node c2 \"\": c2",
                                          "config_node c3 \"P\": c3", "flow t1 \"First\": t1 l1 local n1 n2",
                                          "flow t2 \"Second\": t2 i1 l2", "subflow s1 \"Sub\": s1 s1n"));
  EXPECT_TRUE(found.strays().empty());
  EXPECT_EQ(found.list().revision(), "r1");
  EXPECT_EQ(found.find_part("flow", "t1"), 3u);
  EXPECT_EQ(found.find_part("subflow", "t1"), Configuration::nowhere);
  EXPECT_EQ(found.find_part("config_node", "n1"), Configuration::nowhere);
}

TEST(ConfigurationTest, FindsReferences) {
  const Configuration found = configuration(sample);
  const auto references = [&](std::size_t part) { return found.references(found.parts()[part]); };
  EXPECT_THAT(references(0).needed, ElementsAre(Reference{"config_node", "c2"}));
  EXPECT_THAT(references(3).needed, ElementsAre(Reference{"config_node", "c1"}, Reference{"config_node", "c2"}));
  EXPECT_THAT(references(3).links, ElementsAre("gone", "l2"));
  EXPECT_THAT(references(4).needed, ElementsAre(Reference{"config_node", "c3"}, Reference{"subflow", "s1"}));
  EXPECT_THAT(references(4).links, ElementsAre("l1"));
}

TEST(ConfigurationTest, KnowsTheFlowsThatLinksLeadTo) {
  const Configuration found = configuration(sample);
  EXPECT_THAT(found.flows_of({"gone", "l2", "i1", "s1n"}), ElementsAre(Reference{"flow", "t2"}));
}

TEST(ConfigurationTest, HashesContentNotSpelling) {
  const auto hash = [](const std::string& nodes) {
    const Configuration found = configuration(nodes);
    return found.hash(found.parts().front());
  };
  const std::string one =
      hash(R"([{"id":"t","type":"tab","label":"T"},{"id":"g","type":"group","z":"t","nodes":["a","b"]},
    {"id":"a","type":"x","z":"t","v":1.0,"wires":[["b","c"]]}])");
  EXPECT_EQ(one, hash(R"([{"wires":[["b","c"]],"v":1,"z":"t","type":"x","id":"a"},{"label":"T","type":"tab","id":"t"},
    {"type":"group","nodes":["b","a"],"z":"t","id":"g"}])"))
      << "order of members, of nodes and of a group's nodes";
  EXPECT_EQ(one, hash(R"([{"id":"t","type":"tab","label":"T"},{"id":"g","type":"group","z":"t","nodes":["a","b"]},
    {"id":"a","type":"x","z":"t","v":1,"wires":[["b","c"]],"credentials":{"password":"p"}}])"))
      << "credentials";
  EXPECT_NE(one, hash(R"([{"id":"t","type":"tab","label":"T"},{"id":"g","type":"group","z":"t","nodes":["a","b"]},
    {"id":"a","type":"x","z":"t","v":1,"wires":[["c","b"]]}])"))
      << "wires keep their order";
}

TEST(ConfigurationTest, TellsStraysApart) {
  const Configuration found = configuration(R"([
    {"id":"t","type":"tab","label":"T"}, {"type":"debug","z":"t"}, {"id":"a","z":"t"},
    {"id":"b","type":"debug","z":"nobody"}, {"id":"c","type":"debug","x":1,"y":1},
    {"id":"d","type":"debug","z":"t","v":1}, {"id":"d","type":"debug","z":"t","v":2}, {"id":7,"type":"debug"}])");
  std::vector<std::string> codes;
  for (const Stray& stray : found.strays()) codes.push_back(stray.code + "@" + std::to_string(stray.node));
  EXPECT_THAT(codes, ElementsAre("incomplete_node@1", "incomplete_node@2", "stray_node@3", "stray_node@4",
                                 "duplicate_id@5", "incomplete_node@7"));
  EXPECT_THAT(listing(found), ElementsAre("flow t \"T\": t d"));
}

TEST(ConfigurationTest, FileIsAListOfNodesThatTheEditorTakes) {
  const Configuration found =
      configuration(R"([{"label":"T","id":"t","type":"tab"},{"z":"t","id":"a","type":"x","wires":[["b"]]}])");
  EXPECT_EQ(found.file(found.parts().front()), R"([
 {
  "id": "t",
  "label": "T",
  "type": "tab"
 },
 {
  "id": "a",
  "type": "x",
  "wires": [["b"]],
  "z": "t"
 }
]
)");
  EXPECT_EQ(found.file_size(found.parts().front()), found.file(found.parts().front()).size());
  EXPECT_EQ(found.hash(found.parts().front()), sha256_hex(found.file(found.parts().front())));
}

TEST(ConfigurationTest, RefusesOtherAnswers) {
  for (const char* body : {R"({"rev":"1"})", R"({"flows":{},"rev":"1"})", R"({"flows":[1]})", R"([])", R"({"flows":[)"})
    EXPECT_THROW(Configuration::parse(body), JsonError) << body;
}

}  // namespace
}  // namespace ferry::node_red
