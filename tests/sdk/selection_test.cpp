#include "ferry/selection.hpp"

#include <gtest/gtest.h>

namespace ferry {
namespace {

using Positions = std::vector<std::size_t>;

const std::vector<Artefact>& landscape() {
  static const std::vector<Artefact> all = {
      {"flow", "f1", "Orders", "h", "", {{"subflow", "s1"}, {"config", "c1"}}},
      {"flow", "f2", "Invoices", "h", "", {{"flow", "f1"}}},
      {"subflow", "s1", "Retry", "h", "", {{"config", "c2"}}},
      {"config", "c1", "Broker", "h", "", {}},
      {"config", "c2", "Broker", "h", "", {}},
      {"flow", "f3", "Broken", "h", "", {{"config", "gone"}, {"flow", "f3"}}},
      {"config", "Orders", "", "h", "", {}},
  };
  return all;
}
Positions chosen(std::vector<Selector> selectors, bool dependencies = true) {
  return select(landscape(), selectors, dependencies).items;
}
std::string error_of(std::vector<Selector> selectors) {
  try {
    chosen(std::move(selectors));
  } catch (const Error& error) {
    EXPECT_EQ(error.status(), FERRY_BAD_CONFIG);
    return error.message();
  }
  return "";
}

TEST(Selection, TakesEverythingUnlessAsked) { EXPECT_EQ(chosen({}), (Positions{0, 1, 2, 3, 4, 5, 6})); }

TEST(Selection, FollowsDependenciesOfDependencies) {
  EXPECT_EQ(chosen({{"flow", "Invoices"}}), (Positions{0, 1, 2, 3, 4}));
  EXPECT_EQ(chosen({{"flow", "f2"}}), (Positions{0, 1, 2, 3, 4}));
  EXPECT_EQ(chosen({{"flow", "f2"}, {"flow", "Orders"}}, false), (Positions{0, 1}));
  EXPECT_EQ(chosen({{"", "Retry"}}), (Positions{2, 4}));
  EXPECT_EQ(chosen({{"flow", "f2"}, {"flow", "Invoices"}}, false), (Positions{1})) << "the same one twice";
}

TEST(Selection, TakesAnIdBeforeANameThatReadsTheSame) { EXPECT_EQ(chosen({{"", "Orders"}}, false), (Positions{6})); }

TEST(Selection, TellsWhatRefersToNothing) {
  const Selection selection = select(landscape(), std::vector<Selector>{{"flow", "Broken"}}, true);
  EXPECT_EQ(selection.items, (Positions{5})) << "its reference to itself is no loop";
  ASSERT_EQ(selection.dangling.size(), 1u);
  EXPECT_EQ(selection.dangling[0].item, 5u);
  EXPECT_EQ(selection.dangling[0].to, (Reference{"config", "gone"}));
}

TEST(Selection, SuggestsNearNames) {
  EXPECT_EQ(error_of({{"flow", "Oders"}}),
            "selecting flow=Oders: the connection has no flow with that id or name; did you mean \"Orders\"?");
  EXPECT_EQ(error_of({{"flow", "invocies"}}),
            "selecting flow=invocies: the connection has no flow with that id or name; did you mean \"Invoices\"?");
  EXPECT_EQ(error_of({{"flow", "Something else"}}),
            "selecting flow=Something else: the connection has no flow with that id or name");
  EXPECT_EQ(error_of({{"", "Retri"}}),
            "selecting \"Retri\": the connection has no artefact with that id or name; did you mean \"Retry\"?");
  EXPECT_EQ(error_of({{"flwo", "Orders"}}),
            "selecting flwo=Orders: the connection has nothing of type \"flwo\"; did you mean \"flow\"?");
  EXPECT_EQ(error_of({{"workflow", "Orders"}}),
            "selecting workflow=Orders: the connection has nothing of type \"workflow\"; its types are config, flow, "
            "subflow");
}

TEST(Selection, RefusesWhatIsAmbiguous) {
  EXPECT_EQ(
      error_of({{"config", "Broker"}}),
      "selecting config=Broker: the connection has 2 of that name: config c1, config c2; give the type and the id "
      "of the one you mean");
}

TEST(Selection, RefusesTwoArtefactsWithOneId) {
  const std::vector<Artefact> twice = {{"flow", "f1", "A"}, {"flow", "f1", "B"}};
  EXPECT_THROW(select(twice, {}, true), Error);
  const std::vector<Artefact> other_types = {{"flow", "1", "A"}, {"config", "1", "A"}};
  EXPECT_EQ(select(other_types, {}, true).items.size(), 2u);
}

TEST(ArtefactRecord, SurvivesItsRoundTrip) {
  const Artefact artefact{"flow", "f1", "Orders", "abc", "7", {{"config", "c1"}}};
  EXPECT_EQ(parse_artefact(to_json(artefact)), artefact);
  EXPECT_EQ(to_json({"flow", "f1", "Orders", "abc"}).dump(),
            R"({"type":"flow","id":"f1","name":"Orders","hash":"abc"})");
  EXPECT_THROW(parse_artefact(Json::parse(R"({"type":"flow"})")), Error);
}

}  // namespace
}  // namespace ferry
