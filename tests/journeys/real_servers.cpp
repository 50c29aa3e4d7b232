#include "tests/journeys/real_servers.hpp"

#include <algorithm>

#include "ferry/canonical.hpp"

namespace ferry::test {

testing::NodeRedServer* RealServersJourney::dev = nullptr;
testing::NodeRedServer* RealServersJourney::prod = nullptr;

void RealServersJourney::SetUpTestSuite() {
  dev = new testing::NodeRedServer;
  prod = new testing::NodeRedServer;
}

void RealServersJourney::TearDownTestSuite() {
  delete std::exchange(dev, nullptr);
  delete std::exchange(prod, nullptr);
}

void RealServersJourney::begin(const std::string& dev_flows, const std::string& prod_flows) {
  dev->set_flows(dev_flows);
  prod->set_flows(prod_flows);
  connect("dev", dev->url(), "dev");
  connect("test", dev->url(), "test");
  connect("prod", prod->url(), "prod");
}

std::string RealServersJourney::tab(const std::string& id, const std::string& label, const std::string& info) {
  return R"({"id":")" + id + R"(","type":"tab","label":")" + label + R"(","disabled":false,"info":")" + info +
         R"(","env":[]})";
}

std::string RealServersJourney::prod_nodes() {
  Json nodes = Json::parse(prod->flows());
  std::sort(nodes.items().begin(), nodes.items().end(),
            [](const Json& one, const Json& other) { return one["id"].as_string() < other["id"].as_string(); });
  return canonical_json(nodes);
}

}  // namespace ferry::test
