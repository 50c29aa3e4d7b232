#include "host/connectors/registry.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <optional>

#include "tests/host/connectors/connector_folder.hpp"

namespace ferry::host {
namespace {

namespace fs = std::filesystem;
using testing::ConnectorFolders;
using testing::failure_of;
using testing::manifest_text;
using testing::replaced;
using testing::set_mode;

class RegistryTest : public ::testing::Test {
 protected:
  Registry registry() const { return Registry({folders_.root()}); }

  std::string failure(const std::string& id) const {
    return failure_of([&] { registry().find(id); });
  }

  // The verdict on a folder, file or search directory; "not looked at" if there is none.
  std::string verdict(const fs::path& path) const {
    const Registry registry = this->registry();
    for (const Candidate& candidate : registry.candidates())
      if (candidate.path == path) return candidate.verdict;
    return "not looked at";
  }

  static fs::path file_of(const std::string& id, const std::vector<fs::path>& directories) {
    return Registry(directories).find(id).file;
  }

  // A verdict that is also what find() says, with the whole trace.
  void expect_refused(const fs::path& folder, const std::string& kind, const std::string& why) const {
    EXPECT_EQ(verdict(folder), why);
    EXPECT_TRUE(registry().connectors().empty());
    EXPECT_EQ(failure("acme"), kind + ": the connector \"acme\" cannot be used: " + folder.string() + ": " + why +
                                   "\nlooked at:\n  " + folder.string() + ": " + why);
  }

