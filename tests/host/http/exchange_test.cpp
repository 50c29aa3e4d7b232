// One exchange with a server that behaves: what goes over the wire, and what arrives.
#include <fcntl.h>

#include "host/base/files.hpp"
#include "tests/host/http/http_test.hpp"
#include "tests/support/test_server.hpp"

namespace ferry::test {
namespace {

using host::Failure;
using host::Fault;
using host::HttpExchange;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ExchangeTest = HttpTest;

std::string chunked(const std::string& headers, const std::vector<std::string>& chunks) {
  std::string out = "HTTP/1.1 200 OK\r\n" + headers + "Transfer-Encoding: chunked\r\n\r\n";
  for (const std::string& chunk : chunks) {
    char size[32];
    std::snprintf(size, sizeof size, "%zx;extension=1\r\n", chunk.size());
    out += size + chunk + "\r\n";
  }
  return out + "0\r\nTrailer: yes\r\n\r\n";
}

TEST_F(ExchangeTest, SendsWhatItWasGivenAndDeliversTheAnswer) {
  ScriptedServer server({answers(404, "X-One: 1\r\nContent-Type: text/html\r\n", "<html>not here</html>")});
  settings.base_url = server.url("/base/");
  HttpExchange sent = exchange("POST", "/flows?a=1", "{\"x\":1}");
  sent.headers = {
      {"X-Mine", "value"}, {"Host", "evil"}, {"Content-Length", "99"}, {"Content-Type", "application/json"}};
  const Answer answer = send(sent);
  EXPECT_EQ(answer.head.status, 404);
  EXPECT_EQ(answer.head.url, server.url("/base/flows?a=1"));
  EXPECT_EQ(answer.head.content_length, 21);
  EXPECT_EQ(answer.header("X-One"), "1");
  EXPECT_EQ(answer.header("Content-Type"), "text/html");
  EXPECT_EQ(answer.body, "<html>not here</html>");
  ASSERT_EQ(server.requests().size(), 1u);
  const ReceivedRequest received = server.requests()[0];
  EXPECT_EQ(received.method, "POST");
  EXPECT_EQ(received.target, "/base/flows?a=1");
  EXPECT_EQ(received.header("Host"), "127.0.0.1:" + std::to_string(server.port()));
  EXPECT_EQ(received.header("X-Mine"), "value");
  EXPECT_EQ(received.header("Content-Type"), "application/json");
  EXPECT_EQ(received.header("User-Agent"), "ferry/" FERRY_VERSION);
  EXPECT_EQ(received.header("Accept-Encoding"), "gzip");
  EXPECT_EQ(received.body, "{\"x\":1}");
  EXPECT_EQ(counts.requests, 1u);
  EXPECT_EQ(counts.retries, 0u);
  EXPECT_EQ(counts.bytes_sent, received.head.size() + 2 + received.body.size());
  EXPECT_GT(counts.bytes_received, answer.body.size());
  EXPECT_THAT(log, HasSubstr("POST " + server.url("/base/flows?a=1") + " -> 404, "));
}

TEST_F(ExchangeTest, TheConnectorsOwnHeadersStand) {
  ScriptedServer server({answers(200)});
  settings.base_url = server.url();
  HttpExchange sent = exchange("PUT", "/");
  sent.headers = {{"user-agent", "mine/1"}, {"accept", "text/plain"}, {"Accept-Encoding", "identity"}};
  sent.idempotency_key = "key-1";
  send(sent);
  const ReceivedRequest received = server.requests()[0];
  EXPECT_EQ(received.header("User-Agent"), "mine/1");
  EXPECT_EQ(received.header("Accept"), "text/plain");
  EXPECT_EQ(received.header("Accept-Encoding"), "identity");
  EXPECT_EQ(received.header("Idempotency-Key"), "key-1");
  EXPECT_EQ(received.header("Content-Length"), "0");
}

TEST_F(ExchangeTest, RefusesWhatWouldBreakTheMessage) {
  settings.base_url = "http://127.0.0.1:1";
  for (const auto& header :
       std::vector<std::pair<std::string, std::string>>{{"X", "a\r\nY: b"}, {"X Y", "a"}, {"", "a"}}) {
    HttpExchange sent = exchange("GET", "/");
    sent.headers = {header};
    const Failure failure = failure_of(sent);
    EXPECT_EQ(failure.fault(), Fault::connector);
    EXPECT_EQ(failure.code(), "bad_header");
  }
  EXPECT_EQ(failure_of(exchange("GET / HTTP/1.1\r\nX:", "/")).code(), "bad_method");
  EXPECT_EQ(failure_of(exchange("CONNECT", "/")).code(), "bad_method");
  EXPECT_EQ(failure_of_get("/a\nb").code(), "bad_url");
  EXPECT_EQ(counts.requests, 0u);
}

TEST_F(ExchangeTest, OtherHostsAreRefusedBeforeAnythingIsSent) {
  ScriptedServer server({answers(200)});
  settings.base_url = server.url();
  settings.allowed_hosts = {"*.files.example"};
  const Failure failure = failure_of_get("http://evil.example/x?token=abc");
  EXPECT_EQ(failure.fault(), Fault::usage);
  EXPECT_EQ(failure.code(), "host_not_allowed");
  EXPECT_EQ(failure.message(),
            "GET http://evil.example/x?token=***: the connection may not talk to http://evil.example; "
            "allowed are " +
                server.url() +
                " (the connection's own), *.files.example. Correct the "
                "connection's url, or add the host to the connection's allow_hosts");
  EXPECT_EQ(failure_of_get("https://127.0.0.1:" + std::to_string(server.port())).code(), "host_not_allowed");
  EXPECT_EQ(counts.requests, 0u);
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(ExchangeTest, BodiesOfEveryFraming) {
  const std::string large(300'000, 'x');
  ScriptedServer server({
      [&](Peer& peer, const ReceivedRequest&) {
        peer.send(chunked("", {"one ", large, "end"}));
      },
      answers(200, "", large),
      [&](Peer& peer, const ReceivedRequest&) { peer.send("HTTP/1.1 204 No Content\r\n\r\n"); },
      [&](Peer& peer, const ReceivedRequest&) {
        peer.send(
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nA: b\r\n\r\n"
            "HTTP/1.1 200 OK\nContent-Length: 2\nFolded: a\n  b\n\nok");
      },
      sends("HTTP/1.0 200 OK\r\n\r\nuntil closed"),
  });
  settings.base_url = server.url();
  EXPECT_EQ(get("/").body, "one " + large + "end");
  EXPECT_EQ(get("/").body, large);
  EXPECT_EQ(get("/").head.status, 204);
  const Answer odd = get("/");
  EXPECT_EQ(odd.body, "ok");
  EXPECT_EQ(odd.header("Folded"), "a b");
  const Answer last = get("/");
  EXPECT_EQ(last.body, "until closed");
  EXPECT_EQ(last.head.content_length, -1);
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(ExchangeTest, HeadHasALengthAndNoBody) {
  ScriptedServer server({[](Peer& peer, const ReceivedRequest&) {
                           peer.send(
                               "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n"
                               "Content-Encoding: gzip\r\n\r\n");
                         },
                         answers(200, "", "next")});
  settings.base_url = server.url();
  EXPECT_EQ(send(exchange("HEAD", "/")).head.content_length, 500);
  EXPECT_EQ(get("/").body, "next");
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(ExchangeTest, PackedBodiesAreUnpacked) {
  const std::string text(500'000, 'y');
  ScriptedServer server({
      answers(200, "Content-Encoding: gzip\r\n", gzipped(text)),
      [&](Peer& peer, const ReceivedRequest&) {
        peer.send(chunked("Content-Encoding: deflate\r\n", {gzipped(text, 15)}));
      },
      answers(200, "Content-Encoding: gzip\r\n", ""),
      answers(200, "Content-Encoding: br\r\n", "?"),
  });
  settings.base_url = server.url();
  settings.max_unpack_ratio = 2000;
  const Answer first = get("/");
  EXPECT_EQ(first.body, text);
  EXPECT_EQ(first.head.content_length, -1);
  EXPECT_EQ(first.header("Content-Encoding"), "");
  EXPECT_EQ(first.header("Content-Length"), "");
  EXPECT_EQ(get("/").body, text);
  EXPECT_EQ(get("/").body, "");
  EXPECT_THAT(failure_of_get("/").message(), HasSubstr("packed as \"br\", although only gzip was asked for"));
}

TEST_F(ExchangeTest, ABombIsRefused) {
  ScriptedServer server({answers(200, "Content-Encoding: gzip\r\n", gzipped(std::string(64u << 20, 'x')))});
  settings.base_url = server.url();
  const Failure failure = failure_of_get("/");
  EXPECT_EQ(failure.code(), "too_large");
  EXPECT_THAT(failure.message(), HasSubstr("unpack to more than 200 times as much"));
  EXPECT_EQ(counts.requests, 1u);
}

TEST_F(ExchangeTest, AFormIsSentWithItsExactLength) {
  ScriptedServer server({answers(200)});
  settings.base_url = server.url();
  const host::TemporaryDirectory directory(::testing::TempDir());
  const std::string content(1'000'000, 'z');
  host::replace_file(directory.path() / "package", content);
  const host::UniqueFd file = host::open_file(directory.path() / "package", O_RDONLY);
  HttpExchange sent = exchange("POST", "/import");
  sent.headers = {{"content-type", "application/json"}};
  sent.parts = {{"options", "", "", std::string_view("{\"a\":1}")},
                {"file\"\r\n", "p\"ackage.zip", "application/zip", host::FileBody{file.get(), content.size()}},
                {"last", "", "", std::string_view()}};
  send(sent);
  const ReceivedRequest received = server.requests()[0];
  const std::string type = received.header("Content-Type");
  ASSERT_EQ(type.rfind("multipart/form-data; boundary=", 0), 0u) << type;
  const std::string boundary = type.substr(type.find('=') + 1);
  EXPECT_EQ(received.body,
            "--" + boundary + "\r\nContent-Disposition: form-data; name=\"options\"\r\n\r\n{\"a\":1}\r\n--" + boundary +
                "\r\nContent-Disposition: form-data; name=\"file%22%0D%0A\"; "
                "filename=\"p%22ackage.zip\"\r\nContent-Type: application/zip\r\n\r\n" +
                content + "\r\n--" + boundary + "\r\nContent-Disposition: form-data; name=\"last\"\r\n\r\n\r\n--" +
                boundary + "--\r\n");
  EXPECT_EQ(::lseek(file.get(), 0, SEEK_CUR), 0);
}

TEST_F(ExchangeTest, AFileThatBecameShorterIsTheMachinesFault) {
  ScriptedServer server({answers(200)});
  settings.base_url = server.url();
  const host::TemporaryDirectory directory(::testing::TempDir());
  host::replace_file(directory.path() / "package", "short");
  const host::UniqueFd file = host::open_file(directory.path() / "package", O_RDONLY);
  HttpExchange sent = exchange("PUT", "/");
  sent.body = host::FileBody{file.get(), 1000};
  const Failure failure = failure_of(sent);
  EXPECT_EQ(failure.fault(), Fault::machine);
  EXPECT_EQ(failure.code(), "file_changed");
}

TEST_F(ExchangeTest, ATextLargerThanEveryBufferIsSentWholeToASlowReader) {
  std::string large(32u << 20, '\0');
  for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>('a' + i % 26 + i % 3);
  std::atomic<bool> same{false};
  TestServer server([&](Peer& peer) {
    // Reads only after the client has met a full buffer, however large the kernel makes it.
    EXPECT_TRUE(eventually([&] { return counts.bytes_sent > 1u << 20; }));
    const auto received = peer.receive();
    same = received && received->body == large;
    peer.answer(200);
  });
  settings.base_url = server.url();
  EXPECT_EQ(send(exchange("POST", "/", large)).head.status, 200);
  EXPECT_TRUE(same);
  EXPECT_GT(counts.bytes_sent, large.size());
}

TEST_F(ExchangeTest, AnEarlyRefusalIsHeardWhileSending) {
  TestServer server([](Peer& peer) {
    if (!peer.receive_head()) return;
    peer.answer(413, "Connection: close\r\n", "too large");
    peer.hang();
  });
  settings.base_url = server.url();
  const std::string large(64u << 20, 'x');
  const Answer answer = send(exchange("POST", "/", large));
  EXPECT_EQ(answer.head.status, 413);
  EXPECT_EQ(answer.body, "too large");
  EXPECT_LT(counts.bytes_sent, large.size());
}

TEST_F(ExchangeTest, ARefusalFollowedByAHangUpIsStillHeard) {
  TestServer server([](Peer& peer) {
    if (!peer.receive_head()) return;
    peer.answer(413, "Connection: close\r\n", "too large");
  });
  settings.base_url = server.url();
  const std::string large(64u << 20, 'x');
  EXPECT_EQ(send(exchange("POST", "/", large)).head.status, 413);
}

TEST_F(ExchangeTest, AReceiversExceptionEndsTheExchange) {
  struct Refusing : host::HttpReceiver {
    void on_head(const host::HttpHead&) override {}
    void on_body(std::string_view) override { throw Failure(Fault::machine, "disk_full", "no room"); }
  } refusing;
  ScriptedServer server({answers(200, "", "body")});
  settings.base_url = server.url();
  try {
    client().send(exchange("GET", "/"), refusing);
    ADD_FAILURE();
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.message(), "no room");
  }
  EXPECT_EQ(get("/").body, "body");
  EXPECT_EQ(server.connections(), 2);
}

TEST_F(ExchangeTest, OneConnectionServesManyExchanges) {
  ScriptedServer server({answers(200, "", "a")});
  settings.base_url = server.url();
  for (int i = 0; i < 5; ++i) EXPECT_EQ(get("/").body, "a");
  EXPECT_EQ(server.connections(), 1);
  EXPECT_EQ(counts.requests, 5u);
}

TEST_F(ExchangeTest, ConnectionCloseIsHonoured) {
  ScriptedServer server({answers(200, "Connection: Close\r\n", "a")});
  settings.base_url = server.url();
  get("/");
  get("/");
  EXPECT_EQ(server.connections(), 2);
}

TEST_F(ExchangeTest, AConnectionClosedMeanwhileIsReplacedSilently) {
  // Closes after each answer without announcing it.
  TestServer server([](Peer& peer) {
    if (peer.receive()) peer.answer(200, "", "a");
  });
  settings.base_url = server.url();
  int sent = 0;
  for (const char* method : {"GET", "POST", "POST", "PUT"}) {
    EXPECT_EQ(send(exchange(method, "/", "x")).body, "a");
    ++sent;
    EXPECT_TRUE(eventually([&] { return server.closed() == sent; }));
  }
  EXPECT_EQ(counts.retries, 0u);
  EXPECT_TRUE(clock.slept.empty());
}

TEST_F(ExchangeTest, AConnectionClosedOnTheNextRequestIsReplacedIfThatIsHarmless) {
  std::atomic<int> served{0};
  TestServer server([&](Peer& peer) {
    if (!peer.receive()) return;
    peer.answer(200, "", "a");
    if (++served == 1)
      peer.receive();  // takes the second request and hangs up without a word
    else
      peer.hang();
  });
  settings.base_url = server.url();
  get("/");
  EXPECT_EQ(get("/").body, "a");
  EXPECT_EQ(counts.retries, 0u);
  EXPECT_EQ(counts.requests, 3u);
  EXPECT_EQ(server.connections(), 2);
}

TEST_F(ExchangeTest, APostOnAConnectionThatIsClosedThenIsNotSentTwice) {
  TestServer server([&](Peer& peer) {
    if (!peer.receive()) return;
    peer.answer(200, "", "a");
    peer.receive();
  });
  settings.base_url = server.url();
  get("/");
  EXPECT_EQ(failure_of(exchange("POST", "/", "x")).code(), "closed");
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(ExchangeTest, AnOldConnectionIsNotUsedForAPost) {
  ScriptedServer server({answers(200, "", "a")});
  settings.base_url = server.url();
  get("/");
  clock.now_ms += 2'000;
  get("/");
  EXPECT_EQ(server.connections(), 1);
  clock.now_ms += 2'000;
  send(exchange("POST", "/", "x"));
  EXPECT_EQ(server.connections(), 2);
  clock.now_ms += 31'000;
  get("/");
  EXPECT_EQ(server.connections(), 3);
}

TEST_F(ExchangeTest, SecretsNeverReachTheLogOrAText) {
  redactor.add("s3cr3t-value");
  ScriptedServer server({answers(200)});
  settings.base_url = server.url();
  get("/s3cr3t-value?password=other");
  EXPECT_THAT(log, HasSubstr("/***?password=***"));
  EXPECT_THAT(log, Not(HasSubstr("s3cr3t-value")));
  settings.base_url = "http://127.0.0.1:1";
  EXPECT_THAT(failure_of_get("http://other/s3cr3t-value").message(), HasSubstr("http://other/***"));
}

}  // namespace
}  // namespace ferry::test
