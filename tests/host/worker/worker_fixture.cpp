#include "tests/host/worker/worker_fixture.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>

#include "host/base/json_text.hpp"
#include "host/connectors/manifest.hpp"

namespace ferry::host::test {

void Recorder::tell(const std::string& event) {
  if (hook) hook(event);
}

void Recorder::on_fact(std::string_view fact) {
  facts.emplace_back(fact);
  order.push_back("fact");
  tell("fact");
}

void Recorder::on_records(std::string_view stream, std::uint64_t count, std::string_view lines) {
  batches.push_back({std::string(stream), count, std::string(lines)});
  order.push_back("records " + std::string(stream));
  tell(order.back());
}

void Recorder::on_checkpoint(std::string_view stream, std::string_view state) {
  order.push_back("checkpoint " + std::string(stream) + " " + std::string(state));
  tell(order.back());
}

void Recorder::on_progress(const WorkerProgress& progress) {
  phases.push_back(progress.phase);
  if (stages.empty() || stages.back() != progress.stage) stages.push_back(progress.stage);
  tell("progress");
}

void Recorder::on_log(int, const std::string& source, const std::string& message) {
  lines_.push_back({source, message});
  tell("log");
}

void Recorder::on_mask(std::string_view value) { masks.emplace_back(value); }

std::string Recorder::on_request(std::string_view text) {
  requests.emplace_back(text);
  const Poco::JSON::Object::Ptr request = parse_object(text);
  const auto what = request->getValue<std::string>("do");
  const auto key = request->getValue<std::string>("key");
  Poco::JSON::Object answer;
  if (key == "broken") answer.set("error", "the disk is gone");
  if (what == "state_put") state[key] = request->getValue<std::string>("value");
  if (what == "state_remove") state.erase(key);
  if (what == "state_get") {
    answer.set("found", state.contains(key));
    if (state.contains(key)) answer.set("value", state[key]);
  }
  return json_text(answer);
}

std::vector<std::string> Recorder::logs(const std::string& source) const {
  std::vector<std::string> found;
  for (const Line& line : lines_)
    if (line.source == source) found.push_back(line.message);
  return found;
}

std::string Recorder::result(const std::string& step) const {
  for (const Line& line : lines_)
    if (line.source == "connector" && line.message.starts_with(step + " -> "))
      return line.message.substr(step.size() + 4);
  return "";
}

WorkerTest::WorkerTest() : home_(testing::TempDir()), package_(open_file(home_.path() / "package", O_RDWR | O_CREAT)) {
  limits_.idle = std::chrono::seconds(20);
  limits_.cancel_grace = std::chrono::milliseconds(400);
  limits_.term_grace = std::chrono::milliseconds(200);
}

WorkerStart WorkerTest::start_of(const std::string& animal, const std::string& operation) const {
  const Manifest manifest = read_manifest(std::filesystem::path(FERRY_BINARY_DIR) / "zoo" / animal / "connector.json");
  WorkerStart start;
  start.operation = operation;
  start.run_id = "20261121-201530-7f3a12";
  start.connector_id = manifest.id;
  start.connector_version = manifest.version;
  start.library = manifest.library;
  start.library_sha256 = manifest.library_sha256;
  start.operations = manifest.operations;
  start.config_json = R"({"connection":"animal","url":"","settings":{}})";
  start.request_json = "{}";
  start.granted_secrets = manifest.secrets;
  start.directory = home_.path();
  return start;
}

WorkerStart WorkerTest::script(const std::string& operation, const std::vector<std::string>& steps) const {
  WorkerStart start = start_of("follows_script", operation);
  start.request_json = "";
  for (const std::string& step : steps) start.request_json += step + "\n";
  return start;
}

WorkerStart WorkerTest::script_at(const std::string& stage, const std::string& steps) const {
  WorkerStart start = start_of("follows_script", "check");
  start.config_json = "{\"url\":\"" + stage + ":" + steps + "\"}";
  return start;
}

WorkerDone WorkerTest::run(const WorkerStart& start, Recorder& recorder) {
  const WorkerDone done = run_worker(program, start, package_.get(), limits_, recorder, cancellation_);
  EXPECT_TRUE(all_reaped()) << "a child was left";
  return done;
}

namespace {

struct ProcessStatus {
  char state = 'X';
  int group = 0;
};

ProcessStatus status_of_process(const std::filesystem::path& directory) {
  std::ifstream file(directory / "stat");
  std::string text;
  std::getline(file, text);
  const std::size_t end = text.rfind(')');
  ProcessStatus status;
  int parent = 0;
  if (end != std::string::npos) std::sscanf(text.c_str() + end + 2, "%c %d %d", &status.state, &parent, &status.group);
  return status;
}

bool lives(const ProcessStatus& status) { return status.state != 'X' && status.state != 'Z'; }

}  // namespace

std::vector<int> group_members(int group) {
  std::vector<int> members;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    const ProcessStatus status = status_of_process(entry.path());
    if (lives(status) && status.group == group) members.push_back(std::stoi(name));
  }
  return members;
}

bool is_alive(int pid) { return lives(status_of_process("/proc/" + std::to_string(pid))); }

bool all_reaped() {
  siginfo_t ended{};
  return ::waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT) == -1 && errno == ECHILD;
}

}  // namespace ferry::host::test
