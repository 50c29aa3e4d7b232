// Which step may begin when: without threads, by telling the schedule what ended.
#include "host/release/schedule.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>

namespace ferry::host::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;
using Part = Schedule::Part;
using Unit = Schedule::Unit;

ReleaseStep step(const std::string& name, const std::string& operation, const std::string& connection,
                 std::vector<std::string> needs = {}, const std::string& from = "") {
  ReleaseStep made;
  made.name = name;
  made.operation = operation;
  made.connection = connection;
  made.from = from;
  made.needs = std::move(needs);
  return made;
}

class Plan {
 public:
  explicit Plan(std::vector<ReleaseStep> steps, Schedule::Options options = {}) : steps_(std::move(steps)) {
    std::vector<std::string> targets;
    for (const ReleaseStep& one : steps_) targets.push_back(one.connection);
    schedule_ = std::make_unique<Schedule>(steps_, targets, options);
  }
  // "forms:prepare" for all that begins now.
  std::vector<std::string> begin() {
    std::vector<std::string> begun;
    for (Unit unit{}; schedule_->next(unit);) begun.push_back(name(unit));
    return begun;
  }
  void end(const std::string& what, bool well = true) {
    for (std::size_t i = 0; i < steps_.size(); ++i)
      for (const Part part : {Part::prepare, Part::apply})
        if (name({i, part}) == what) return schedule_->ended({i, part}, well);
    FAIL() << what;
  }
  Schedule& schedule() { return *schedule_; }
  std::string stopped_by(const std::string& of) const {
    for (std::size_t i = 0; i < steps_.size(); ++i)
      if (steps_[i].name == of) return schedule_->stopped_by(i);
    return "?";
  }

 private:
  std::string name(const Unit& unit) const {
    return steps_[unit.step].name + (unit.part == Part::prepare ? ":prepare" : ":apply");
  }
  std::vector<ReleaseStep> steps_;
  std::unique_ptr<Schedule> schedule_;
};

TEST(Schedule, NothingIsAppliedBeforeEverythingIsPrepared) {
  Plan plan({step("forms", "promote", "b"), step("rules", "promote", "d"), step("books", "check", "e")});
  EXPECT_THAT(plan.begin(), ElementsAre("forms:prepare", "rules:prepare", "books:prepare"));
  plan.end("forms:prepare");
  plan.end("rules:prepare");
  EXPECT_THAT(plan.begin(), IsEmpty()) << "the check may still say no";
  plan.end("books:prepare");
  EXPECT_THAT(plan.begin(), ElementsAre("forms:apply", "rules:apply"));
  EXPECT_FALSE(plan.schedule().finished());
  plan.end("forms:apply");
  plan.end("rules:apply");
  EXPECT_TRUE(plan.schedule().finished());
}

TEST(Schedule, APreflightThatFailsStopsEveryImport) {
  Plan plan({step("forms", "promote", "b"), step("rules", "promote", "d")});
  plan.begin();
  plan.end("forms:prepare", false);
  EXPECT_THAT(plan.begin(), IsEmpty());
  plan.end("rules:prepare");
  EXPECT_THAT(plan.begin(), IsEmpty());
  EXPECT_TRUE(plan.schedule().finished());
  EXPECT_EQ(plan.stopped_by("rules"), "forms");
}

TEST(Schedule, ContinueOnErrorStopsOnlyWhatNeedsIt) {
  Plan plan({step("a", "promote", "1"), step("b", "promote", "2", {"a"}), step("c", "promote", "3", {"b"}),
             step("d", "promote", "4")},
            {false, true});
  EXPECT_THAT(plan.begin(), ElementsAre("a:prepare", "b:prepare", "c:prepare", "d:prepare"));
  plan.end("a:prepare", false);
  for (const char* name : {"b:prepare", "c:prepare", "d:prepare"}) plan.end(name);
  EXPECT_THAT(plan.begin(), ElementsAre("d:apply"));
  plan.end("d:apply");
  EXPECT_THAT(plan.begin(), IsEmpty());
  EXPECT_TRUE(plan.schedule().finished());
  EXPECT_EQ(plan.stopped_by("c"), "a");
}

TEST(Schedule, AStepWhoseTargetOrSourceIsChangedFirstIsPreparedAfterThat) {
  Plan plan({step("to-test", "promote", "test", {}, "dev"), step("to-prod", "promote", "prod", {"to-test"}, "test"),
             step("again", "import", "test", {"to-test"}), step("look", "check", "test", {"to-test"})});
  EXPECT_THAT(plan.begin(), ElementsAre("to-test:prepare"));
  plan.end("to-test:prepare");
  EXPECT_THAT(plan.begin(), ElementsAre("to-test:apply"));
  plan.end("to-test:apply");
  EXPECT_THAT(plan.begin(), ElementsAre("to-prod:prepare", "again:prepare", "look:prepare"));
}

