// Random packages and targets, and what must hold for all of them.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <random>
#include <set>

#include "ferry/comparing.hpp"

namespace ferry {
namespace {

using Artefacts = std::vector<Artefact>;
using Key = std::pair<std::string, std::string>;

struct Case {
  Artefacts package, target;
  ImportRequest request;
};

class Generator {
 public:
  explicit Generator(unsigned seed) : random_(seed) {}

  Case next() {
    Case made;
    made.target = environment(below(12));
    made.package = environment(below(12));
    // Much of a package is what the target already has.
    for (Artefact& artefact : made.package)
      for (const Artefact& other : made.target)
        if (artefact.type == other.type && artefact.id == other.id && below(3) != 0) artefact = other;
    // In the target, what is there refers to what is there: platforms see to that.
    std::set<Key> there;
    for (const Artefact& artefact : made.target) there.emplace(artefact.type, artefact.id);
    for (Artefact& artefact : made.target)
      std::erase_if(artefact.references, [&](const Reference& to) { return !there.contains({to.type, to.id}); });
    made.request.policy = std::array{Policy::abort, Policy::replace, Policy::skip}[below(3)];
    made.request.prune = below(2) == 0;
    if (below(4) == 0) map(made);
    return made;
  }

 private:
  unsigned below(unsigned limit) { return static_cast<unsigned>(random_() % limit); }
  std::string type() { return std::array{"flow", "config"}[below(2)]; }
  Artefacts environment(unsigned size) {
    std::map<Key, Artefact> made;
    for (unsigned i = 0; i < size; ++i) {
      Artefact artefact{type(), std::to_string(below(10)), std::array{"", "A", "B", "C", "D", "E", "F"}[below(7)],
                        std::to_string(below(3))};
      for (unsigned n = below(3); n > 0; --n) artefact.references.push_back({type(), std::to_string(below(10))});
      made[{artefact.type, artefact.id}] = artefact;
    }
    Artefacts out;
    for (auto& [key, artefact] : made) out.push_back(std::move(artefact));
    std::shuffle(out.begin(), out.end(), random_);
    return out;
  }
  void map(Case& made) {
    if (made.package.empty() || made.target.empty()) return;
    const Artefact& source = made.package[below(static_cast<unsigned>(made.package.size()))];
    for (const Artefact& target : made.target)
      if (target.type == source.type) made.request.mapping = {{source.type, source.id, target.id}};
  }

