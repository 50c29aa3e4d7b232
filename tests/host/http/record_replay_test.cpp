// A run is recorded against a server and replayed without one.
#include <fcntl.h>

#include <fstream>
#include <sstream>

#include "host/base/files.hpp"
#include "host/http/recorder.hpp"
#include "host/http/recording_info.hpp"
#include "host/http/replay.hpp"
#include "host/http/replay_clock.hpp"
#include "tests/host/http/http_test.hpp"
#include "tests/support/failure_of.hpp"
#include "tests/support/test_server.hpp"

namespace ferry::test {
namespace {

namespace fs = std::filesystem;
using host::HttpExchange;
using host::TrafficSettings;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class RecordReplayTest : public HttpTest {
 protected:
  std::unique_ptr<host::HttpSender> recorder() {
    auto client = std::make_unique<host::HttpClient>(settings, clock, cancellation, redactor, counts, nullptr, outside);
    return std::make_unique<host::Recorder>(folder, settings.base_url, std::move(client), redactor, clock);
  }
  std::unique_ptr<host::HttpSender> replay(bool strict = true) {
    return std::make_unique<host::Replay>(folder, strict, "http://elsewhere.example/", redactor, replayed,
                                          [this](int, const std::string& line) { log += line + "\n"; });
  }
  static Answer send_by(host::HttpSender& sender, const HttpExchange& exchange) {
    Answer answer;
    sender.send(exchange, answer);
    return answer;
  }
  void record(std::vector<ScriptedServer::Answer> answers, const std::vector<HttpExchange>& exchanges) {
    ScriptedServer server(std::move(answers));
    settings.base_url = server.url();
    const auto sender = recorder();
    for (const HttpExchange& one : exchanges) send_by(*sender, one);
    sender->finish();
  }
  std::string everything() const {
    std::ostringstream all;
    for (const auto& entry : fs::directory_iterator(folder))
      all << entry.path().filename() << "\n" << std::ifstream(entry.path()).rdbuf();
    return all.str();
  }
  std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder)) names.push_back(entry.path().filename());
    std::sort(names.begin(), names.end());
    return names;
  }

  const host::TemporaryDirectory home{::testing::TempDir()};
  const fs::path folder = home.path() / "recorded";
  host::TransferCounts replayed;
};

TEST_F(RecordReplayTest, AnswersAsTheServerDid) {
  record({answers(200, "Content-Type: application/json\r\nX-Rev: 7\r\n", R"({"a":1})"), answers(404, "", "gone")},
         {exchange("GET", "/flows?b=2&a=1"), exchange("DELETE", "/flows/1")});
  EXPECT_EQ(files(), (std::vector<std::string>{"0001-GET-flows.http", "0002-DELETE-1.http", "recording.json"}));
  const auto sender = replay();
  EXPECT_EQ(send_by(*sender, exchange("DELETE", "/flows/1")).head.status, 404);  // in any order
  const Answer answer = send_by(*sender, exchange("GET", "/flows?a=1&b=2"));
  EXPECT_EQ(answer.head.status, 200);
  EXPECT_EQ(answer.body, R"({"a":1})");
  EXPECT_EQ(answer.header("X-Rev"), "7");
  EXPECT_EQ(answer.head.content_length, 7);
  EXPECT_EQ(answer.head.url, "http://elsewhere.example/flows?a=1&b=2");
  sender->finish();
  EXPECT_EQ(replayed.requests, 2u);
  EXPECT_EQ(replayed.bytes_received, 11u);
}

TEST_F(RecordReplayTest, RecordsWhatTheConnectorSawNotTheRepeats) {
  record({answers(503, "Retry-After: 1\r\n", "busy"), answers(302, "Location: /there\r\n"), answers(200, "", "there")},
         {exchange("GET", "/here")});
  EXPECT_EQ(files().size(), 2u);
  const auto sender = replay();
  const Answer answer = send_by(*sender, exchange("GET", "/here"));
  EXPECT_EQ(answer.body, "there");
  EXPECT_EQ(answer.head.url, "http://elsewhere.example/there");
}

