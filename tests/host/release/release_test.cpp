// Releases over shelves, each of which is a file, through real workers: order, guards, resuming, what is recorded.
#include "host/release/release.hpp"

#include <algorithm>
#include <mutex>

#include "tests/host/runs/run_fixture.hpp"

namespace ferry::host::test {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

class Steps final : public ReleaseObserver {
 public:
  void on_release(const RunRecord& run, const std::vector<ReleaseStep>&) override { id = run.id; }
  void on_step(const std::string& step, const std::string& state, const std::string& phase) override {
    {
      const std::lock_guard lock(mutex_);
      told_.push_back(step + " " + (phase.empty() ? state : phase));
    }
    if (hook) hook(step, state, phase);
  }
  void on_step_progress(const std::string&, const std::string&, const RunProgress&) override {}
  void on_end(const RunRecord&) override {}

  std::ptrdiff_t position(const std::string& event) const {
    const std::lock_guard lock(mutex_);
    return std::find(told_.begin(), told_.end(), event) - told_.begin();
  }
  bool has(const std::string& event) const { return position(event) < static_cast<std::ptrdiff_t>(told_.size()); }

  std::string id;
  std::function<void(const std::string&, const std::string&, const std::string&)> hook;

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> told_;
};

class ReleaseTest : public RunTest {
 protected:
  ReleaseTest() {
    put("dev.json", R"([{"id":"b1","title":"Blue","text":"new"},{"id":"b2","title":"Red","text":"r"}])");
    put("test.json", R"([{"id":"b1","title":"Blue","text":"old"}])");
    put("dev2.json", R"([{"id":"c1","title":"Green","text":"g"}])");
    put("test2.json", "[]");
    put("clash.json", R"([{"id":"b8","title":"Red","text":"o"}])");
    configure(shelf("dev", "dev") + shelf("test", "test") + shelf("dev2", "dev") + shelf("test2", "test") +
                  shelf("clash", "test"),
              "stages: [dev, test]\ndefaults: {on_existing: replace}\n");
  }
  void put(const std::string& name, const std::string& text) const { std::ofstream(home_.path() / name) << text; }
  std::string content(const std::string& name) const { return read_file(home_.path() / (name + ".json")); }
  std::string shelf(const std::string& name, const std::string& stage) const {
    std::string made =
        connection(name, "shelf",
                   "stage: " + stage + "\n    settings: {file: " + (home_.path() / (name + ".json")).string() + "}");
    // Targets are told apart by their URLs.
    return made.replace(made.find(":9\n"), 3, ":9/" + name + "\n");
  }
  ReleaseReport run(const std::string& steps) {
    request_.release = parse_release("steps:\n" + steps, home_.path() / "release.yaml");
    Runner runner = this->runner();
    return run_release(runner, request_, observer_, cancellation_);
  }
  static std::vector<std::string> states(const ReleaseReport& report) {
    std::vector<std::string> found;
    for (const StepReport& step : report.steps) found.push_back(step.step.name + " " + step.state);
    return found;
  }

