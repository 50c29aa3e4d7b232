// ferry/testing.hpp - a host for a connector's own unit tests: no ferry, no network, no disk, no waiting.
//
//   ferry::testing::FakeHost host;
//   host.secrets["token"] = "t";
//   host.on("GET", "/flows", {.body = R"({"flows":[]})"});
//   ferry::testing::Connector connector(host, ferry_connector_v1(), R"({"connection":"c","url":"http://x"})");
//   ferry::testing::Result result = connector.export_package();
//   EXPECT_EQ(result.status, FERRY_OK) << result.message;
//
// The connector is called through the C table, as the real host does it. Whatever breaks the contract (fail called
// twice or not at all, a fact without its members, a batch that miscounts, a [call] function on another thread) is a
// line in Result::violations. A request that was not scripted is a violation too and gets FERRY_TRANSIENT. Bodies and
// entries arrive in pieces. FakeHost outlives its Connector. Not for several threads at once.
#pragma once

#include "ferry/testing_connector.hpp"
#include "ferry/testing_host.hpp"
#include "ferry/testing_values.hpp"
