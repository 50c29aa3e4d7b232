// What an import sends, and what it says where Node-RED does not answer as it should.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/plugins/node_red/model/node_red_host.hpp"

namespace ferry::node_red {
namespace {

using ::testing::AllOf;
using testing::Connector;
using ::testing::ElementsAre;
using testing::FakeHost;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::Package;
using testing::Reply;
using testing::Result;

TEST(NodeRedImportTest, SendsNothingIfNothingDiffers) {
  NodeRedHost host;
  host.on("GET", "/flows", {.body = answer(one_flow)});
  const Result result = Connector(host, ferry_connector_v1(), plain).import_package(exported(one_flow));
  EXPECT_EQ(result.status, FERRY_OK) << result.message;
  EXPECT_THAT(items(result), ElementsAre("config_node c unchanged", "flow t unchanged"));
  EXPECT_THAT(result.violations, IsEmpty());
}

TEST(NodeRedImportTest, SendsOnlyWhatDiffers) {
  NodeRedHost host;
  host.on("GET", "/flows",
          {.body = answer(R"([{"id":"t","type":"tab","label":"T"},
    {"id":"keep", "type":"stray","z":"nowhere","big": 12345678901234567890},
    {"id":"c","type":"http proxy","name":"P","url":"http://old"},
    {"id":"n","type":"http request","z":"t","x":1,"y":1,"proxy":"c","wires":[]}])",
                          "r7")});
  host.on("POST", "/flows", {.body = R"({"rev":"r8"})"});
  const Result result =
      Connector(host, ferry_connector_v1(), plain).import_package(exported(one_flow), R"({"policy":"replace"})");
  EXPECT_EQ(result.status, FERRY_OK) << result.message;
  EXPECT_THAT(items(result), ElementsAre("config_node c modified", "flow t unchanged"));
  EXPECT_THAT(problems(result), ElementsAre("stray_node"));
  ASSERT_EQ(host.requests.size(), 3u);
  EXPECT_EQ(host.requests[2].body,
            R"({"flows":[{"id":"t","type":"tab","label":"T"},)"
            R"({"id":"keep", "type":"stray","z":"nowhere","big": 12345678901234567890}, {)"
            "\n  \"id\": \"c\",\n  \"name\": \"P\",\n  \"type\": \"http proxy\",\n  \"url\": \"http://p\"\n },"
            R"({"id":"n","type":"http request","z":"t","x":1,"y":1,"proxy":"c","wires":[]}],"rev":"r7"})");
}

TEST(NodeRedImportTest, IsRefusedByAbortBeforeAnythingIsSent) {
  for (const char* request : {R"({"preview":true})", "{}"}) {
    NodeRedHost host;
    host.on("GET", "/flows", {.body = answer(other_url)});
    const Result result = Connector(host, ferry_connector_v1(), plain).import_package(exported(one_flow), request);
    EXPECT_EQ(result.status, FERRY_REFUSED);
    EXPECT_THAT(result.message, HasSubstr("1 item of the package with other content (config_node \"P\" (c))"));
    EXPECT_EQ(host.requests.size(), 1u);
  }
}

