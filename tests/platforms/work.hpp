// The operations of every connector on the platform it plays against, for tests that go through all of them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/platforms/platforms.hpp"

namespace ferry::test {

struct Work {
  const char* name;
  const char* environment;  // the only one it asks
  Words words;
  const char* imports_into = nullptr;

  std::string platform() const { return std::string(environment).substr(0, std::string(environment).find('/')); }
  std::string title() const { return std::string(name) + " on " + environment; }
};

class Works : public Platforms {
 protected:
  // By environment: those of one take turns, as its faults are theirs while they run. Imports need make_packages().
  static std::map<std::string, std::vector<Work>> works() {
    std::vector<Work> all;
    for (const auto& [connection, environment] : {std::pair{"spark-dev", "spark/dev"},
                                                  {"smartiq-dev", "smartiq/dev"},
                                                  {"dev2prod-dev", "dev2prod/dev"},
                                                  {"books", "integration_labs/dev"}})
      all.push_back({"check", environment, {"connections", "check", connection}});
    for (const auto& [connection, environment] :
         {std::pair{"smartiq-dev", "smartiq/dev"}, {"spark-dev", "spark/dev"}, {"books", "integration_labs/dev"}})
      all.push_back({"catalog", environment, {"catalog", connection}});
    all.push_back({"export", "spark/dev", {"export", "spark-dev", "-o", "spark-out.zip", "--select", "folder=rates"}});
    all.push_back({"export", "smartiq/dev", {"export", "smartiq-dev", "-o", "smart-out.zip"}});
    all.push_back({"export", "dev2prod/dev", {"export", "dev2prod-dev", "-o", "dev2p-out.zip"}});
    for (const auto& [connection, environment] :
         {std::pair{"spark-test", "spark/test"}, {"smartiq-test", "smartiq/test"}, {"dev2prod-test", "dev2prod/test"}})
      all.push_back({"import",
                     environment,
                     {"import", connection, std::string(environment).substr(0, 5) + ".zip", "--on-existing", "replace",
                      "--no-backup"},
                     environment});
    std::map<std::string, std::vector<Work>> by_environment;
    for (Work& work : all) by_environment[work.environment].push_back(std::move(work));
    return by_environment;
  }
  void make_packages() const {
    ASSERT_EQ(on_platforms({"export", "spark-dev", "-o", "spark.zip", "--select", "folder=rates"}).exit_code, 0);
    ASSERT_EQ(on_platforms({"export", "smartiq-dev", "-o", "smart.zip"}).exit_code, 0);
    ASSERT_EQ(on_platforms({"export", "dev2prod-dev", "-o", "dev2p.zip"}).exit_code, 0);
  }
};

}  // namespace ferry::test
