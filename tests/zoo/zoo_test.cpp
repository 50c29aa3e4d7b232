// What the host makes of connectors that do wrong: each animal's command ends in bounded time, with one sentence that
// names the connector and what it did, the right exit code, and a recorded run.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <thread>

#include "ferry/json.hpp"
#include "host/base/files.hpp"
#include "tests/support/process.hpp"

namespace ferry {
namespace {

using test::Command;
using test::Finished;
using testing::HasSubstr;
using testing::Not;

constexpr const char* ferry_program = FERRY_BINARY_DIR "/bin/ferry";
constexpr const char* zoo = FERRY_BINARY_DIR "/zoo";
constexpr const char* canary = "canary-7f3a9c-secret";

// A home of its own for every test: configuration and state.
class Zoo : public testing::Test {
 protected:
  Command ferry(const std::string& animal, std::vector<std::string> arguments,
                const std::string& connectors = zoo) const {
    const std::filesystem::path config = home_.path() / (animal + ".yaml");
    std::string id = "zoo-" + animal;
    std::replace(id.begin(), id.end(), '_', '-');
    std::ofstream(config) << "connections:\n  animal:\n    connector: " << id
                          << "\n    url: http://127.0.0.1:9\n    secrets: {token: env:ZOO_TOKEN}\n";
    Command command;
    command.arguments = {ferry_program,
                         "--config",
                         config,
                         "--state-dir",
                         (home_.path() / "state").string(),
                         "--connector-path",
                         connectors + "/" + animal};
    command.arguments.insert(command.arguments.end(), arguments.begin(), arguments.end());
    command.environment["ZOO_TOKEN"] = canary;
    return command;
  }
  Finished export_of(const std::string& animal) const {
    return run(ferry(animal, {"export", "animal", "-o", package().string()}));
  }
  Json last_run(const std::string& animal) const {
    const Finished listed = run(ferry(animal, {"--json", "runs", "list", "--limit", "1"}));
    EXPECT_EQ(listed.exit_code, 0) << listed.err;
    const Json json = Json::parse(listed.out);
    const Json& runs = json.is_array() ? json : json["runs"];
    EXPECT_TRUE(runs.is_array() && runs.items().size() == 1) << listed.out;
    return runs.items().empty() ? Json() : runs.items()[0];
  }
  std::filesystem::path package() const { return home_.path() / "package.zip"; }

