// What a platform is told and tells: recorded and replayed; its rate limit, kept to and shown.
#include <signal.h>

#include <fstream>

#include "tests/journeys/journey.hpp"

namespace ferry::test {
namespace {

class TrafficJourney : public Journey {
 protected:
  Json run_by(const std::string& state) const {
    for (const Json& run : Json::parse(ferry({"runs", "list", "--json"}).out).items())
      if (run.text_or("state", "") == state) return run;
    return {};
  }
};

TEST_F(TrafficJourney, ARecordedPromotionIsReplayedWithoutTheServers) {
  host::replace_file(path("secret"), "hunter22secret", 0600);
  {
    const auto flows = [](Peer& peer, const ReceivedRequest& request) {
      if (request.method == "GET")
        peer.answer(200, "Content-Type: application/json\r\n",
                    request.target.starts_with("/settings") || request.target.starts_with("/auth")
                        ? R"({"version":"4.1.0","user":{"username":"a","permissions":"*"}})"
                        : flows_answer());
      else
        peer.answer(200, "Content-Type: application/json\r\n", R"({"rev":"2"})");
    };
    ScriptedServer dev({flows}), prod({flows});
    connect("dev", dev.url(), "dev", {"secrets: {token: \"file:secret\"}"});
    connect("prod", prod.url(), "prod", {"secrets: {token: \"file:secret\"}"});
    const Finished done =
        ferry({"promote", "dev", "prod", "--on-existing", "replace", "--record", path("traffic"), "--json"});
    ASSERT_EQ(done.exit_code, succeeded) << done.err;
    for (const char* folder : {"export-dev", "preview-prod", "export-prod", "import-prod"})
      EXPECT_TRUE(exists(std::string("traffic/") + folder + "/recording.json")) << folder;
    expect_nowhere(path("traffic"), "hunter22secret");
    const Finished again =
        ferry({"promote", "dev", "prod", "--on-existing", "replace", "--record", path("traffic"), "--json"});
    EXPECT_EQ(again.exit_code, usage);
    EXPECT_THAT(again.err, HasSubstr("holds a recording already"));
  }
  const Words replay = {"promote",         "dev",   "prod", "--on-existing", "replace", "--replay", path("traffic"),
                        "--replay-strict", "--json"};
  const Json statistics = Json::parse(ferry(replay).out);
  EXPECT_EQ(statistics["run"].text_or("state", ""), "succeeded");
  EXPECT_EQ(statistics["totals"]["unchanged"].as_int(), 1);

  // Strict: a recording that is never asked for is a failure.
  std::ofstream(path("traffic/export-dev/0099-GET-more.http")) << "=== request\nGET /more\n=== answer\n200\n";
  const Finished unused = ferry(replay);
  EXPECT_EQ(unused.exit_code, usage);
  EXPECT_THAT(unused.err, HasSubstr("0099-GET-more.http of the recording"));
}

TEST_F(TrafficJourney, ARunThatWaitsForTheRateLimitIsShownAsWaiting) {
  ScriptedServer server({answers(429, "Retry-After: 600\r\n", "slow down")});
  connect("dev", server.url(), "dev", {"rate_limit: {waiting_after: 100ms, longest_wait: 1h}"});
  Process process(command({"export", "dev", "-o", "package.zip"}));
  Json waiting;
  ASSERT_TRUE(eventually([&] { return !(waiting = run_by("waiting")).is_null(); }));
  EXPECT_EQ(waiting.text_or("operation", ""), "export");
  EXPECT_FALSE(waiting.text_or("waiting_until", "").empty());
  EXPECT_THAT(ferry({"runs", "list"}).out, HasSubstr("waiting until 20"));

  // Another run of the account does not even ask, and one that may not wait so long says so at once.
  connect("impatient", server.url(), "dev", {"rate_limit: {longest_wait: 1s}"});
  const Finished impatient = ferry({"export", "impatient", "-o", "other.zip"});
  EXPECT_EQ(impatient.exit_code, platform) << impatient.err;
  EXPECT_THAT(impatient.err, HasSubstr("longer than the 1.0 s that are waited for (rate_limit.longest_wait)"));
  EXPECT_EQ(server.requests().size(), 1u);

  process.signal(SIGINT);
  EXPECT_EQ(process.finish().exit_code, cancelled);
  EXPECT_TRUE(run_by("waiting").is_null());
}

TEST_F(TrafficJourney, StatisticsTellRefusalsAndWaiting) {
  ScriptedServer server({answers(429, "Retry-After: 0.2\r\n"), gives_flows()});
  connect("dev", server.url(), "dev", {});
  const Json statistics = ferry_json({"export", "dev", "-o", "package.zip"});
  EXPECT_EQ(statistics["transfer"]["rate_limited"].as_int(), 1);
  EXPECT_GE(statistics["transfer"]["throttled_ms"].as_int(), 200);
}

}  // namespace
}  // namespace ferry::test
