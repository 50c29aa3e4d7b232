#include "host/http/connection.hpp"

#include <Poco/Exception.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/SSLException.h>
#include <Poco/Net/SecureStreamSocket.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <poll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>

#include "host/base/failure.hpp"
#include "host/base/text.hpp"
#include "host/http/answer_head.hpp"

namespace ferry::host {
namespace {

using Poco::Net::SecureStreamSocket;

constexpr std::size_t piece_size = 256u << 10;  // a system call's worth: larger ones bring nothing on loopback

std::string milliseconds_text(std::chrono::milliseconds duration) { return human_duration(duration.count()); }

std::string address_text(const Poco::Net::SocketAddress& address) { return address.toString(); }

[[noreturn]] void throw_connect_error(int error, const std::string& where) {
  switch (error) {
    case ECONNREFUSED: throw TransportError(Trouble::refused, "connection refused by " + where);
    case ETIMEDOUT: throw TransportError(Trouble::connect_timeout, "no answer from " + where);
    case ECONNRESET:
    case EPIPE: throw TransportError(Trouble::closed, "connection reset by " + where);
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case ENOBUFS: throw_errno("connecting to " + where, error);
    default: throw TransportError(Trouble::unreachable, "cannot reach " + where + " (" + std::strerror(error) + ")");
  }
}

TransportError reset_error(int error) {
  return {Trouble::closed, std::string("the connection broke (") +
                               (error != 0 ? std::strerror(error) : "closed without a farewell") + ")"};
}

}  // namespace

HttpConnection::HttpConnection(const Cancellation& cancellation, TransferCounts& counts)
    : cancellation_(cancellation), counts_(counts), buffer_(piece_size) {}

void HttpConnection::open(const Url& url, const std::optional<Proxy>& proxy, const LookUp& look_up, TlsTrust* trust,
                          std::chrono::milliseconds timeout) {
  connect_timeout_ = timeout;
  const auto end = std::chrono::steady_clock::now() + timeout;
  const auto left = [&] {
    return std::max(std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now()),
                    std::chrono::milliseconds(1));
  };
  const std::string& host = proxy ? proxy->host : url.host;
  const std::vector<Poco::Net::SocketAddress> addresses =
      resolve(look_up, host, proxy ? proxy->port : url.port, timeout, cancellation_);
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    // A silent address gets its share of the time only, so that the next one has a chance.
    deadline_ = std::chrono::steady_clock::now() + left() / static_cast<long>(addresses.size() - i);
    try {
      connect_to(addresses[i]);
      break;
    } catch (const TransportError& error) {
      if (i + 1 < addresses.size()) continue;
      if (!proxy) throw;
      throw TransportError(error.trouble(), "the proxy does not answer: " + std::string(error.what()),
                           "check the proxy settings (http_proxy, https_proxy, no_proxy)");
    }
  }
  deadline_ = end;
  if (proxy && url.secure()) tunnel(url, *proxy);
  if (trust != nullptr) handshake(url, *trust);
  deadline_.reset();
}

void HttpConnection::connect_to(const Poco::Net::SocketAddress& address) {
  cancellation_.throw_if_cancelled();
  const std::string where = address_text(address);
  socket_ = Poco::Net::StreamSocket();
  try {
    socket_.connectNB(address);
    ::fcntl(socket_.impl()->sockfd(), F_SETFD, FD_CLOEXEC);
    while ((poll_once(POLLOUT) & (POLLOUT | POLLERR | POLLHUP)) == 0) {
    }
    if (const int error = socket_.impl()->socketError(); error != 0) throw_connect_error(error, where);
    socket_.setNoDelay(true);
  } catch (const Poco::Exception& error) {
    throw_connect_error(error.code(), where);
  } catch (const TransportError& error) {
    if (error.trouble() != Trouble::connect_timeout) throw;
    throw TransportError(Trouble::connect_timeout,
                         "no connection to " + where + " within " + milliseconds_text(connect_timeout_));
  }
}

void HttpConnection::tunnel(const Url& url, const Proxy& proxy) {
  std::string target = url.authority();
  if (url.port == 443) target += ":443";
  std::string head = "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n";
  if (!proxy.authorization.empty()) head += "Proxy-Authorization: " + proxy.authorization + "\r\n";
  head += "User-Agent: ferry/" FERRY_VERSION "\r\n\r\n";
  send(head);
  const AnswerHead answer = receive_head(*this);
  if (answer.status / 100 == 2) return;
  if (answer.status >= 500)
    throw TransportError(Trouble::unreachable, "the proxy " + proxy.text() + " answered " +
                                                   std::to_string(answer.status) + " to CONNECT " + target);
  const std::string found = "the proxy " + proxy.text() + " answered " + std::to_string(answer.status) + " to CONNECT";
  if (answer.status == 407)
    throw TransportError(Trouble::proxy_credentials, found,
                         "give the proxy's user and password in https_proxy (http://user:password@host:port)");
  throw TransportError(Trouble::proxy, found,
                       "ask the proxy's operator to let " + target + " through, or name it in no_proxy");
}

