// Spark over raw HTTP, as the tests of its sandbox need it: tokens, jobs to their end, packages.
#pragma once

#include <string>
#include <vector>

#include "tests/samples/sandbox/raw_http.hpp"

namespace sandbox::test {

Settings spark_settings(const std::string& name, std::map<std::string, std::string> options = {});

class SparkClient {
 public:
  explicit SparkClient(const std::string& name, std::map<std::string, std::string> options = {});

  std::string token(const std::string& client = "ferry");
  Headers as(const std::string& client = "ferry");  // its bearer token

  RawAnswer start_export(const std::string& body, const std::string& client = "ferry");
  RawAnswer start_import(const std::string& package, const std::string& entity, const std::string& client = "ferry");
  RawAnswer status(const std::string& kind, const std::string& id, const std::string& client = "ferry");
  // Moves the clock past the job's end; the closed job.
  json::Object finish(const std::string& kind, const RawAnswer& started, const std::string& client = "ferry");
  json::Object exported(const std::string& body, const std::string& client = "ferry");
  json::Object imported(const std::string& package, const std::string& entity, const std::string& client = "ferry");
  // The package of a closed export.
  std::string download(const json::Object& closed);
  std::string package(const std::string& body);

  std::int64_t count(const std::string& counter);
  std::string path(const std::string& below) const { return '/' + name_ + "/api/v4/" + below; }
  std::string target_of(const std::string& url) const { return url.substr(server.url().size()); }

 private:
  std::string name_;

 public:
  Playing server;
};

// Of a job's outputs, e.g. texts(job, "service_versions", "version_destination").
std::vector<std::string> texts(const json::Object& job, const std::string& list, const std::string& member);

}  // namespace sandbox::test
