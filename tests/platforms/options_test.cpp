// --option: what only one connector knows, for one request.
#include "tests/platforms/platforms.hpp"

namespace ferry::test {
namespace {

class Options : public Platforms {
 protected:
  // -1: there are no items of that type.
  static std::int64_t count(const Json& document, const char* type, const char* outcome = "total") {
    for (const Json& counts : document["items"].items())
      if (counts["type"] == Json(type)) return counts[outcome].as_int();
    return -1;
  }
};

TEST_F(Options, OfAnExportReachThePlatform) {
  const Words words = {"export", "smartiq-dev", "-o", path("p.zip")};
  EXPECT_GT(count(document(words), "group"), 0);
  Words without = words;
  without.insert(without.end(), {"--option", "groups=false"});
  const Json done = document(without);
  EXPECT_EQ(count(done, "group"), -1) << done.dump(2);
  EXPECT_GT(count(done, "project"), 0);
}

TEST_F(Options, OfAPromotionGoToTheEndThatTakesThem) {
  const Words words = {"promote", "smartiq-dev", "smartiq-test", "--dry-run", "--on-existing", "replace"};
  const std::int64_t modified = count(document(words), "project", "modified");
  ASSERT_GT(modified, 0);
  Words kept = words;  // groups is a part to export, projects a way to import
  kept.insert(kept.end(), {"--option", "projects=IfNotExists", "--option", "groups=false"});
  const Json done = document(kept);
  EXPECT_EQ(count(done, "project", "modified"), 0);
  EXPECT_EQ(count(done, "project", "skipped"), modified);
  EXPECT_EQ(count(done, "group"), -1);
}

TEST_F(Options, StandInAReleaseFile) {
  const std::string file = write("release.yaml",
                                 "steps:\n  rules:\n    export: {connection: spark-dev, select: [folder=rates], "
                                 "options: {version_filter: LATEST}}\n");
  const Finished wrong = on_platforms({"run", file});
  EXPECT_EQ(wrong.exit_code, usage);
  EXPECT_THAT(wrong.err, HasSubstr("steps.rules: the option version_filter of the connector spark for export: "
                                   "\"LATEST\" is not allowed"));
  EXPECT_EQ(sandbox_->counter("spark/dev", "exports_made"), 0);
  std::string right = content("release.yaml");
  right.replace(right.find("LATEST"), 6, "latest");
  write("release.yaml", right);
  EXPECT_EQ(document({"run", file})["run"].text_or("state", ""), "succeeded");
}

TEST_F(Options, ThatAreNotDeclaredAreRefusedBeforeThePlatformIsAsked) {
  struct Case {
    Words words;
    const char* says;
  };
  for (const auto& [words, says] :
       {Case{{"export", "smartiq-dev", "-o", path("p.zip"), "--option", "group=false"},
             "the connector smartiq has no option \"group\" for export; did you mean \"groups\"?"},
        Case{{"export", "smartiq-dev", "-o", path("p.zip"), "--option", "groups=no"},
             "the option groups of the connector smartiq for export: expected true or false, found text"},
        Case{{"promote", "dev2prod-dev", "dev2prod-test", "--option", "groups=false"},
             "the connector dev2prod has no option \"groups\" for export or import, nor any other: leave it out"},
        Case{{"export", "smartiq-dev", "-o", path("p.zip"), "--option", "groups"}, "--option wants NAME=VALUE"}}) {
    const Finished done = on_platforms(words);
    EXPECT_EQ(done.exit_code, usage);
    EXPECT_THAT(done.err, HasSubstr(says));
  }
  EXPECT_EQ(sandbox_->counter("smartiq/dev", "logins"), 0);
  EXPECT_EQ(Json::parse(on_platforms({"runs", "list", "--json"}).out).items().size(), 0u);
  const Finished shown = on_platforms({"connectors", "show", "spark"});
  EXPECT_THAT(shown.out, AllOf(HasSubstr("OPTION"), HasSubstr("update_version_type  import"), HasSubstr("patch")));
}

}  // namespace
}  // namespace ferry::test
