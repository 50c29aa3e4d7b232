// A server on raw sockets that does exactly what a test wants, right or wrong.
//
// Listens on a free port of 127.0.0.1; each connection gets a thread that runs the handler. Ending the server cuts all
// connections and joins all threads, so a handler may hang on purpose as long as it hangs in a call of its Peer.
#pragma once

#include <openssl/ssl.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "host/base/unique_fd.hpp"
#include "tests/support/certificates.hpp"

namespace ferry::test {

struct ReceivedRequest {
  std::string method, target, head, body;
  std::uint64_t body_size = 0;

  std::string header(std::string_view name) const;  // "": not there
  bool has(std::string_view name) const;
};

class Peer {
 public:
  Peer(int fd, SSL* ssl) : fd_(fd), ssl_(ssl) {}

  // Empty: the client has gone. keep_body false: the body is counted and thrown away.
  std::optional<ReceivedRequest> receive(bool keep_body = true);
  std::optional<ReceivedRequest> receive_head();
  bool send(std::string_view);
  // "HTTP/1.1 200 OK", the headers and a body with its length.
  bool answer(int status, const std::string& headers = "", std::string_view body = "");
  // Ends with RST instead of FIN.
  void reset();
  // Waits, without reading, until the client or the test ends.
  void hang();
  std::size_t read(char* data, std::size_t size);
  int fd() const { return fd_; }
  bool start_tls(const Identity&);
  std::string server_name() const { return server_name_; }

 private:
  friend class TestServer;
  int fd_;
  SSL* ssl_;
  std::string server_name_;
  std::string buffered_;
};

class TestServer {
 public:
  using Handler = std::function<void(Peer&)>;

  explicit TestServer(Handler, std::optional<Identity> identity = std::nullopt);
  ~TestServer();

  std::uint16_t port() const { return port_; }
  std::string url(const std::string& path = "") const;
  std::string url_of(const std::string& host, const std::string& path = "") const;
  int connections() const { return connections_; }
  int closed() const { return closed_; }

 private:
  void accept_all();
  void serve(int fd);

  Handler handler_;
  std::optional<Identity> identity_;
  std::uint16_t port_ = 0;
  host::UniqueFd listener_;
  std::atomic<int> connections_{0}, closed_{0};
  std::mutex mutex_;
  std::list<int> open_;
  bool ending_ = false;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

// Answers the n-th request with the n-th answer, over however many connections; the last one again and again. Keeps
// what it received.
class ScriptedServer {
 public:
  using Answer = std::function<void(Peer&, const ReceivedRequest&)>;

  explicit ScriptedServer(std::vector<Answer> answers, std::optional<Identity> identity = std::nullopt);

  std::uint16_t port() const { return server_->port(); }
  std::string url(const std::string& path = "") const { return server_->url(path); }
  std::string url_of(const std::string& host, const std::string& path = "") const {
    return server_->url_of(host, path);
  }
  int connections() const { return server_->connections(); }
  std::vector<ReceivedRequest> requests() const;

 private:
  std::vector<Answer> answers_;
  mutable std::mutex mutex_;
  std::vector<ReceivedRequest> requests_;
  std::unique_ptr<TestServer> server_;
};

// Answers for scripts.
ScriptedServer::Answer answers(int status, const std::string& headers = "", const std::string& body = "");
ScriptedServer::Answer sends(const std::string& bytes);  // and closes

std::uint16_t unused_port();
std::string gzipped(std::string_view text, int window_bits = 15 + 16);

}  // namespace ferry::test