  host::TemporaryDirectory home_{std::filesystem::path(testing::TempDir())};
};

struct Verdict {
  const char* animal;
  int exit_code;
  const char* words;  // in the sentence on stderr
};

void PrintTo(const Verdict& verdict, std::ostream* out) { *out << verdict.animal; }

class ZooVerdict : public Zoo, public testing::WithParamInterface<Verdict> {};

TEST_P(ZooVerdict, EndsWithASentenceACodeAndARecordedRun) {
  const Verdict& verdict = GetParam();
  const Finished finished = export_of(verdict.animal);
  EXPECT_EQ(finished.exit_code, verdict.exit_code) << finished.err;
  std::string name = std::string("zoo-") + verdict.animal;
  std::replace(name.begin(), name.end(), '_', '-');
  EXPECT_THAT(finished.err, HasSubstr("connector " + name + " 1.0.0"));
  EXPECT_THAT(finished.err, HasSubstr(verdict.words));
  EXPECT_FALSE(std::filesystem::exists(package())) << "a package was left although the export failed";
  const Json run = last_run(verdict.animal);
  EXPECT_EQ(run.text_or("state", ""), "failed");
  const auto spool = home_.path() / "state" / "packages" / "spool";
  EXPECT_TRUE(!std::filesystem::exists(spool) || std::filesystem::is_empty(spool)) << "a spool file was left";
  const auto work = home_.path() / "state" / "work";
  EXPECT_TRUE(!std::filesystem::exists(work) || std::filesystem::is_empty(work)) << "a working directory was left";
}

constexpr int connector_fault = 5;

INSTANTIATE_TEST_SUITE_P(
    Animals, ZooVerdict,
    testing::Values(
        Verdict{"no_entry_symbol", connector_fault, "does not export ferry_connector_v1"},
        Verdict{"null_table", connector_fault, "returned no table"},
        Verdict{"size_zero", connector_fault, "its table has the size 0"},
        Verdict{"needs_newer_abi", connector_fault, "it needs ABI 1.7, this ferry has 1.0"},
        Verdict{"id_mismatch", connector_fault, "its library says it is somebody-else 1.0.0"},
        Verdict{"bad_descriptor", connector_fault, "its descriptor is no JSON object"},
        Verdict{"missing_capability", connector_fault, "promises the operation catalog"},
        Verdict{"undefined_symbol", connector_fault, "zoo_a_function_that_nobody_has"},
        Verdict{"crash_in_load", connector_fault, "it crashed while it was being loaded (SIGSEGV)"},
        Verdict{"crash_in_create", connector_fault, "it crashed while it was being configured (create) (SIGSEGV)"},
        Verdict{"crash_in_export", connector_fault, "it crashed during export (SIGSEGV)"},
        Verdict{"abort_on_thread", connector_fault, "it crashed during export (SIGABRT)"},
        Verdict{"exit_zero", connector_fault, "it ended its process during export without a result"},
        Verdict{"hang_in_load", connector_fault, "it hung while it was being loaded for 1.5 s"},
        Verdict{"hang_in_create", connector_fault, "it hung while it was being configured (create) for 1.5 s"},
        Verdict{"hang_in_export", connector_fault, "it hung during export: no fact, byte or progress for 1.5 s"},
        Verdict{"spins", connector_fault, "it hung during export"},
        Verdict{"throws", connector_fault, "it threw out of export instead of returning a status"},
        Verdict{"throws_int", connector_fault, "it threw out of create instead of returning a status"},
        Verdict{"garbage_fact", connector_fault, "it reported a fact that cannot be counted"},
        Verdict{"oversized_fact", connector_fault, "at most 1 MiB is allowed"},
        Verdict{"bad_utf8_fact", connector_fault, "it reported a fact that cannot be counted"},
        Verdict{"unknown_outcome", connector_fault, "the outcome \"exploded\" is unknown"},
        Verdict{"closes_channel", connector_fault, "it "},
        Verdict{"writes_to_channel", connector_fault, "it wrote to ferry's own channel"},
        Verdict{"forks_child", connector_fault, "it ended its process during export without a result"},
        Verdict{"message_without_status", connector_fault, "the platform is on holiday"},
        Verdict{"unknown_status", connector_fault, "gave no reason"},
        Verdict{"no_instance", connector_fault, "made no instance"},
        Verdict{"no_package", connector_fault, "gave no package"},
        Verdict{"wrong_thread", connector_fault, "gave no reason"},
        Verdict{"escaping_entry", connector_fault, "etc/passwd"}),
    [](const auto& info) { return info.param.animal; });

#ifndef FERRY_SANITIZED  // sanitizers take more memory than any limit allows, and answer an empty heap their own way
INSTANTIATE_TEST_SUITE_P(Greedy, ZooVerdict,
                         testing::Values(Verdict{"eats_memory", connector_fault, "it crashed during export (SIGSEGV)"}),
                         [](const auto& info) { return info.param.animal; });
#endif

TEST_F(Zoo, AHealthyConnectorGivesAPackage) {
  const Finished finished = export_of("healthy");
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
  EXPECT_TRUE(std::filesystem::exists(package()));
  EXPECT_EQ(last_run("healthy").text_or("state", ""), "succeeded");
}

TEST_F(Zoo, AStatusWithoutAMessageIsThePlatformsFaultAndSaysSo) {
  const Finished finished = export_of("status_without_message");
  EXPECT_EQ(finished.exit_code, 4);
  EXPECT_THAT(finished.err, HasSubstr("it failed with the status \"remote\" and gave no reason"));
}

TEST_F(Zoo, AFloodOfOutputIsBoundedAndHarmless) {
  const Finished finished = run(ferry("floods_stdout", {"--verbose", "export", "animal", "-o", package().string()}));
  EXPECT_EQ(finished.exit_code, 0) << finished.err.substr(0, 500);
  EXPECT_LT(finished.err.size(), 100'000u);
  EXPECT_THAT(finished.err, HasSubstr("more lines of output were dropped"));
}

TEST_F(Zoo, ALibraryThatWasChangedIsNotLoaded) {
  const std::string changed = (home_.path() / "changed").string();
  std::filesystem::create_directory(changed);
  std::filesystem::copy(std::string(zoo) + "/healthy", changed + "/healthy");
  std::ofstream(changed + "/healthy/healthy.so", std::ios::app) << "x";
  const Finished finished = run(ferry("healthy", {"export", "animal", "-o", package().string()}, changed));
  EXPECT_EQ(finished.exit_code, connector_fault);
  EXPECT_THAT(finished.err, HasSubstr("the file was changed or damaged"));
}

TEST_F(Zoo, CtrlCEndsAConnectorThatDoesNotListen) {
  test::Process process(ferry("ignores_cancel", {"export", "animal", "-o", package().string()}));
  const auto work = home_.path() / "state" / "work";
  ASSERT_TRUE(test::eventually([&] { return std::filesystem::exists(work) && !std::filesystem::is_empty(work); }));
  process.signal(SIGINT);
  const Finished finished = process.finish();
  EXPECT_EQ(finished.exit_code, 130) << finished.err;
  EXPECT_LT(finished.took, std::chrono::seconds(10));
  EXPECT_EQ(last_run("ignores_cancel").text_or("state", ""), "cancelled");
}

TEST_F(Zoo, AnAnimalDisturbsNobodyElse) {
  Finished healthy, crashing, hanging;
  std::thread first([&] { hanging = export_of("hang_in_export"); });
  std::thread second([&] { crashing = export_of("crash_in_export"); });
  healthy = run(ferry("healthy", {"export", "animal", "-o", (home_.path() / "healthy.zip").string()}));
  first.join();
  second.join();
  EXPECT_EQ(healthy.exit_code, 0) << healthy.err;
  EXPECT_EQ(crashing.exit_code, connector_fault) << crashing.err;
  EXPECT_EQ(hanging.exit_code, connector_fault) << hanging.err;
}

TEST_F(Zoo, ARunWhoseHostWasKilledIsNeverShownAsRunning) {
  test::Process process(ferry("ignores_cancel", {"export", "animal", "-o", package().string()}));
  const auto work = home_.path() / "state" / "work";
  ASSERT_TRUE(test::eventually([&] { return std::filesystem::exists(work) && !std::filesystem::is_empty(work); }));
  EXPECT_EQ(last_run("ignores_cancel").text_or("state", ""), "running");
  process.signal(SIGKILL);
  process.finish();
  const Json run = last_run("ignores_cancel");
  EXPECT_EQ(run.text_or("state", ""), "failed");
  EXPECT_THAT(run.dump(), HasSubstr("host_died"));
}

// The canary must be in no output, in no file of the state directory, and nowhere in the package.
TEST_F(Zoo, ASecretIsMaskedWhereverAConnectorPrintsIt) {
  for (const char* format : {"text", "json"}) {
    const Finished finished = run(ferry("prints_secret", {"--verbose", "--log-format", format, "--json", "export",
                                                          "animal", "-o", package().string()}));
    EXPECT_EQ(finished.exit_code, 4);
    EXPECT_THAT(finished.err, HasSubstr("***"));
    EXPECT_THAT(finished.err, Not(HasSubstr(canary)));
    EXPECT_THAT(finished.out, Not(HasSubstr(canary)));
  }
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(home_.path())) {
    if (!entry.is_regular_file()) continue;
    ++files;
    EXPECT_THAT(host::read_file(entry.path()), Not(HasSubstr(canary))) << entry.path();
  }
  EXPECT_GE(files, 3u) << "record, log and configuration should be there to be searched";
}

}  // namespace
}  // namespace ferry
