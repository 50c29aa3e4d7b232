#include "samples/sandbox/core/listener.hpp"

#include <Poco/Exception.h>
#include <Poco/Net/SecureServerSocket.h>
#include <Poco/Net/ServerSocket.h>
#include <sys/socket.h>

#include <atomic>
#include <list>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "samples/sandbox/core/exchange.hpp"
#include "samples/sandbox/core/wire.hpp"

namespace sandbox {

class Listener::State {
 public:
  State(Handler& handler, const std::string& host, std::uint16_t port, Poco::Net::Context::Ptr tls)
      : handler_(handler), host_(host), is_secure_(tls) {
    if (is_secure_) socket_ = Poco::Net::SecureServerSocket(tls);
    socket_.bind(Poco::Net::SocketAddress(host, port), true, false);
    socket_.listen(1024);
    port_ = socket_.address().port();
    accepting_ = std::thread([this] { accept(); });
  }

  ~State() {
    is_ending_ = true;
    // Wakes the thread that accepts.
    ::shutdown(socket_.impl()->sockfd(), SHUT_RDWR);
    accepting_.join();
    pause_.end();
    for (Connection& connection : connections_) {
      connection.end();
      connection.thread.join();
    }
  }

  std::uint16_t port() const { return port_; }
  std::string url() const { return (is_secure_ ? "https://" : "http://") + host_ + ":" + std::to_string(port_); }

 private:
  struct Connection {
    std::thread thread;
    std::mutex mutex;
    int descriptor = -1;  // while it is open
    std::atomic<bool> is_over = false;

    // Not the socket's own shutdown, which for TLS would speak to the client beside the connection's thread.
    void end() {
      const std::lock_guard lock(mutex);
      if (descriptor >= 0) ::shutdown(descriptor, SHUT_RDWR);
    }
    void set_descriptor(int value) {
      const std::lock_guard lock(mutex);
      descriptor = value;
    }
  };

  void accept() {
    while (!is_ending_) {
      try {
        // Only the connection's thread has this socket, so that it alone closes it.
        auto socket = std::make_unique<Poco::Net::StreamSocket>(socket_.acceptConnection());
        remove_those_over();
        Connection& connection = connections_.emplace_back();
        connection.descriptor = socket->impl()->sockfd();
        connection.thread = std::thread([this, &connection, own = std::move(socket)]() mutable {
          serve(*own);
          connection.set_descriptor(-1);
          own.reset();
          connection.is_over = true;
        });
      } catch (const std::exception&) {
        // A client that went away at once, or no descriptor or thread for now.
        if (!connections_.empty() && !connections_.back().thread.joinable()) connections_.pop_back();
        if (!is_ending_) pause_.wait(10);
      }
    }
  }

  void remove_those_over() {
    for (auto connection = connections_.begin(); connection != connections_.end();) {
      const auto next = std::next(connection);
      if (connection->is_over) {
        connection->thread.join();
        connections_.erase(connection);
      }
      connection = next;
    }
  }

  void serve(Poco::Net::StreamSocket& socket) {
    try {
      if (!is_secure_) socket.setNoDelay(true);
      Wire wire(socket, is_secure_, pause_);
      while (serve_exchange(wire, handler_, pause_, is_secure_)) continue;
    } catch (const ClientGone&) {
    } catch (const std::exception&) {
      // The client's end of a connection: nobody is left to tell.
    }
  }

  Handler& handler_;
  std::string host_;
  bool is_secure_;
  Poco::Net::ServerSocket socket_;
  std::uint16_t port_ = 0;
  Pause pause_;
  std::atomic<bool> is_ending_ = false;
  std::list<Connection> connections_;  // of the accepting thread, and after its end the destructor's
  std::thread accepting_;
};

Listener::Listener(Handler& handler, const std::string& host, std::uint16_t port, Poco::Net::Context::Ptr tls) {
  try {
    state_ = std::make_unique<State>(handler, host, port, std::move(tls));
  } catch (const Poco::Exception& failure) {
    throw std::runtime_error("Cannot listen on " + host + ":" + std::to_string(port) + ": " + failure.displayText() +
                             ". Choose other ports with --port N, or free ones with --port 0.");
  }
}

Listener::~Listener() = default;

std::uint16_t Listener::port() const { return state_->port(); }

std::string Listener::url() const { return state_->url(); }

}  // namespace sandbox