  ConnectorFolders folders_;
};

TEST_F(RegistryTest, ListsInOrderOfId) {
  folders_.add("b", manifest_text("zebra"));
  folders_.add("c", manifest_text("acme"));
  const Registry registry = this->registry();
  ASSERT_EQ(registry.connectors().size(), 2u);
  EXPECT_EQ(registry.connectors()[0].id, "acme");
  EXPECT_EQ(registry.connectors()[1].id, "zebra");
  EXPECT_EQ(registry.find("zebra").library, folders_.root() / "b/acme.so");
  EXPECT_EQ(verdict(folders_.root() / "b"), "taken");
}

TEST_F(RegistryTest, ASearchDirectoryMayBeAConnector) {
  const auto folder = folders_.add("acme", manifest_text());
  EXPECT_EQ(file_of("acme", {folder}), folder / "connector.json");
  // Also when its parent is searched, too, or it is named twice or by a link.
  fs::create_directory_symlink(folder, folders_.root() / ".link");
  EXPECT_EQ(Registry({folder, folders_.root(), folder, folders_.root() / ".link"}).connectors().size(), 1u);
}

TEST_F(RegistryTest, UnknownNamesTheNearestAndEveryPlace) {
  const auto folder = folders_.add("acme", manifest_text());
  const auto absent = folders_.root() / "absent";
  EXPECT_EQ(failure_of([&] {
              Registry({absent, folders_.root()}).find("acne");
            }),
            "usage/unknown_connector: the connector \"acne\" is not installed; did you mean \"acme\"?\nlooked at:\n  " +
                absent.string() + ": not there\n  " + folder.string() + ": taken");
  EXPECT_EQ(failure_of([&] { Registry({absent}).find("acme"); }),
            "usage/unknown_connector: the connector \"acme\" is not installed; name a directory that has it with "
            "--connector-path\nlooked at:\n  " +
                absent.string() + ": not there");
  EXPECT_EQ(failure_of([&] { Registry(std::vector<fs::path>()).find("acme"); }),
            "usage/unknown_connector: the connector \"acme\" is not installed; name a directory that has it with "
            "--connector-path\nnowhere was looked: no directory was given");
}

TEST_F(RegistryTest, FoldersWithoutManifestAreCounted) {
  fs::create_directories(folders_.root() / "one");
  EXPECT_EQ(verdict(folders_.root()), "1 folder without connector.json");
  fs::create_directories(folders_.root() / "two");
  EXPECT_EQ(verdict(folders_.root()), "2 folders without connector.json");
}

TEST_F(RegistryTest, AnEmptyDirectoryAndAFile) {
  EXPECT_EQ(verdict(folders_.root()), "holds no connector");
  testing::write(folders_.root() / "file", "");
  const Registry registry({folders_.root() / "file"});
  EXPECT_EQ(registry.candidates()[0].verdict, "is a file");
}

TEST_F(RegistryTest, TheSameIdTwiceNamesBoth) {
  const auto one = folders_.add("one", manifest_text());
  const auto two = folders_.add("two", manifest_text());
  EXPECT_TRUE(registry().connectors().empty());
  EXPECT_EQ(failure("acme"),
            "usage/duplicate_connector: the connector \"acme\" cannot be used: " + one.string() +
                ": has the same id \"acme\" as " + two.string() + ": remove all but one\nlooked at:\n  " +
                one.string() + ": has the same id \"acme\" as " + two.string() + ": remove all but one\n  " +
                two.string() + ": has the same id \"acme\" as " + one.string() + ": remove all but one");
}

TEST_F(RegistryTest, ABrokenManifestEndsTheSearch) {
  const auto broken = folders_.add("acme", "{\n  \"id\": }");
  folders_.add("good", manifest_text());
  const std::string why = (broken / "connector.json").string() + ":2:9: not valid JSON: a value is expected, not \"}\"";
  EXPECT_EQ(failure("acme"), "connector/bad_manifest: the connector \"acme\" cannot be used: " + broken.string() +
                                 ": " + why + "\nlooked at:\n  " + broken.string() + ": " + why + "\n  " +
                                 (folders_.root() / "good").string() + ": taken");
}

TEST_F(RegistryTest, ABrokenOneLaterOrOfAnotherNameDoesNoHarm) {
  folders_.add("a", manifest_text());
  folders_.add("acme", "{");
  folders_.add("other", "{");
  EXPECT_EQ(file_of("acme", {folders_.root()}), folders_.root() / "a/connector.json");
}

TEST_F(RegistryTest, AnotherPlatform) {
  const auto folder = folders_.add("acme", replaced(manifest_text(), this_platform(), "linux_vax"));
  expect_refused(folder, "machine/wrong_platform",
                 "built for linux_vax, this is " + this_platform() + ": install Acme CRM for " + this_platform());
}

TEST_F(RegistryTest, ANewerAbi) {
  const auto folder = folders_.add("acme", replaced(manifest_text(), "\"minor\": 0", "\"minor\": 3"));
  expect_refused(folder, "machine/needs_newer_ferry",
                 "needs ABI 1.3, this ferry has 1.0: update ferry, or install Acme CRM for ABI 1.0");
}

TEST_F(RegistryTest, AnOlderAbi) {
  const auto folder = folders_.add("acme", replaced(manifest_text(), "\"major\": 1", "\"major\": 0"));
  expect_refused(folder, "machine/needs_older_ferry",
                 "needs ABI 0.0, this ferry has 1.0: install Acme CRM for ABI 1.0");
}

TEST_F(RegistryTest, ABuildThatFitsIsTakenBesideOneThatDoesNot) {
  folders_.add("a", replaced(manifest_text(), "\"minor\": 0", "\"minor\": 3"));
  folders_.add("b", manifest_text());
  EXPECT_EQ(file_of("acme", {folders_.root()}), folders_.root() / "b/connector.json");
}

TEST_F(RegistryTest, NoLibrary) {
  const auto folder = folders_.add("acme", manifest_text());
  fs::remove(folder / "acme.so");
  expect_refused(folder, "machine/missing_library",
                 "its library " + (folder / "acme.so").string() + " is not there: install it again");
}

TEST_F(RegistryTest, ALibraryBehindALink) {
  const auto folder = folders_.add("acme", manifest_text());
  fs::rename(folder / "acme.so", folders_.root() / "elsewhere.so");
  fs::create_symlink("../elsewhere.so", folder / "acme.so");
  expect_refused(folder, "machine/bad_library",
                 "its library " + (folder / "acme.so").string() + " is a symbolic link, which is not followed");
}

TEST_F(RegistryTest, ALibraryInAFolderBehindALink) {
  const auto folder = folders_.add("acme", replaced(manifest_text(), "acme.so", "lib/acme.so"));
  testing::write(folders_.root() / ".elsewhere/acme.so", "");
  fs::create_directory_symlink("../.elsewhere", folder / "lib");
  expect_refused(folder, "machine/bad_library",
                 (folder / "lib").string() + " is a symbolic link, which is not followed");
}

TEST_F(RegistryTest, WhatOthersCanWrite) {
  const auto folder = folders_.add("acme", replaced(manifest_text(), "acme.so", "lib/acme.so"));
  testing::write(folder / "lib/acme.so", "");
  struct Case {
    fs::path path;
    unsigned mode;
    std::string code, prefix, shown;
  };
  for (const Case& one : {Case{folder, 0775, "permission", "", "0775"}, Case{folder, 0757, "permission", "", "0757"},
                          Case{folder / "connector.json", 0666, "permission", "its connector.json ", "0666"},
                          Case{folder / "lib", 0777, "bad_library", (folder / "lib").string() + " ", "0777"},
                          Case{folder / "lib/acme.so", 0664, "bad_library",
                               "its library " + (folder / "lib/acme.so").string() + " ", "0664"}}) {
    const fs::perms before = fs::status(one.path).permissions();
    set_mode(one.path, one.mode);
    expect_refused(
        folder, "machine/" + one.code,
        one.prefix + "can be written by others (mode " + one.shown + "); correct it: chmod go-w " + one.path.string());
    fs::permissions(one.path, before);
  }
  EXPECT_EQ(verdict(folder), "taken");
}

TEST_F(RegistryTest, ASearchDirectoryOthersCanWrite) {
  folders_.add("acme", manifest_text());
  set_mode(folders_.root(), 0777);
  EXPECT_EQ(failure("acme"),
            "usage/unknown_connector: the connector \"acme\" is not installed; name a directory that has it with "
            "--connector-path\nlooked at:\n  " +
                folders_.root().string() + ": can be written by others (mode 0777); correct it: chmod go-w " +
                folders_.root().string());
}

TEST_F(RegistryTest, WhatBelongsToSomebodyElse) {
  const auto folder = folders_.add("acme", manifest_text());
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give files away";
  ASSERT_EQ(::chown((folder / "acme.so").c_str(), 12345, 12345), 0);
  expect_refused(
      folder, "machine/bad_library",
      "its library " + (folder / "acme.so").string() +
          " belongs to the user with the number 12345, neither to root nor to you; change the owner, or use a "
          "copy of your own");
}

TEST_F(RegistryTest, LinksAndPipesAreNotFollowed) {
  testing::write(folders_.root() / ".real/connector.json", manifest_text());
  fs::create_directory_symlink(".real", folders_.root() / "acme");
  ASSERT_EQ(::mkfifo((folders_.root() / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(verdict(folders_.root() / "acme"), "is a symbolic link, which is not followed");
  EXPECT_EQ(verdict(folders_.root() / "pipe"), "is a FIFO");
  EXPECT_NE(failure("acme").find("machine/permission: the connector \"acme\" cannot be used: "), std::string::npos);
}

TEST_F(RegistryTest, AManifestThatIsALinkOrAPipe) {
  const auto folder = folders_.add("acme", manifest_text());
  fs::rename(folder / "connector.json", folder / "real.json");
  fs::create_symlink("real.json", folder / "connector.json");
  expect_refused(folder, "machine/permission", "its connector.json is a symbolic link, which is not followed");
  fs::remove(folder / "connector.json");
  ASSERT_EQ(::mkfifo((folder / "connector.json").c_str(), 0600), 0);
  expect_refused(folder, "machine/permission", "its connector.json is a FIFO");
}

TEST_F(RegistryTest, FiftyAreListed) {
  for (int i = 0; i < 50; ++i) folders_.add("c" + std::to_string(i), manifest_text("acme" + std::to_string(i)));
  EXPECT_EQ(registry().connectors().size(), 50u);
}

class SearchPathTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"FERRY_CONNECTOR_PATH", "XDG_DATA_HOME", "HOME"}) {
      const char* value = std::getenv(name);
      before_.emplace_back(name, value == nullptr ? std::optional<std::string>() : value);
      ::unsetenv(name);
    }
  }
  void TearDown() override {
    for (const auto& [name, value] : before_) value ? ::setenv(name, value->c_str(), 1) : ::unsetenv(name);
  }

