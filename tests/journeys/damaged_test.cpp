// Files that are no packages, no longer packages, or packages of somebody else. Nothing is ever sent for them.
#include <sys/stat.h>

#include "tests/journeys/journey.hpp"

namespace ferry::test {
namespace {

class DamagedJourney : public Journey {
 protected:
  DamagedJourney() {
    connect("prod", target_.url(), "prod");
    ScriptedServer source({gives_flows(
        flows_answer(R"([{"id":"b1","type":"tab","label":"New","info":")" + std::string(500, 'x') + R"("}])"))});
    connect("dev", source.url());
    EXPECT_EQ(ferry({"export", "dev", "-o", "good.zip"}).exit_code, succeeded);
    std::filesystem::remove_all(state());
  }

  // `recorded`: only the connector could tell.
  void expect_refused(const std::string& file, const std::string& code, const Words& says,
                      bool recorded = false) const {
    expect_wrong({"import", "prod", file}, {usage, "usage", code, says, recorded});
    expect_wrong({"import", "prod", file, "--dry-run"}, {usage, "usage", code, says, recorded});
    expect_wrong({"inspect", file, "--connector", "node-red"}, {usage, "usage", code, says, recorded});
    EXPECT_EQ(writes(target_), 0u);
  }
  // Changes every occurrence, so that directory and content agree.
  std::string with(std::string bytes, const std::string& old_text, const std::string& new_text) const {
    EXPECT_EQ(old_text.size(), new_text.size());
    std::size_t at = bytes.find(old_text);
    EXPECT_NE(at, std::string::npos);
    for (; at != std::string::npos; at = bytes.find(old_text, at)) bytes.replace(at, old_text.size(), new_text);
    return bytes;
  }

  ScriptedServer target_{{gives_flows()}};
};

TEST_F(DamagedJourney, NotThere) {
  expect_refused("nowhere.zip", "file_not_found", {"nowhere.zip", "no such file"});
  EXPECT_EQ(target_.connections(), 0);
}

TEST_F(DamagedJourney, ADirectory) {
  std::filesystem::create_directory(path("folder"));
  expect_refused("folder", "file_not_found", {"folder", "is a directory"});
}

TEST_F(DamagedJourney, NoArchive) {
  write("notes.txt", "These are notes, and no package.\n");
  expect_refused("notes.txt", "bad_data", {"no package of Node-RED", "no ZIP archive"}, true);
  write("empty.zip", "");
  expect_refused("empty.zip", "bad_data", {"an empty one"}, true);
  EXPECT_EQ(target_.connections(), 0) << "not even for a backup";
}

TEST_F(DamagedJourney, CutOff) {
  const std::string good = content("good.zip");
  for (const std::size_t size : {good.size() / 2, good.size() - 5, std::size_t{10}}) {
    write("damaged.zip", good.substr(0, size));
    const Finished done = ferry({"import", "prod", "damaged.zip"});
    EXPECT_EQ(done.exit_code, usage) << size << ": " << done.err;
    EXPECT_THAT(done.err, HasSubstr("archive"));
    EXPECT_EQ(writes(target_), 0u);
    expect_nothing_left();
  }
}

TEST_F(DamagedJourney, ContentThatIsNotAsDeclared) {
  std::string bytes = content("good.zip");
  const std::size_t name = bytes.find("flows/b1.json");
  ASSERT_NE(name, std::string::npos);
  bytes[name + 20] ^= 0x55;
  write("damaged.zip", bytes);
  expect_wrong({"import", "prod", "damaged.zip"}, {usage, "usage", "damaged_archive", {"flows/b1.json"}});
  expect_wrong({"inspect", "damaged.zip"}, {usage, "usage", "damaged_archive", {"flows/b1.json"}});
  EXPECT_EQ(writes(target_), 0u);
}

TEST_F(DamagedJourney, EntriesThatLeaveTheArchive) {
  const std::string good = content("good.zip");
  write("outside.zip", with(good, "flows/b1.json", "../ws/b1.json"));
  expect_refused("outside.zip", "entry_outside", {"outside.zip", "../ws/b1.json"});
  write("absolute.zip", with(good, "flows/b1.json", "/lows/b1.json"));
  expect_refused("absolute.zip", "entry_absolute", {"absolute.zip", "/lows/b1.json"});
}

TEST_F(DamagedJourney, OfAnotherConnector) {
  write_package(path("books.zip"), "shelf", {{"books.json", "[]"}});
  const Words says = {"exported by the connector shelf", "choose a connection of shelf"};
  expect_wrong({"import", "prod", "books.zip"}, {usage, "usage", "foreign_package", says, false});
  expect_wrong({"inspect", "books.zip"}, {usage, "usage", "unknown_connector", {"shelf"}, false});
  EXPECT_EQ(target_.connections(), 0);
}

TEST_F(DamagedJourney, OfSomethingElseAltogether) {
  write_package(path("letter.docx"), "", {{"word/document.xml", "<w:document/>"}});
  expect_refused("letter.docx", "bad_data", {"no package of Node-RED", "manifest.json", "another platform"}, true);
  const Finished done = ferry({"inspect", "letter.docx"});
  EXPECT_EQ(done.exit_code, usage);
  EXPECT_THAT(done.err, HasSubstr("does not say which connector made it; name one with --connector"));
}

TEST_F(DamagedJourney, ChangedByHand) {
  write_package(
      path("edited.zip"), "node-red",
      {{"manifest.json", R"({"format":"ferry.node-red/1","artefacts":[{"type":"flow","id":"b1","name":"New","hash":")" +
                             std::string(64, '0') + R"(","file":"flows/b1.json"}]})"},
       {"flows/b1.json", R"([{"id":"b1","type":"tab","label":"New"}])"}});
  expect_refused("edited.zip", "bad_data", {"flows/b1.json", "export it again"}, true);
}

}  // namespace
}  // namespace ferry::test
