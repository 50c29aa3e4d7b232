// The client keeps to the limits it learns, with a clock that pretends and once with real windows.
#include <mutex>
#include <thread>

#include "host/base/files.hpp"
#include "host/http/limit_signals.hpp"
#include "host/http/rate_gate.hpp"
#include "tests/host/http/http_test.hpp"
#include "tests/support/test_server.hpp"

namespace ferry::test {
namespace {

using host::HttpExchange;
using host::limit_signals;
using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::int64_t now = 1'800'000'000'000;  // 2027-01-15T08:00:00Z

TEST(LimitSignalsTest, UnderstandsTheWaysPlatformsTellTheirLimits) {
  const auto expect = [](const host::HttpHeaders& headers, std::int64_t limit, std::int64_t remaining,
                         std::int64_t reset_ms, std::int64_t window_ms = 0) {
    SCOPED_TRACE(headers[0].first + ": " + headers[0].second);
    const host::LimitSignals found = limit_signals(headers, now);
    EXPECT_EQ(found.limit.value_or(0), limit);
    EXPECT_EQ(found.remaining.value_or(-1), remaining);
    EXPECT_EQ(found.reset_in.value_or(milliseconds(-1)).count(), reset_ms);
    EXPECT_EQ(found.window.value_or(milliseconds(0)).count(), window_ms);
  };
  expect({{"X-RateLimit-Limit", "100"}, {"X-RateLimit-Remaining", "99"}, {"X-RateLimit-Reset", "30"}}, 100, 99, 30'000);
  expect({{"X-RateLimit-Limit", "100"}, {"X-RateLimit-Remaining", "0"}, {"X-RateLimit-Reset", "1800000060"}}, 100, 0,
         60'000);
  expect({{"X-Rate-Limit-Reset", "1800000000250"}}, 0, -1, 250);
  expect({{"X-RateLimit-Reset", "2027-01-15T08:00:05Z"}}, 0, -1, 5'000);
  expect({{"X-RateLimit-Reset", "Fri, 15 Jan 2027 08:00:05 GMT"}}, 0, -1, 5'000);
  expect({{"RateLimit-Limit", "100, 100;w=60"}, {"RateLimit-Remaining", "50"}, {"RateLimit-Reset", "0.5"}}, 100, 50,
         500, 60'000);
  expect({{"RateLimit", "limit=100, remaining=9, reset=5"}, {"RateLimit-Policy", "100;w=10"}}, 100, 9, 5'000, 10'000);
  expect({{"RateLimit", "\"default\";r=9;t=5"}, {"RateLimit-Policy", "\"default\";q=100;w=10"}}, 100, 9, 5'000, 10'000);
  expect({{"X-RateLimit-Limit", "many"}, {"X-RateLimit-Remaining", "-1"}, {"X-RateLimit-Reset", "soon"}}, 0, -1, -1);
  expect({{"Content-Type", "text/plain"}}, 0, -1, -1);
}

TEST(LimitSignalsTest, ATimeIsThePlatformsOwn) {
  const host::LimitSignals found =
      limit_signals({{"X-RateLimit-Reset", "1800003660"}, {"Date", "Fri, 15 Jan 2027 09:00:00 GMT"}}, now);
  EXPECT_EQ(found.reset_in, milliseconds(60'000));
}

class RateGateTest : public HttpTest {
 protected:
  RateGateTest() {
    outside.waiting = [this](std::int64_t until) { told.push_back(until); };
  }
  const host::TemporaryDirectory home{::testing::TempDir()};
  std::vector<std::int64_t> told;
};

TEST_F(RateGateTest, ALongWaitIsToldAndAShortOneIsNot) {
  ScriptedServer server({answers(429, "Retry-After: 5\r\n"), answers(429, "Retry-After: 30\r\n"), answers(200)});
  settings.base_url = server.url();
  EXPECT_EQ(get("/").head.status, 200);
  EXPECT_THAT(told, ElementsAre(now + 35'000, 0));
  EXPECT_EQ(counts.rate_limited, 2u);
  EXPECT_EQ(counts.throttled_ms, 35'000u);
}

TEST_F(RateGateTest, AnotherRunOfTheAccountWaitsAsWell) {
  settings.rate = {home.path() / "limits", "account", {}, milliseconds(10'000), milliseconds(3'600'000)};
  ScriptedServer server({answers(429, "Retry-After: 60\r\n"), answers(200)});
  settings.base_url = server.url();
  HttpExchange once = exchange("GET", "/");
  once.no_retry = true;
  EXPECT_EQ(send(once).head.status, 429);
  EXPECT_THAT(clock.slept, IsEmpty());

  host::HttpClient other(settings, clock, cancellation, redactor, counts, {}, outside);
  Answer answer;
  other.send(once, answer);
  EXPECT_EQ(answer.head.status, 200);
  EXPECT_THAT(clock.slept, ElementsAre(60'000));
  EXPECT_THAT(told, ElementsAre(now + 60'000, 0));

  // Another account of the same platform does not.
  settings.rate.account = "another";
  host::HttpClient third(settings, clock, cancellation, redactor, counts, {}, outside);
  third.send(once, answer);
  EXPECT_EQ(clock.slept.size(), 1u);
}

TEST_F(RateGateTest, SlowsDownBeforeThePlatformRefuses) {
  ScriptedServer server({answers(200, "X-RateLimit-Limit: 10\r\nX-RateLimit-Remaining: 4\r\nX-RateLimit-Reset: 50\r\n"),
                         answers(200, "X-RateLimit-Limit: 10\r\nX-RateLimit-Remaining: 0\r\nX-RateLimit-Reset: 40\r\n"),
                         answers(200)});
  settings.base_url = server.url();
  // A window's worth of requests lately, so that this is no burst.
  settings.rate.declared = {0, 0, 0, 0.5};
  for (int i = 0; i < 2; ++i) get("/");
  EXPECT_THAT(clock.slept, ElementsAre(50'001));  // of ten, five are reserved, and four are left
}

TEST_F(RateGateTest, AWaitThatIsTooLongIsRefusedBeforeAnythingIsSent) {
  settings.rate.longest_wait = milliseconds(20'000);
  ScriptedServer server(
      {answers(200, "X-RateLimit-Limit: 10\r\nX-RateLimit-Remaining: 0\r\nX-RateLimit-Reset: 60\r\n")});
  settings.base_url = server.url();
  get("/");
  const host::Failure failure = failure_of_get("/");
  EXPECT_EQ(failure.code(), "rate_limited");
  EXPECT_THAT(failure.message(), HasSubstr("longer than the 20.0 s that are waited for"));
  EXPECT_EQ(server.requests().size(), 1u);
}

TEST_F(RateGateTest, NoMoreThanSoManyAtATime) {
  settings.rate = {home.path() / "limits", "account", {0, 0, 2, 0}, milliseconds(10'000), milliseconds(3'600'000)};
  std::mutex mutex;
  int open = 0, most = 0;
  const auto answer = [&](Peer& peer, const ReceivedRequest&) {
    {
      const std::lock_guard lock(mutex);
      most = std::max(most, ++open);
    }
    std::this_thread::sleep_for(milliseconds(5));  // the platform's own time
    {
      const std::lock_guard lock(mutex);
      --open;
    }
    peer.answer(200);
  };
  ScriptedServer server({answer});
  settings.base_url = server.url();
  std::vector<std::thread> clients;
  for (int i = 0; i < 6; ++i)
    clients.emplace_back([&] {
      host::SystemClock real;
      host::HttpClient client(settings, real, cancellation, redactor, counts, {});
      for (int j = 0; j < 5; ++j) {
        Answer received;
        client.send(exchange("GET", "/"), received);
      }
    });
  for (std::thread& one : clients) one.join();
  EXPECT_EQ(server.requests().size(), 30u);
  EXPECT_LE(most, 2);
}

// Real sockets, real time: four clients of one account against 50 requests a second, of which the server tells nothing
// but how long to wait.
TEST_F(RateGateTest, RealWindowsAreUsedAndNotOverdrawn) {
  constexpr std::int64_t allowed = 50, window = 1000, windows = 6;
  struct Window {
    std::int64_t taken = 0, refused = 0;
  };
  std::mutex mutex;
  std::vector<Window> seen;
  std::int64_t began = 0;
  host::SystemClock real;
  const auto limited = [&](Peer& peer, const ReceivedRequest&) {
    std::unique_lock lock(mutex);
    const std::int64_t at = real.now_unix_ms();
    if (seen.empty() || at >= began + window) {
      began = at;
      seen.emplace_back();
    }
    const bool refuse = seen.back().taken == allowed;
    ++(refuse ? seen.back().refused : seen.back().taken);
    const std::int64_t left = began + window - at;
    lock.unlock();
    if (refuse)
      peer.answer(429, "Retry-After: " + std::to_string(left / 1000) + "." +
                           std::to_string(1000 + left % 1000).substr(1) + "\r\n");
    else
      peer.answer(200);
  };
  ScriptedServer server({limited});
  settings.base_url = server.url();
  settings.max_attempts = 20;
  settings.rate.directory = home.path() / "limits";
  std::vector<std::thread> clients;
  const std::int64_t end = real.now_unix_ms() + windows * window;
  for (int i = 0; i < 4; ++i)
    clients.emplace_back([&] {
      host::HttpClient client(settings, real, cancellation, redactor, counts, {});
      while (real.now_unix_ms() < end) {
        Answer received;
        client.send(exchange("GET", "/"), received);
      }
    });
  for (std::thread& one : clients) one.join();
  ASSERT_GE(seen.size(), 5u);
  EXPECT_GT(seen[0].refused, 0);
  std::int64_t taken = 0, refused = 0;
  for (std::size_t i = 1; i + 1 < seen.size(); ++i) {
    taken += seen[i].taken;
    refused += seen[i].refused;
  }
  const double share =
      static_cast<double>(taken) / static_cast<double>(allowed * static_cast<std::int64_t>(seen.size() - 2));
  RecordProperty("share_of_allowed", std::to_string(share));
  EXPECT_EQ(refused, 0);
  EXPECT_GE(share, 0.95);
}

}  // namespace
}  // namespace ferry::test
