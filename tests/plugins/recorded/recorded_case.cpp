#include "tests/plugins/recorded/recorded_case.hpp"

#include <fcntl.h>

#include <algorithm>
#include <map>
#include <optional>

#include "host/base/digest.hpp"
#include "host/base/files.hpp"
#include "host/base/json_text.hpp"
#include "host/base/text.hpp"
#include "host/config/config.hpp"
#include "host/connectors/manifest.hpp"
#include "host/http/recording_info.hpp"
#include "host/packages/archive.hpp"
#include "host/runs/worker_request.hpp"
#include "host/statistics/statistics.hpp"
#include "host/worker/worker_process.hpp"

namespace ferry::test {
namespace {

namespace fs = std::filesystem;
using namespace ferry::host;

constexpr const char* program = FERRY_BINARY_DIR "/bin/ferry";

class Collector final : public WorkerListener {
 public:
  void on_fact(std::string_view fact) override {
    counter.count(fact);
    facts.push_back(Json::parse(fact));
  }
  void on_records(std::string_view stream, std::uint64_t, std::string_view lines) override {
    Json::Array& kept = records[std::string(stream)];
    for (const std::string& line : split(lines, '\n'))
      if (!line.empty()) kept.push_back(Json::parse(line));
  }
  void on_checkpoint(std::string_view, std::string_view) override {}
  void on_progress(const WorkerProgress&) override {}
  void on_log(int, const std::string&, const std::string&) override {}
  void on_mask(std::string_view) override {}
  // The state service of a connection that is used for the first time.
  std::string on_request(std::string_view text) override {
    const Json request = Json::parse(text);
    const std::string what(request.text_or("do", "")), key(request.text_or("key", ""));
    Json answer = Json::object();
    if (what == "state_put") state_[key] = request.text_or("value", "");
    if (what == "state_remove") state_.erase(key);
    if (what == "state_get") {
      answer.members().emplace_back("found", state_.contains(key));
      if (state_.contains(key)) answer.members().emplace_back("value", state_[key]);
    }
    return answer.dump();
  }

  StatisticsCounter counter;
  Json::Array facts;
  std::map<std::string, Json::Array> records;

 private:
  std::map<std::string, std::string> state_;
};

[[noreturn]] void bad_case(const fs::path& folder, const std::string& why) {
  throw Failure(Fault::usage, "bad_case", folder.string() + ": " + why + "; see tests/plugins/recorded/README.md");
}

RunRequest request_of(const Json& about) {
  const Json& request = about["request"];
  RunRequest out;
  out.operation = about["operation"].as_string();
  const auto items = [&](const char* name) {
    const Json* list = request.find(name);
    return list == nullptr ? Json::Array() : list->items();
  };
  for (const Json& one : items("select"))
    out.select.push_back({std::string(one.text_or("type", "")), std::string(one.text_or("key", ""))});
  for (const Json& one : items("streams")) {
    StreamRead read;
    read.stream = one.as_string();
    out.streams.push_back(std::move(read));
  }
  if (const Json* options = request.find("options")) out.options = options->dump();
  for (const Json& one : items("mapping"))
    out.import.mapping.push_back({one["type"].as_string(), one["source"].as_string(), one["target"].as_string()});
  out.dependencies = request.bool_or("dependencies", true);
  out.import.preview = request.bool_or("preview", false);
  out.import.prune = request.bool_or("prune", false);
  out.import.policy = request.text_or("policy", "abort");
  return out;
}

std::vector<fs::path> recordings_in(const fs::path& folder) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(folder))
    if (fs::exists(entry.path() / RecordingInfo::file_name)) found.push_back(entry.path());
  return found;
}

fs::path recording_of(const fs::path& folder) {
  const std::vector<fs::path> found = recordings_in(folder);
  if (found.size() != 1) bad_case(folder, "expected one recording, found " + std::to_string(found.size()));
  return found.front();
}

// Through the host's own configuration, so that settings are checked and get their defaults.
Connection connection_of(const Json& about, const Manifest& manifest, const fs::path& home,
                         Poco::JSON::Object::Ptr& settings) {
  Json::Object secrets;
  if (const Json* values = about.find("secrets"))
    for (const auto& [name, value] : values->members()) {
      replace_file(home / ("secret-" + name), value.as_string());
      secrets.emplace_back(name, "file:" + (home / ("secret-" + name)).string());
    }
  const Json* given = about.find("settings");
  const Json connection = Json::object({{"connector", manifest.id},
                                        {"url", about.text_or("url", "http://recorded.example")},
                                        {"settings", given == nullptr ? Json::object() : *given},
                                        {"secrets", Json(secrets)}});
  // JSON is YAML.
  const Json document = Json::object({{"connections", Json::object({{"recorded", connection}})}});
  replace_file(home / "ferry.yaml", document.dump());
  const Config config = Config::load(home / "ferry.yaml");
  settings = config.check(config.connection("recorded"), manifest);
  return config.connection("recorded");
}

