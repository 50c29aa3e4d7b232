#include <fcntl.h>

#include "host/base/files.hpp"
#include "tests/host/http/http_test.hpp"
#include "tests/support/test_server.hpp"

namespace ferry::test {
namespace {

using host::Failure;
using host::Fault;
using ::testing::AllOf;
using ::testing::HasSubstr;

class TlsTest : public HttpTest {
 protected:
  void trust(const Identity& identity) {
    host::replace_file(directory_.path() / "ca.pem", identity.pem());
    settings.ca_file = directory_.path() / "ca.pem";
  }
  static Identity authority(const std::string& name = "Test Authority") {
    CertificateOptions options;
    options.common_name = name;
    options.alternative_names = "";
    options.authority = true;
    return make_identity(options);
  }
  static Identity issued_by(const Identity& issuer, CertificateOptions options = {}) {
    options.issuer = &issuer;
    return make_identity(options);
  }

  const host::TemporaryDirectory directory_{::testing::TempDir()};
};

TEST_F(TlsTest, AServerOfATrustedAuthorityByNameAndByAddress) {
  const Identity ca = authority();
  trust(ca);
  std::vector<std::string> names;
  std::mutex mutex;
  TestServer server(
      [&](Peer& peer) {
        {
          std::lock_guard lock(mutex);
          names.push_back(peer.server_name());
        }
        while (peer.receive()) peer.answer(200, "", "encrypted");
      },
      issued_by(ca));
  settings.base_url = server.url_of("localhost");
  settings.allowed_hosts = {"127.0.0.1"};
  EXPECT_EQ(get("/").body, "encrypted");
  EXPECT_EQ(get("/").body, "encrypted");
  EXPECT_EQ(get(server.url("/")).body, "encrypted");
  EXPECT_EQ(server.connections(), 2);
  std::lock_guard lock(mutex);
  EXPECT_THAT(names, ::testing::ElementsAre("localhost", ""));
}

TEST_F(TlsTest, ASelfSignedCertificateThatIsTrustedByName) {
  const Identity own = make_identity({});
  trust(own);
  ScriptedServer server({answers(200, "", "encrypted")}, own);
  settings.base_url = server.url();
  EXPECT_EQ(get("/").body, "encrypted");
}

TEST_F(TlsTest, LargeBodiesBothWays) {
  const Identity own = make_identity({});
  trust(own);
  const std::string large(20u << 20, 'x');
  ScriptedServer server({answers(200, "", large)}, own);
  settings.base_url = server.url();
  const host::TemporaryDirectory directory(::testing::TempDir());
  host::replace_file(directory.path() / "package", large);
  const host::UniqueFd file = host::open_file(directory.path() / "package", O_RDONLY);
  host::HttpExchange sent = exchange("PUT", "/");
  sent.body = host::FileBody{file.get(), large.size()};
  EXPECT_EQ(send(sent).body, large);
  EXPECT_EQ(server.requests()[0].body, large);
}

TEST_F(TlsTest, SaysWhatIsWrongWithACertificate) {
  const Identity ca = authority();
  trust(ca);
  CertificateOptions expired, early, other, other_address;
  expired.valid_from = -7200;
  expired.valid_to = -3600;
  early.valid_from = 3600;
  early.valid_to = 7200;
  other.alternative_names = "DNS:other.example,IP:10.0.0.1";
  other_address.alternative_names = "IP:10.0.0.1";
  CertificateOptions from_unknown;
  const Identity unknown = authority("Other Authority");
  const struct {
    const char* name;
    Identity identity;
    const char *host, *found, *advice;
  } cases[] = {
      {"self-signed", make_identity({}), "localhost",
       "the certificate of localhost (CN = localhost) is self-signed, so nobody vouches for it",
       "put this certificate into a file and name it as tls.ca_file"},
      {"expired", issued_by(ca, expired), "localhost", "the certificate of localhost (CN = localhost) expired on ",
       "have the platform's operator renew it, and check this machine's clock"},
      {"not yet valid", issued_by(ca, early), "localhost", "is not valid before ", "check this machine's clock"},
      {"other host", issued_by(ca, other), "localhost",
       "the certificate is for another host: for other.example, 10.0.0.1, not for localhost",
       "use one of those names in the connection's url"},
      {"other address", issued_by(ca, other_address), "127.0.0.1",
       "the certificate is for another host: for 10.0.0.1, not for 127.0.0.1",
       "have the certificate issued for 127.0.0.1"},
      {"unknown authority", issued_by(unknown, from_unknown), "localhost",
       "the certificate of localhost was issued by an authority this machine does not know (CN = Other Authority)",
       "put the authority's certificate into a file and name it as tls.ca_file"},
  };
  for (const auto& row : cases) {
    SCOPED_TRACE(row.name);
    ScriptedServer server({answers(200)}, row.identity);
    host::HttpSettings own = settings;
    own.base_url = server.url_of(row.host);
    host::HttpClient client(own, clock, cancellation, redactor, counts, {});
    Answer answer;
    try {
      client.send(exchange("GET", "/x"), answer);
      ADD_FAILURE();
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.fault(), Fault::platform);
      EXPECT_EQ(failure.code(), "tls");
      EXPECT_THAT(failure.message(),
                  AllOf(HasSubstr("GET " + own.base_url + "/x: "), HasSubstr(row.found), HasSubstr(row.advice)));
      EXPECT_EQ(server.requests().size(), 0u);
    }
  }
  EXPECT_TRUE(clock.slept.empty());
}

TEST_F(TlsTest, VerificationCanBeSwitchedOff) {
  ScriptedServer server({answers(200, "", "encrypted")}, make_identity({}));
  settings.base_url = server.url();
  settings.verify_tls = false;
  EXPECT_EQ(get("/").body, "encrypted");
}

TEST_F(TlsTest, AServerThatDoesNotSpeakTls) {
  TestServer server([](Peer& peer) { peer.send("HTTP/1.1 400 Bad Request\r\n\r\n"); });
  settings.base_url = "https://127.0.0.1:" + std::to_string(server.port());
  const Failure failure = failure_of_get("/");
  EXPECT_EQ(failure.code(), "tls");
  EXPECT_THAT(
      failure.message(),
      HasSubstr(
          "what answers there does not speak TLS; check the port, and whether the url should begin with http://"));
}

TEST_F(TlsTest, AHangUpDuringTheHandshakeIsTriedAgain) {
  TestServer server([](Peer&) {});
  settings.base_url = "https://127.0.0.1:" + std::to_string(server.port());
  const Failure failure = failure_of(exchange("POST", "/", "x"));
  EXPECT_EQ(failure.code(), "closed");
  EXPECT_EQ(counts.retries, 4u);
}

TEST_F(TlsTest, AnEndWithoutFarewellIsATruncation) {
  const Identity own = make_identity({});
  trust(own);
  ScriptedServer server({sends("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhalf")}, own);
  settings.base_url = server.url();
  EXPECT_EQ(failure_of_get("/").code(), "truncated");
}

TEST_F(TlsTest, ACaFileThatIsNoneIsTheUsersFault) {
  host::replace_file(directory_.path() / "no.pem", "nothing");
  for (const char* name : {"no.pem", "missing.pem"}) {
    host::HttpSettings own;
    own.base_url = "https://127.0.0.1:" + std::to_string(unused_port());
    own.ca_file = directory_.path() / name;
    TestServer server([](Peer&) {});
    own.base_url = "https://127.0.0.1:" + std::to_string(server.port());
    host::HttpClient client(own, clock, cancellation, redactor, counts, {});
    Answer answer;
    try {
      client.send(exchange("GET", "/"), answer);
      ADD_FAILURE();
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.fault(), Fault::usage);
      EXPECT_EQ(failure.code(), "ca_file");
      EXPECT_THAT(failure.message(), AllOf(HasSubstr(own.ca_file), HasSubstr("tls.ca_file must name a readable file")));
    }
  }
}

}  // namespace
}  // namespace ferry::test