TEST(Schedule, TwoImportsIntoOneTargetTakeTurns) {
  Plan plan({step("a", "import", "test"), step("b", "import", "test"), step("c", "import", "prod")});
  plan.begin();
  for (const char* name : {"a:prepare", "b:prepare", "c:prepare"}) plan.end(name);
  EXPECT_THAT(plan.begin(), ElementsAre("a:apply", "c:apply"));
  plan.end("a:apply");
  EXPECT_THAT(plan.begin(), ElementsAre("b:apply"));
}

TEST(Schedule, AnImportWaitsForTheExportThatGivesItsPackage) {
  ReleaseStep import = step("into", "import", "test", {"out"});
  import.package_step = "out";
  Plan plan({step("out", "export", "dev"), import});
  EXPECT_THAT(plan.begin(), ElementsAre("out:prepare"));
  plan.end("out:prepare");
  EXPECT_THAT(plan.begin(), ElementsAre("into:prepare"));
}

TEST(Schedule, ADryRunAppliesNothing) {
  Plan plan({step("a", "promote", "1"), step("b", "promote", "2", {"a"})}, {true, false});
  std::vector<std::string> all;
  for (std::vector<std::string> begun = plan.begin(); !begun.empty(); begun = plan.begin())
    for (const std::string& one : begun) {
      all.push_back(one);
      plan.end(one);
    }
  EXPECT_THAT(all, UnorderedElementsAre("a:prepare", "b:prepare"));
  EXPECT_TRUE(plan.schedule().finished());
}

TEST(Schedule, WhatWasCarriedOverIsNotDoneAgain) {
  Plan plan({step("a", "promote", "1"), step("b", "promote", "2", {"a"})});
  plan.schedule().carried_over(0);
  EXPECT_THAT(plan.begin(), ElementsAre("b:prepare"));
  plan.end("b:prepare");
  EXPECT_THAT(plan.begin(), ElementsAre("b:apply"));
}

// Random releases, random ends: whatever happens, the schedule comes to an end, and the rules hold on the way.
TEST(Schedule, RandomReleasesKeepTheRules) {
  std::mt19937 random(7);
  const auto pick = [&](std::size_t count) { return random() % count; };
  const std::vector<std::string> operations = {"check", "export", "import", "promote"};
  for (int round = 0; round < 3000; ++round) {
    std::vector<ReleaseStep> steps;
    for (std::size_t i = 0, count = 1 + pick(7); i < count; ++i) {
      std::vector<std::string> needs;
      for (std::size_t before = 0; before < i; ++before)
        if (pick(3) == 0) needs.push_back(steps[before].name);
      steps.push_back(step("s" + std::to_string(i), operations[pick(4)], "t" + std::to_string(pick(3)), needs,
                           "t" + std::to_string(pick(3))));
    }
    std::vector<std::string> targets;
    for (const ReleaseStep& one : steps) targets.push_back(one.connection);
    Schedule schedule(steps, targets, {pick(4) == 0, pick(2) == 0});
    std::vector<Unit> running;
    std::set<std::string> done, bad;
    while (!schedule.finished()) {
      for (Unit unit{}; schedule.next(unit);) {
        const ReleaseStep& of = steps[unit.step];
        if (unit.part == Part::apply) {
          for (const Unit& other : running)
            ASSERT_FALSE(other.part == Part::apply && steps[other.step].connection == of.connection);
          for (const std::string& need : of.needs) ASSERT_TRUE(done.count(need)) << "needs " << need;
        }
        for (const std::string& need : of.needs) ASSERT_FALSE(bad.count(need)) << "needs what failed: " << need;
        running.push_back(unit);
      }
      ASSERT_FALSE(running.empty()) << "it neither ended nor goes on";
      const std::size_t which = pick(running.size());
      const Unit unit = running[which];
      running.erase(running.begin() + static_cast<std::ptrdiff_t>(which));
      const bool well = pick(8) != 0;
      schedule.ended(unit, well);
      if (!well) bad.insert(steps[unit.step].name);
      if (well && (unit.part == Part::apply || !schedule.changes(unit.step))) done.insert(steps[unit.step].name);
    }
    if (bad.empty()) {
      ASSERT_EQ(done.size(), steps.size());
    }
  }
}

}  // namespace
}  // namespace ferry::host::test
