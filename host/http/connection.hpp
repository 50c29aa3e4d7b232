// One TCP connection to a platform, by way of a proxy and with TLS where needed: Poco sockets that never block, and
// poll() on the socket together with the cancellation, so that every wait ends within moments of a cancel.
//
// Used by one thread. Throws TransportError, Failure(cancelled), Failure(machine) for a file that cannot be read.
#pragma once

#include <Poco/Net/StreamSocket.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "host/base/cancellation.hpp"
#include "host/http/http_client.hpp"
#include "host/http/proxy.hpp"
#include "host/http/resolver.hpp"
#include "host/http/tls.hpp"
#include "host/http/url.hpp"

namespace ferry::host {

class HttpConnection {
 public:
  HttpConnection(const Cancellation&, TransferCounts&);
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  // Look-up, connect, CONNECT and handshake together take at most `timeout`. trust: for an https URL.
  void open(const Url&, const std::optional<Proxy>&, const LookUp&, TlsTrust* trust, std::chrono::milliseconds timeout);
  void set_idle_timeout(std::chrono::milliseconds timeout) { idle_timeout_ = timeout; }

  // Sends all, unless a refusal arrives meanwhile: then returns false, and what is left need not be sent.
  // more: more follows at once, so a small piece may wait for it.
  bool send(std::string_view bytes, bool more = false);
  bool send_file(int fd, std::uint64_t size);

  // What was received and not consumed. fill() waits for more; false: the other side ended.
  std::string_view buffered() const { return {buffer_.data() + begin_, end_ - begin_}; }
  void consume(std::size_t size) { begin_ += size; }
  bool fill();

  // Is a kept connection still open and silent? Never waits.
  bool still_quiet();
  // Some byte of a request has been handed to the kernel since the last call of begin_request.
  bool request_begun() const { return request_begun_; }
  void begin_request();

 private:
  enum class Step { progress, ended, want_read, want_write, impossible };
  struct Moved {
    Step step;
    std::size_t size = 0;
  };

  void connect_to(const Poco::Net::SocketAddress&);
  void tunnel(const Url&, const Proxy&);
  void handshake(const Url&, TlsTrust&);
  Moved try_send(std::string_view bytes, bool more);
  Moved try_sendfile(int fd, std::uint64_t offset, std::uint64_t size);
  Moved try_receive();
  void sent(std::size_t size);
  // True: a refusal has arrived.
  bool wait_to_send(Step);
  void wait(short events);
  short poll_once(short events);
  bool refusal_buffered();

  const Cancellation& cancellation_;
  TransferCounts& counts_;
  Poco::Net::StreamSocket socket_;
  bool tls_ = false;
  bool request_begun_ = false;
  bool watch_ = true;  // for an answer while sending
  std::chrono::milliseconds idle_timeout_{60'000}, connect_timeout_{0};
  std::optional<std::chrono::steady_clock::time_point> deadline_;  // while opening
  std::vector<char> buffer_;
  std::size_t begin_ = 0, end_ = 0;
};

}  // namespace ferry::host
