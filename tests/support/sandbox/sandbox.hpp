// The sandbox of the four platforms as a real process on free ports, with its knobs and counters.
//
// Started by the constructor, which throws std::runtime_error if it does not come up; ended with the object.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "ferry/json.hpp"
#include "tests/support/process.hpp"

namespace ferry::test {

class Sandbox {
 public:
  // options: of ferry-sandbox, such as "--option", "spark.*.job_ms=30". folder: for its files; there is one.
  Sandbox(const std::string& folder, std::vector<std::string> options = {});

  // SPARK_DEV_URL and the like, and the secrets that samples/ferry.yaml names.
  const std::map<std::string, std::string>& environment() const noexcept { return environment_; }
  const std::string& url(const std::string& variable) const { return environment_.at(variable); }

  // environment: "spark/dev".
  void faults(const std::string& environment, const std::string& json) const;
  // Has every fault that was set with a count acted that often?
  bool faults_spent(const std::string& environment) const;
  void reset(const std::string& environment) const;
  std::int64_t counter(const std::string& environment, const std::string& name) const;
  Json counters(const std::string& environment) const;

 private:
  std::string admin(const std::string& method, const std::string& path, const std::string& body = "") const;

  std::map<std::string, std::string> environment_;
  std::unique_ptr<Process> process_;
};

}  // namespace ferry::test
