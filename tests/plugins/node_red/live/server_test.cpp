// Reachability, credentials, rights and answers of a real Node-RED.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/plugins/node_red/live/live.hpp"

namespace ferry::node_red {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::NodeRedServer;
using testing::Result;

constexpr const char* proxies = R"([{"id":"c","type":"http proxy","name":"P","url":"http://p.test"}])";

TEST(NodeRedServerTest, Checks) {
  const NodeRedServer server;
  const Result result = Live(server).connector->check();
  EXPECT_EQ(result.status, FERRY_OK) << result.message;
  ASSERT_THAT(problems(result), ElementsAre("platform"));
  EXPECT_THAT(std::string(result.facts[0].text_or("message", "")), HasSubstr("Node-RED 4.1."));
}

TEST(NodeRedServerTest, PromotesBetweenTwoServers) {
  NodeRedServer dev, prod;
  dev.set_flows(proxies);
  Live from(dev), to(prod);
  const Result exported = from.connector->export_package();
  ASSERT_EQ(exported.status, FERRY_OK) << exported.message;
  EXPECT_THAT(items(exported), ElementsAre("config_node c exported"));
  EXPECT_THAT(items(to.connector->import_package(exported.package)), ElementsAre("config_node c added"));
  EXPECT_EQ(to.deployments(), 1);
  EXPECT_THAT(items(to.connector->import_package(exported.package)), ElementsAre("config_node c unchanged"));
  EXPECT_EQ(to.deployments(), 0);
  EXPECT_EQ(to.connector->export_package().package.entries, exported.package.entries);
}

TEST(NodeRedServerTest, SaysWhereTheEditorMayBe) {
  const NodeRedServer server({.admin_root = "/red"});
  EXPECT_EQ(Live(server).connector->check().status, FERRY_OK);
  Live wrong(server);
  wrong.host.answer_others = [&](const testing::SentRequest&) {
    testing::NodeRedAnswer answer = server.send("GET", "/../flows");
    return testing::Reply{
        .status = answer.status, .body = std::move(answer.body), .headers = std::move(answer.headers)};
  };
  const Result result = wrong.connector->check();
  EXPECT_EQ(result.status, FERRY_BAD_CONFIG);
  EXPECT_THAT(result.message, HasSubstr("httpAdminRoot"));
}

TEST(NodeRedServerTest, ExplainsABodyThatIsTooLarge) {
  NodeRedServer dev, prod({.api_max_length = "1kb"});
  dev.set_flows(R"([{"id":"t","type":"tab","label":"T","info":")" + std::string(2000, 'x') + R"("}])");
  const Result result = Live(prod).connector->import_package(Live(dev).connector->export_package().package);
  EXPECT_EQ(result.status, FERRY_REMOTE);
  EXPECT_THAT(result.message, HasSubstr("raise apiMaxLength"));
  EXPECT_THAT(items(result), IsEmpty());
}

TEST(NodeRedServerTest, ComparesAgainWhenSomebodyWasFaster) {
  NodeRedServer server;
  server.set_flows(proxies);
  Live live(server);
  const auto package = live.connector->export_package().package;
  server.set_flows("[]");
  int changes = 0;
  live.before_post = [&] {
    if (changes++ == 0) server.set_flows(R"([{"id":"u","type":"tab","label":"Of somebody else"}])");
  };
  const Result result = live.connector->import_package(package);
  EXPECT_EQ(result.status, FERRY_OK) << result.message;
  EXPECT_THAT(items(result), ElementsAre("config_node c added"));
  EXPECT_EQ(live.deployments(), 2);
  EXPECT_THAT(server.flows(), AllOf(HasSubstr("Of somebody else"), HasSubstr("http://p.test")));

  server.set_flows("[]");
  live.before_post = [&] {
    server.set_flows(R"([{"id":"u","type":"tab","label":")" + std::to_string(changes++) + R"("}])");
  };
  const Result refused = live.connector->import_package(package);
  EXPECT_EQ(refused.status, FERRY_TRANSIENT);
  EXPECT_THAT(refused.message, HasSubstr("somebody else changed the flows 3 times"));
  EXPECT_THAT(server.flows(), ::testing::Not(HasSubstr("http://p.test")));
}

class NodeRedAuthTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    server = new NodeRedServer({.users = {{"admin", "right", "\"*\""},
                                          {"reader", "right", "\"read\""},
                                          {"narrow", "right", R"(["flows.read","flows.write"])"},
                                          {"both", "right", R"(["flows.read","flows.write","settings.read"])"}},
                                .flows = proxies});
  }
  static void TearDownTestSuite() {
    delete server;
    server = nullptr;
  }
  static NodeRedServer* server;
};
NodeRedServer* NodeRedAuthTest::server = nullptr;