Json json_of(const Poco::JSON::Object& object) { return Json::parse(json_text(object)); }

Json package_names(int fd) {
  Json::Array names;
  const ArchiveReader archive(fd);
  for (const ArchiveEntry& entry : archive.entries()) names.push_back(entry.name);
  return Json(names);
}

}  // namespace

std::vector<RecordedCase> RecordedCase::all() {
  std::vector<RecordedCase> cases;
  for (const auto& platform : fs::directory_iterator(fs::path(FERRY_SOURCE_DIR) / "plugins")) {
    const std::string name = platform.path().filename();
    if (!fs::is_directory(platform.path() / "traffic") ||
        !fs::exists(fs::path(FERRY_BINARY_DIR) / "connectors" / name / "connector.json"))
      continue;
    for (const auto& one : fs::directory_iterator(platform.path() / "traffic"))
      if (fs::exists(one.path() / "case.json") && !recordings_in(one.path()).empty())
        cases.push_back({name, one.path().filename(), one.path()});
  }
  std::sort(cases.begin(), cases.end(), [](const auto& a, const auto& b) { return a.folder < b.folder; });
  return cases;
}

Json RecordedCase::carry_out() const {
  const Json about = Json::parse(read_file(folder / "case.json"));
  const Manifest manifest = read_manifest(fs::path(FERRY_BINARY_DIR) / "connectors" / platform / "connector.json");
  const TemporaryDirectory home(fs::temp_directory_path());
  const RunRequest request = request_of(about);
  Poco::JSON::Object::Ptr settings;
  const Connection connection = connection_of(about, manifest, home.path(), settings);

  WorkerStart start;
  start.operation = request.operation;
  start.run_id = "20261121-201530-7f3a12";
  start.connector_id = manifest.id;
  start.connector_version = manifest.version;
  start.library = manifest.library;
  start.library_sha256 = manifest.library_sha256;
  start.operations = manifest.operations;
  start.config_json = config_json(&connection, settings);
  start.request_json = request_json(request, start.run_id);
  if (const Json* secrets = about.find("secrets"))
    for (const auto& [name, value] : secrets->members()) start.secrets[name] = value.as_string();
  start.granted_secrets = manifest.secrets;
  start.memory_mb = manifest.memory_mb;
  make_private_directory(home.path() / "work");
  start.directory = home.path() / "work";
  if (request.operation != "inspect") {
    start.http = http_settings(connection, manifest);
    start.http->traffic = {"", recording_of(folder).string(), true};
  }

  UniqueFd package;
  if (const std::string_view file = about.text_or("package", ""); !file.empty()) {
    package = open_file(folder / file, O_RDONLY);
    start.package = {host::Sha256::of_fd(package.get()), fs::file_size(folder / file), "{}"};
  } else {
    package = open_file(home.path() / "package", O_RDWR | O_CREAT);
  }

  Collector collector;
  const WorkerDone done = run_worker(program, start, package.get(), WorkerLimits(), collector, Cancellation());

  Json::Object out;
  const bool well = done.status == FERRY_OK && done.code.empty();
  out.emplace_back("result", well ? Json("ok")
                                  : Json::object({{"fault", std::string(fault_word(done.fault))},
                                                  {"code", done.code},
                                                  {"message", done.message}}));
  if (!collector.facts.empty()) out.emplace_back("facts", Json(collector.facts));
  Statistics statistics;
  statistics.items = collector.counter.items();
  statistics.problems = collector.counter.problems();
  const Json document = json_of(*statistics.to_json());
  out.emplace_back(
      "statistics",
      Json::object({{"items", document["items"]}, {"totals", document["totals"]}, {"problems", document["problems"]}}));
  if (!collector.records.empty()) {
    Json::Object streams;
    for (auto& [stream, records] : collector.records) streams.emplace_back(stream, Json(records));
    out.emplace_back("records", Json(streams));
  }
  if (done.package) out.emplace_back("package", package_names(package.get()));
  return Json(out);
}

}  // namespace ferry::test
