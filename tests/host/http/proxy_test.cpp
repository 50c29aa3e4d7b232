// Exchanges by way of a proxy.
#include <netdb.h>

#include <Poco/Net/SocketAddress.h>

#include "host/base/files.hpp"
#include "tests/host/http/http_test.hpp"
#include "tests/support/test_server.hpp"

namespace ferry::test {
namespace {

using host::Failure;
using host::Fault;
using ::testing::HasSubstr;
using ::testing::Not;

class ProxyTest : public HttpTest {
 protected:
  // Only the proxy is to look up the platform's name.
  ProxyTest() {
    outside.look_up = [](const std::string& host, std::uint16_t port,
                         std::vector<Poco::Net::SocketAddress>& addresses) {
      if (host != "proxy.example") return EAI_NONAME;
      addresses.emplace_back("127.0.0.1", port);
      return 0;
    };
  }
  static std::string proxy_url(std::uint16_t port, const std::string& user = "") {
    return "http://" + user + "proxy.example:" + std::to_string(port);
  }
};

TEST_F(ProxyTest, HttpIsAskedForByItsWholeUrl) {
  ScriptedServer proxy({answers(200, "", "by proxy")});
  settings.base_url = "http://platform.example/x";
  settings.http_proxy = proxy_url(proxy.port(), "user:p%40ss@");
  EXPECT_EQ(get("/flows?a=1").body, "by proxy");
  EXPECT_EQ(get("/flows?a=1").body, "by proxy");
  const ReceivedRequest received = proxy.requests()[0];
  EXPECT_EQ(received.target, "http://platform.example/x/flows?a=1");
  EXPECT_EQ(received.header("Host"), "platform.example");
  EXPECT_EQ(received.header("Proxy-Authorization"), "Basic dXNlcjpwQHNz");
  EXPECT_EQ(proxy.connections(), 1);
}

TEST_F(ProxyTest, HttpsGoesThroughATunnel) {
  CertificateOptions options;
  options.alternative_names = "DNS:platform.example";
  const Identity identity = make_identity(options);
  const host::TemporaryDirectory directory(::testing::TempDir());
  host::replace_file(directory.path() / "ca.pem", identity.pem());
  settings.ca_file = directory.path() / "ca.pem";
  std::mutex mutex;
  ReceivedRequest connect, inner;
  TestServer proxy([&](Peer& peer) {
    const auto first = peer.receive();
    if (!first) return;
    peer.send("HTTP/1.1 200 Connection established\r\n\r\n");
    if (!peer.start_tls(identity)) return;
    const auto second = peer.receive();
    if (!second) return;
    std::lock_guard lock(mutex);
    connect = *first;
    inner = *second;
    peer.answer(200, "", "encrypted");
  });
  settings.base_url = "https://platform.example";
  settings.https_proxy = proxy_url(proxy.port(), "user:secret@");
  EXPECT_EQ(get("/x").body, "encrypted");
  std::lock_guard lock(mutex);
  EXPECT_EQ(connect.method, "CONNECT");
  EXPECT_EQ(connect.target, "platform.example:443");
  EXPECT_EQ(connect.header("Proxy-Authorization"), "Basic dXNlcjpzZWNyZXQ=");
  EXPECT_EQ(inner.target, "/x");
  EXPECT_FALSE(inner.has("Proxy-Authorization"));
}

TEST_F(ProxyTest, NoProxyGoesDirectly) {
  ScriptedServer server({answers(200, "", "direct")});
  settings.base_url = server.url();
  settings.http_proxy = proxy_url(unused_port());
  settings.no_proxy = "127.0.0.0/8";
  EXPECT_EQ(get("/").body, "direct");
}

TEST_F(ProxyTest, SaysWhatIsWrongWithTheProxy) {
  settings.base_url = "https://platform.example";
  settings.max_attempts = 1;
  const struct {
    const char* answer;
    Fault fault;
    const char *code, *text;
  } cases[] = {
      {"HTTP/1.1 407 Who\r\n\r\n", Fault::credentials, "proxy_auth",
       "answered 407 to CONNECT; give the proxy's user and password in https_proxy (http://user:password@host:port)"},
      {"HTTP/1.1 403 No\r\n\r\n", Fault::platform, "proxy",
       "answered 403 to CONNECT; ask the proxy's operator to let platform.example:443 through, or name it in no_proxy"},
      {"HTTP/1.1 502 No\r\n\r\n", Fault::platform, "unreachable", "answered 502 to CONNECT platform.example:443"},
  };
  for (const auto& row : cases) {
    TestServer proxy([&](Peer& peer) {
      if (peer.receive()) peer.send(row.answer);
    });
    host::HttpSettings own = settings;
    own.https_proxy = proxy_url(proxy.port(), "user:pa55word@");
    host::HttpClient client(own, clock, cancellation, redactor, counts, {}, outside);
    Answer answer;
    try {
      client.send(exchange("GET", "/"), answer);
      ADD_FAILURE() << row.code;
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.fault(), row.fault);
      EXPECT_EQ(failure.code(), row.code);
      EXPECT_THAT(failure.message(), HasSubstr(row.text));
      EXPECT_THAT(failure.message(), HasSubstr("the proxy proxy.example:" + std::to_string(proxy.port())));
      EXPECT_THAT(failure.message(), Not(HasSubstr("pa55word")));
    }
  }
  settings.https_proxy = proxy_url(unused_port());
  const Failure failure = failure_of_get("/");
  EXPECT_EQ(failure.code(), "connection_refused");
  EXPECT_THAT(failure.message(), HasSubstr("the proxy does not answer: connection refused by 127.0.0.1:"));
  EXPECT_THAT(failure.message(), HasSubstr("check the proxy settings (http_proxy, https_proxy, no_proxy)"));
}

}  // namespace
}  // namespace ferry::test
