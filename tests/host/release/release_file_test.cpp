// What a release file may say, and what is said of one that is wrong.
#include "host/release/release_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/host/runs/run_fixture.hpp"

namespace ferry::host::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

Release parse(const std::string& text) { return parse_release(text, "release.yaml"); }
std::string wrong(const std::string& text) {
  return failure_of([&] { parse(text); });
}

TEST(ReleaseFile, SaysEverythingAStepCanBe) {
  const Release release = parse(R"(
parallel: 3
steps:
  books: {check: labs}
  out:
    export: {connection: dev, select: [folder=rates, "flow=Order = intake"], output: rates.zip, dependencies: false,
             options: {version_filter: all, wait_minutes: 0, label: "7"}}
  into:
    import: {connection: test, step: out, on_existing: add_version, map: [service/a=b], backup: false}
    needs: [books]
  forms:
    promote: {from: dev, to: test, on_existing: replace, prune: true, force: [preview_unknown]}
  file:
    import: {connection: test, package: "sha256:0123456789ab"}
)");
  EXPECT_EQ(release.parallel, 3);
  ASSERT_EQ(release.steps.size(), 5u);
  EXPECT_EQ(release.steps[0].operation, "check");
  EXPECT_EQ(release.steps[0].connection, "labs");
  const ReleaseStep& out = release.step("out");
  ASSERT_EQ(out.select.size(), 2u);
  EXPECT_EQ(out.select[1].type, "flow");
  EXPECT_EQ(out.select[1].key, "Order = intake");
  EXPECT_FALSE(out.dependencies);
  EXPECT_EQ(out.connector_options, R"({"version_filter":"all","wait_minutes":0,"label":"7"})");
  EXPECT_EQ(out.output, std::filesystem::absolute("rates.zip"));
  const ReleaseStep& into = release.step("into");
  EXPECT_THAT(into.needs, ElementsAre("books", "out"));
  EXPECT_EQ(into.package_step, "out");
  EXPECT_EQ(into.options.policy, "add_version");
  EXPECT_EQ(into.options.mapping.at(0).target, "b");
  EXPECT_FALSE(into.backup);
  EXPECT_EQ(into.connector_options, "{}");
  const ReleaseStep& forms = release.step("forms");
  EXPECT_EQ(forms.from, "dev");
  EXPECT_EQ(forms.connection, "test");
  EXPECT_TRUE(forms.options.prune);
  EXPECT_THAT(forms.force, ElementsAre("preview_unknown"));
  EXPECT_EQ(release.step("file").package, "sha256:0123456789ab");
}

TEST(ReleaseFile, ADefinitionIsTheMeaningNotTheLayout) {
  const auto definition = [](const std::string& work) {
    return parse("steps:\n  a:\n    promote: " + work).steps[0].definition;
  };
  EXPECT_EQ(definition("{from: dev, to: test, prune: true}"), definition("{prune: true,   to: test, from: dev}"));
  EXPECT_NE(definition("{from: dev, to: test}"), definition("{from: dev, to: prod}"));
  EXPECT_NE(definition("{from: dev, to: test}"), definition("{from: dev, to: test, prune: true}"));
}

TEST(ReleaseFile, WhatIsWrongIsNamedWithItsPlace) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "usage no_release: release.yaml is empty"},
      {"step:\n  a: {check: x}\n", "usage bad_config: release.yaml:1: step: unknown member; did you mean \"steps\""},
      {"parallel: 2\n", "usage bad_config: release.yaml: steps: missing"},
      {"parallel: 0\nsteps: {a: {check: x}}", "usage bad_config: release.yaml:1: parallel: must be a whole number"},
      {"steps:\n  a: {needs: [b]}\n", "usage bad_config: release.yaml:2: steps.a: does nothing; write one of check"},
      {"steps:\n  a: {check: x, export: {connection: y}}\n",
       "usage bad_config: release.yaml:2: steps.a: is both check"},
      {"steps:\n  a: {promot: {from: x, to: y}}\n",
       "usage bad_config: release.yaml:2: steps.a.promot: unknown member; did you mean \"promote\""},
      {"steps:\n  a: {promote: {from: x}}\n", "usage bad_config: release.yaml:2: steps.a.promote.to: missing"},
      {"steps:\n  a: {promote: {from: x, to: y, on_existing: overwrite}}\n", "usage bad_config: release.yaml:2"},
      {"steps:\n  a: {promote: {from: x, to: y, force: [stages]}}\n",
       "usage bad_config: release.yaml:2: steps.a.promote.force[0]: \"stages\" is not a guard"},
      {"steps:\n  a: {import: {connection: x}}\n", "usage bad_config: release.yaml:2: steps.a.import: needs one of"},
      {"steps:\n  a: {import: {connection: x, step: b}}\n  b: {check: x}\n",
       "usage bad_config: release.yaml:2: steps.a: takes its package from the step \"b\", which is no export"},
      {"steps:\n  a: {check: x}\n  b:\n    check: y\n    needs: [c]\n",
       "usage bad_config: release.yaml:3: steps.b: needs the step \"c\", which is not there"},
      {"steps:\n  a: {check: x, needs: [b]}\n  b: {check: y, needs: [a]}\n",
       "usage bad_config: release.yaml:2: steps.a: needs itself: a needs b needs a"},
      {"steps:\n  a: {check: x}\n  a: {check: y}\n", "usage bad_config: release.yaml:3: steps.a: is there twice"},
      {"steps:\n  a: {export: {connection: x, select: [rates]}}\n",
       "usage bad_selection: release.yaml:2: steps.a.export.select: wants TYPE=NAME_OR_ID"}};
  for (const auto& [text, words] : cases) EXPECT_THAT(wrong(text), StartsWith(words)) << text;
  EXPECT_THAT(failure_of([] { load_release("nowhere.yaml"); }), HasSubstr("there is no release file nowhere.yaml"));
}

}  // namespace
}  // namespace ferry::host::test
