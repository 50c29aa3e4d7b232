// A Node-RED that says what the test wants, and packages exported from it.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "ferry/testing.hpp"
#include "tests/plugins/node_red/facts.hpp"

namespace ferry::node_red {

inline constexpr const char* plain = R"({"connection":"dev","url":"http://dev.test","settings":{}})";
inline constexpr const char* with_user =
    R"({"connection":"dev","url":"http://dev.test","settings":{"username":"ann"}})";

// A Node-RED that has the types of these tests installed.
struct NodeRedHost : testing::FakeHost {
  NodeRedHost() {
    always("GET", "/nodes",
           {.body = R"([{"id":"node-red/all","enabled":true,"types":["http request","http proxy","http in",
                        "http response","function","debug","inject","link in","link out","comment","tls-config",
                        "mqtt-broker","mqtt in","config"]},{"enabled":false,"types":["switched-off"]}])"});
    always("GET", "/settings", {.body = R"({"version":"4.1.0"})"});
  }
};

inline std::string answer(const std::string& nodes, const std::string& revision = "r1") {
  return R"({"flows":)" + nodes + R"(,"rev":")" + revision + R"("})";
}

inline constexpr const char* one_flow =
    R"([{"id":"t","type":"tab","label":"T"},{"id":"n","type":"http request","z":"t","x":1,"y":1,"proxy":"c","wires":[]},
        {"id":"c","type":"http proxy","name":"P","url":"http://p"}])";
inline constexpr const char* other_url =
    R"([{"id":"t","type":"tab","label":"T"},{"id":"n","type":"http request","z":"t","x":1,"y":1,"proxy":"c","wires":[]},
        {"id":"c","type":"http proxy","name":"P","url":"http://q"}])";

inline testing::Package exported(const std::string& nodes, const std::string& request = "{}") {
  NodeRedHost host;
  host.always("GET", "/flows", {.body = answer(nodes)});
  testing::Result result = testing::Connector(host, ferry_connector_v1(), plain).export_package(request);
  EXPECT_EQ(result.status, FERRY_OK) << result.message;
  EXPECT_TRUE(result.violations.empty());
  return std::move(result.package);
}

}  // namespace ferry::node_red