  ReleaseRequest request_;
  Steps observer_;
};

constexpr const char* two_promotions =
    "  one: {promote: {from: dev, to: test}}\n  two: {promote: {from: dev2, to: test2}}\n";

TEST_F(ReleaseTest, PreparesEverythingThenAppliesAndGivesOneDocument) {
  const ReleaseReport report = run(std::string(two_promotions) + "  look: {check: test}\n");
  EXPECT_EQ(text_of(report.error), "");
  EXPECT_THAT(states(report), ElementsAre("one succeeded", "two succeeded", "look succeeded"));
  for (const char* prepared : {"one preview", "two preview", "look check"})
    for (const char* applied : {"one import", "two import"})
      EXPECT_LT(observer_.position(prepared), observer_.position(applied)) << prepared << ", " << applied;
  EXPECT_THAT(content("test"), AllOf(HasSubstr("\"new\""), HasSubstr("b2")));
  EXPECT_THAT(content("test2"), HasSubstr("c1"));

  const Statistics& total = report.statistics;
  EXPECT_EQ(total.items.at("book"), (OutcomeCounts{3, 2, 1, 0, 0, 0, 0, 0}));
  ASSERT_EQ(total.steps.size(), 3u);
  EXPECT_EQ(total.steps[0].statistics->totals(), (OutcomeCounts{2, 1, 1, 0, 0, 0, 0, 0}));
  EXPECT_EQ(total.run.operation, "run");

  const RunRecord record = store_->show(report.record.id);
  EXPECT_EQ(record.state, "succeeded");
  const Statistics recorded = Statistics::from_json(*parse_object(record.statistics_json));
  EXPECT_EQ(recorded.items, total.items);
  EXPECT_EQ(recorded.steps.size(), 3u);
  std::vector<std::string> children;
  for (const RunRecord& child : store_->children(record.id)) children.push_back(child.operation);
  EXPECT_THAT(children, testing::UnorderedElementsAre("promote", "promote", "check"));
}

TEST_F(ReleaseTest, NoImportBeginsWhereAnotherPreflightFails) {
  const std::string before = content("test");
  const ReleaseReport report =
      run("  one: {promote: {from: dev, to: test}}\n  bad: {promote: {from: dev, to: clash}}\n");
  EXPECT_THAT(states(report), ElementsAre("one not_started", "bad failed"));
  EXPECT_THAT(text_of(report.error), StartsWith("guard preview_errors: step bad: "));
  EXPECT_EQ(report.steps[0].reason, "the step bad did not succeed");
  EXPECT_EQ(report.record.state, "failed");
  EXPECT_EQ(content("test"), before);
  EXPECT_EQ(store_->show(report.steps[0].run).state, "failed") << "a promotion that was prepared and left has an end";
}

TEST_F(ReleaseTest, ContinueOnErrorCarriesOutWhatDoesNotNeedTheFailedStep) {
  request_.continue_on_error = true;
  const ReleaseReport report =
      run("  bad: {promote: {from: dev, to: clash}}\n  one: {promote: {from: dev, to: test}}\n"
          "  after: {promote: {from: dev2, to: test2}, needs: [bad]}\n");
  EXPECT_THAT(states(report), ElementsAre("bad failed", "one succeeded", "after not_started"));
  EXPECT_EQ(report.record.state, "partially_succeeded");
  EXPECT_THAT(content("test"), HasSubstr("b2"));
  EXPECT_EQ(content("test2"), "[]");
}

TEST_F(ReleaseTest, ADryRunChangesNothingAndSaysWhatWouldHappen) {
  request_.preview = true;
  const std::string before = content("test");
  const ReleaseReport report =
      run(std::string(two_promotions) +
          "  onwards: {promote: {from: test, to: test2, force: [stage_order]}, needs: [one]}\n");
  EXPECT_EQ(report.statistics.steps[0].statistics->totals(), (OutcomeCounts{2, 1, 1, 0, 0, 0, 0, 0}));
  EXPECT_EQ(content("test"), before);
  EXPECT_TRUE(report.record.preview);
  EXPECT_FALSE(observer_.has("one import"));
  ASSERT_FALSE(report.steps[2].statistics.problems.empty());
  EXPECT_EQ(report.steps[2].statistics.problems.back().code, "previewed_as_is");
}

TEST_F(ReleaseTest, ExportsGiveTheirPackagesToImports) {
  const std::string output = home_.path() / "out.zip";
  const ReleaseReport report = run("  out: {export: {connection: dev2, output: " + output +
                                   "}}\n  into: {import: {connection: test2, step: out}}\n");
  EXPECT_EQ(text_of(report.error), "");
  EXPECT_THAT(content("test2"), HasSubstr("c1"));
  EXPECT_TRUE(std::filesystem::exists(output));
  EXPECT_FALSE(report.steps[1].backup_sha256.empty()) << "the target was exported before it was changed";
}

TEST_F(ReleaseTest, ResumingCarriesOutOnlyWhatDidNotSucceed) {
  const std::string steps =
      "  one: {promote: {from: dev, to: test}}\n  two: {promote: {from: dev2, to: clash}, needs: [one]}\n";
  put("dev2.json", R"([{"id":"b2","title":"Red","text":"r"}])");  // clashes with what stands there
  request_.continue_on_error = true;
  const ReleaseReport first = run(steps);
  EXPECT_THAT(states(first), ElementsAre("one succeeded", "two failed"));

  put("clash.json", "[]");
  put("dev.json", "[]");  // had "one" to be done again, it would be seen
  request_.resume = first.record.id;
  observer_.id.clear();
  const ReleaseReport second = run(steps);
  EXPECT_THAT(states(second), ElementsAre("one succeeded", "two succeeded"));
  EXPECT_EQ(second.steps[0].reason, "carried out in the run " + first.record.id);
  EXPECT_EQ(second.steps[0].run, first.steps[0].run);
  EXPECT_EQ(second.statistics.items.at("book").added, 2u) << "what was carried over is counted in the total";
  EXPECT_THAT(content("clash"), HasSubstr("b2"));

  request_.resume = second.record.id;
  EXPECT_THAT(failure_of([&] { run(steps); }), StartsWith("usage cannot_resume"));
}

TEST_F(ReleaseTest, AStepThatWasChangedIsCarriedOutAgainWhenResumed) {
  const ReleaseReport first =
      run("  one: {promote: {from: dev, to: test}}\n  bad: {promote: {from: dev, to: clash}, needs: [one]}\n");
  request_.continue_on_error = true;
  request_.resume = first.record.id;
  const ReleaseReport second = run("  one: {promote: {from: dev, to: test, prune: true}}\n  look: {check: test}\n");
  EXPECT_THAT(states(second), ElementsAre("one succeeded", "look succeeded"));
  EXPECT_EQ(second.steps[0].reason, "");
}

TEST_F(ReleaseTest, ACancellationReachesEveryStepAndIsTold) {
  observer_.hook = [&](const std::string&, const std::string&, const std::string& phase) {
    if (phase == "preview") cancellation_.cancel();
  };
  const ReleaseReport report = run(two_promotions);
  EXPECT_EQ(report.record.state, "cancelled");
  EXPECT_THAT(text_of(report.error), AllOf(StartsWith("cancelled cancelled: "), HasSubstr("--resume")));
  EXPECT_EQ(content("test2"), "[]");
  EXPECT_THAT(states(report), Not(Contains(HasSubstr("running"))));
}

TEST_F(ReleaseTest, OnlyTheNamedStepsAreCarriedOut) {
  request_.only = {"two"};
  const ReleaseReport report = run(std::string(two_promotions) + "  three: {check: dev, needs: [two]}\n");
  EXPECT_THAT(states(report), ElementsAre("two succeeded"));
  request_.only = {"tow"};
  EXPECT_THAT(failure_of([&] { run(two_promotions); }), HasSubstr("did you mean \"two\""));
}

TEST_F(ReleaseTest, WhatCannotBeginIsKnownBeforeAnyPlatformIsAsked) {
  EXPECT_THAT(failure_of([&] { run(std::string(two_promotions) + "  x: {check: tets}\n"); }),
              AllOf(StartsWith("usage unknown_connection: "), HasSubstr(":4: steps.x: ")));
  EXPECT_THAT(failure_of([&] { run("  x: {promote: {from: test, to: dev}}\n"); }), StartsWith("guard stage_order: "));
  EXPECT_THAT(failure_of([&] { run("  x: {import: {connection: dev, package: nowhere.zip}}\n"); }),
              HasSubstr("nowhere.zip"));
  EXPECT_THAT(store_->list(), IsEmpty());
}

}  // namespace
}  // namespace ferry::host::test
