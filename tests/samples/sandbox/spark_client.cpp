#include "tests/samples/sandbox/spark_client.hpp"

#include <stdexcept>

namespace sandbox::test {

Settings spark_settings(const std::string& name, std::map<std::string, std::string> options) {
  Settings settings;
  settings.platform = "spark";
  settings.name = settings.tenant = name;
  settings.options = std::move(options);
  return settings;
}

SparkClient::SparkClient(const std::string& name, std::map<std::string, std::string> options)
    : name_(name), server(make_spark, spark_settings(name, std::move(options))) {}

std::string SparkClient::token(const std::string& client) {
  const RawAnswer answer = server.post("/auth/realms/" + name_ + "/protocol/openid-connect/token",
                                       {{"Content-Type", "application/x-www-form-urlencoded"}},
                                       "grant_type=client_credentials&client_id=" + client + "&client_secret=sandbox");
  return json::string(answer.json(), "access_token");
}

Headers SparkClient::as(const std::string& client) { return {{"Authorization", "Bearer " + token(client)}}; }

RawAnswer SparkClient::start_export(const std::string& body, const std::string& client) {
  Headers headers = as(client);
  headers.emplace_back("Content-Type", "application/json");
  return server.post(path("export"), headers, body);
}

RawAnswer SparkClient::start_import(const std::string& package, const std::string& entity, const std::string& client) {
  const auto [type, body] =
      form({{"importRequestEntity", "", "", entity}, {"file", "package.zip", "application/zip", package}});
  Headers headers = as(client);
  headers.emplace_back("Content-Type", type);
  return server.post(path("import"), headers, body);
}

RawAnswer SparkClient::status(const std::string& kind, const std::string& id, const std::string& client) {
  return server.get(path(kind + '/' + id + "/status"), as(client));
}

json::Object SparkClient::finish(const std::string& kind, const RawAnswer& started, const std::string& client) {
  if (started.status != 200) throw std::runtime_error(std::to_string(started.status) + ": " + started.body);
  server.advance(200);
  return status(kind, json::string(started.json(), "id"), client).json();
}

json::Object SparkClient::exported(const std::string& body, const std::string& client) {
  return finish("export", start_export(body, client), client);
}

json::Object SparkClient::imported(const std::string& package, const std::string& entity, const std::string& client) {
  return finish("import", start_import(package, entity, client), client);
}

std::string SparkClient::download(const json::Object& closed) {
  const auto files = json::elements(json::child(closed, "outputs"), "files");
  if (files.empty()) throw std::runtime_error("no package: " + json::text(closed));
  return server.get(target_of(json::string(json::as_object(files[0]), "file"))).body;
}

std::string SparkClient::package(const std::string& body) { return download(exported(body)); }

std::int64_t SparkClient::count(const std::string& counter) { return json::integer(server.site().counters(), counter); }

std::vector<std::string> texts(const json::Object& job, const std::string& list, const std::string& member) {
  std::vector<std::string> found;
  for (const json::Value& element : json::elements(json::child(job, "outputs"), list)) {
    found.push_back(json::string(json::as_object(element), member));
  }
  return found;
}

}  // namespace sandbox::test
