// What is sent again, when, how often, and how it is counted.
#include <netdb.h>

#include <Poco/Net/SocketAddress.h>

#include "tests/host/http/http_test.hpp"
#include "tests/support/test_server.hpp"

namespace ferry::test {
namespace {

using host::Failure;
using host::Fault;
using host::HttpExchange;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using RetryTest = HttpTest;

const std::string half = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf";

TEST_F(RetryTest, AStatusThatPassesIsWaitedOut) {
  ScriptedServer server({answers(503), answers(502), answers(429, "Retry-After: 2.5\r\n"),
                         answers(504, "x-retry-after: 1\r\n"), answers(200, "", "there")});
  settings.base_url = server.url();
  EXPECT_EQ(get("/").body, "there");
  EXPECT_THAT(clock.slept, ElementsAre(125, 250, 2500, 1000));
  EXPECT_EQ(counts.requests, 5u);
  EXPECT_EQ(counts.retries, 4u);
  EXPECT_EQ(counts.throttled_ms, 3875u);
  EXPECT_EQ(server.connections(), 1);
  EXPECT_THAT(log, HasSubstr("GET " + server.url("/") + ": answered 503; attempt 2 of 5 in 125 ms"));
}

TEST_F(RetryTest, ADateIsWaitedFor) {
  ScriptedServer server({answers(429, "Retry-After: Fri, 15 Jan 2027 08:00:07 GMT\r\n"), answers(200)});
  settings.base_url = server.url();
  get("/");
  EXPECT_THAT(clock.slept, ElementsAre(7000));
}

TEST_F(RetryTest, TheLastAnswerIsDeliveredWhateverItIs) {
  ScriptedServer server({answers(503, "Retry-After: 1\r\n", "busy")});
  settings.base_url = server.url();
  settings.max_attempts = 3;
  const Answer answer = get("/");
  EXPECT_EQ(answer.head.status, 503);
  EXPECT_EQ(answer.body, "busy");
  EXPECT_EQ(answer.heads, 1);
  EXPECT_EQ(counts.requests, 3u);
  EXPECT_THAT(clock.slept, ElementsAre(1000, 1000));
}

TEST_F(RetryTest, NoRetryMeansTheFirstAnswer) {
  ScriptedServer server({answers(429, "Retry-After: 100000\r\n", "busy")});
  settings.base_url = server.url();
  HttpExchange sent = exchange("GET", "/");
  sent.no_retry = true;
  EXPECT_EQ(send(sent).head.status, 429);
  EXPECT_EQ(counts.requests, 1u);
}

TEST_F(RetryTest, AWaitThatIsTooLongIsAFailure) {
  ScriptedServer server({answers(429, "Retry-After: 7200\r\n")});
  settings.base_url = server.url();
  const Failure failure = failure_of_get("/x");
  EXPECT_EQ(failure.fault(), Fault::platform);
  EXPECT_EQ(failure.code(), "rate_limited");
  EXPECT_EQ(failure.message(),
            "GET " + server.url("/x") +
                ": the platform's rate limit asks to wait until 2027-01-15T10:00:00.000Z (2 h 0 min), "
                "longer than the 1 h 0 min that are waited for (rate_limit.longest_wait); run it "
                "again then");
  EXPECT_THAT(clock.slept, IsEmpty());
}

TEST_F(RetryTest, AWriteIsRepeatedOnlyIfThePlatformDidNotTakeIt) {
  const struct {
    int status;
    const char* headers;
    std::size_t requests;
  } cases[] = {{429, "", 2}, {503, "Retry-After: 1\r\n", 2}, {503, "", 1}, {502, "Retry-After: 1\r\n", 1}, {500, "", 1},
               {408, "", 1}};
  for (const auto& row : cases) {
    ScriptedServer server({answers(row.status, row.headers), answers(200)});
    host::HttpSettings own;
    own.base_url = server.url();
    host::HttpClient client(own, clock, cancellation, redactor, counts, {});
    Answer answer;
    client.send(exchange("POST", "/", "x"), answer);
    EXPECT_EQ(server.requests().size(), row.requests) << row.status << row.headers;
  }
}

TEST_F(RetryTest, AWriteWithAKeyOrThatIsRepeatableIsRepeated) {
  for (const bool keyed : {true, false}) {
    ScriptedServer server({sends(""), answers(502), answers(200, "", "done")});
    host::HttpSettings own;
    own.base_url = server.url();
    host::HttpClient client(own, clock, cancellation, redactor, counts, {});
    HttpExchange sent = exchange("POST", "/", "x");
    sent.idempotency_key = keyed ? "key-1" : "";
    sent.repeatable = !keyed;
    Answer answer;
    client.send(sent, answer);
    EXPECT_EQ(answer.body, "done");
    for (const ReceivedRequest& request : server.requests()) {
      EXPECT_EQ(request.header("Idempotency-Key"), sent.idempotency_key);
      EXPECT_EQ(request.body, "x");
    }
    EXPECT_EQ(server.requests().size(), 3u);
  }
}

TEST_F(RetryTest, AWriteThatMayHaveArrivedIsNotRepeated) {
  ScriptedServer server({sends("")});
  settings.base_url = server.url();
  const Failure failure = failure_of(exchange("POST", "/", "x"));
  EXPECT_EQ(failure.code(), "closed");
  EXPECT_EQ(server.requests().size(), 1u);
}

TEST_F(RetryTest, AWriteThatNeverLeftIsRepeated) {
  settings.base_url = "http://127.0.0.1:" + std::to_string(unused_port());
  settings.max_attempts = 3;
  EXPECT_EQ(failure_of(exchange("POST", "/", "x")).code(), "connection_refused");
  EXPECT_EQ(clock.slept.size(), 2u);
  EXPECT_EQ(counts.requests, 0u);
  EXPECT_EQ(counts.retries, 2u);
}

TEST_F(RetryTest, BrokenConnectionsAreTriedAgain) {
  ScriptedServer server({sends(""), sends("HTTP/1.1 20"), sends("HTTP/1.1 200 OK\r\nX: "), answers(200, "", "there")});
  settings.base_url = server.url();
  EXPECT_EQ(get("/").body, "there");
  EXPECT_EQ(counts.retries, 3u);
}

TEST_F(RetryTest, ResetsAreTriedAgain) {
  std::atomic<int> number{0};
  TestServer server([&](Peer& peer) {
    if (++number == 1) return peer.reset();
    if (peer.receive()) peer.answer(200, "", "there");
  });
  settings.base_url = server.url();
  EXPECT_EQ(get("/").body, "there");
  EXPECT_EQ(counts.retries, 1u);
}

TEST_F(RetryTest, ABrokenBodyIsRepeatedOnlyIfItMayBeginAgain) {
  for (const std::string& broken :
       {half, std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"),
        std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nhalf"),
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 12\r\n\r\n" +
            gzipped("something").substr(0, 12)}) {
    for (const bool restartable : {false, true}) {
      ScriptedServer server({sends(broken), answers(200, "", "whole")});
      host::HttpSettings own;
      own.base_url = server.url();
      host::HttpClient client(own, clock, cancellation, redactor, counts, {});
      HttpExchange sent = exchange("GET", "/");
      sent.restartable = restartable;
      Answer answer;
      try {
        client.send(sent, answer);
        EXPECT_TRUE(restartable);
        EXPECT_EQ(answer.body, "whole");
        EXPECT_EQ(answer.heads, 2);
      } catch (const Failure& failure) {
        EXPECT_FALSE(restartable);
        EXPECT_EQ(failure.fault(), Fault::platform);
        EXPECT_EQ(failure.code(), "truncated");
        EXPECT_EQ(server.requests().size(), 1u);
      }
    }
  }
}

TEST_F(RetryTest, ABrokenBodyOfAWriteIsNotAskedForAgain) {
  ScriptedServer server({sends(half)});
  settings.base_url = server.url();
  HttpExchange sent = exchange("POST", "/", "x");
  sent.restartable = true;
  EXPECT_EQ(failure_of(sent).code(), "truncated");
  EXPECT_EQ(server.requests().size(), 1u);
}

TEST_F(RetryTest, ANameThatCannotBeLookedUpNowIsTriedAgain) {
  ScriptedServer server({answers(200, "", "there")});
  std::atomic<int> asked{0};
  outside.look_up = [&](const std::string&, std::uint16_t port, std::vector<Poco::Net::SocketAddress>& addresses) {
    if (++asked < 3) return EAI_AGAIN;
    addresses.emplace_back("127.0.0.1", port);
    return 0;
  };
  settings.base_url = server.url_of("platform.example");
  EXPECT_EQ(get("/").body, "there");
  EXPECT_EQ(server.requests()[0].header("Host"), "platform.example:" + std::to_string(server.port()));
  EXPECT_EQ(counts.retries, 2u);
  EXPECT_EQ(counts.requests, 1u);
}

TEST_F(RetryTest, TheNextAddressOfAHostIsTried) {
  ScriptedServer server({answers(200, "", "there")});
  outside.look_up = [&](const std::string&, std::uint16_t port, std::vector<Poco::Net::SocketAddress>& addresses) {
    addresses.emplace_back("127.0.0.2", unused_port());
    addresses.emplace_back("127.0.0.1", port);
    return 0;
  };
  settings.base_url = server.url_of("platform.example");
  EXPECT_EQ(get("/").body, "there");
  EXPECT_THAT(clock.slept, IsEmpty());
}

TEST_F(RetryTest, SilenceIsGivenASecondChanceOnly) {
  TestServer server([](Peer& peer) {
    peer.receive();
    peer.hang();
  });
  settings.base_url = server.url();
  settings.idle_timeout = std::chrono::milliseconds(50);
  EXPECT_EQ(failure_of_get("/").code(), "timeout");
  EXPECT_EQ(counts.requests, 2u);
}

TEST_F(RetryTest, AHangingErrorBodyDoesNotHoldUpTheRetry) {
  std::atomic<int> number{0};
  TestServer server([&](Peer& peer) {
    if (!peer.receive()) return;
    if (++number > 1) {
      peer.answer(200, "", "there");
      return;
    }
    peer.send("HTTP/1.1 503 Busy\r\nContent-Length: 1000000\r\n\r\n" + std::string(100'000, 'x'));
    peer.hang();
  });
  settings.base_url = server.url();
  EXPECT_EQ(get("/").body, "there");
}

}  // namespace
}  // namespace ferry::test
