// What runs while a Node-RED gets an import: flows that are not touched go on, credentials stay.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "tests/plugins/node_red/live/live.hpp"

namespace ferry::node_red {
namespace {

using ::testing::ElementsAre;
using testing::NodeRedServer;
using testing::Result;

// An HTTP end point that counts its calls and its own starts.
std::string counter(const std::string& flow, const std::string& note) {
  return R"({"id":")" + flow + R"(","type":"tab","label":")" + flow + R"("},
    {"id":")" +
         flow + R"(-in","type":"http in","z":")" + flow + R"(","url":"/)" + flow +
         R"(","method":"get","x":1,"y":1,"wires":[[")" + flow + R"(-fn"]]},
    {"id":")" +
         flow + R"(-fn","type":"function","z":")" + flow + R"(","name":")" + note + R"(",
      "initialize":"flow.set('starts', (flow.get('starts') || 0) + 1); context.set('calls', 0);",
      "func":"context.set('calls', context.get('calls') + 1); msg.payload = 'start ' + flow.get('starts') + ' call ' + context.get('calls'); return msg;",
      "outputs":1,"x":2,"y":1,"wires":[[")" +
         flow + R"(-out"]]},
    {"id":")" +
         flow + R"(-out","type":"http response","z":")" + flow + R"(","statusCode":"","x":3,"y":1,"wires":[]})";
}

// Waits until the end point is there (flows start after the deployment was answered).
std::string call(const NodeRedServer& server, const std::string& path) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  testing::NodeRedAnswer answer;
  do {
    answer = server.send("GET", path);
    if (answer.status == 200) return answer.body;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  } while (std::chrono::steady_clock::now() < deadline);
  return "status " + std::to_string(answer.status);
}

TEST(NodeRedRunningTest, UntouchedFlowsKeepRunning) {
  NodeRedServer dev({.flows = "[" + counter("alpha", "new") + "," + counter("beta", "same") + "]"});
  NodeRedServer prod({.flows = "[" + counter("alpha", "old") + "," + counter("beta", "same") + "]"});
  ASSERT_EQ(call(prod, "/alpha"), "start 1 call 1");
  ASSERT_EQ(call(prod, "/beta"), "start 1 call 1");
  const Result result =
      Live(prod).connector->import_package(Live(dev).connector->export_package().package, R"({"policy":"replace"})");
  ASSERT_THAT(items(result), ElementsAre("flow alpha modified", "flow beta unchanged")) << result.message;
  EXPECT_EQ(call(prod, "/alpha"), "start 2 call 1") << "a touched flow starts again";
  EXPECT_EQ(call(prod, "/beta"), "start 1 call 2") << "an untouched one keeps its state and goes on";
}

// A flow that asks another one, with a password that only this server knows.
std::string asking(const std::string& note, int port, bool with_password) {
  return R"([{"id":"ask","type":"tab","label":"Ask"},
    {"id":"in","type":"http in","z":"ask","url":"/ask","method":"get","x":1,"y":1,"wires":[["get"]]},
    {"id":"get","type":"http request","z":"ask","name":")" +
         note + R"(","method":"GET","ret":"txt","authType":"basic",
     "url":"http://127.0.0.1:)" +
         std::to_string(port) + R"(/echo",)" +
         (with_password ? R"("credentials":{"user":"ann","password":"opensesame"},)" : "") +
         R"("x":2,"y":1,"wires":[["out"]]},
    {"id":"out","type":"http response","z":"ask","x":3,"y":1,"wires":[]},
    {"id":"echo","type":"tab","label":"Echo"},
    {"id":"ein","type":"http in","z":"echo","url":"/echo","method":"get","x":1,"y":1,"wires":[["efn"]]},
    {"id":"efn","type":"function","z":"echo","func":"msg.payload = String(msg.req.headers.authorization); return msg;","outputs":1,
     "x":2,"y":1,"wires":[["eout"]]},
    {"id":"eout","type":"http response","z":"echo","x":3,"y":1,"wires":[]}])";
}

TEST(NodeRedRunningTest, CredentialsSurviveAnImport) {
  NodeRedServer dev, prod;
  const int port = std::stoi(prod.origin().substr(prod.origin().rfind(':') + 1));
  prod.set_flows(asking("old", port, true));
  const std::string authorized = "Basic YW5uOm9wZW5zZXNhbWU=";
  ASSERT_EQ(call(prod, "/ask"), authorized);
  dev.set_flows(asking("new", port, false));
  const auto package = Live(dev).connector->export_package().package;
  const Result result = Live(prod).connector->import_package(package, R"({"policy":"replace"})");
  ASSERT_THAT(items(result), ElementsAre("flow ask modified", "flow echo unchanged")) << result.message;
  EXPECT_EQ(call(prod, "/ask"), authorized);
  for (const auto& [name, content] : Live(prod).connector->export_package().package.entries)
    EXPECT_EQ(content.find("opensesame"), std::string::npos) << name;
}

}  // namespace
}  // namespace ferry::node_red
