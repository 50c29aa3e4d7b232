// Over random pairs of environments: a preview foretells the import, a second import changes nothing, and what is
// exported afterwards is the package again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "tests/plugins/node_red/live/live.hpp"

namespace ferry::node_red {
namespace {

using ::testing::Each;
using ::testing::EndsWith;
using ::testing::IsEmpty;
using testing::NodeRedServer;
using testing::Package;
using testing::Result;

// Two environments made with one of these share ids, names and content often enough to meet every rule.
class Environment {
 public:
  explicit Environment(std::mt19937& random) : random_(random) {}

  std::string make(bool with_strays) {
    nodes_ = Json::array();
    for (int i = 0; i < 4; ++i)
      if (chance(70)) config(i);
    for (int i = 2; i >= 0; --i)
      if (chance(60)) subflow(i);
    for (int i = 0; i < 5; ++i)
      if (chance(70)) flow(i);
    if (with_strays && chance(20)) add("stray" + text(pick(2)), "debug", "nobody");
    std::shuffle(nodes_.items().begin(), nodes_.items().end(), random_);
    return nodes_.dump();
  }

 private:
  int pick(int count) { return static_cast<int>(random_() % static_cast<unsigned>(count)); }
  bool chance(int percent) { return pick(100) < percent; }
  static std::string text(int number) { return std::to_string(number); }
  // Mostly a name of its own; sometimes one that another id has elsewhere.
  std::string name(const std::string& kind, int i) { return kind + " " + text(chance(85) ? i : 10); }

  Json& add(const std::string& id, const std::string& type, const std::string& z) {
    Json& node = nodes_.push_back(Json::object({{"id", id}, {"type", type}}));
    if (!z.empty()) {
      node.set("z", z);
      node.set("x", pick(3) * 20);
      node.set("y", 40);
      node.set("wires", Json::array({Json::array()}));
    }
    return node;
  }
  void config(int i) {
    Json& node = add("c" + text(i), "http proxy", "");
    node.set("name", i == 3 ? std::string() : name("proxy", i));
    node.set("url", "http://p" + text(pick(2)) + ".test");
    present_.insert("c" + text(i));
  }
  void fill(const std::string& container, int own, int subflows_from) {
    for (int k = 0, count = pick(4); k < count; ++k) {
      const std::string id = container + "n" + text(k);
      switch (pick(4)) {
        case 0: add(id, "debug", container).set("active", chance(50)); break;
        case 1: {
          Json& node = add(id, "http request", container);
          const std::string proxy = "c" + text(pick(4));
          if (present_.contains(proxy)) node.set("proxy", proxy);
          node.set("timeout", Json::number(chance(50) ? "1.50" : "3e2"));
          break;
        }
        case 2: {
          const int used = subflows_from + pick(3);
          if (present_.contains("s" + text(used))) add(id, "subflow:s" + text(used), container);
          break;
        }
        default: add(id, "link out", container).set("links", Json::array({"f" + text((own + 1) % 5) + "n0"}));
      }
    }
    if (chance(30)) {
      Json& group = add(container + "g", "group", container);
      Json members = Json::array({container + "n1", container + "n0"});
      if (chance(50)) std::swap(members.items()[0], members.items()[1]);
      group.set("nodes", std::move(members));
    }
  }
  // A subflow uses only those of higher numbers, so that none contains itself.
  void subflow(int i) {
    const std::string id = "s" + text(i);
    nodes_.push_back(Json::object(
        {{"id", id}, {"type", "subflow"}, {"name", name("sub", i)}, {"in", Json::array()}, {"out", Json::array()}}));
    fill(id, i, i + 1);
    present_.insert(id);
  }
  void flow(int i) {
    const std::string id = "f" + text(i);
    nodes_.push_back(Json::object({{"id", id}, {"type", "tab"}, {"label", name("flow", i)}, {"disabled", chance(20)}}));
    fill(id, i, 0);
    // A node that stands on one flow here and perhaps on another there.
    if (const std::string wanderer = "w" + text(i / 2); chance(35) && present_.insert(wanderer).second)
      add(wanderer, "debug", id);
  }

