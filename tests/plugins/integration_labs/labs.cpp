#include "tests/plugins/integration_labs/labs.hpp"

#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/StreamCopier.h>
#include <Poco/URI.h>

#include <fstream>
#include <stdexcept>

#include "host/connectors/manifest.hpp"

namespace ferry::test {

std::string send(const std::string& url, const std::string& method, const std::string& path, const std::string& body) {
  const Poco::URI uri(url);
  Poco::Net::HTTPClientSession session(uri.getHost(), uri.getPort());
  Poco::Net::HTTPRequest request(method, path, "HTTP/1.1");
  request.set("api_key", "sandbox");
  request.setContentLength64(static_cast<Poco::Int64>(body.size()));
  session.sendRequest(request) << body;
  Poco::Net::HTTPResponse response;
  std::string text;
  Poco::StreamCopier::copyToString(session.receiveResponse(response), text);
  if (response.getStatus() >= 300)
    throw std::runtime_error(method + " " + path + ": " + std::to_string(response.getStatus()) + " " + text);
  return text;
}

void ReadResult::on_records(std::string_view stream, std::uint64_t count, std::string_view lines) {
  std::vector<Json>& all = records[std::string(stream)];
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::size_t end = lines.find('\n');
    all.push_back(Json::parse(lines.substr(0, end)));
    lines.remove_prefix(end + 1);
  }
  EXPECT_TRUE(lines.empty());
}

void ReadResult::on_progress(const host::WorkerProgress& progress) {
  requests = progress.requests;
  if (phases.empty() || phases.back() != progress.phase) phases.push_back(progress.phase);
  if (hook) hook(progress.phase);
}

std::vector<std::int64_t> ReadResult::ids(const std::string& stream) const {
  std::vector<std::int64_t> out;
  if (const auto found = records.find(stream); found != records.end())
    for (const Json& record : found->second) out.push_back(record["rootfi_id"].as_int());
  return out;
}

std::string ReadResult::problem(const std::string& code) const {
  for (const Json& fact : facts)
    if (fact.text_or("fact", "") == "problem" && fact.text_or("code", "") == code)
      return std::string(fact.text_or("severity", "")) + " " + std::string(fact.text_or("type", "")) + " " +
             std::string(fact.text_or("message", ""));
  return "";
}

std::unique_ptr<Process> start_sandbox(const std::vector<std::string>& options, const std::filesystem::path& directory,
                                       std::string& url, std::string& admin_url) {
  const std::string ready = directory / "ready.json";
  Command command;
  command.arguments = {FERRY_BINARY_DIR "/bin/ferry-sandbox",
                       "--port",
                       "0",
                       "--platforms",
                       "integration_labs",
                       "--environments",
                       "dev",
                       "--ready-file",
                       ready};
  for (const std::string& option : options) {
    command.arguments.push_back("--option");
    command.arguments.push_back("integration_labs.dev." + option);
  }
  auto sandbox = std::make_unique<Process>(command);
  const bool is_ready = eventually([&] {
    std::ifstream file(ready);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    if (!text.ends_with("\n")) return false;
    const Json json = Json::parse(text);
    admin_url = json["admin"].as_string();
    url = json["environments"].items().at(0)["url"].as_string();
    url = url.substr(0, url.find('/', url.find("://") + 3));
    return true;
  });
  if (!is_ready) throw std::runtime_error("the sandbox does not start: " + sandbox->finish().err);
  return sandbox;
}

LabsTest::LabsTest(const std::vector<std::string>& options)
    : sandbox_(start_sandbox(options, home_.path(), url_, admin_url_)) {}

std::string LabsTest::platform(const std::string& method, const std::string& path, const std::string& body) const {
  return send(url_, method, path, body);
}

void LabsTest::faults(const std::string& body) const {
  send(admin_url_, "PUT", "/environments/integration_labs/dev/faults", body);
}

std::int64_t LabsTest::counter(const std::string& name) const {
  const Json counters = Json::parse(send(admin_url_, "GET", "/environments/integration_labs/dev/counters", ""));
  return counters.find(name) == nullptr ? 0 : counters[name].as_int();
}

void LabsTest::connect(const std::string& url, const std::string& settings) {
  std::ofstream(home_.path() / "ferry.yaml")
      << "connections:\n  books:\n    connector: integration-labs\n    url: " << url
      << "\n    attempts: 2\n    settings: " << settings << "\n    secrets: {api_key: env:LABS_KEY}\n";
}

Finished LabsTest::ferry(std::vector<std::string> words) const {
  Command command;
  command.arguments = {FERRY_BINARY_DIR "/bin/ferry"};
  command.arguments.insert(command.arguments.end(), words.begin(), words.end());
  command.environment = {{"HOME", home_.path()},
                         {"LABS_KEY", key_},
                         {"FERRY_STATE_DIR", home_.path() / "state"},
                         {"FERRY_CONNECTOR_PATH", FERRY_BINARY_DIR "/connectors"}};
  command.directory = home_.path();
  return run(command);
}

void LabsTest::read(ReadResult& into, const std::string& streams, const std::string& settings,
                    const std::string& options) {
  carry_out({.operation = "read",
             .url = url_,
             .settings = "{" + settings + "}",
             .request = R"({"streams":)" + streams + R"(,"options":)" + options + "}",
             .key = key_},
            home_.path(), *cancellation_, into);
}

void carry_out(const Asked& asked, const std::filesystem::path& directory, const host::Cancellation& cancellation,
               ReadResult& into) {
  const host::Manifest manifest =
      host::read_manifest(std::filesystem::path(FERRY_BINARY_DIR) / "connectors/integration_labs/connector.json");
  host::WorkerStart start;
  start.operation = asked.operation;
  start.run_id = "20261121-201530-7f3a12";
  start.connector_id = manifest.id;
  start.connector_version = manifest.version;
  start.library = manifest.library;
  start.library_sha256 = manifest.library_sha256;
  start.operations = manifest.operations;
  start.config_json = R"({"connection":"books","url":")" + asked.url + R"(","settings":)" + asked.settings + "}";
  start.request_json = asked.request;
  start.secrets = {{"api_key", asked.key}};
  start.granted_secrets = manifest.secrets;
  start.http = host::HttpSettings{};
  start.http->base_url = asked.url;
  start.http->backoff_base = start.http->backoff_cap = asked.backoff;
  start.http->max_attempts = 3;
  start.http->traffic = asked.traffic;
  const host::TemporaryDirectory own(directory);
  start.directory = own.path();
  into.done = host::run_worker(FERRY_BINARY_DIR "/bin/ferry", start, -1, host::WorkerLimits(), into, cancellation);
}

}  // namespace ferry::test
