#include "tests/journeys/journey.hpp"

#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>
#include <fcntl.h>

#include <fstream>
#include <map>
#include <random>
#include <sstream>

#include "host/base/unique_fd.hpp"
#include "host/connectors/json_schema.hpp"
#include "host/packages/archive.hpp"

namespace ferry::test {
namespace {

namespace fs = std::filesystem;
using PocoObject = Poco::JSON::Object::Ptr;

constexpr const char* program = FERRY_BINARY_DIR "/bin/ferry";

PocoObject poco_object(const std::string& text) { return Poco::JSON::Parser().parse(text).extract<PocoObject>(); }

const PocoObject& statistics_schema() {
  static const PocoObject schema = [] {
    PocoObject read = poco_object(host::read_file(FERRY_SOURCE_DIR "/host/statistics/statistics.schema.json"));
    host::check_schema(read);
    return read;
  }();
  return schema;
}

bool is_empty_folder(const fs::path& folder) { return !fs::exists(folder) || fs::is_empty(folder); }

// The sentence a failed command ends with, in its JSON form: that of an error document, or of the statistics.
Json error_of(const Json& document) {
  if (document.find("error") != nullptr) return document["error"];
  const Json& problems = document["problems"];
  return problems.is_array() && !problems.items().empty() ? problems.items().back() : Json();
}

}  // namespace

std::string Journey::write(const std::string& name, const std::string& text) const {
  std::ofstream(path(name), std::ios::binary) << text;
  return path(name);
}

void Journey::connect(const std::string& name, const std::string& url, const std::string& stage, const Words& more) {
  if (config_.empty()) config_ = "stages: [dev, test, prod]\nconnections:\n";
  config_ += "  " + name + ":\n    connector: node-red\n    url: " + url + "\n    stage: " + stage + "\n";
  for (const std::string& line : more) config_ += "    " + line + "\n";
  write("ferry.yaml", config_);
}

Command Journey::command(Words words) const {
  Command command;
  command.arguments = {program};
  command.arguments.insert(command.arguments.end(), words.begin(), words.end());
  command.environment = {{"HOME", home_.path()},
                         {"TZ", "UTC"},
                         {"FERRY_STATE_DIR", state()},
                         {"FERRY_CONNECTOR_PATH", FERRY_BINARY_DIR "/connectors"}};
  command.directory = home_.path();
  return command;
}

Finished Journey::shell(const std::string& line) const {
  Command command = this->command({});
  command.arguments = {"/bin/bash", "-c", std::string("ferry() { ") + program + " \"$@\"; }; " + line};
  return run(command);
}

Json Journey::ferry_json(Words words, int exit_code) const {
  words.push_back("--json");
  const Finished done = ferry(words);
  EXPECT_EQ(done.exit_code, exit_code) << done.err;
  try {
    Json document = Json::parse(done.out);
    if (document.find("format") != nullptr) expect_valid_statistics(done.out);
    return document;
  } catch (const JsonError& error) {
    ADD_FAILURE() << "standard output is not one JSON document: " << error.what() << "\n" << done.out;
    return {};
  }
}

Finished Journey::expect_wrong(const Words& words, const Wrong& wrong) const {
  const Finished done = ferry(words);
  SCOPED_TRACE("ferry " + words[0] + "\n" + done.out + done.err);
  EXPECT_EQ(done.exit_code, wrong.exit_code);
  EXPECT_THAT(done.err, HasSubstr("ferry: error: "));
  for (const std::string& text : wrong.says) EXPECT_THAT(done.err, HasSubstr(text));
  EXPECT_THAT(done.err, AllOf(Not(HasSubstr("bug")), Not(HasSubstr("exception")), Not(HasSubstr("std::"))));
  expect_nothing_left();

  const Json document = ferry_json(words, wrong.exit_code);
  const Json error = error_of(document);
  EXPECT_EQ(error.text_or("code", ""), wrong.code);
  for (const std::string& text : wrong.says) EXPECT_THAT(std::string(error.text_or("message", "")), HasSubstr(text));
  expect_nothing_left();

  const Json run = last_run();
  if (!wrong.recorded) {
    EXPECT_TRUE(run.is_null()) << run.text_or("operation", "") << " was recorded although nothing had begun";
    return done;
  }
  EXPECT_EQ(run.text_or("state", ""), wrong.exit_code == cancelled ? "cancelled" : "failed");
  EXPECT_EQ(run["error"].text_or("fault", ""), wrong.fault);
  EXPECT_EQ(run["error"].text_or("code", ""), wrong.code);
  EXPECT_FALSE(run["finished_at"].is_null());
  return done;
}

Json Journey::last_run(const std::string& operation) const {
  if (!fs::exists(state() + "/runs.db")) return {};
  const Json runs = ferry_json({"runs", "list"});
  for (const Json& run : runs.items()) {
    if (operation.empty() ? run.find("parent") != nullptr : run.text_or("operation", "") != operation) continue;
    Json shown = ferry_json({"runs", "show", std::string(run.text_or("id", ""))});
    if (!shown["statistics"].is_null()) expect_valid_statistics(shown["statistics"].dump());
    return shown;
  }
  return {};
}

void Journey::expect_nothing_left(const std::string& output) const {
  EXPECT_FALSE(exists(output)) << "an output file was left";
  for (const char* folder : {"packages/spool", "work", "leases"})
    EXPECT_TRUE(is_empty_folder(fs::path(state()) / folder)) << "something was left in " << folder;
  for (const fs::directory_entry& entry : fs::directory_iterator(home_.path()))
    EXPECT_THAT(entry.path().filename().string(), Not(HasSubstr(".partial"))) << "half an output file was left";
}

void Journey::expect_nowhere(const fs::path& folder, const std::string& text) {
  int files = 0;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    ++files;
    EXPECT_EQ(host::read_file(entry.path(), 64u << 20).find(text), std::string::npos) << entry.path();
  }
  EXPECT_GT(files, 0) << "there was nothing to look through in " << folder;
}