TEST_F(RecordReplayTest, TheSameRequestGetsItsAnswersInOrder) {
  const HttpExchange status = exchange("GET", "/status");
  record({answers(200, "", "running"), answers(200, "", "closed")}, {status, status});
  const auto strict = replay(), lenient = replay(false);
  EXPECT_EQ(send_by(*strict, status).body, "running");
  EXPECT_EQ(send_by(*strict, status).body, "closed");
  EXPECT_THAT(test::failure_of([&] { send_by(*strict, status); }), HasSubstr("asked more often than it was recorded"));
  for (const char* body : {"running", "closed", "closed"}) EXPECT_EQ(send_by(*lenient, status).body, body);
}

TEST_F(RecordReplayTest, StrictFailsOnWhatWasNotRecordedEvenIfTheConnectorGoesOn) {
  record({answers(200)}, {exchange("POST", "/import", R"({"policy":"replace"})")});
  const auto sender = replay();
  EXPECT_THAT(
      test::failure_of([&] { send_by(*sender, exchange("POST", "/import", R"({"policy":"abort"})")); }),
      AllOf(HasSubstr("not_recorded: POST /import"),
            HasSubstr(R"(0001-POST-import.http is near: body.policy: "replace" was recorded, "abort" is asked)")));
  EXPECT_THAT(test::failure_of([&] { sender->finish(); }), HasSubstr("not_recorded"));
}

TEST_F(RecordReplayTest, LenientTakesTheSameShapeAndSaysSo) {
  record({answers(200, "", "ok")}, {exchange("POST", "/import", R"({"policy":"replace"})")});
  const auto sender = replay(false);
  EXPECT_EQ(send_by(*sender, exchange("POST", "/import", R"({"policy":"abort"})")).body, "ok");
  EXPECT_THAT(log, HasSubstr("although it differs"));
  EXPECT_THAT(test::failure_of([&] { send_by(*sender, exchange("POST", "/import", R"({"other":1})")); }),
              HasSubstr("not_recorded"));
  sender->finish();
}

TEST_F(RecordReplayTest, StrictFailsOnWhatWasNeverAsked) {
  record({answers(200)}, {exchange("GET", "/a"), exchange("GET", "/b"), exchange("GET", "/c")});
  const auto sender = replay();
  send_by(*sender, exchange("GET", "/b"));
  EXPECT_THAT(test::failure_of([&] { sender->finish(); }),
              AllOf(HasSubstr("not_replayed: 0001-GET-a.http"), HasSubstr("nor were 1 more")));
}

TEST_F(RecordReplayTest, NoSecretIsWrittenAndTheReplayDoesNotNeedIt) {
  redactor.add("the-password");
  HttpExchange login = exchange("POST", "/token", "user=me&password=the-password");
  login.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
  HttpExchange plain_login = exchange("POST", "/login", R"({"Password":"the-password"})");
  HttpExchange use = exchange("GET", "/use");
  use.headers = {{"Authorization", "Bearer learned-token-1"}, {"Cookie", "S=cookie-value-1"}};
  {
    ScriptedServer server({answers(200, "Content-Type: application/json\r\nSet-Cookie: S=cookie-value-1; Path=/\r\n",
                                   R"({"access_token":"learned-token-1"})"),
                           answers(200, "", "plain-token-2"), answers(200, "", "you are learned-token-1")});
    settings.base_url = server.url();
    const auto sender = recorder();
    send_by(*sender, login);
    send_by(*sender, plain_login);
    redactor.add("plain-token-2");  // as a connector does after it saw the answer
    send_by(*sender, use);
    sender->finish();
  }
  const std::string all = everything();
  for (const char* secret : {"the-password", "learned-token-1", "cookie-value-1", "plain-token-2"})
    EXPECT_THAT(all, Not(HasSubstr(secret)));
  login.body = "user=me&password=another";
  use.headers[0].second = "Bearer ***";
  const auto sender = replay();
  EXPECT_EQ(send_by(*sender, login).body, R"({"access_token":"***"})");
  EXPECT_EQ(send_by(*sender, plain_login).body, "***");
  EXPECT_EQ(send_by(*sender, use).body, "you are ***");
  sender->finish();
}

