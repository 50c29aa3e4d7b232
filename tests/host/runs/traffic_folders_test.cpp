#include "host/runs/traffic_folders.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/base/files.hpp"
#include "host/http/recording_info.hpp"
#include "tests/support/failure_of.hpp"

namespace ferry::host {
namespace {

using ferry::test::failure_of;
using ::testing::HasSubstr;

class TrafficFoldersTest : public ::testing::Test {
 protected:
  static RunRequest request(const std::string& operation, const std::string& connection, bool preview = false) {
    RunRequest out;
    out.operation = operation;
    out.connection = connection;
    out.import.preview = preview;
    return out;
  }
  std::string folder(const std::string& name) const { return (home_.path() / name).string(); }
  void recorded(const std::string& name) const {
    make_private_directory(home_.path() / name);
    RecordingInfo{"http://a", 1, {}}.save(home_.path() / name);
  }
  const TemporaryDirectory home_{::testing::TempDir()};
};

TEST_F(TrafficFoldersTest, EveryRunHasItsOwn) {
  TrafficFolders folders(home_.path(), "", false);
  EXPECT_EQ(folders.next(request("export", "dev")).record, folder("export-dev"));
  EXPECT_EQ(folders.next(request("import", "prod", true)).record, folder("preview-prod"));
  EXPECT_EQ(folders.next(request("export", "prod")).record, folder("export-prod"));
  EXPECT_EQ(folders.next(request("import", "prod")).record, folder("import-prod"));
  EXPECT_EQ(folders.next(request("export", "dev")).record, folder("export-dev-2"));
}

TEST_F(TrafficFoldersTest, AReplayFindsThemAgain) {
  recorded("export-dev");
  TrafficFolders folders("", home_.path(), true);
  const TrafficSettings found = folders.next(request("export", "dev"));
  EXPECT_EQ(found.replay, folder("export-dev"));
  EXPECT_TRUE(found.strict);
  EXPECT_THAT(failure_of([&] { folders.next(request("export", "dev")); }),
              HasSubstr("has no recording export-dev-2, which this run would be answered from; it has: export-dev"));
}

TEST_F(TrafficFoldersTest, RecordingsAreNotMixed) {
  recorded("export-dev");
  TrafficFolders folders(home_.path(), "", false);
  EXPECT_THAT(failure_of([&] { folders.next(request("export", "dev")); }), HasSubstr("recorded_already: "));
}

TEST_F(TrafficFoldersTest, OptionsThatContradictEachOther) {
  EXPECT_THAT(failure_of([] { TrafficFolders("a", "b", false); }),
              HasSubstr("--record and --replay exclude each other"));
  EXPECT_THAT(failure_of([] { TrafficFolders("a", "", true); }), HasSubstr("--replay-strict needs --replay"));
  EXPECT_TRUE(TrafficFolders("", "", false).next(request("export", "dev")).record.empty());
}

}  // namespace
}  // namespace ferry::host
