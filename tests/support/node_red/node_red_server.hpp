// A real Node-RED for tests: installed once under the build directory, started on a free port with a user directory of
// its own, stopped when the object dies. Throws std::runtime_error with the end of its log if it does not come up.
// An object belongs to one thread; several servers run side by side.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace ferry::testing {

struct NodeRedUser {
  std::string username, password;
  std::string permissions;  // JSON: "*", "read", ["flows.read"]; with quotes
};

struct NodeRedOptions {
  std::vector<NodeRedUser> users = {};  // none: the Admin API is open
  std::string flows = "[]";             // the flow file it starts with
  std::string admin_root = "/";
  std::string api_max_length = "200mb";
};

struct NodeRedAnswer {
  int status = 0;
  std::string content_type, body;
  std::vector<std::pair<std::string, std::string>> headers;
};

class NodeRedServer {
 public:
  explicit NodeRedServer(NodeRedOptions options = {});
  ~NodeRedServer();
  NodeRedServer(const NodeRedServer&) = delete;
  NodeRedServer& operator=(const NodeRedServer&) = delete;

  // Where it is installed; installs it if need be.
  static std::filesystem::path installation();

  std::string url() const;  // of the Admin API, without a slash at its end
  std::string origin() const;
  pid_t pid() const noexcept { return pid_; }
  const std::filesystem::path& user_directory() const noexcept { return directory_; }
  std::string log() const;

  // path: below url(). Throws Poco::Exception if there is no answer.
  NodeRedAnswer send(const std::string& method, const std::string& path, const std::string& body = {},
                     const std::vector<std::pair<std::string, std::string>>& headers = {}) const;
  // Replaces all flows (body: a list of nodes) and waits until they run.
  void set_flows(const std::string& flows, const std::string& deployment_type = "full");
  // The list of nodes, as Node-RED gives it.
  std::string flows() const;
  // Waits until what was deployed has started again; throws after a while.
  void wait_until_started();

 private:
  void start();
  bool wait_until_up();
  void stop() noexcept;

  NodeRedOptions options_;
  std::filesystem::path directory_;
  int port_ = 0;
  pid_t pid_ = -1;
};

}  // namespace ferry::testing
