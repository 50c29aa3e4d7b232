// Platforms whose certificate does not hold, and how one's own authority makes it hold.
#include "tests/journeys/journey.hpp"

namespace ferry::test {
namespace {

class TlsJourney : public Journey {
 protected:
  void expect_distrusted(const ScriptedServer& server, const Words& says, const Words& more = {"attempts: 1"}) {
    connect("dev", server.url(), "dev", more);
    Words all = {"dev: ", "tls.ca_file"};
    all.insert(all.end(), says.begin(), says.end());
    expect_wrong({"export", "dev", "-o", "package.zip"}, {platform, "platform", "tls", all});
    EXPECT_TRUE(server.requests().empty()) << "a request was sent over a connection nobody can trust";
  }
};

TEST_F(TlsJourney, ASelfSignedCertificateIsRefusedUntilItIsNamed) {
  const Identity identity = make_identity({});
  ScriptedServer server({gives_flows()}, identity);
  expect_distrusted(server, {"self"});

  write("ca.pem", identity.pem());
  connect("trusted", server.url(), "dev", {"tls: {ca_file: ca.pem}"});
  EXPECT_EQ(ferry({"export", "trusted", "-o", "trusted.zip"}).exit_code, succeeded);
  EXPECT_TRUE(exists("trusted.zip"));
}

TEST_F(TlsJourney, AnAuthorityOfOnesOwn) {
  const Identity authority =
      make_identity({.common_name = "Our authority", .alternative_names = "", .authority = true});
  ScriptedServer server({gives_flows()}, make_identity({.issuer = &authority}));
  write("ca.pem", authority.pem());
  connect("trusted", server.url(), "dev", {"tls: {ca_file: ca.pem}"});
  EXPECT_EQ(ferry({"export", "trusted", "-o", "trusted.zip"}).exit_code, succeeded);
}

TEST_F(TlsJourney, ACertificateForAnotherHost) {
  const Identity identity = make_identity({.common_name = "other.example", .alternative_names = "DNS:other.example"});
  ScriptedServer server({gives_flows()}, identity);
  write("ca.pem", identity.pem());
  connect("dev", server.url(), "dev", {"attempts: 1", "tls: {ca_file: ca.pem}"});
  expect_wrong({"export", "dev", "-o", "package.zip"}, {platform, "platform", "tls", {"127.0.0.1", "other.example"}});
}

TEST_F(TlsJourney, ACertificateThatHasExpired) {
  const Identity identity = make_identity({.valid_from = -7200, .valid_to = -3600});
  ScriptedServer server({gives_flows()}, identity);
  write("ca.pem", identity.pem());
  connect("dev", server.url(), "dev", {"attempts: 1", "tls: {ca_file: ca.pem}"});
  expect_wrong({"export", "dev", "-o", "package.zip"}, {platform, "platform", "tls", {"expired"}});
}

TEST_F(TlsJourney, AnAuthorityFileThatIsNone) {
  ScriptedServer server({gives_flows()}, make_identity({}));
  connect("dev", server.url(), "dev", {"tls: {ca_file: nowhere.pem}"});
  expect_wrong({"export", "dev", "-o", "package.zip"},
               {usage, "usage", "bad_config", {"ferry.yaml:", "nowhere.pem"}, false});
}

TEST_F(TlsJourney, HttpsToAServerThatSpeaksHttp) {
  TestServer server([](Peer& peer) {
    char hello[1024];
    peer.read(hello, sizeof hello);
    peer.answer(400, "Connection: close\r\n", "Bad Request");
  });
  connect("dev", "https://127.0.0.1:" + std::to_string(server.port()), "dev");
  expect_wrong({"export", "dev", "-o", "package.zip"}, {platform, "platform", "tls", {"127.0.0.1"}});
}

}  // namespace
}  // namespace ferry::test