  std::mt19937& random_;
  Json nodes_;
  std::set<std::string> present_;
};

struct Choice {
  std::string import_options, selection;
};

Choice choose(std::mt19937& random, const std::string& source) {
  Choice choice;
  const auto roll = random() % 10;
  choice.import_options = roll < 7   ? R"(,"policy":"replace")"
                          : roll < 9 ? R"(,"policy":"skip")"
                                     : R"(,"policy":"abort")";
  if (random() % 3 == 0) {
    const Json nodes = Json::parse(source);
    std::vector<std::string> selectors;
    for (const Json& node : nodes.items())
      if (node.find("z") == nullptr && random() % 3 == 0)
        selectors.push_back(R"({"key":")" + std::string(node.text_or("id", "")) + "\"}");
    if (!selectors.empty()) {
      choice.selection = R"({"dependencies":)" + std::string(random() % 4 == 0 ? "false" : "true") + R"(,"select":[)";
      for (std::size_t i = 0; i < selectors.size(); ++i) choice.selection += (i == 0 ? "" : ",") + selectors[i];
      choice.selection += "]}";
    }
  }
  if (choice.selection.empty()) {
    choice.selection = "{}";
    if (random() % 2 == 0) choice.import_options += R"(,"prune":true)";
  }
  return choice;
}

// Exactly the artefacts of the package.
std::string same_selection(const Package& package) {
  std::string out = R"({"dependencies":false,"select":[)";
  const Json manifest = Json::parse(package.entries[0].second);
  for (const Json& artefact : manifest["artefacts"].items())
    out += (out.back() == '[' ? "" : ",") + Json::object({{"type", artefact["type"]}, {"key", artefact["id"]}}).dump();
  return out + "]}";
}

TEST(NodeRedPropertyTest, HoldsForTwoHundredPairsOfEnvironments) {
  constexpr int pairs = 220;
  NodeRedServer dev, prod;
  Live from(dev), to(prod);
  std::map<std::string, int> seen;
  int round_trips = 0;
  for (int pair = 0; pair < pairs; ++pair) {
    std::mt19937 random(static_cast<unsigned>(pair));
    const std::string source = Environment(random).make(false), target = Environment(random).make(true);
    const Choice choice = choose(random, source);
    SCOPED_TRACE("pair " + std::to_string(pair) + choice.import_options + "\nselection " + choice.selection +
                 "\nsource " + source + "\ntarget " + target);
    dev.set_flows(source);
    prod.set_flows(target);
    const Result exported = from.connector->export_package(choice.selection);
    ASSERT_EQ(exported.status, FERRY_OK) << exported.message;
    ASSERT_THAT(exported.violations, IsEmpty());

    to.deployments();
    const std::string before = prod.flows();
    const Result preview =
        to.connector->import_package(exported.package, "{\"preview\":true" + choice.import_options + "}");
    ASSERT_EQ(to.deployments(), 0);
    ASSERT_EQ(prod.flows(), before);
    const Result real =
        to.connector->import_package(exported.package, "{\"preview\":false" + choice.import_options + "}");
    ASSERT_EQ(preview.status, real.status) << preview.message << real.message;
    ASSERT_EQ(preview.facts, real.facts);
    ASSERT_THAT(real.violations, IsEmpty());
    const bool wrote = real.count("added") + real.count("modified") + real.count("removed") > 0;
    ASSERT_EQ(to.deployments(), wrote ? 1 : 0);
    for (const Json& fact : real.facts)
      if (fact["fact"] == Json("item"))
        ++seen[std::string(fact.text_or("outcome", "")) + " " + std::string(fact.text_or("code", ""))];
    if (real.status == FERRY_REFUSED) {
      ASSERT_EQ(prod.flows(), before);
      continue;
    }
    ASSERT_EQ(real.status, FERRY_OK) << real.message;

    const Result again =
        to.connector->import_package(exported.package, "{\"preview\":false" + choice.import_options + "}");
    ASSERT_EQ(to.deployments(), 0);
    ASSERT_EQ(again.count("skipped"), real.count("skipped"));
    ASSERT_EQ(again.count("added") + again.count("modified") + again.count("removed"), 0u);
    if (real.count("skipped") > 0 || exported.package.entries.size() < 2) continue;
    ASSERT_THAT(items(again), Each(EndsWith(" unchanged")));
    ASSERT_EQ(to.connector->export_package(same_selection(exported.package)).package.entries, exported.package.entries);
    ++round_trips;
  }
  EXPECT_GT(round_trips, 50);
  for (const char* outcome :
       {"added ", "modified ", "removed ", "unchanged ", "skipped exists", "skipped name_conflict",
        "skipped id_conflict", "skipped dangling_reference", "skipped refused"})
    EXPECT_GT(seen[outcome], 0) << outcome << ": the environments are not random enough";
  for (const auto& [outcome, count] : seen) RecordProperty(outcome, count);
}

}  // namespace
}  // namespace ferry::node_red