  std::vector<std::pair<const char*, std::optional<std::string>>> before_;
};

TEST_F(SearchPathTest, GivenThenEnvironmentThenUserThenPrefixThenSystem) {
  ::setenv("FERRY_CONNECTOR_PATH", "/env/one::/env/two/:/given", 1);
  ::setenv("XDG_DATA_HOME", "/data", 1);
  const fs::path prefix = fs::read_symlink("/proc/self/exe").parent_path().parent_path();
  EXPECT_EQ(Registry::search_path({"/given", "/other/../second"}),
            (std::vector<fs::path>{"/given", "/second", "/env/one", "/env/two", "/data/ferry/connectors",
                                   prefix / "lib/ferry/connectors", "/usr/lib/ferry/connectors"}));
}

TEST_F(SearchPathTest, WithoutDataHomeItIsInTheHome) {
  ::setenv("XDG_DATA_HOME", "relative/is/ignored", 1);
  ::setenv("HOME", "/home/somebody", 1);
  EXPECT_EQ(Registry::search_path({})[0], "/home/somebody/.local/share/ferry/connectors");
  ::unsetenv("HOME");
  EXPECT_EQ(Registry::search_path({}).size(), 2u);
}

TEST_F(SearchPathTest, RelativeIsRefused) {
  EXPECT_EQ(
      failure_of([] { Registry::search_path({"connectors"}); }),
      "usage/relative_path: --connector-path: \"connectors\" is not an absolute path; connectors are never looked "
      "for relative to the current directory");
  EXPECT_EQ(failure_of([] { Registry::search_path({""}); }),
            "usage/relative_path: --connector-path: \"\" is not an absolute path; connectors are never looked for "
            "relative to the current directory");
  ::setenv("FERRY_CONNECTOR_PATH", "/good:./bad", 1);
  EXPECT_EQ(failure_of([] { Registry::search_path({}); }),
            "usage/relative_path: FERRY_CONNECTOR_PATH: \"./bad\" is not an absolute path; connectors are never looked "
            "for relative to the current directory");
}

}  // namespace
}  // namespace ferry::host
