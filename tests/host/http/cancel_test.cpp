// Cancelled within a second, wherever the exchange stands: each server hangs at another point, and tells when it does.
#include <Poco/Net/SocketAddress.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <condition_variable>
#include <thread>

#include "host/base/files.hpp"
#include "tests/host/http/http_test.hpp"
#include "tests/support/test_server.hpp"

namespace ferry::test {
namespace {

using host::Failure;
using host::Fault;

// Set once, waited for with a deadline.
class Signal {
 public:
  void set() {
    std::lock_guard lock(mutex_);
    set_ = true;
    changed_.notify_all();
  }
  bool wait(std::chrono::milliseconds longest = std::chrono::seconds(10)) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, longest, [&] { return set_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool set_ = false;
};

class CancelTest : public HttpTest {
 protected:
  // Cancels once `there` is set, and checks how the exchange ends: by the cancellation, not because what it waits for
  // gives up, which takes longer than the deadline here.
  void expect_prompt_end(const host::HttpExchange& sent) {
    settings.connect_timeout = settings.idle_timeout = std::chrono::minutes(10);
    std::chrono::steady_clock::time_point cancelled;
    std::thread canceller([&] {
      EXPECT_TRUE(there->wait());
      cancelled = std::chrono::steady_clock::now();
      cancellation.cancel();
    });
    host::SystemClock real;
    host::HttpClient client(settings, real, cancellation, redactor, counts, {}, outside);
    Answer answer;
    answer.keep = false;
    try {
      client.send(sent, answer);
      ADD_FAILURE() << "not cancelled";
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.fault(), Fault::cancelled) << failure.message();
    }
    const auto ended = std::chrono::steady_clock::now();
    canceller.join();
    EXPECT_LT(ended - cancelled, deadline);
  }

  static constexpr std::chrono::seconds deadline{30};

  // Shared: the look-up that hangs outlives the test's body.
  std::shared_ptr<Signal> there = std::make_shared<Signal>();
};

TEST_F(CancelTest, WhileTheNameIsLookedUp) {
  const auto released = std::make_shared<Signal>(), done = std::make_shared<Signal>();
  outside.look_up = [there = there, released, done](const std::string&, std::uint16_t,
                                                    std::vector<Poco::Net::SocketAddress>& addresses) {
    there->set();
    released->wait(std::chrono::minutes(10));
    addresses.emplace_back("127.0.0.1", 1);
    done->set();
    return 0;
  };
  settings.base_url = "http://platform.example";
  expect_prompt_end(exchange("GET", "/"));
  released->set();
  EXPECT_TRUE(done->wait());
}

TEST_F(CancelTest, WhileConnecting) {
  // A listener whose queue is full takes no more connections.
  const host::UniqueFd listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(listener.get(), 0), 0);
  ::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size);
  std::vector<host::UniqueFd> waiting;
  for (int i = 0; i < 4; ++i) {
    waiting.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    ::connect(waiting.back().get(), reinterpret_cast<sockaddr*>(&address), size);
  }
  outside.look_up = [there = there](const std::string&, std::uint16_t port,
                                    std::vector<Poco::Net::SocketAddress>& addresses) {
    addresses.emplace_back("127.0.0.1", port);
    there->set();
    return 0;
  };
  settings.base_url = "http://platform.example:" + std::to_string(ntohs(address.sin_port));
  expect_prompt_end(exchange("GET", "/"));
}

TEST_F(CancelTest, WhileShakingHands) {
  TestServer server([&](Peer& peer) {
    char byte;
    peer.read(&byte, 1);
    there->set();
    peer.hang();
  });
  settings.base_url = "https://127.0.0.1:" + std::to_string(server.port());
  expect_prompt_end(exchange("GET", "/"));
}

TEST_F(CancelTest, WhileTheProxyThinks) {
  TestServer server([&](Peer& peer) {
    peer.receive_head();
    there->set();
    peer.hang();
  });
  settings.base_url = "https://platform.example";
  settings.https_proxy = server.url();
  expect_prompt_end(exchange("GET", "/"));
}

TEST_F(CancelTest, WhileSending) {
  TestServer server([&](Peer& peer) {
    peer.receive_head();
    there->set();
    peer.hang();
  });
  settings.base_url = server.url();
  const std::string large(64u << 20, 'x');
  expect_prompt_end(exchange("POST", "/", large));
}

TEST_F(CancelTest, WhileSendingEncrypted) {
  TestServer server(
      [&](Peer& peer) {
        peer.receive_head();
        there->set();
        peer.hang();
      },
      make_identity({}));
  settings.base_url = server.url();
  settings.verify_tls = false;
  const std::string large(64u << 20, 'x');
  expect_prompt_end(exchange("POST", "/", large));
}

TEST_F(CancelTest, WhileWaitingForTheAnswer) {
  TestServer server([&](Peer& peer) {
    peer.receive();
    there->set();
    peer.hang();
  });
  settings.base_url = server.url();
  expect_prompt_end(exchange("GET", "/"));
}

TEST_F(CancelTest, WhileReceiving) {
  TestServer server([&](Peer& peer) {
    peer.receive();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
    there->set();
    peer.hang();
  });
  settings.base_url = server.url();
  expect_prompt_end(exchange("GET", "/"));
}

TEST_F(CancelTest, WhileReceivingWithoutPause) {
  TestServer server([&](Peer& peer) {
    peer.receive();
    peer.send("HTTP/1.1 200 OK\r\n\r\n");
    const std::string piece(1u << 20, 'x');
    for (int i = 0; peer.send(piece); ++i)
      if (i == 10) there->set();
  });
  settings.base_url = server.url();
  expect_prompt_end(exchange("GET", "/"));
}

TEST_F(CancelTest, WhileWaitingToTryAgain) {
  TestServer server([&](Peer& peer) {
    while (peer.receive()) {
      peer.answer(503, "Retry-After: 60\r\n");
      there->set();
    }
  });
  settings.base_url = server.url();
  expect_prompt_end(exchange("GET", "/"));
}

TEST_F(CancelTest, BeforeItBegins) {
  settings.base_url = "http://127.0.0.1:" + std::to_string(unused_port());
  there->set();
  cancellation.cancel();
  EXPECT_EQ(failure_of_get("/").fault(), Fault::cancelled);
  EXPECT_EQ(counts.requests, 0u);
}

}  // namespace
}  // namespace ferry::test
