// Platforms that cannot be reached, refuse, or answer with something else than their own API.
#include "tests/journeys/journey.hpp"

namespace ferry::test {
namespace {

struct Bad {
  const char* name;
  ScriptedServer::Answer answer;
  Wrong wrong;
  Words more = {"attempts: 1"};
};
void PrintTo(const Bad& bad, std::ostream* out) { *out << bad.name; }

const char html[] = "<!DOCTYPE html><html><body>Welcome</body></html>";

// Every operation that needs the platform ends the same way, and none writes anything.
class NetworkJourney : public Journey {
 protected:
  void expect_unusable(const std::string& url, const Wrong& wrong, const Words& more = {"attempts: 1"}) {
    connect("bad", url, "prod", more);
    expect_wrong({"export", "bad", "-o", "package.zip"}, wrong);

    write_package(path("some.zip"), "node-red", {{"manifest.json", R"({"format":"ferry.node-red/1","artefacts":[]})"}});
    const Json imported = ferry_json({"import", "bad", "some.zip", "--on-existing", "replace"}, wrong.exit_code);
    // It is recorded as the import's failure that the target could not be exported first.
    EXPECT_EQ(imported["run"].text_or("operation", ""), "import");
    const Json run = last_run("import");
    EXPECT_EQ(run.text_or("state", ""), "failed");
    EXPECT_EQ(run["error"].text_or("code", ""), wrong.code);
    EXPECT_THAT(std::string(run["error"].text_or("message", "")), HasSubstr("nothing was changed"));
    expect_nothing_left();
  }
};

TEST_F(NetworkJourney, NobodyListens) {
  const std::string url = "http://127.0.0.1:" + std::to_string(unused_port());
  expect_unusable(
      url,
      {platform, "platform", "connection_refused", {"bad: ", url, "refused", "check that the platform is running"}});
}

TEST_F(NetworkJourney, NoSuchHost) {
  expect_unusable("http://nowhere.invalid", {platform, "platform", "dns", {"nowhere.invalid", "check "}});
}

TEST_F(NetworkJourney, ARedirectToAnotherHostIsNotFollowed) {
  ScriptedServer elsewhere({gives_flows()});
  ScriptedServer server({answers(302, "Location: " + elsewhere.url_of("localhost", "/flows") + "\r\n")});
  expect_unusable(server.url(), {usage, "usage", "host_not_allowed", {"localhost", "allow_hosts"}});
  EXPECT_EQ(elsewhere.connections(), 0);
  EXPECT_EQ(writes(server), 0u);
}

TEST_F(NetworkJourney, AFailureThatPassesIsTriedAgain) {
  ScriptedServer server({answers(503, "Retry-After: 0\r\n"), gives_flows()});
  connect("dev", server.url(), "dev", {});
  const Json statistics = ferry_json({"export", "dev", "-o", "package.zip"});
  EXPECT_EQ(statistics["transfer"]["retries"].as_int(), 1);
}

class AnswerNetworkJourney : public NetworkJourney, public ::testing::WithParamInterface<Bad> {};

TEST_P(AnswerNetworkJourney, EndsWithItsReason) {
  ScriptedServer server({GetParam().answer});
  expect_unusable(server.url(), GetParam().wrong, GetParam().more);
  EXPECT_EQ(writes(server), 0u);
  EXPECT_GT(server.connections(), 0);
}

INSTANTIATE_TEST_SUITE_P(
    Answers, AnswerNetworkJourney,
    ::testing::Values(
        Bad{"Unauthorized",
            answers(401, "", "Unauthorized"),
            {credentials, "credentials", "auth", {"GET /flows", "status 401", "username", "secret \"password\""}}},
        Bad{"Forbidden",
            answers(403, "", "Forbidden"),
            {credentials, "credentials", "auth", {"GET /flows", "status 403"}}},
        Bad{"NotFound",
            answers(404, "Content-Type: text/html\r\n", html),
            {usage, "usage", "bad_config", {"GET /flows", "status 404", "check the connection's url"}}},
        Bad{"Broken",
            answers(500, "", "oh no"),
            {platform, "platform", "transient", {"GET /flows", "status 500", "beginning \"oh no\"", "try again"}}},
        Bad{"Html",
            answers(200, "Content-Type: text/html\r\n", html),
            {platform,
             "platform",
             "remote",
             {"expected JSON", "text/html", "<!DOCTYPE html>", "check the connection's url"}}},
        Bad{"OtherJson",
            answers(200, "Content-Type: application/json\r\n", R"({"hello":1})"),
            {platform, "platform", "remote", {"GET /flows", "check the connection's url"}}},
        Bad{"NoHttp",
            sends("SSH-2.0-OpenSSH_9.2\r\n"),
            {platform, "platform", "not_http", {"check the port of the connection's url"}}},
        Bad{"Truncated",
            sends("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{\"rev\":"),
            {platform, "platform", "truncated", {"what came is incomplete", "try again"}}},
        Bad{"HungUp", sends(""), {platform, "platform", "closed", {"hung up", "try again"}}},
        Bad{"Silent",
            [](Peer& peer, const ReceivedRequest&) { peer.hang(); },
            {platform, "platform", "timeout", {"1.0 s", "longer timeout"}},
            {"attempts: 1", "timeout: 1s"}},
        Bad{"Slow",
            [](Peer& peer, const ReceivedRequest&) {
              peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"rev\":");
              peer.hang();
            },
            {platform, "platform", "timeout", {"1.0 s", "longer timeout"}},
            {"attempts: 1", "timeout: 1s"}}),
    [](const auto& tested) { return tested.param.name; });

TEST_F(NetworkJourney, AWriteThatIsRefusedChangesNothingAndIsTold) {
  ScriptedServer server({gives_flows(), gives_flows(), answers(403, "", "Forbidden")});
  connect("prod", server.url(), "prod");
  ScriptedServer source({gives_flows(flows_answer(R"([{"id":"b1","type":"tab","label":"New"}])"))});
  connect("dev", source.url(), "dev");
  ASSERT_EQ(ferry({"export", "dev", "-o", "some.zip"}).exit_code, succeeded);
  const Finished done = ferry({"import", "prod", "some.zip"});
  EXPECT_EQ(done.exit_code, credentials) << done.out;
  EXPECT_THAT(done.err, AllOf(HasSubstr("prod: "), HasSubstr("POST /flows"), HasSubstr("403")));
  EXPECT_EQ(last_run("import").text_or("state", ""), "failed");
  EXPECT_EQ(writes(server), 1u);
  expect_nothing_left();
}

}  // namespace
}  // namespace ferry::test
