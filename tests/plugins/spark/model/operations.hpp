// Operations of the connector on a SparkHost, and the packages and answers that the documents show.
#pragma once

#include <string>

#include "tests/plugins/spark/model/spark_host.hpp"

namespace ferry::spark {

using testing::Connector;
using testing::Package;
using testing::Result;

inline std::string config(const std::string& settings = R"({"client_id":"ferry"})", const std::string& url = base) {
  return R"({"connection":"c","url":")" + url + R"(","settings":)" + settings + "}";
}

inline Result exported(SparkHost& host, const std::string& request, const std::string& configuration = config()) {
  return Connector(host, ferry_connector_v1(), configuration).export_package(request);
}
inline Result imported(SparkHost& host, const Package& package, const std::string& request,
                       const std::string& configuration = config()) {
  return Connector(host, ferry_connector_v1(), configuration).import_package(package, request);
}

// The request that was sent last to that path.
inline Json body_of(const SparkHost& host, const std::string& url) {
  for (auto request = host.requests.rbegin(); request != host.requests.rend(); ++request)
    if (request->method == "POST" && request->url == base + url) {
      for (const testing::SentPart& part : request->parts)
        if (part.name == "importRequestEntity") return Json::parse(part.data);
      return Json::parse(request->body);
    }
  return {};
}

inline Package package_of(const std::string& manifest_outputs) {
  Package package;
  package.archive = "PK the archive";
  package.entries = {{"acme/manifest.json", R"({"object":"export","id":"1","outputs":)" + manifest_outputs + "}"}};
  return package;
}

inline Package life() {
  return package_of(R"({"files":null,
    "services":[{"service_uri_source":"rates/life","folder_source":"rates","service_source":"life","service_id_source":"s1"}],
    "service_versions":[{"service_uri_source":"rates/life[0.4.2]","folder_source":"rates","service_source":"life",
      "version_source":"0.4.2","service_id_source":"s1","version_id_source":"v1"}]})");
}

// The job's outputs in the documents, with other statuses where wanted.
inline Json outputs(const std::string& service = "added", const std::string& version = "added") {
  return Json::parse(R"({
    "services":[{"service_uri_source":"rates/life","folder_source":"rates","service_source":"life",
      "folder_destination":"prod","service_destination":"life","service_uri_destination":"prod/life",
      "service_id_destination":"d1","status":")" +
                     service + R"("}],
    "service_versions":[{"service_uri_source":"rates/life[0.4.2]","folder_source":"rates","service_source":"life",
      "version_source":"0.4.2","version_id_source":"v1","folder_destination":"prod","service_destination":"life",
      "version_destination":"0.4.2","service_uri_destination":"prod/life[0.4.2]","service_id_destination":"d1",
      "version_id_destination":"v1","status":")" +
                     version + R"("}]})");
}

}  // namespace ferry::spark
