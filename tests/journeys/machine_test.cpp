// This machine at its worst: full disks, directories one may not write, several ferries at once, readers that go away.
#include <sys/stat.h>
#include <unistd.h>

#include "tests/journeys/journey.hpp"

namespace ferry::test {
namespace {

class MachineJourney : public Journey {
 protected:
  // root may do everything, unless it gives up that right for the program it runs.
  Finished without_the_rights_of_root(const Words& words) const {
    Command line = command(words);
    if (::geteuid() == 0)
      line.arguments.insert(line.arguments.begin(), {"setpriv", "--bounding-set=-dac_override,-dac_read_search"});
    return run(line);
  }
};

TEST_F(MachineJourney, AFullDiskWhileSpooling) {
  ScriptedServer server({gives_flows(large_flows(4u << 20))});
  connect("dev", server.url());
  // A file system of its own where the kernel lets us make one, with room for half of the package.
  const std::string prepare =
      "mkdir -p state; unshare --mount --map-root-user bash -c 'mount -t tmpfs -o size=2m "
      "none state && \"$@\"' -- ";
  const bool possible = shell(prepare + "true").exit_code == 0;
  if (possible) {
    const Finished done =
        shell(prepare + FERRY_BINARY_DIR "/bin/ferry export dev -o package.zip --json; echo \"code=$?\" >&2");
    EXPECT_THAT(done.err, AllOf(HasSubstr("code=2"), HasSubstr("No space left on device"), HasSubstr("make room")));
    EXPECT_FALSE(exists("package.zip"));
  }
  // The limit on the size of files does the same to one file, on every machine.
  const Finished done = shell("ulimit -f 2048; ferry export dev -o package.zip");
  EXPECT_EQ(done.exit_code, usage) << done.err;
  EXPECT_THAT(done.err, AllOf(HasSubstr("dev: "), HasSubstr("File too large"), HasSubstr("ulimit -f")));
  expect_nothing_left();
  const Json run = last_run();
  EXPECT_EQ(run.text_or("state", ""), "failed");
  EXPECT_EQ(run["error"].text_or("fault", ""), "machine");
  EXPECT_EQ(run["error"].text_or("code", ""), "disk_full");
}

TEST_F(MachineJourney, ADiskThatIsTooFullToTakeAPackageIn) {
  ScriptedServer server({gives_flows()});
  connect("prod", server.url());
  write("large.zip", large_flows(4u << 20));
  const Finished done = shell("ulimit -f 2048; ferry import prod large.zip --json");
  EXPECT_EQ(done.exit_code, usage) << done.err;
  EXPECT_EQ(Json::parse(done.out)["error"].text_or("code", ""), "disk_full");
  EXPECT_THAT(done.err, HasSubstr("ulimit -f"));
  EXPECT_EQ(server.connections(), 0);
  expect_nothing_left();
}

TEST_F(MachineJourney, AFullDiskUnderTheOutputFile) {
  ScriptedServer server({gives_flows(large_flows(1u << 20))});
  connect("dev", server.url());
  const Finished done = ferry({"export", "dev", "-o", "/dev/full"});
  EXPECT_EQ(done.exit_code, usage);
  EXPECT_THAT(done.err,
              AllOf(HasSubstr("/dev/full"), HasSubstr("No space left"), HasSubstr("the package itself is kept")));
  EXPECT_THAT(done.err, Not(HasSubstr("--state-dir"))) << "another state directory would not help";
  expect_nothing_left();
}

TEST_F(MachineJourney, AStateDirectoryThatCannotBeWritten) {
  ScriptedServer server({gives_flows()});
  connect("dev", server.url());
  std::filesystem::create_directory(state());
  ::chmod(state().c_str(), 0500);
  Finished done = without_the_rights_of_root({"export", "dev", "-o", "package.zip"});
  EXPECT_EQ(done.exit_code, usage) << done.err;
  EXPECT_THAT(done.err, AllOf(HasSubstr(state()), HasSubstr("Permission denied"), HasSubstr("--state-dir")));
  done = without_the_rights_of_root({"export", "dev", "-o", "package.zip", "--json"});
  EXPECT_EQ(Json::parse(done.out)["error"].text_or("code", ""), "permission");
  // One below it cannot even be looked for.
  ::chmod(state().c_str(), 0);
  done = without_the_rights_of_root({"export", "dev", "-o", "package.zip", "--state-dir", state() + "/below/it"});
  EXPECT_EQ(done.exit_code, usage) << done.err;
  EXPECT_THAT(done.err, AllOf(HasSubstr(state()), HasSubstr("Permission denied")));
  ::chmod(state().c_str(), 0700);
  EXPECT_FALSE(exists("package.zip"));
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(MachineJourney, AStateDirectoryThatIsAFile) {
  ScriptedServer server({gives_flows()});
  connect("dev", server.url());
  write("file", "");
  for (const char* place : {"file", "file/below"}) {
    const Finished done = ferry({"export", "dev", "-o", "package.zip", "--state-dir", path(place)});
    EXPECT_EQ(done.exit_code, usage) << done.err;
    EXPECT_THAT(done.err, AllOf(HasSubstr(path("file")), HasSubstr("Not a directory"), HasSubstr("--state-dir")));
  }
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(MachineJourney, ARecordOfRunsThatIsDamaged) {
  ScriptedServer server({gives_flows()});
  connect("dev", server.url());
  std::filesystem::create_directory(state());
  write("state/runs.db", std::string(8192, 'x'));
  const Finished done = ferry({"export", "dev", "-o", "package.zip"});
  EXPECT_EQ(done.exit_code, usage);
  EXPECT_THAT(done.err, AllOf(HasSubstr("runs.db"), HasSubstr("not a database"), HasSubstr("move the file away")));
  EXPECT_FALSE(exists("package.zip"));
}

TEST_F(MachineJourney, SeveralAtOnceInOneStateDirectory) {
  ScriptedServer server({gives_flows(large_flows(200'000))});
  connect("dev", server.url());
  std::vector<std::unique_ptr<Process>> all;
  for (int i = 0; i < 8; ++i)
    all.push_back(std::make_unique<Process>(command({"export", "dev", "-o", "p" + std::to_string(i) + ".zip"})));
  for (const std::unique_ptr<Process>& one : all) {
    const Finished done = one->finish();
    EXPECT_EQ(done.exit_code, succeeded) << done.err;
    EXPECT_EQ(done.err, "");
  }
  for (int i = 1; i < 8; ++i) EXPECT_EQ(content("p" + std::to_string(i) + ".zip"), content("p0.zip"));
  const Json runs = ferry_json({"runs", "list"});
  EXPECT_EQ(runs.items().size(), 8u);
  for (const Json& run : runs.items()) EXPECT_EQ(run.text_or("state", ""), "succeeded");
  expect_nothing_left();
}

TEST_F(MachineJourney, AReaderThatGoesAwayDoesNotUndoTheWork) {
  ScriptedServer server({gives_flows()});
  connect("dev", server.url());
  const Finished done = shell("exec 3> >(exec true); wait $!; ferry export dev -o package.zip >&3; echo code=$?");
  EXPECT_THAT(done.out, HasSubstr("code=0"));
  EXPECT_EQ(done.err, "");
  EXPECT_TRUE(exists("package.zip"));
  EXPECT_EQ(last_run().text_or("state", ""), "succeeded");
  EXPECT_THAT(shell("exec 3> >(exec true); wait $!; ferry inspect package.zip --json >&3; echo code=$?").out,
              HasSubstr("code=0"));
  expect_nothing_left("none");
}

TEST_F(MachineJourney, AFullDiskUnderStandardOutputIsTold) {
  ScriptedServer server({gives_flows()});
  connect("dev", server.url());
  for (const char* form : {"", " --json"}) {
    const Finished done = shell(std::string("ferry export dev -o package.zip >/dev/full") + form);
    EXPECT_EQ(done.exit_code, usage);
    EXPECT_THAT(done.err, AllOf(HasSubstr("standard output"), HasSubstr("No space left on device")));
    EXPECT_THAT(done.err, Not(HasSubstr("--state-dir"))) << "another state directory would not help";
  }
  // The work was done, and is on record as done.
  EXPECT_EQ(last_run().text_or("state", ""), "succeeded");
  EXPECT_TRUE(exists("package.zip"));
  EXPECT_EQ(shell("ferry connections list >/dev/full").exit_code, usage);
}

TEST_F(MachineJourney, StandardErrorThatCannotBeWrittenIsNoReasonToStop) {
  ScriptedServer server({gives_flows()});
  connect("dev", server.url());
  EXPECT_EQ(shell("ferry export dev -o package.zip --verbose 2>/dev/full").exit_code, succeeded);
  EXPECT_EQ(shell("ferry export dve -o package.zip 2>/dev/full").exit_code, usage);
}

}  // namespace
}  // namespace ferry::test