  std::mt19937 random_;
};

// What the content of an artefact becomes when it is written.
Artefact written(const Artefact& artefact, const std::string& target_id, const IdMap& ids) {
  Artefact out = artefact;
  out.id = target_id;
  if (ids.touches(artefact)) out.hash += "m";
  for (Reference& reference : out.references) reference.id = ids.target(reference.type, reference.id);
  return out;
}
Rehash rehash_of(const Artefacts& package) {
  return [&package](std::size_t item, const IdMap&) { return package[item].hash + "m"; };
}

Artefacts apply(const Case& before, const Comparison& comparison) {
  std::map<Key, Artefact> after;
  for (const Artefact& artefact : before.target) after[{artefact.type, artefact.id}] = artefact;
  for (const Decision& decision : comparison.decisions) {
    const Key key{decision.artefact->type, decision.target_id};
    if (!decision.write) continue;
    EXPECT_EQ(after.contains(key), decision.outcome != outcome::added);
    if (decision.outcome == outcome::removed)
      after.erase(key);
    else
      after[key] = written(*decision.artefact, decision.target_id, comparison.ids);
  }
  Artefacts out;
  for (auto& [key, artefact] : after) out.push_back(std::move(artefact));
  return out;
}

TEST(ComparingProperty, HoldsForRandomEnvironments) {
  Generator generator(7);
  std::map<std::string, int> seen;
  for (int i = 0; i < 20'000; ++i) {
    const Case made = generator.next();
    Comparison comparison;
    try {
      comparison = compare(made.package, made.target, made.request, true, rehash_of(made.package));
    } catch (const Error& error) {
      ASSERT_EQ(error.status(), FERRY_BAD_CONFIG) << error.message();
      ++seen["mapping refused"];
      continue;
    }

    // The counts add up: one decision for each, and a reason for each that is skipped.
    std::set<const Artefact*> decided;
    std::size_t extras = 0;
    for (const Decision& decision : comparison.decisions) {
      ++seen[std::string(decision.outcome) + " " + decision.code];
      ASSERT_TRUE(decided.insert(decision.artefact).second);
      extras += decision.extra ? 1 : 0;
      ASSERT_EQ(decision.artefact, decision.extra ? &made.target[decision.item] : &made.package[decision.item]);
      ASSERT_EQ(decision.outcome == outcome::skipped, !decision.code.empty() && !decision.message.empty());
      ASSERT_EQ(decision.write, decision.outcome == outcome::added || decision.outcome == outcome::modified ||
                                    decision.outcome == outcome::removed);
    }
    ASSERT_EQ(decided.size() - extras, made.package.size());
    ASSERT_TRUE(made.request.prune || extras == 0);
    if (comparison.refused()) {
      ASSERT_EQ(comparison.writes(), 0u);
      continue;
    }

    // Afterwards nothing that was not dangling before refers to nothing.
    const Artefacts after = apply(made, comparison);
    std::set<Key> there;
    for (const Artefact& artefact : after) there.emplace(artefact.type, artefact.id);
    for (const Artefact& artefact : after)
      for (const Reference& to : artefact.references)
        ASSERT_TRUE(there.contains({to.type, to.id})) << describe(artefact) << " refers to " << to.type << " " << to.id;

    // The same import again finds nothing to do, and skips the same for the same reason.
    const Comparison again = compare(made.package, after, made.request, true, rehash_of(made.package));
    ASSERT_EQ(again.writes(), 0u);
    ASSERT_FALSE(again.refused());
    std::map<const Artefact*, std::string> codes;
    for (const Decision& decision : comparison.decisions)
      if (!decision.extra) codes[decision.artefact] = decision.code;
    for (const Decision& decision : again.decisions)
      ASSERT_TRUE(decision.extra || decision.code == codes[decision.artefact]) << decision.message;
  }
  for (const char* expected :
       {"added ", "modified ", "removed ", "unchanged ", "skipped exists", "skipped refused", "skipped name_conflict",
        "skipped dangling_reference", "skipped still_referenced", "mapping refused"})
    EXPECT_GT(seen[expected], 100) << expected;
}

TEST(ComparingSpeed, IsLinear) {
  const auto measured = [](int size) {
    Artefacts package, target;
    for (int i = 0; i < size; ++i) {
      const std::string number = std::to_string(i);
      // A chain, which is the longest way for what dangles, and a name that many share.
      package.push_back({"flow",
                         "id" + number,
                         i % 2 == 0 ? "Flow " + number : "Flow",
                         "hash " + std::to_string(i % 100 == 0 ? -i : i),
                         "",
                         {{"flow", "id" + std::to_string(i + 1)}, {"config", "c"}}});
      if (i % 50 != 0)
        target.push_back({"flow", "id" + number, package.back().name, "hash " + number, "", {{"flow", "x" + number}}});
      target.push_back({"flow", "x" + number, "X", "1", "", {}});
    }
    ImportRequest request;
    request.policy = Policy::replace;
    request.prune = true;
    auto best = std::chrono::nanoseconds::max();
    for (int round = 0; round < 3; ++round) {
      const auto start = std::chrono::steady_clock::now();
      EXPECT_EQ(compare(package, target, request, true).decisions.size(), static_cast<std::size_t>(2 * size));
      best = std::min(best, std::chrono::steady_clock::now() - start);
    }
    return std::chrono::duration<double, std::milli>(best).count();
  };
  const double small = measured(5'000), large = measured(40'000);
  RecordProperty("5000_artefacts_ms", std::to_string(small));
  EXPECT_LT(large, 40 * small) << "eight times as many should take about eight times as long";
}

}  // namespace
}  // namespace ferry
