// Answers that are refusals, the log-in, and cancelling.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/plugins/node_red/model/node_red_host.hpp"

namespace ferry::node_red {
namespace {

using testing::Connector;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::Package;
using testing::Reply;
using testing::Result;

struct Refusal {
  const char* name;
  const char* operation;
  const char* config;
  Reply reply;
  ferry_status status;
  const char* message;
};
void PrintTo(const Refusal& one, std::ostream* out) { *out << one.name; }
class NodeRedAnswerTest : public ::testing::TestWithParam<Refusal> {};

TEST_P(NodeRedAnswerTest, IsExplained) {
  const Refusal& refusal = GetParam();
  const Package package = exported(one_flow);
  NodeRedHost host;
  host.secrets["password"] = "opensesame";
  host.always("POST", "/auth/revoke", {});
  if (std::string_view(refusal.operation) == "login") {
    host.on("POST", "/auth/token", refusal.reply);
  } else {
    host.always("POST", "/auth/token", {.body = R"({"access_token":"tok","expires_in":9,"token_type":"Bearer"})"});
    if (std::string_view(refusal.operation) == "POST") host.on("GET", "/flows", {.body = answer("[]")});
    host.on(refusal.operation, "/flows", refusal.reply);
  }
  const Result result = Connector(host, ferry_connector_v1(), refusal.config).import_package(package);
  EXPECT_EQ(result.status, refusal.status);
  EXPECT_THAT(result.message, HasSubstr(refusal.message));
  EXPECT_THAT(result.message, ::testing::Not(HasSubstr("opensesame")));
  EXPECT_THAT(items(result), IsEmpty());
  EXPECT_THAT(result.violations, IsEmpty());
}

const Reply html{.status = 200,
                 .body = "<!DOCTYPE html>\n<html>  <title>Node-RED</title>",
                 .headers = {{"Content-Type", "text/html"}}};

INSTANTIATE_TEST_SUITE_P(
    All, NodeRedAnswerTest,
    ::testing::Values(
        Refusal{"get_html", "GET", plain, html, FERRY_REMOTE,
                "GET /flows at http://dev.test: expected JSON from Node-RED, found status 200, text/html, beginning "
                "\"<!DOCTYPE html> <html> <title>Node-RED</title>\"; check the connection's url; if Node-RED serves "
                "its editor "
                "under a path (httpAdminRoot), the url ends with that path"},
        Refusal{"get_404",
                "GET",
                plain,
                {.status = 404, .body = "Cannot GET /flows"},
                FERRY_BAD_CONFIG,
                "not found (status 404, no content type"},
        Refusal{
            "get_401",
            "GET",
            plain,
            {.status = 401},
            FERRY_AUTH,
            "Node-RED asks for credentials (status 401, no content type, no content); give the connection a username"},
        Refusal{"get_401_as_user",
                "GET",
                with_user,
                {.status = 401},
                FERRY_AUTH,
                "the user ann lacks the right flows.read"},
        Refusal{"get_403_as_user",
                "GET",
                with_user,
                {.status = 403},
                FERRY_AUTH,
                "the user ann lacks the right flows.read"},
        Refusal{
            "get_500", "GET", plain, {.status = 500, .body = "oops"}, FERRY_TRANSIENT, "the server failed (status 500"},
        Refusal{"get_429", "GET", plain, {.status = 429}, FERRY_RATE_LIMITED, "too many requests"},
        Refusal{"get_cut_short",
                "GET",
                plain,
                {.body = R"({"flows":[{"id":)"},
                FERRY_REMOTE,
                "line 1, column 17: the text ends where a value should stand"},
        Refusal{"get_without_revision",
                "GET",
                plain,
                {.body = R"({"flows":[]})"},
                FERRY_REMOTE,
                "the answer names no revision"},
        Refusal{"get_no_answer", "GET", plain, {.failure = FERRY_TRANSIENT}, FERRY_TRANSIENT, "no answer"},
        Refusal{"post_401_as_user",
                "POST",
                with_user,
                {.status = 401},
                FERRY_AUTH,
                "the user ann lacks the right flows.write"},
        Refusal{"post_401",
                "POST",
                plain,
                {.status = 401},
                FERRY_AUTH,
                "everybody may read here, but this takes credentials"},
        Refusal{"post_413", "POST", plain, {.status = 413, .body = "<html>"}, FERRY_REMOTE, "raise apiMaxLength"},
        Refusal{"post_400_html",
                "POST",
                plain,
                {.status = 400, .body = "<!DOCTYPE html><pre>SyntaxError", .headers = {{"Content-Type", "text/html"}}},
                FERRY_REMOTE,
                "found status 400, text/html, beginning \"<!DOCTYPE html><pre>SyntaxError\""},
        Refusal{"post_400_json",
                "POST",
                plain,
                {.status = 400, .body = R"({"code":"ENOSPC","message":"no space left on device"})"},
                FERRY_REMOTE,
                "no space left on device"},
        Refusal{"login_403",
                "login",
                with_user,
                {.status = 403, .body = R"({"error":"invalid_grant"})"},
                FERRY_AUTH,
                "logging in to http://dev.test as ann: user name or password is wrong"},
        Refusal{"login_404",
                "login",
                with_user,
                {.status = 404, .body = "Cannot POST"},
                FERRY_BAD_CONFIG,
                "there is no log-in with a password"},
        Refusal{"login_500",
                "login",
                with_user,
                {.status = 500, .body = R"({"message":"Too many login attempts. Wait"})"},
                FERRY_AUTH,
                "takes no more attempts of this user for ten minutes"},
        Refusal{"login_html", "login", with_user, html, FERRY_REMOTE, "expected JSON from Node-RED"},
        Refusal{"login_without_token", "login", with_user, {.body = "{}"}, FERRY_REMOTE, "holds no access token"}),
    [](const auto& one) { return std::string(one.param.name); });

TEST(NodeRedLoginTest, MasksAndRevokesTheSession) {
  NodeRedHost host;
  host.secrets["password"] = "p&1=\xC3\xA9";
  host.on("POST", "/auth/token", {.body = R"({"access_token":"tok"})"}).on("GET", "/flows", {.body = answer("[]")});
  host.on("POST", "/auth/revoke", {});
  const Result result = Connector(host, ferry_connector_v1(), with_user).export_package();
  EXPECT_EQ(result.status, FERRY_OK) << result.message;
  EXPECT_EQ(host.requests[0].body,
            "client_id=node-red-admin&grant_type=password&scope=&username=ann&password=p%261%3D%C3%A9");
  EXPECT_THAT(host.masked, ElementsAre("tok"));
  EXPECT_EQ(host.requests[2].body, R"({"token":"tok"})");
  EXPECT_EQ(host.unused_replies(), 0u);
}

TEST(NodeRedLoginTest, LeavesATokenOfTheUserAlone) {
  NodeRedHost host;
  host.secrets["token"] = "mine";
  host.on("GET", "/flows", {.body = answer("[]")}).on("GET", "/flows", {.status = 401});
  Connector connector(host, ferry_connector_v1(), plain);
  EXPECT_EQ(connector.export_package().status, FERRY_OK);
  EXPECT_EQ(host.requests.size(), 1u);
  const Result refused = connector.export_package();
  EXPECT_EQ(refused.status, FERRY_AUTH);
  EXPECT_THAT(refused.message, HasSubstr("the token was refused"));
}

TEST(NodeRedLoginTest, NeedsAPasswordForAUser) {
  NodeRedHost host;
  const Result result = Connector(host, ferry_connector_v1(), with_user).export_package();
  EXPECT_EQ(result.status, FERRY_BAD_CONFIG);
  EXPECT_THAT(result.message, HasSubstr("no password"));
}

// Wherever an operation is cancelled, it ends at once and says nothing more.
TEST(NodeRedCancelTest, EndsAtEveryHostCall) {
  const Package package = exported(one_flow);
  for (std::uint64_t calls = 0;; ++calls) {
    NodeRedHost host;
    host.secrets["password"] = "p";
    host.always("POST", "/auth/token", {.body = R"({"access_token":"tok"})"}).always("POST", "/auth/revoke", {});
    host.always("GET", "/flows", {.body = answer("[]")}).always("POST", "/flows", {.body = R"({"rev":"2"})"});
    Connector connector(host, ferry_connector_v1(), with_user);
    host.cancel_after(calls);
    const Result result = connector.import_package(package);
    EXPECT_THAT(result.violations, IsEmpty());
    if (result.status == FERRY_OK) break;
    EXPECT_EQ(result.status, FERRY_CANCELLED) << "after " << calls << ": " << result.message;
    ASSERT_LT(calls, 100u);
  }
}

// A package is looked into where no connection is configured.
TEST(NodeRedCreateTest, NeedsNoConnection) {
  const Package package = exported(one_flow);
  NodeRedHost host;
  Connector connector(host, ferry_connector_v1(), "{}");
  EXPECT_EQ(connector.created.status, FERRY_OK);
  EXPECT_EQ(connector.inspect(package).records["flow"].size(), 1u);
}

}  // namespace
}  // namespace ferry::node_red