TEST_F(NodeRedAuthTest, TellsCredentialsAndRightsApart) {
  Result result = Live(*server).connector->check();
  EXPECT_EQ(result.status, FERRY_AUTH);
  EXPECT_THAT(result.message, HasSubstr("Node-RED asks for credentials"));
  result = Live(*server, "admin", "wrong").connector->check();
  EXPECT_EQ(result.status, FERRY_AUTH);
  EXPECT_THAT(result.message, HasSubstr("user name or password is wrong"));
  result = Live(*server, "admin", "right").connector->check();
  EXPECT_EQ(result.status, FERRY_OK) << result.message;
  EXPECT_THAT(problems(result), ElementsAre("platform"));
  result = Live(*server, "both", "right").connector->check();
  EXPECT_THAT(problems(result), ElementsAre("platform")) << result.message;
  result = Live(*server, "reader", "right").connector->check();
  EXPECT_EQ(result.status, FERRY_OK) << result.message;
  EXPECT_THAT(problems(result), ElementsAre("read_only", "platform"));
}

TEST_F(NodeRedAuthTest, AReaderExportsAndPreviewsButDoesNotImport) {
  Live reader(*server, "reader", "right");
  auto package = reader.connector->export_package().package;
  ASSERT_FALSE(package.entries.empty());
  ASSERT_EQ(server->send("GET", "/flows").status, 401);
  const std::string more = R"([{"id":"d","type":"http proxy","name":"D"}])";
  NodeRedServer dev({.flows = more});
  package = Live(dev).connector->export_package().package;
  EXPECT_THAT(items(reader.connector->import_package(package, R"({"preview":true})")),
              ElementsAre("config_node d added"));
  const Result refused = reader.connector->import_package(package);
  EXPECT_EQ(refused.status, FERRY_AUTH);
  EXPECT_THAT(refused.message, HasSubstr("the user reader lacks the right flows.write"));
  EXPECT_THAT(items(refused), IsEmpty());
  Live both(*server, "both", "right");
  EXPECT_THAT(items(both.connector->import_package(package)), ElementsAre("config_node d added"));
}

TEST_F(NodeRedAuthTest, NeedsNoMoreThanTheRightsToFlows) {
  NodeRedServer dev({.flows = R"([{"id":"e","type":"http proxy","name":"E"}])"});
  const auto package = Live(dev).connector->export_package().package;
  Live narrow(*server, "narrow", "right");
  for (const char* request : {R"({"preview":true})", R"({"preview":false})"}) {
    const Result result = narrow.connector->import_package(package, request);
    EXPECT_EQ(result.status, FERRY_OK) << result.message;
    EXPECT_THAT(items(result), ElementsAre("config_node e added"));
    EXPECT_THAT(problems(result), ElementsAre("types_not_checked", "credentials_not_moved"));
  }
}

TEST_F(NodeRedAuthTest, GivesTheSessionBack) {
  Live admin(*server, "admin", "right");
  ASSERT_EQ(admin.connector->export_package().status, FERRY_OK);
  ASSERT_EQ(admin.host.masked.size(), 1u);
  const std::string token = *admin.host.masked.begin();
  EXPECT_EQ(server->send("GET", "/flows", "", {{"Authorization", "Bearer " + token}}).status, 401);
}

}  // namespace
}  // namespace ferry::node_red