void HttpConnection::handshake(const Url& url, TlsTrust& trust) {
  trust.expect(url.host);
  try {
    const std::string name = server_name(url.host);
    SecureStreamSocket secure = name.empty() ? SecureStreamSocket::attach(socket_, trust.context())
                                             : SecureStreamSocket::attach(socket_, name, trust.context());
    socket_ = secure;
    tls_ = true;
    for (;;) {
      cancellation_.throw_if_cancelled();
      ERR_clear_error();
      const int result = secure.completeHandshake();
      if (result > 0) return;
      if (result == 0) throw TransportError(Trouble::closed, "the connection was closed during the TLS handshake");
      wait(result == SecureStreamSocket::ERR_SSL_WANT_WRITE ? POLLOUT : POLLIN);
    }
  } catch (const Poco::Exception& error) {
    const std::string text = error.displayText();
    const bool hung_up = dynamic_cast<const Poco::Net::SSLException*>(&error) == nullptr ||
                         text.find("unexpected eof") != std::string::npos ||
                         text.find("unexpectedly closed") != std::string::npos;
    if (hung_up && !trust.refused())
      throw TransportError(Trouble::closed, "the connection was closed during the TLS handshake");
    throw trust.explain(text);
  }
}

bool HttpConnection::send(std::string_view bytes, bool more) {
  while (!bytes.empty()) {
    cancellation_.throw_if_cancelled();
    const Moved moved = try_send(bytes.substr(0, piece_size), more && bytes.size() <= piece_size);
    bytes.remove_prefix(moved.size);
    if (moved.step != Step::progress && wait_to_send(moved.step)) return false;
  }
  return true;
}

bool HttpConnection::send_file(int fd, std::uint64_t size) {
  std::vector<char> piece;
  bool by_kernel = !tls_;
  for (std::uint64_t offset = 0; offset < size;) {
    cancellation_.throw_if_cancelled();
    if (by_kernel) {
      const Moved moved = try_sendfile(fd, offset, size - offset);
      offset += moved.size;
      by_kernel = moved.step != Step::impossible;
      if (moved.step == Step::want_write && wait_to_send(moved.step)) return false;
      continue;
    }
    piece.resize(piece_size);
    const std::size_t wanted = static_cast<std::size_t>(std::min<std::uint64_t>(size - offset, piece_size));
    const ssize_t got = ::pread(fd, piece.data(), wanted, static_cast<off_t>(offset));
    if (got < 0) throw_errno("reading the file that is being sent", errno);
    if (got == 0)
      throw Failure(Fault::machine, "file_changed",
                    "the file that is being sent became shorter meanwhile; leave it alone until it is sent");
    if (!send({piece.data(), static_cast<std::size_t>(got)})) return false;
    offset += static_cast<std::uint64_t>(got);
  }
  return true;
}

HttpConnection::Moved HttpConnection::try_send(std::string_view bytes, bool more) {
  request_begun_ = true;
  if (!tls_) {  // not by Poco, to which a full buffer is an error
    const ssize_t moved =
        ::send(socket_.impl()->sockfd(), bytes.data(), bytes.size(), MSG_NOSIGNAL | (more ? MSG_MORE : 0));
    if (moved < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) throw reset_error(errno);
    if (moved < 0) return {Step::want_write};
    sent(static_cast<std::size_t>(moved));
    return {Step::progress, static_cast<std::size_t>(moved)};
  }
  try {
    ERR_clear_error();
    const int result = socket_.sendBytes(bytes.data(), static_cast<int>(bytes.size()), 0);
    if (result > 0) {
      sent(static_cast<std::size_t>(result));
      return {Step::progress, static_cast<std::size_t>(result)};
    }
    return {result == SecureStreamSocket::ERR_SSL_WANT_READ ? Step::want_read : Step::want_write};
  } catch (const Poco::Exception& error) {
    throw reset_error(error.code());
  }
}