void expect_valid_statistics(const std::string& text) {
  for (const host::SchemaViolation& violation : host::validate(statistics_schema(), poco_object(text), "statistics"))
    ADD_FAILURE() << violation.path << ": " << violation.message << "\n" << text;
  const Json statistics = Json::parse(text);
  std::map<std::string, std::int64_t> sum;
  for (const Json& item : statistics["items"].items())
    for (const auto& [name, value] : item.members())
      if (value.is_number()) sum[name] += value.as_int();
  for (const auto& [name, value] : statistics["totals"].members()) EXPECT_EQ(value.as_int(), sum[name]) << name;
  if (const Json* steps = statistics.find("steps"))
    for (const Json& step : steps->items())
      if (const Json* of_step = step.find("statistics")) expect_valid_statistics(of_step->dump());
}

void write_package(const std::string& file, const std::string& connector,
                   const std::vector<std::pair<std::string, std::string>>& entries) {
  const host::UniqueFd fd = host::open_file(file, O_RDWR | O_CREAT | O_TRUNC);
  host::ArchiveWriter archive(fd.get());
  for (const auto& [name, text] : entries) {
    archive.begin_entry(name);
    archive.write(text.data(), text.size());
  }
  if (!connector.empty()) {
    const std::string description = R"({"format":"ferry.package/1","connector":")" + connector + "\"}";
    archive.begin_entry(host::description_entry);
    archive.write(description.data(), description.size());
  }
  archive.finish();
}

std::string flows_answer(const std::string& nodes) { return R"({"rev":"r1","flows":)" + nodes + "}"; }

std::string large_flows(std::size_t bytes) {
  std::string text;
  std::mt19937 random(1);
  while (text.size() < bytes) text += "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+-"[random() % 64];
  return flows_answer(R"([{"id":"a1","type":"tab","label":"Orders","info":")" + text + "\"}]");
}

ScriptedServer::Answer gives_flows(const std::string& body) {
  return answers(200, "Content-Type: application/json\r\n", body);
}

std::size_t writes(const ScriptedServer& server) {
  std::size_t count = 0;
  for (const ReceivedRequest& request : server.requests()) count += request.method != "GET" ? 1 : 0;
  return count;
}

bool is_alive(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  if (!std::getline(file, text)) return false;
  const char process_state = text[text.rfind(')') + 2];
  return process_state != 'Z' && process_state != 'X';
}

std::vector<pid_t> children_of(pid_t pid) {
  std::vector<pid_t> found;
  for (const fs::directory_entry& entry : fs::directory_iterator("/proc")) {
    std::ifstream file(entry.path() / "stat");
    std::string text;
    if (!std::getline(file, text)) continue;
    std::istringstream rest(text.substr(text.rfind(')') + 4));
    pid_t parent = 0;
    if (rest >> parent; parent == pid) found.push_back(std::stoi(entry.path().filename()));
  }
  return found;
}

}  // namespace ferry::test
