// A password goes to its platform and nowhere else: not into any output, nor into any file ferry keeps.
#include <sys/stat.h>

#include "tests/journeys/journey.hpp"
#include "tests/support/node_red/node_red_server.hpp"

namespace ferry::test {
namespace {

const std::string right = "canary-right/7f3a+c \"quoted\"";
const std::string wrong = "canary-wrong/91d2+e";
// What is left of them in the usual spellings.
const char* const spellings[] = {"canary-right", "canary-wrong", "Y2FuYXJ5LX", "canary%2D"};

class SecretsJourney : public Journey {
 protected:
  static void SetUpTestSuite() {
    server = new testing::NodeRedServer({.users = {{"release", "canary-right/7f3a+c \\\"quoted\\\"", "\"*\""},
                                                   {"reader", "canary-right-too", "\"read\""},
                                                   {"forgetful", "something else", "\"*\""}},
                                         .flows = R"([{"id":"a1","type":"tab","label":"Orders","info":"as it was"}])"});
  }
  static void TearDownTestSuite() { delete std::exchange(server, nullptr); }

  SecretsJourney() {
    connect("dev", server->url(), "dev", {"settings: {username: release}", "secrets: {password: env:CANARY}"});
  }
  // Runs it in every manner of speaking, and looks for the canaries.
  void expect_silence(const Words& words, const std::string& value, int exit_code) const {
    for (const Words& manner :
         {Words{}, Words{"--json"}, Words{"--verbose"}, Words{"--verbose", "--log-format", "json"}}) {
      Command line = command(words);
      line.arguments.insert(line.arguments.end(), manner.begin(), manner.end());
      line.environment["CANARY"] = value;
      const Finished done = run(line);
      EXPECT_EQ(done.exit_code, exit_code) << done.err;
      for (const char* spelling : spellings) {
        EXPECT_THAT(done.out, Not(HasSubstr(spelling)));
        EXPECT_THAT(done.err, Not(HasSubstr(spelling)));
      }
    }
    Words shown = {"runs", "show", std::string(last_run().text_or("id", "")), "--items"};
    for (const char* spelling : spellings) {
      EXPECT_THAT(ferry(shown).out, Not(HasSubstr(spelling)));
      expect_nowhere(path("."), spelling);
    }
  }

  static testing::NodeRedServer* server;
};

testing::NodeRedServer* SecretsJourney::server = nullptr;

TEST_F(SecretsJourney, TheRightPassword) {
  expect_silence({"connections", "check", "dev"}, right, succeeded);
  expect_silence({"export", "dev", "-o", "package.zip"}, right, succeeded);
  expect_silence({"import", "dev", "package.zip", "--on-existing", "replace"}, right, succeeded);
  EXPECT_TRUE(exists("package.zip"));
  expect_nothing_left("none");
}

TEST_F(SecretsJourney, TheWrongPassword) {
  // A user of its own: Node-RED takes five wrong passwords of a user, and then none for ten minutes.
  connect("locked", server->url(), "dev", {"settings: {username: forgetful}", "secrets: {password: env:CANARY}"});
  Command line = command({"export", "locked", "-o", "package.zip"});
  line.environment["CANARY"] = wrong;
  const Finished done = run(line);
  EXPECT_EQ(done.exit_code, credentials);
  EXPECT_THAT(done.err, AllOf(HasSubstr("locked: logging in to " + server->url() + " as forgetful"),
                              HasSubstr("user name or password is wrong"), HasSubstr("secret password")));
  expect_silence({"export", "locked", "-o", "package.zip"}, wrong, credentials);
  const Json run = last_run();
  EXPECT_EQ(run["error"].text_or("fault", ""), "credentials");
  EXPECT_EQ(run["error"].text_or("code", ""), "auth");
  expect_nothing_left();
}

TEST_F(SecretsJourney, AUserWhoMayOnlyRead) {
  connect("reader", server->url(), "prod", {"settings: {username: reader}", "secrets: {password: env:CANARY}"});
  ScriptedServer source({gives_flows(flows_answer(R"([{"id":"b1","type":"tab","label":"New"}])"))});
  connect("source", source.url());
  ASSERT_EQ(ferry({"export", "source", "-o", "some.zip"}).exit_code, succeeded);
  expect_silence({"connections", "check", "reader"}, "canary-right-too", succeeded);
  Command line = command({"import", "reader", "some.zip"});
  line.environment["CANARY"] = "canary-right-too";
  const Finished done = run(line);
  EXPECT_EQ(done.exit_code, credentials) << done.out;
  EXPECT_THAT(done.err, AllOf(HasSubstr("the user reader lacks the right flows.write"), HasSubstr("grant it")));
}

TEST_F(SecretsJourney, AMissingOrEmptyVariable) {
  expect_wrong({"export", "dev", "-o", "package.zip"},
               {usage, "usage", "missing_secret", {"ferry.yaml:", "CANARY", "is not set"}, false});
  Command line = command({"export", "dev", "-o", "package.zip"});
  line.environment["CANARY"] = "";
  EXPECT_THAT(run(line).err, HasSubstr("CANARY is empty"));
}

TEST_F(SecretsJourney, ASecretFile) {
  write("password", right + "\n");
  connect("filed", server->url(), "dev", {"settings: {username: release}", "secrets: {password: \"file:password\"}"});
  ::chmod(path("password").c_str(), 0644);
  expect_wrong({"export", "filed", "-o", "package.zip"},
               {usage, "machine", "permission", {"password", "can be read by everybody", "chmod"}, false});
  ::chmod(path("password").c_str(), 0600);
  EXPECT_EQ(ferry({"export", "filed", "-o", "filed.zip"}).exit_code, succeeded);
  std::filesystem::remove(path("password"));
  expect_nowhere(path("."), "canary-right");
  const Finished done = ferry({"export", "filed", "-o", "package.zip"});
  EXPECT_EQ(done.exit_code, usage);
  EXPECT_THAT(done.err, AllOf(HasSubstr("ferry.yaml:"), HasSubstr("password is not there")));
  EXPECT_FALSE(exists("package.zip"));
}

TEST_F(SecretsJourney, ASecretInTheConfigurationIsRefusedAndNotRepeated) {
  write("ferry.yaml", "connections:\n  dev:\n    connector: node-red\n    url: " + server->url() +
                          "\n    settings: {username: release}\n    secrets: {password: " + wrong + "}\n");
  const Finished done = expect_wrong({"export", "dev", "-o", "package.zip"},
                                     {usage, "usage", "bad_config", {"ferry.yaml:6", "env:NAME"}, false});
  EXPECT_THAT(done.err, Not(HasSubstr("canary")));
}

// What a platform says back is masked, too: it may repeat what it was sent, and its token is as good as a password.
TEST_F(SecretsJourney, APlatformThatRepeatsWhatItWasTold) {
  ScriptedServer gossip({answers(200, "Content-Type: application/json\r\n", R"({"access_token":"canary-wrong-token"})"),
                         [](Peer& peer, const ReceivedRequest& request) {
                           peer.answer(500, "X-Sent: canary-right\r\n", request.head + request.header("Authorization"));
                         }});
  connect("gossip", gossip.url(), "dev",
          {"attempts: 1", "settings: {username: release}", "secrets: {password: env:CANARY}"});
  expect_silence({"export", "gossip", "-o", "package.zip"}, right, platform);
}

}  // namespace
}  // namespace ferry::test
