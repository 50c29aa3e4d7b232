#include "plugins/node_red/content.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ferry::node_red {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Faulty {
  const char *name, *type, *nodes, *code, *message;
};
void PrintTo(const Faulty& one, std::ostream* out) { *out << one.name; }
class ContentFaultTest : public ::testing::TestWithParam<Faulty> {};

TEST_P(ContentFaultTest, IsFoundBeforeAnythingIsSent) {
  const Content content(GetParam().nodes);
  const auto fault = content.fault({.type = GetParam().type, .id = "a", .name = "A"});
  ASSERT_EQ(fault.has_value(), *GetParam().code != '\0') << (fault ? fault->message : "");
  if (!fault) return;
  EXPECT_EQ(fault->code, GetParam().code);
  EXPECT_THAT(fault->message, HasSubstr(GetParam().message));
}

INSTANTIATE_TEST_SUITE_P(
    All, ContentFaultTest,
    ::testing::Values(
        Faulty{"wired_flow", "flow",
               R"([{"id":"a","type":"tab","label":"A"},{"id":"b","type":"x","z":"a","wires":[["c"]]}])", "", ""},
        Faulty{"config_node", "config_node", R"([{"id":"a","type":"mqtt-broker","name":"A"}])", "", ""},
        Faulty{"subflow", "subflow", R"([{"id":"a","type":"subflow","name":"A","in":[{}],"out":[]}])", "", ""},
        Faulty{"no_nodes", "flow", "[]", "no_nodes", "no nodes"},
        Faulty{"no_id", "flow", R"([{"id":"a","type":"tab","label":"A"},{"type":"x","z":"a"}])", "incomplete_node",
               "has no id"},
        Faulty{"no_type", "flow", R"([{"id":"a","type":"tab","label":"A"},{"id":"b","z":"a"}])", "incomplete_node",
               "has no type"},
        Faulty{"duplicate_id", "flow",
               R"([{"id":"a","type":"tab","label":"A"},{"id":"b","type":"x","z":"a"},{"id":"b","type":"y","z":"a"}])",
               "duplicate_id", "b"},
        Faulty{"subflow_for_flow", "flow", R"([{"id":"a","type":"subflow","name":"A"}])", "wrong_content",
               "subflow \"A\" (a)"},
        Faulty{"other_id", "flow", R"([{"id":"q","type":"tab","label":"A"}])", "wrong_content", "(q)"},
        Faulty{"other_name", "flow", R"([{"id":"a","type":"tab","label":"B"}])", "wrong_content", "\"B\""},
        Faulty{"node_of_another_flow", "flow",
               R"([{"id":"a","type":"tab","label":"A"},{"id":"b","type":"x","z":"other"}])", "stray_node", "x (b)"},
        Faulty{"flow_in_flow", "flow", R"([{"id":"a","type":"tab","label":"A"},{"id":"b","type":"tab","z":"a"}])",
               "stray_node", "tab (b)"},
        Faulty{"config_node_with_a_place", "config_node", R"([{"id":"a","type":"x","name":"A","x":1,"y":1}])",
               "wrong_content", "config node"},
        Faulty{"two_config_nodes", "config_node", R"([{"id":"a","type":"x","name":"A"},{"id":"b","type":"x"}])",
               "wrong_content", "more than one"},
        Faulty{"wires_of_text", "flow",
               R"([{"id":"a","type":"tab","label":"A"},{"id":"b","type":"x","z":"a","wires":["c"]}])", "malformed_node",
               "\"wires\" is not a list of lists of ids"},
        Faulty{"wires_null", "flow",
               R"([{"id":"a","type":"tab","label":"A"},{"id":"b","type":"x","z":"a","wires":null}])", "", ""},
        Faulty{"env_null", "flow", R"([{"id":"a","type":"tab","label":"A","env":[null]}])", "malformed_node",
               "\"env\""},
        Faulty{"links_of_text", "flow",
               R"([{"id":"a","type":"tab","label":"A"},{"id":"b","type":"link in","z":"a","links":"c"}])",
               "malformed_node", "\"links\""},
        Faulty{"nodes_of_numbers", "flow",
               R"([{"id":"a","type":"tab","label":"A"},{"id":"b","type":"group","z":"a","nodes":[1]}])",
               "malformed_node", "\"nodes\""},
        Faulty{"group_gone", "flow",
               R"([{"id":"a","type":"tab","label":"A"},{"id":"b","type":"group","z":"a","g":"gone"}])", "broken_group",
               "not there"},
        Faulty{"group_in_itself", "flow",
               R"([{"id":"a","type":"tab","label":"A"},{"id":"b","type":"group","z":"a","g":"c"},
               {"id":"c","type":"group","z":"a","g":"b"}])",
               "broken_group", "lies in itself"},
        Faulty{"out_of_objects", "subflow", R"([{"id":"a","type":"subflow","name":"A","out":{}}])", "malformed_node",
               "\"out\""}),
    [](const auto& one) { return std::string(one.param.name); });

TEST(ContentTest, TellsWhatLeadsNowhere) {
  const Content content(R"([{"id":"a","type":"tab"},{"id":"b","type":"x","z":"a","wires":[["b","q"]]},
    {"id":"l","type":"link out","z":"a","links":["m"]},{"id":"i","type":"subflow:s","z":"a"}])");
  EXPECT_THAT(content.loose_wires(), ElementsAre("x (b) is wired to q"));
  EXPECT_THAT(content.links(), ElementsAre("m"));
  EXPECT_THAT(content.subflows(), ElementsAre(Reference{"subflow", "s"}));
}

TEST(ContentTest, GoesUnderOtherIds) {
  IdMap ids;
  ids.add({.type = "flow", .id = "a"}, {.type = "flow", .id = "a2"});
  ids.add({.type = "subflow", .id = "s"}, {.type = "subflow", .id = "s2"});
  ids.add({.type = "config_node", .id = "c"}, {.type = "config_node", .id = "c2"});
  const Content mapped = Content(R"([{"id":"a","type":"tab","label":"A"},
    {"id":"i","type":"subflow:s","z":"a","env":[{"value":"c"}],"wires":[["c"]]},
    {"id":"b","type":"x","z":"a","server":"c","text":"a \"c\"","g":"c"}])")
                             .mapped(ids);
  EXPECT_EQ(mapped.file(), Content(R"([{"id":"a2","type":"tab","label":"A"},
    {"id":"i","type":"subflow:s2","z":"a2","env":[{"value":"c2"}],"wires":[["c"]]},
    {"id":"b","type":"x","z":"a2","server":"c2","text":"a \"c\"","g":"c"}])")
                               .file());
}

}  // namespace
}  // namespace ferry::node_red
