// The words a person reads: each says what was tried, what was found and what to do.
#include <netdb.h>

#include <Poco/Net/SocketAddress.h>

#include <algorithm>

#include "tests/host/http/http_test.hpp"
#include "tests/support/test_server.hpp"

namespace ferry::test {
namespace {

using host::Failure;
using host::Fault;

struct Case {
  const char* name;
  std::function<void(Peer&)> server;  // empty: nobody listens
  const char *code, *text;            // PORT stands for the port
};

class FailureText : public ::testing::TestWithParam<Case> {};

std::string with_port(std::string text, std::uint16_t port) {
  for (std::size_t at; (at = text.find("PORT")) != std::string::npos;) text.replace(at, 4, std::to_string(port));
  return text;
}

void answer_with(Peer& peer, std::string_view bytes) {
  if (peer.receive()) peer.send(bytes);
}

TEST_P(FailureText, SaysWhatWasTriedFoundAndToDo) {
  std::unique_ptr<TestServer> server;
  if (GetParam().server) server = std::make_unique<TestServer>(GetParam().server);
  const std::uint16_t port = server ? server->port() : unused_port();
  host::HttpSettings settings;
  settings.base_url = "http://127.0.0.1:" + std::to_string(port);
  settings.max_attempts = 2;
  settings.idle_timeout = std::chrono::milliseconds(100);
  PretendedClock clock;
  host::Cancellation cancellation;
  host::Redactor redactor;
  redactor.add("planted");
  host::TransferCounts counts;
  host::HttpClient client(settings, clock, cancellation, redactor, counts, {});
  Answer answer;
  host::HttpExchange sent;
  sent.url = "/planted/flows?token=abc";
  sent.restartable = true;
  try {
    client.send(sent, answer);
    ADD_FAILURE();
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.fault(), Fault::platform);
    EXPECT_EQ(failure.code(), GetParam().code);
    EXPECT_EQ(failure.message(),
              with_port(std::string("GET http://127.0.0.1:PORT/***/flows?token=***: ") + GetParam().text, port));
  }
}

const Case cases[] = {
    {"Refused",
     {},
     "connection_refused",
     "connection refused by 127.0.0.1:PORT (2 attempts); check that the platform is running, and the host and port of "
     "the connection's url"},
    {"ClosedEarly", [](Peer& peer) { peer.receive(); }, "closed",
     "the connection was closed before an answer came (2 attempts); the platform or something on the way hung up; try "
     "again later, and look into the platform's log"},
    {"Reset", [](Peer& peer) { peer.receive(), peer.reset(); }, "closed",
     "the connection broke (Connection reset by peer) (2 attempts); the platform or something on the way hung up; try "
     "again later, and look into the platform's log"},
    {"SlowAnswer", [](Peer& peer) { peer.receive(), peer.hang(); }, "timeout",
     "the platform sent nothing for 100 ms (2 attempts); the platform may be overloaded; try again later, or set a "
     "longer timeout for the connection"},
    {"SlowBody",
     [](Peer& peer) {
       answer_with(peer, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf");
       peer.hang();
     },
     "timeout",
     "the platform sent nothing for 100 ms (2 attempts); the platform may be overloaded; try again later, or set a "
     "longer timeout for the connection"},
    {"TruncatedBody", [](Peer& peer) { answer_with(peer, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"); },
     "truncated",
     "the body ended too early, after 4 of 9 bytes (2 attempts); what came is incomplete; try again, and if it stays "
     "look at proxies on the way and the platform's log"},
    {"TruncatedChunk",
     [](Peer& peer) { answer_with(peer, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhalf"); },
     "truncated",
     "the body ended too early, after 4 B, within a chunk (2 attempts); what came is incomplete; try again, and if it "
     "stays look at proxies on the way and the platform's log"},
    {"NotHttp", [](Peer& peer) { peer.send("SSH-2.0-x\r\n"), peer.receive(); }, "not_http",
     "the answer is not HTTP: it begins with \"SSH-2.0-x?\"; check the port of the connection's url, and whether it "
     "should begin with https://"},
    {"TwoLengths",
     [](Peer& peer) { answer_with(peer, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nContent-Length: 8\r\n\r\nhalf"); },
     "not_http",
     "the answer is not HTTP: it announces two different lengths; check the port of the connection's url, and whether "
     "it "
     "should begin with https://"},
    {"BadChunk",
     [](Peer& peer) { answer_with(peer, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhalf"); },
     "not_http",
     "the answer is not HTTP: \"zz\" is not a chunk's length; check the port of the connection's url, and whether it "
     "should begin with https://"},
};

INSTANTIATE_TEST_SUITE_P(Http, FailureText, ::testing::ValuesIn(cases),
                         [](const auto& info) { return std::string(info.param.name); });

class NameFailureText : public HttpTest {};

TEST_F(NameFailureText, UnknownHost) {
  outside.look_up = [](const std::string&, std::uint16_t, std::vector<Poco::Net::SocketAddress>&) {
    return EAI_NONAME;
  };
  settings.base_url = "https://platfrom.example";
  const Failure failure = failure_of_get("/x");
  EXPECT_EQ(failure.fault(), Fault::platform);
  EXPECT_EQ(failure.code(), "dns");
  EXPECT_EQ(failure.message(),
            "GET https://platfrom.example/x: the host \"platfrom.example\" is not known; check the host name in the "
            "connection's url, and whether it needs a VPN or a proxy");
}

TEST_F(NameFailureText, NameServerDown) {
  outside.look_up = [](const std::string&, std::uint16_t, std::vector<Poco::Net::SocketAddress>&) { return EAI_AGAIN; };
  settings.base_url = "https://platform.example";
  EXPECT_EQ(
      failure_of_get("/x").message(),
      "GET https://platform.example/x: the host \"platform.example\" could not be looked up (Temporary failure in "
      "name resolution) (5 attempts); check this machine's network and name server, then try again");
}

TEST_F(NameFailureText, AnInvalidNameIsReallyNotFound) {
  settings.base_url = "http://nothing.invalid";
  settings.max_attempts = 1;
  EXPECT_EQ(failure_of_get("/").code(), "dns");
}

}  // namespace
}  // namespace ferry::test