HttpConnection::Moved HttpConnection::try_sendfile(int fd, std::uint64_t offset, std::uint64_t size) {
  off_t from = static_cast<off_t>(offset);
  request_begun_ = true;
  const ssize_t moved = ::sendfile(socket_.impl()->sockfd(), fd, &from,
                                   static_cast<std::size_t>(std::min<std::uint64_t>(size, 1u << 20)));
  if (moved > 0) {
    sent(static_cast<std::size_t>(moved));
    return {Step::progress, static_cast<std::size_t>(moved)};
  }
  if (moved < 0 && errno == EAGAIN) return {Step::want_write};
  if (moved < 0 && (errno == EPIPE || errno == ECONNRESET || errno == ENOTCONN || errno == ETIMEDOUT))
    throw reset_error(errno);
  // The end of the file, its errors, and file systems that cannot do this are pread's to find out.
  return {Step::impossible};
}

void HttpConnection::sent(std::size_t size) { counts_.bytes_sent.fetch_add(size, std::memory_order_relaxed); }

void HttpConnection::begin_request() {
  request_begun_ = false;
  watch_ = true;
}

bool HttpConnection::wait_to_send(Step step) {
  if (step == Step::want_read) {
    wait(POLLIN);
    return false;
  }
  const short ready = poll_once(static_cast<short>(watch_ ? POLLOUT | POLLIN : POLLOUT));
  if (!watch_ || (ready & POLLIN) == 0) return false;
  const Moved moved = try_receive();
  if (moved.step == Step::ended) throw reset_error(0);
  return moved.step == Step::progress && refusal_buffered();
}

bool HttpConnection::refusal_buffered() {
  const std::string_view bytes = buffered();
  if (bytes.size() < 12) return false;
  // An interim answer or a success does not stop the sending; looking on could only fill the buffer.
  watch_ = false;
  return bytes.substr(0, 7) == "HTTP/1." && bytes[9] >= '3';
}

HttpConnection::Moved HttpConnection::try_receive() {
  if (begin_ == end_) begin_ = end_ = 0;
  if (end_ == buffer_.size()) {
    if (begin_ == 0) throw TransportError(Trouble::protocol, "the answer is not HTTP: one line fills the whole buffer");
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  try {
    ERR_clear_error();
    const int result = socket_.receiveBytes(buffer_.data() + end_, static_cast<int>(buffer_.size() - end_));
    if (result > 0) {
      end_ += static_cast<std::size_t>(result);
      counts_.bytes_received.fetch_add(static_cast<std::uint64_t>(result), std::memory_order_relaxed);
      return {Step::progress, static_cast<std::size_t>(result)};
    }
    if (result == 0) return {Step::ended};
    return {tls_ && result == SecureStreamSocket::ERR_SSL_WANT_WRITE ? Step::want_write : Step::want_read};
  } catch (const Poco::Exception& error) {
    throw reset_error(error.code());
  }
}

bool HttpConnection::fill() {
  for (;;) {
    cancellation_.throw_if_cancelled();
    const Moved moved = try_receive();
    if (moved.step == Step::progress) return true;
    if (moved.step == Step::ended) return false;
    wait(moved.step == Step::want_write ? POLLOUT : POLLIN);
  }
}

bool HttpConnection::still_quiet() {
  if (begin_ != end_) return false;
  try {
    const Moved moved = try_receive();
    return moved.step == Step::want_read || moved.step == Step::want_write;
  } catch (const TransportError&) {
    return false;
  }
}

void HttpConnection::wait(short events) {
  while (poll_once(events) == 0) {
  }
}

short HttpConnection::poll_once(short events) {
  const auto start = std::chrono::steady_clock::now();
  const auto end = deadline_ ? *deadline_ : start + idle_timeout_;
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now()).count();
    if (left <= 0) {
      if (deadline_)
        throw TransportError(Trouble::connect_timeout,
                             "the connection was not ready within " + milliseconds_text(connect_timeout_));
      throw TransportError(Trouble::idle_timeout, std::string("the platform ") +
                                                      ((events & POLLOUT) != 0 ? "took" : "sent") + " nothing for " +
                                                      milliseconds_text(idle_timeout_));
    }
    pollfd descriptors[] = {{socket_.impl()->sockfd(), events, 0}, {cancellation_.wait_fd(), POLLIN, 0}};
    const int ready = ::poll(descriptors, 2, static_cast<int>(std::min<long long>(left, INT_MAX)));
    cancellation_.throw_if_cancelled();
    if (ready > 0 && descriptors[0].revents != 0) return descriptors[0].revents;
    if (ready < 0 && errno != EINTR) throw_errno("waiting for the network", errno);
  }
}

}  // namespace ferry::host
