#include "tests/support/node_red/node_red_server.hpp"

#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/StreamCopier.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <functional>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace ferry::testing {

namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

std::string read_whole(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

bool wait_for(const std::function<bool()>& condition, std::chrono::milliseconds longest) {
  const auto deadline = std::chrono::steady_clock::now() + longest;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(10ms);
  }
  return true;
}

int free_port() {
  Poco::Net::ServerSocket socket(Poco::Net::SocketAddress("127.0.0.1", 0));
  return socket.address().port();
}

std::string quoted(const std::string& text) { return '"' + text + '"'; }

std::string users_json(const std::vector<NodeRedUser>& users) {
  std::string out = "[";
  for (const NodeRedUser& user : users)
    out += std::string(out.size() > 1 ? "," : "") + R"({"username":)" + quoted(user.username) + R"(,"password":)" +
           quoted(user.password) + R"(,"permissions":)" + user.permissions + "}";
  return out + "]";
}

}  // namespace

fs::path NodeRedServer::installation() {
  const fs::path folder = fs::path(FERRY_BINARY_DIR) / "node-red";
  const std::string script = std::string(FERRY_SOURCE_DIR) + "/tests/support/node_red/install.sh";
  if (std::system(("'" + script + "' '" + folder.string() + "' >&2").c_str()) != 0)
    throw std::runtime_error("Node-RED could not be installed: " + script + " " + folder.string());
  return folder;
}

NodeRedServer::NodeRedServer(NodeRedOptions options) : options_(std::move(options)) {
  std::string pattern = (fs::temp_directory_path() / "ferry-node-red-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary directory for Node-RED");
  directory_ = pattern;
  std::ofstream(directory_ / "flows.json", std::ios::binary) << options_.flows;
  // Somebody may take the port between the moment it is found free and the one Node-RED opens it.
  for (int attempt = 1; attempt <= 3; ++attempt) {
    start();
    if (wait_until_up()) return;
    stop();
  }
  const std::string text = log();
  fs::remove_all(directory_);
  throw std::runtime_error("Node-RED did not start:\n" +
                           text.substr(text.size() - std::min<std::size_t>(text.size(), 2000)));
}

NodeRedServer::~NodeRedServer() {
  stop();
  std::error_code ignored;
  fs::remove_all(directory_, ignored);
}

std::string NodeRedServer::origin() const { return "http://127.0.0.1:" + std::to_string(port_); }

std::string NodeRedServer::url() const { return origin() + (options_.admin_root == "/" ? "" : options_.admin_root); }

std::string NodeRedServer::log() const { return read_whole(directory_ / "log"); }

void NodeRedServer::start() {
  const std::string folder = installation().string();
  port_ = free_port();
  const std::string program = folder + "/node_modules/node-red/red.js";
  const std::string settings = std::string(FERRY_SOURCE_DIR) + "/tests/support/node_red/settings.js";
  const std::string log = (directory_ / "log").string(), directory = directory_.string();
  std::vector<std::string> environment = {"FERRY_TEST_NODE_RED=" + folder,
                                          "FERRY_TEST_PORT=" + std::to_string(port_),
                                          "FERRY_TEST_USERS=" + users_json(options_.users),
                                          "FERRY_TEST_ADMIN_ROOT=" + options_.admin_root,
                                          "FERRY_TEST_API_MAX_LENGTH=" + options_.api_max_length,
                                          "HOME=" + directory};
  if (const char* path = std::getenv("PATH")) environment.push_back(std::string("PATH=") + path);
  std::vector<char*> variables;
  for (std::string& variable : environment) variables.push_back(variable.data());
  variables.push_back(nullptr);
  const char* arguments[] = {"node",
                             "--max-old-space-size=3000",
                             program.c_str(),
                             "--userDir",
                             directory.c_str(),
                             "--settings",
                             settings.c_str(),
                             nullptr};
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error("no process for Node-RED");
  if (pid_ == 0) {
    // It ends with the tests, also when those are killed.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(126);
    const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ::dup2(out, 1);
    ::dup2(out, 2);
    ::execvpe("node", const_cast<char* const*>(arguments), variables.data());
    ::_exit(127);
  }
}

bool NodeRedServer::wait_until_up() {
  return wait_for(
             [&] {
               int status = 0;
               if (::waitpid(pid_, &status, WNOHANG) == pid_) {
                 pid_ = -1;
                 return true;
               }
               const std::string text = log();
               return text.find("Started flows") != std::string::npos ||
                      text.find("Waiting for missing types") != std::string::npos;
             },
             60s) &&
         pid_ > 0;
}

void NodeRedServer::stop() noexcept {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGTERM);
  int status = 0;
  if (!wait_for([&] { return ::waitpid(pid_, &status, WNOHANG) != 0; }, 5s)) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, &status, 0);
  }
  pid_ = -1;
}

NodeRedAnswer NodeRedServer::send(const std::string& method, const std::string& path, const std::string& body,
                                  const std::vector<std::pair<std::string, std::string>>& headers) const {
  Poco::Net::HTTPClientSession session("127.0.0.1", static_cast<Poco::UInt16>(port_));
  session.setTimeout(Poco::Timespan(180, 0));
  const std::string root = options_.admin_root == "/" ? "" : options_.admin_root;
  Poco::Net::HTTPRequest request(method, root + path, Poco::Net::HTTPMessage::HTTP_1_1);
  for (const auto& [name, value] : headers) request.set(name, value);
  if (method != "GET" || !body.empty()) request.setContentLength64(static_cast<Poco::Int64>(body.size()));
  session.sendRequest(request) << body << std::flush;
  Poco::Net::HTTPResponse response;
  std::istream& in = session.receiveResponse(response);
  NodeRedAnswer answer;
  Poco::StreamCopier::copyToString(in, answer.body, 1 << 16);
  answer.status = response.getStatus();
  answer.content_type = response.getContentType();
  for (const auto& [name, value] : response) answer.headers.emplace_back(name, value);
  return answer;
}

void NodeRedServer::set_flows(const std::string& flows, const std::string& deployment_type) {
  const NodeRedAnswer answer = send(
      "POST", "/flows", flows, {{"Content-Type", "application/json"}, {"Node-RED-Deployment-Type", deployment_type}});
  if (answer.status != 204)
    throw std::runtime_error("POST /flows: " + std::to_string(answer.status) + " " + answer.body);
  wait_until_started();
}

std::string NodeRedServer::flows() const { return send("GET", "/flows").body; }

void NodeRedServer::wait_until_started() {
  if (!wait_for([&] { return send("GET", "/flows/state").body.find("\"start\"") != std::string::npos; }, 30s))
    throw std::runtime_error("the flows did not start:\n" + log());
}

}  // namespace ferry::testing
