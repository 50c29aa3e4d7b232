#include "ferry/comparing.hpp"

#include <gtest/gtest.h>

namespace ferry {
namespace {

using Artefacts = std::vector<Artefact>;

ImportRequest with(Policy policy, bool prune = false, std::vector<Mapping> mapping = {}) {
  ImportRequest request;
  request.policy = policy;
  request.prune = prune;
  request.mapping = std::move(mapping);
  return request;
}
// "flow f1 modified *" for one that is written, "flow f1 skipped exists" for one that is not.
std::vector<std::string> told(const Comparison& comparison) {
  std::vector<std::string> lines;
  for (const Decision& decision : comparison.decisions)
    lines.push_back(decision.artefact->type + " " + decision.artefact->id + " " + std::string(decision.outcome) +
                    (decision.write ? " *" : "") + (decision.code.empty() ? "" : " " + decision.code));
  return lines;
}
using Lines = std::vector<std::string>;
std::string error_of(const Artefacts& package, const Artefacts& target, const ImportRequest& request,
                     ferry_status status, bool complete = true) {
  try {
    compare(package, target, request, complete);
  } catch (const Error& error) {
    EXPECT_EQ(error.status(), status);
    return error.message();
  }
  return "";
}

TEST(Comparing, TellsNewSameAndDifferentApart) {
  const Artefacts package = {{"flow", "new", "N", "1"}, {"flow", "same", "S", "1"}, {"flow", "other", "O", "1"}};
  const Artefacts target = {{"flow", "other", "O", "2"}, {"flow", "same", "S", "1"}, {"flow", "extra", "E", "1"}};
  EXPECT_EQ(told(compare(package, target, with(Policy::replace), true)),
            (Lines{"flow new added *", "flow same unchanged", "flow other modified *"}));
  EXPECT_EQ(told(compare(package, target, with(Policy::add_version), true)),
            (Lines{"flow new added *", "flow same unchanged", "flow other modified *"}));
  EXPECT_EQ(told(compare(package, target, with(Policy::skip), true)),
            (Lines{"flow new added *", "flow same unchanged", "flow other skipped exists"}));
  EXPECT_EQ(told(compare(package, target, with(Policy::replace, true), true)),
            (Lines{"flow new added *", "flow same unchanged", "flow other modified *", "flow extra removed *"}));
  EXPECT_TRUE(compare({}, {}, with(Policy::abort, true), true).decisions.empty());
}

TEST(Comparing, RefusesAsAWholeWhenPolicyIsAbort) {
  const Artefacts package = {{"flow", "new", "N", "1"}, {"flow", "same", "S", "1"}, {"flow", "other", "O", "1"}};
  const Artefacts target = {{"flow", "other", "O", "2"}, {"flow", "same", "S", "1"}, {"flow", "extra", "E", "1"}};
  const Comparison comparison = compare(package, target, with(Policy::abort, true), true);
  EXPECT_EQ(told(comparison), (Lines{"flow new skipped refused", "flow same unchanged", "flow other skipped exists",
                                     "flow extra skipped refused"}));
  EXPECT_EQ(comparison.writes(), 0u);
  EXPECT_EQ(
      comparison.refusal,
      "nothing was imported: the target has 1 item of the package with other content (flow \"O\" (other)); choose "
      "whether to replace or to skip what exists");
  EXPECT_THROW(comparison.throw_if_refused(), Error);
  const Artefacts part = {package[0], package[1]};
  const Comparison without = compare(part, target, with(Policy::abort), true);
  EXPECT_FALSE(without.refused());
  EXPECT_EQ(told(without), (Lines{"flow new added *", "flow same unchanged"}));
}

TEST(Comparing, WarnsOfANewNameUnderAnOldId) {
  const Artefacts package = {{"flow", "f1", "New name", "1"}}, target = {{"flow", "f1", "Old name", "1"}};
  const Comparison comparison = compare(package, target, with(Policy::replace), true);
  EXPECT_EQ(told(comparison), (Lines{"flow f1 modified *"}));
  ASSERT_EQ(comparison.warnings.size(), 1u);
  EXPECT_EQ(comparison.warnings[0].code, "renamed");
  EXPECT_EQ(comparison.warnings[0].message,
            "flow f1 is called \"Old name\" in the target and \"New name\" in the package");
  EXPECT_EQ(told(compare(package, target, with(Policy::skip), true)), (Lines{"flow f1 skipped exists"}));
}

TEST(Comparing, ReportsTheSameNameUnderAnotherId) {
  const Artefacts package = {{"flow", "p1", "Orders", "1"}};
  const Artefacts target = {{"flow", "t1", "Orders", "1"}, {"config", "c1", "Orders", "1"}};
  const Comparison comparison = compare(package, target, with(Policy::replace), true);
  EXPECT_EQ(told(comparison), (Lines{"flow p1 skipped name_conflict"}));
  EXPECT_EQ(comparison.decisions[0].message,
            "the target has flow \"Orders\" under the id t1, the package under p1; --map flow/p1=t1 makes them one");
  // What prune would remove is what the conflict is about: it stays.
  EXPECT_EQ(told(compare(package, target, with(Policy::replace, true), true)),
            (Lines{"flow p1 skipped name_conflict", "flow t1 skipped name_conflict", "config c1 removed *"}));
}

TEST(Comparing, SeesNoConflictWhereIdsAreKnownOrNamesEmpty) {
  const Artefacts package = {{"flow", "a", "Orders", "1"}, {"flow", "b", "Orders", "1"}, {"flow", "c", "", "1"}};
  const Artefacts target = {{"flow", "a", "Orders", "1"}, {"flow", "z", "", "1"}};
  EXPECT_EQ(told(compare(package, target, with(Policy::abort), true)),
            (Lines{"flow a unchanged", "flow b added *", "flow c added *"}));
}

TEST(Comparing, WritesToWhatAMappingSays) {
  const Artefacts package = {{"flow", "p1", "Orders", "content p1"},
                             {"flow", "p2", "Uses", "content p2", "", {{"flow", "p1"}}}};
  const Artefacts target = {{"flow", "t1", "Orders", "content t1"}};
  for (const Mapping& mapping :
       {Mapping{"flow", "p1", "t1"}, Mapping{"flow", "Orders", "Orders"}, Mapping{"", "p1", "Orders"}}) {
    const Comparison comparison = compare(package, target, with(Policy::replace, false, {mapping}), true);
    EXPECT_EQ(told(comparison), (Lines{"flow p1 modified *", "flow p2 added *"}));
    EXPECT_EQ(comparison.decisions[0].target_id, "t1");
    EXPECT_EQ(comparison.decisions[0].existing, &target[0]);
    EXPECT_EQ(comparison.ids.target("flow", "p1"), "t1");
    EXPECT_EQ(comparison.ids.target("flow", "p2"), "p2");
    EXPECT_EQ(comparison.ids.target("config", "p1"), "p1");
    EXPECT_TRUE(comparison.ids.touches(package[1]));
  }
  // Compared by its content as it would be written: nothing to do.
  std::vector<std::size_t> rehashed;
  const auto rehash = [&](std::size_t item, const IdMap&) {
    rehashed.push_back(item);
    return std::string("content t1");
  };
  const Comparison same = compare(package, target, with(Policy::abort, false, {{"flow", "p1", "t1"}}), true, rehash);
  EXPECT_EQ(told(same), (Lines{"flow p1 unchanged", "flow p2 added *"}));
  EXPECT_EQ(rehashed, (std::vector<std::size_t>{0}));
}

TEST(Comparing, DoesNotWarnOfANameThatAMappingChanges) {
  const Artefacts package = {{"flow", "p1", "Orders", "1"}}, target = {{"flow", "t1", "Bestellungen", "1"}};
  const Comparison comparison = compare(package, target, with(Policy::replace, false, {{"flow", "p1", "t1"}}), true);
  EXPECT_EQ(told(comparison), (Lines{"flow p1 modified *"}));
  EXPECT_TRUE(comparison.warnings.empty());
}

TEST(Comparing, RefusesMappingsThatCannotBeUsed) {
  const Artefacts package = {
      {"flow", "p1", "A", "1"}, {"flow", "p2", "B", "1"}, {"flow", "t2", "C", "1"}, {"flow", "p3", "B", "1"}};
  const Artefacts target = {{"flow", "t1", "X", "1"}, {"flow", "t2", "Y", "1"}, {"flow", "t3", "Y", "1"}};
  const auto error = [&](std::vector<Mapping> mapping) {
    return error_of(package, target, with(Policy::replace, false, std::move(mapping)), FERRY_BAD_CONFIG);
  };
  EXPECT_EQ(error({{"flow", "p4", "t1"}}),
            "mapping flow/p4=t1: the package has no flow with that id or name; did you mean \"p1\", \"p2\", \"p3\"?");
  EXPECT_EQ(error({{"flow", "p1", "nothing"}}), "mapping flow/p1=nothing: the target has no flow with that id or name");
  EXPECT_EQ(error({{"flow", "B", "t1"}}),
            "mapping flow/B=t1: the package has 2 of that name: flow p2, flow p3; give the type and the id of the one "
            "you mean");
  EXPECT_EQ(error({{"flow", "p1", "Y"}}),
            "mapping flow/p1=Y: the target has 2 of that name: flow t2, flow t3; give the type and the id of the one "
            "you mean");
  EXPECT_EQ(error({{"flow", "p1", "t1"}, {"flow", "p2", "t1"}}),
            "the mapping sends both flow \"A\" (p1) and flow \"B\" (p2) to t1; map them to different targets");
  EXPECT_EQ(error({{"flow", "p1", "t1"}, {"flow", "A", "t3"}}),
            "the mapping sends flow \"A\" (p1) to two targets: t1 and t3; keep one of them");
  EXPECT_EQ(error({{"flow", "p1", "t2"}}),
            "the mapping sends both flow \"A\" (p1) and flow \"C\" (t2) to t2; map them to different targets");
  EXPECT_EQ(error({{"flow", "p1", "t2"}, {"flow", "t2", "t3"}}), "") << "t2 moves on";
  EXPECT_EQ(error({{"flow", "p1", "t1"}, {"flow", "A", "X"}}), "") << "the same said twice";
}

TEST(Comparing, SkipsWhatWouldDangle) {
  const Artefacts package = {
      {"flow", "a", "A", "1", "", {{"flow", "b"}}},      {"flow", "b", "B", "1", "", {{"flow", "c"}}},
      {"flow", "c", "C", "1", "", {{"config", "gone"}}}, {"flow", "d", "D", "1", "", {{"config", "there"}}},
      {"flow", "e", "E", "2", "", {{"flow", "c"}}},      {"flow", "f", "F", "1", "", {{"config", "gone"}}}};
  const Artefacts target = {
      {"config", "there", "T", "1"}, {"flow", "e", "E", "1"}, {"flow", "f", "F", "1", "", {{"config", "gone"}}}};
  const Comparison comparison = compare(package, target, with(Policy::replace), true);
  EXPECT_EQ(told(comparison), (Lines{"flow a skipped dangling_reference", "flow b skipped dangling_reference",
                                     "flow c skipped dangling_reference", "flow d added *",
                                     "flow e skipped dangling_reference", "flow f unchanged"}));
  EXPECT_EQ(comparison.decisions[2].message,
            "it refers to config gone, which is neither in the target nor in the package");
  EXPECT_EQ(comparison.decisions[0].message, "it refers to flow b, which is itself skipped (dangling_reference)");
}

TEST(Comparing, SaysWhyAReferenceIsNotThere) {
  const Artefacts package = {{"flow", "user", "U", "1", "", {{"config", "p"}}}, {"config", "p", "Broker", "1"}};
  const Artefacts target = {{"config", "t", "Broker", "1"}};
  const Comparison comparison = compare(package, target, with(Policy::replace), true);
  EXPECT_EQ(told(comparison), (Lines{"flow user skipped dangling_reference", "config p skipped name_conflict"}));
  EXPECT_EQ(comparison.decisions[0].message, "it refers to config p, which is itself skipped (name_conflict)");
  EXPECT_EQ(told(compare(package, target, with(Policy::replace, false, {{"config", "p", "t"}}), true)),
            (Lines{"flow user added *", "config p unchanged"}));
}

TEST(Comparing, SkipsWhatTheConnectorRejects) {
  const Artefacts package = {{"flow", "a", "A", "1", "", {{"flow", "bad"}}},
                             {"flow", "bad", "B", "1"},
                             {"flow", "same", "S", "1"},
                             {"flow", "there", "T", "2", "", {{"config", "c"}}}};
  const Artefacts target = {
      {"flow", "same", "S", "1"}, {"flow", "there", "T", "1", "", {{"config", "c"}}}, {"config", "c", "", "1"}};
  const Rejections rejections = {
      {1, {"no_type", "it has none"}}, {2, {"no_type", "it has none"}}, {3, {"id_taken", "by a node"}}};
  const Comparison comparison = compare(package, target, with(Policy::replace, true), true, {}, rejections);
  EXPECT_EQ(told(comparison),
            (Lines{"flow a skipped dangling_reference", "flow bad skipped no_type", "flow same unchanged",
                   "flow there skipped id_taken", "config c skipped still_referenced"}));
  EXPECT_EQ(comparison.decisions[0].message, "it refers to flow bad, which is itself skipped (no_type)");
}

TEST(Comparing, WritesWhatRefersToEachOther) {
  const Artefacts package = {{"flow", "a", "A", "1", "", {{"flow", "b"}, {"flow", "a"}}},
                             {"flow", "b", "B", "1", "", {{"flow", "a"}}}};
  EXPECT_EQ(compare(package, {}, with(Policy::abort), true).writes(), 2u);
}

TEST(Comparing, PrunesNothingThatIsStillNeeded) {
  const Artefacts package = {{"flow", "a", "A", "2", "", {}}, {"flow", "b", "B", "1", "", {{"config", "used"}}}};
  const Artefacts target = {{"flow", "a", "A", "1", "", {{"config", "formerly"}}},
                            {"config", "used", "", "1", "", {{"config", "deep"}}},
                            {"config", "deep", "", "1"},
                            {"config", "formerly", "", "1"},
                            {"config", "loop", "", "1", "", {{"config", "loop"}}}};
  const Comparison comparison = compare(package, target, with(Policy::replace, true), true);
  EXPECT_EQ(told(comparison),
            (Lines{"flow a modified *", "flow b added *", "config used skipped still_referenced",
                   "config deep skipped still_referenced", "config formerly removed *", "config loop removed *"}));
  EXPECT_EQ(comparison.decisions[2].message, "flow \"B\" (b) refers to it and stays");
  // A target that keeps its old content keeps what that needs.
  EXPECT_EQ(told(compare(package, target, with(Policy::skip, true), true))[4],
            "config formerly skipped still_referenced");
}

TEST(Comparing, RefusesToPruneByAPartOfASolution) {
  EXPECT_EQ(error_of({}, {}, with(Policy::replace, true), FERRY_REFUSED, false),
            "prune would remove what this package does not have, but the package holds only a selection; export "
            "everything, or import without prune");
  EXPECT_EQ(error_of({}, {}, with(Policy::replace, false), FERRY_REFUSED, false), "");
}

TEST(Comparing, RefusesTwoArtefactsWithOneId) {
  const Artefacts twice = {{"flow", "a", "A", "1"}, {"flow", "a", "B", "1"}};
  EXPECT_EQ(error_of(twice, {}, with(Policy::replace), FERRY_BAD_DATA), "the package has two of flow with the id a");
  EXPECT_EQ(error_of({}, twice, with(Policy::replace), FERRY_REMOTE), "the target has two of flow with the id a");
}

}  // namespace
}  // namespace ferry