TEST_F(RecordReplayTest, BinaryAndLargeBodiesStandInFilesBeside) {
  const std::string archive = std::string("PK\3\4") + std::string(2u << 20, '\0'), large(100'000, 'x');
  const fs::path path = home.path() / "package";
  host::replace_file(path, archive);
  const host::UniqueFd fd = host::open_file(path, O_RDONLY);
  HttpExchange upload = exchange("POST", "/import");
  upload.parts = {{"request", "", "application/json", R"({"policy":"abort","at":"2026-11-21T10:00:00Z"})"},
                  {"file", "p.zip", "application/zip", host::FileBody{fd.get(), archive.size()}}};
  record({answers(200, "Content-Type: application/zip\r\n", archive), answers(200, "", large)},
         {upload, exchange("GET", "/large")});
  EXPECT_EQ(files(), (std::vector<std::string>{"0001-POST-import-answer.zip", "0001-POST-import-part-2.zip",
                                               "0001-POST-import.http", "0002-GET-large-answer.txt",
                                               "0002-GET-large.http", "recording.json"}));
  std::swap(upload.parts[0], upload.parts[1]);
  upload.parts[1].content = R"({"at":"2027-01-01T00:00:00Z","policy":"abort"})";
  const auto sender = replay();
  EXPECT_EQ(send_by(*sender, upload).body, archive);
  EXPECT_EQ(send_by(*sender, exchange("GET", "/large")).body, large);
  sender->finish();
}

TEST_F(RecordReplayTest, AFailureIsReplayedAsOne) {
  settings.base_url = "http://127.0.0.1:" + std::to_string(unused_port());
  settings.max_attempts = 1;
  {
    const auto sender = recorder();
    EXPECT_THAT(test::failure_of([&] { send_by(*sender, exchange("GET", "/")); }), HasSubstr("connection_refused: "));
  }
  const auto sender = replay();
  EXPECT_THAT(test::failure_of([&] { send_by(*sender, exchange("GET", "/")); }), HasSubstr("connection_refused: "));
  sender->finish();
}

TEST_F(RecordReplayTest, URLsOfTheRecordedServerLeadNowhereElse) {
  std::string recorded_url;
  {
    ScriptedServer server({answers(200, "", "file")});
    settings.base_url = server.url();
    recorded_url = server.url("/file");
    send_by(*recorder(), exchange("GET", recorded_url));
  }
  EXPECT_EQ(send_by(*replay(), exchange("GET", recorded_url)).body, "file");
}

TEST_F(RecordReplayTest, AFolderWithoutARecordingIsRefused) {
  EXPECT_THAT(test::failure_of([&] { replay(); }), HasSubstr("no_recording"));
}

TEST(ReplayClockTest, BeginsAtTheRecordingAndWaitsForNothing) {
  host::ReplayClock clock(1'000'000);
  const host::Cancellation cancellation;
  const auto began = std::chrono::steady_clock::now();
  const auto steady = clock.steady_now();
  clock.sleep(std::chrono::hours(10), cancellation);
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(5));
  EXPECT_GE(clock.steady_now() - steady, std::chrono::hours(10));
  EXPECT_GE(clock.now_unix_ms(), 1'000'000 + 36'000'000);
  EXPECT_LT(clock.now_unix_ms(), 1'000'000 + 36'010'000);
}

}  // namespace
}  // namespace ferry::test
