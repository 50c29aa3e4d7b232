#include "samples/sandbox/core/listener.hpp"

#include <Poco/Exception.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/SecureServerSocket.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/TCPServer.h>
#include <Poco/Net/TCPServerConnection.h>
#include <Poco/Net/TCPServerConnectionFactory.h>
#include <Poco/ThreadPool.h>
#include <sys/socket.h>

#include <mutex>
#include <set>
#include <stdexcept>

#include "samples/sandbox/core/exchange.hpp"
#include "samples/sandbox/core/wire.hpp"

namespace sandbox {

namespace {

constexpr int most_connections = 2000;

}  // namespace

class Listener::State {
 public:
  State(Handler& handler, const std::string& host, std::uint16_t port, Poco::Net::Context::Ptr tls)
      : handler_(handler), host_(host), is_secure_(tls), pool_(2, most_connections + 1) {
    const Poco::Net::SocketAddress address(host, port);
    if (is_secure_) socket_ = Poco::Net::SecureServerSocket(tls);
    socket_.bind(address, true, false);
    socket_.listen(1024);
    port_ = socket_.address().port();
    Poco::Net::TCPServerParams::Ptr parameters = new Poco::Net::TCPServerParams;
    parameters->setMaxThreads(most_connections);
    parameters->setMaxQueued(most_connections);
    server_ = std::make_unique<Poco::Net::TCPServer>(new Factory(*this), pool_, socket_, parameters);
    server_->start();
  }

  ~State() {
    // Poco looks for the end every 250 ms only; a socket that is shut down wakes it at once.
    ::shutdown(socket_.impl()->sockfd(), SHUT_RDWR);
    server_->stop();
    pause_.end();
    {
      const std::lock_guard lock(mutex_);
      is_ending_ = true;
      // Not the sockets' own shutdown, which for TLS would speak to the client beside the connection's thread.
      for (const int descriptor : open_) ::shutdown(descriptor, SHUT_RDWR);
    }
    pool_.joinAll();
  }

  std::uint16_t port() const { return port_; }
  std::string url() const { return (is_secure_ ? "https://" : "http://") + host_ + ":" + std::to_string(port_); }

 private:
  class Connection : public Poco::Net::TCPServerConnection {
   public:
    Connection(const Poco::Net::StreamSocket& socket, State& state)
        : Poco::Net::TCPServerConnection(socket), state_(state) {}
    void run() override { state_.serve(socket()); }

   private:
    State& state_;
  };

  class Factory : public Poco::Net::TCPServerConnectionFactory {
   public:
    explicit Factory(State& state) : state_(state) {}
    Poco::Net::TCPServerConnection* createConnection(const Poco::Net::StreamSocket& socket) override {
      return new Connection(socket, state_);
    }

   private:
    State& state_;
  };

  void serve(Poco::Net::StreamSocket& socket) {
    const int descriptor = socket.impl()->sockfd();
    {
      const std::lock_guard lock(mutex_);
      if (is_ending_) return;
      open_.insert(descriptor);
    }
    try {
      if (!is_secure_) socket.setNoDelay(true);
      Wire wire(socket, is_secure_, pause_);
      while (serve_exchange(wire, handler_, pause_, is_secure_)) continue;
    } catch (const ClientGone&) {
    } catch (const Poco::Exception&) {
      // The client's end of a connection: nobody is left to tell.
    }
    const std::lock_guard lock(mutex_);
    open_.erase(descriptor);
  }

  Handler& handler_;
  std::string host_;
  bool is_secure_;
  Poco::Net::ServerSocket socket_;
  std::uint16_t port_ = 0;
  Pause pause_;
  std::mutex mutex_;
  std::set<int> open_;
  bool is_ending_ = false;
  Poco::ThreadPool pool_;
  std::unique_ptr<Poco::Net::TCPServer> server_;
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
