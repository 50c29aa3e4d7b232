// The connector against a real Node-RED: the host of the unit tests, its requests sent over real sockets.
#pragma once

#include <Poco/Exception.h>

#include <functional>
#include <memory>
#include <string>

#include "ferry/testing.hpp"
#include "tests/plugins/node_red/facts.hpp"
#include "tests/support/node_red/node_red_server.hpp"

namespace ferry::node_red {

class Live {
 public:
  explicit Live(const testing::NodeRedServer& server, const std::string& username = "",
                const std::string& password = "")
      : server_(server) {
    if (!password.empty()) host.secrets["password"] = password;
    host.answer_others = [this](const testing::SentRequest& request) { return pass_on(request); };
    std::string config = R"({"connection":"live","url":)";
    Json::append_quoted(config, server.url());
    config += R"(,"settings":{)";
    if (!username.empty()) config += R"("username":")" + username + "\"";
    connector = std::make_unique<testing::Connector>(host, ferry_connector_v1(), config + "}}");
  }

  // How often flows were sent since the last time it was asked.
  int deployments() { return std::exchange(deployments_, 0); }

  testing::FakeHost host;
  std::unique_ptr<testing::Connector> connector;
  std::function<void()> before_post = [] {};  // called before each POST /flows is passed on

 private:
  testing::Reply pass_on(const testing::SentRequest& request) {
    if (request.method == "POST" && request.url == "/flows") {
      ++deployments_;
      before_post();
    }
    host.requests.clear();
    try {
      testing::NodeRedAnswer answer = server_.send(request.method, request.url, request.body, request.headers);
      return {.status = answer.status, .body = std::move(answer.body), .headers = std::move(answer.headers)};
    } catch (const Poco::Exception&) {
      return {.failure = FERRY_TRANSIENT};
    }
  }

  const testing::NodeRedServer& server_;
  int deployments_ = 0;
};

}  // namespace ferry::node_red
