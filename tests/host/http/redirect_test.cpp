#include "tests/host/http/http_test.hpp"
#include "tests/support/test_server.hpp"

namespace ferry::test {
namespace {

using host::Failure;
using host::Fault;
using host::HttpExchange;
using ::testing::HasSubstr;
using RedirectTest = HttpTest;

ScriptedServer::Answer to(int status, const std::string& location) {
  return [=](Peer& peer, const ReceivedRequest& request) {
    peer.answer(status, "Location: " + location + "\r\n", request.method == "HEAD" ? "" : "moved");
  };
}

TEST_F(RedirectTest, MethodsChangeAsTheStandardSays) {
  const struct {
    int status;
    const char *method, *then;
    bool body;
  } cases[] = {
      {301, "POST", "GET", false}, {302, "POST", "GET", false},  {303, "POST", "GET", false},
      {307, "POST", "POST", true}, {308, "POST", "POST", true},  {301, "PUT", "PUT", true},
      {303, "PUT", "GET", false},  {303, "HEAD", "HEAD", false}, {302, "GET", "GET", false},
  };
  for (const auto& row : cases) {
    ScriptedServer server({to(row.status, "next?x=1"), answers(200)});
    host::HttpSettings own = settings;
    own.base_url = server.url("/a/");
    host::HttpClient client(own, clock, cancellation, redactor, counts, {});
    HttpExchange sent =
        exchange(row.method, "/b",
                 std::string_view(row.method) == "HEAD" || std::string_view(row.method) == "GET" ? "" : "body");
    sent.headers = {{"Content-Type", "text/plain"}, {"Authorization", "Bearer t"}};
    Answer answer;
    client.send(sent, answer);
    ASSERT_EQ(server.requests().size(), 2u);
    const ReceivedRequest second = server.requests()[1];
    EXPECT_EQ(second.method, row.then) << row.status << row.method;
    EXPECT_EQ(second.target, "/a/next?x=1");
    EXPECT_EQ(second.body, row.body ? "body" : "");
    EXPECT_EQ(second.has("Content-Type"), std::string_view(second.method) == row.method);
    EXPECT_EQ(second.header("Authorization"), "Bearer t");
    EXPECT_EQ(answer.head.url, server.url("/a/next?x=1"));
    EXPECT_EQ(answer.heads, 1);
    EXPECT_EQ(server.connections(), 1);
  }
}

TEST_F(RedirectTest, CredentialsStayWithTheirOrigin) {
  ScriptedServer other({answers(200, "", "there")});
  ScriptedServer server({to(302, other.url("/x"))});
  settings.base_url = server.url();
  settings.allowed_hosts = {"127.0.0.1"};
  redactor.add("planted-secret");
  HttpExchange sent = exchange("GET", "/");
  sent.headers = {{"Authorization", "Bearer t"}, {"cookie", "a=b"},           {"X-Api-Key", "k"},
                  {"x-synthetic-key", "k"},      {"X-Own", "planted-secret"}, {"X-Harmless", "carried"}};
  EXPECT_EQ(send(sent).body, "there");
  const ReceivedRequest received = other.requests()[0];
  for (const char* name : {"Authorization", "Cookie", "X-Api-Key", "x-synthetic-key", "X-Own"})
    EXPECT_FALSE(received.has(name)) << name;
  EXPECT_EQ(received.header("X-Harmless"), "carried");
  EXPECT_EQ(counts.requests, 2u);
  EXPECT_EQ(counts.retries, 0u);
}

TEST_F(RedirectTest, OtherHostsAreNotFollowed) {
  ScriptedServer server({to(302, "https://login.example/sso?code=abc")});
  settings.base_url = server.url();
  const Failure failure = failure_of_get("/flows");
  EXPECT_EQ(failure.fault(), Fault::usage);
  EXPECT_EQ(failure.code(), "host_not_allowed");
  EXPECT_EQ(failure.message(),
            "GET " + server.url("/flows") +
                ": redirected (302) to https://login.example/sso?code=***, but the connection "
                "may only talk to " +
                server.url() +
                " (the connection's own). If the platform has moved, correct the "
                "connection's url; if that host belongs to it, add it to the connection's allow_hosts");
}

TEST_F(RedirectTest, CirclesEnd) {
  ScriptedServer server({to(302, "/again")});
  settings.base_url = server.url();
  settings.max_redirects = 3;
  const Failure failure = failure_of_get("/");
  EXPECT_EQ(failure.code(), "too_many_redirects");
  EXPECT_THAT(failure.message(), HasSubstr("after 3 redirects"));
  EXPECT_EQ(counts.requests, 4u);
}

TEST_F(RedirectTest, OutOfEncryptionIsRefused) {
  const Identity identity = make_identity({});
  ScriptedServer plain({answers(200)});
  ScriptedServer server({to(302, plain.url())}, identity);
  settings.base_url = server.url();
  settings.allowed_hosts = {"127.0.0.1"};
  settings.verify_tls = false;
  const Failure failure = failure_of_get("/");
  EXPECT_EQ(failure.code(), "insecure_redirect");
  EXPECT_THAT(failure.message(), HasSubstr("which is not encrypted, and not followed"));
  EXPECT_EQ(plain.connections(), 0);
}

TEST_F(RedirectTest, AnUnusableLocationIsThePlatformsFault) {
  for (const char* location : {"ftp://h/", "http://user:pw@127.0.0.1/", "http://"}) {
    ScriptedServer server({to(302, location)});
    host::HttpSettings own;
    own.base_url = server.url();
    host::HttpClient client(own, clock, cancellation, redactor, counts, {});
    Answer answer;
    try {
      client.send(exchange("GET", "/"), answer);
      ADD_FAILURE() << location;
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.code(), "bad_redirect");
      EXPECT_EQ(failure.message().find("pw"), std::string::npos);
    }
  }
}

TEST_F(RedirectTest, WithoutALocationItIsAnAnswer) {
  ScriptedServer server({answers(302, "", "choose"), to(300, "/x"), to(304, "/x")});
  settings.base_url = server.url();
  EXPECT_EQ(get("/").body, "choose");
  EXPECT_EQ(get("/").head.status, 300);
}

}  // namespace
}  // namespace ferry::test