TEST(NodeRedImportTest, ComparesAgainWhenTheRevisionIsStale) {
  NodeRedHost host;
  host.on("GET", "/flows", {.body = answer("[]", "r1")})
      .on("POST", "/flows", {.status = 409, .body = R"({"code":"version_mismatch"})"});
  host.on("GET", "/flows", {.body = answer(R"([{"id":"c","type":"http proxy","name":"P","url":"http://p"}])", "r2")});
  host.on("POST", "/flows", {.body = R"({"rev":"r3"})"});
  const Result result = Connector(host, ferry_connector_v1(), plain).import_package(exported(one_flow));
  EXPECT_EQ(result.status, FERRY_OK) << result.message;
  EXPECT_THAT(items(result), ElementsAre("config_node c unchanged", "flow t added"))
      << "the facts of the last comparison";
  EXPECT_THAT(host.requests[4].body, HasSubstr(R"("rev":"r2")"));
}

// A node of a type that is not installed keeps Node-RED from starting any flow at all, also those that ran before.
TEST(NodeRedImportTest, WritesNoNodeOfATypeTheTargetHasNotInstalled) {
  const Package package = exported(
      R"([{"id":"t","type":"tab","label":"T"},{"id":"n","type":"acme-sap","z":"t","x":1,"y":1,"wires":[]},
          {"id":"u","type":"tab","label":"U"},{"id":"m","type":"debug","z":"u","x":1,"y":1,"wires":[]}])");
  for (const bool preview : {true, false}) {
    NodeRedHost host;
    host.always("GET", "/flows", {.body = answer("[]")}).always("POST", "/flows", {.body = R"({"rev":"r2"})"});
    const Result result =
        Connector(host, ferry_connector_v1(), plain).import_package(package, preview ? R"({"preview":true})" : "{}");
    EXPECT_EQ(result.status, FERRY_OK) << result.message;
    EXPECT_THAT(items(result), ElementsAre("flow t skipped unknown_type", "flow u added"));
  }
  NodeRedHost silent;
  silent.on("GET", "/nodes", {.status = 401, .body = "{}"}).always("GET", "/flows", {.body = answer("[]")});
  silent.always("POST", "/flows", {.body = R"({"rev":"r2"})"});
  const Result unchecked = Connector(silent, ferry_connector_v1(), plain).import_package(package);
  EXPECT_THAT(items(unchecked), ElementsAre("flow t added", "flow u added"));
}

TEST(NodeRedImportTest, APreviewDoesNotPromiseWhatTheUserMayNotDo) {
  FakeHost host;
  host.always("GET", "/flows", {.body = answer("[]")})
      .always("GET", "/nodes", {.body = R"([{"types":["http request","http proxy"]}])"});
  host.always("GET", "/settings", {.body = R"({"version":"4.1.0","user":{"username":"ann","permissions":"read"}})"});
  const Result result =
      Connector(host, ferry_connector_v1(), plain).import_package(exported(one_flow), R"({"preview":true})");
  EXPECT_EQ(result.status, FERRY_OK) << result.message;
  bool told = false;
  for (const Json& fact : result.facts)
    told = told || (fact.text_or("code", "") == "read_only" && fact.text_or("severity", "") == "error");
  EXPECT_TRUE(told);
}

TEST(NodeRedImportTest, GivesUpAfterThreeStaleRevisions) {
  NodeRedHost host;
  host.always("GET", "/flows", {.body = answer("[]")})
      .always("POST", "/flows", {.status = 409, .body = R"({"code":"version_mismatch"})"});
  const Result result = Connector(host, ferry_connector_v1(), plain).import_package(exported(one_flow));
  EXPECT_EQ(result.status, FERRY_TRANSIENT);
  EXPECT_THAT(result.message,
              AllOf(HasSubstr("somebody else changed the flows 3 times"), HasSubstr("nothing was written")));
  EXPECT_EQ(host.requests.size(), 7u);
  EXPECT_THAT(items(result), IsEmpty());
}

TEST(NodeRedImportTest, ALostAnswerIsLookedUp) {
  NodeRedHost host;
  host.on("GET", "/flows", {.body = answer("[]", "r1")}).on("POST", "/flows", {.failure = FERRY_TRANSIENT});
  host.on("GET", "/flows", {.body = answer(one_flow, "r2")});
  const Result result = Connector(host, ferry_connector_v1(), plain).import_package(exported(one_flow));
  EXPECT_EQ(result.status, FERRY_OK) << result.message;
  EXPECT_THAT(items(result), ElementsAre("config_node c added", "flow t added"));
}

TEST(NodeRedImportTest, ALostAnswerToAPruneIsLookedUp) {
  NodeRedHost host;
  host.on("GET", "/flows", {.body = answer(R"([{"id":"old","type":"tab","label":"Old"}])", "r1")});
  host.on("POST", "/flows", {.status = 502, .body = "bad gateway"})
      .on("GET", "/flows", {.body = answer(one_flow, "r2")});
  const Result result =
      Connector(host, ferry_connector_v1(), plain).import_package(exported(one_flow), R"({"prune":true})");
  EXPECT_EQ(result.status, FERRY_OK) << result.message;
  EXPECT_THAT(items(result), ElementsAre("config_node c added", "flow t added", "flow old removed"));
}

// It may be in place or not, and says so; what was not to be written is not doubted.
TEST(NodeRedImportTest, WhatWasSentWhenItWasCancelledIsUnknown) {
  NodeRedHost host;
  host.always("GET", "/flows", {.body = answer(R"([{"id":"c","type":"http proxy","name":"P","url":"http://p"}])")});
  host.answer_others = [&host](const testing::SentRequest&) {
    host.cancel_after(0);
    return Reply{.failure = FERRY_CANCELLED};
  };
  const Result result = Connector(host, ferry_connector_v1(), plain).import_package(exported(one_flow));
  EXPECT_EQ(result.status, FERRY_CANCELLED);
  EXPECT_THAT(items(result), ElementsAre("config_node c unchanged", "flow t unknown"));
  EXPECT_THAT(result.message, HasSubstr("the deployment was sent and may have been carried out"));
  EXPECT_THAT(result.violations, IsEmpty());
}

TEST(NodeRedImportTest, WhatWasSentAndCannotBeLookedUpIsUnknown) {
  for (const bool stale : {false, true}) {
    NodeRedHost host;
    host.on("GET", "/flows", {.body = answer("[]")}).on("POST", "/flows", {.failure = FERRY_TRANSIENT});
    host.always("GET", "/flows", stale ? Reply{.body = answer("[]")} : Reply{.failure = FERRY_TRANSIENT});
    host.always("POST", "/flows", {.status = 409, .body = R"({"code":"version_mismatch"})"});
    const Result result = Connector(host, ferry_connector_v1(), plain).import_package(exported(one_flow));
    EXPECT_EQ(result.status, FERRY_TRANSIENT);
    EXPECT_THAT(items(result), ElementsAre("config_node c unknown", "flow t unknown"));
    EXPECT_THAT(result.message, AllOf(HasSubstr("the deployment was sent and may have been carried out"),
                                      ::testing::Not(HasSubstr("nothing was written"))));
  }
}

TEST(NodeRedImportTest, SaysWhenNoAnswerEverCame) {
  NodeRedHost host;
  host.always("GET", "/flows", {.body = answer("[]")}).always("POST", "/flows", {.failure = FERRY_TRANSIENT});
  const Result result = Connector(host, ferry_connector_v1(), plain).import_package(exported(one_flow));
  EXPECT_EQ(result.status, FERRY_TRANSIENT);
  EXPECT_THAT(result.message, HasSubstr("no answer says what became of it (POST /flows: no answer)"));
}

}  // namespace
}  // namespace ferry::node_red
