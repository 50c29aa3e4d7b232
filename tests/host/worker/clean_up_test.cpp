// What a connector may still send once its operation is cancelled: a request to stop what it began on the platform.
#include "tests/host/worker/worker_fixture.hpp"
#include "tests/support/test_server.hpp"

namespace ferry::host::test {
namespace {

using testing::ElementsAre;
using testing::StartsWith;

class CleanUp : public WorkerTest {
 protected:
  // Runs the steps against a platform that answers so. They begin with a sleep, which the cancel ends.
  void run_against(ferry::test::ScriptedServer::Answer answer, const std::vector<std::string>& steps) {
    const ferry::test::ScriptedServer server({std::move(answer)});
    WorkerStart start = script("check", steps);
    start.http.emplace();
    start.http->base_url = server.url();
    limits_.cancel_grace = std::chrono::seconds(20);  // a clean-up is given up long before that
    recorder_.hook = [this](const std::string&) {
      if (!recorder_.stages.empty() && recorder_.stages.back() == "run") cancellation_.cancel();
    };
    done_ = run(start, recorder_);
    for (const auto& request : server.requests()) received_.push_back(request.method + " " + request.target);
  }

  Recorder recorder_;
  WorkerDone done_;
  std::vector<std::string> received_;
};

TEST_F(CleanUp, IsSentAfterACancelAndNothingElseIs) {
  run_against(ferry::test::answers(200, "", "stopped"),
              {"sleep 60000", "http GET /more", "clean_up DELETE /job", "http GET /more", "return 1"});
  EXPECT_EQ(done_.fault, Fault::cancelled) << done_.code << ": " << done_.message;
  EXPECT_EQ(recorder_.result("sleep 60000"), "1");
  EXPECT_EQ(recorder_.result("http GET /more"), "1");
  EXPECT_EQ(recorder_.result("clean_up DELETE /job"), "0: stopped");
  EXPECT_THAT(received_, ElementsAre("DELETE /job"));
}

TEST_F(CleanUp, IsTriedOnce) {
  run_against(ferry::test::answers(503, "Retry-After: 0\r\n", "later"),
              {"sleep 60000", "clean_up DELETE /job", "return 1"});
  EXPECT_EQ(recorder_.result("clean_up DELETE /job"), "0: later");
  EXPECT_THAT(received_, ElementsAre("DELETE /job"));
}

TEST_F(CleanUp, IsGivenUpBeforeTheConnectorWouldBeEnded) {
  run_against([](ferry::test::Peer& peer, const auto&) { peer.hang(); },
              {"sleep 60000", "clean_up DELETE /job", "return 1"});
  EXPECT_EQ(done_.fault, Fault::cancelled) << done_.code << ": " << done_.message;
  EXPECT_THAT(recorder_.result("clean_up DELETE /job"), StartsWith("6"));
  EXPECT_THAT(received_, ElementsAre("DELETE /job"));
}

}  // namespace
}  // namespace ferry::host::test
