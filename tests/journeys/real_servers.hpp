// Two real Node-REDs, dev and prod, started once for all tests of a group; each test begins with its own flows on them.
#pragma once

#include "tests/journeys/journey.hpp"
#include "tests/support/node_red/node_red_server.hpp"

namespace ferry::test {

class RealServersJourney : public Journey {
 protected:
  static void SetUpTestSuite();
  static void TearDownTestSuite();

  // Deploys these flows, and writes the configuration: dev, prod and, on the server of dev, test.
  void begin(const std::string& dev_flows, const std::string& prod_flows);
  static std::string tab(const std::string& id, const std::string& label, const std::string& info = "");
  // The nodes of prod, whatever the order of nodes and members: what counts is what is there.
  static std::string prod_nodes();

  static testing::NodeRedServer *dev, *prod;
};

}  // namespace ferry::test
