#include "tests/support/test_server.hpp"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <zlib.h>

#include <algorithm>
#include <cstdlib>
#include <stdexcept>

#include "host/base/text.hpp"

namespace ferry::test {
namespace {

std::optional<std::string> find_header(const std::string& head, std::string_view name) {
  const std::string wanted = "\r\n" + host::lower(name) + ":";
  const std::size_t at = host::lower(head).find(wanted);
  if (at == std::string::npos) return std::nullopt;
  const std::size_t begin = head.find_first_not_of(' ', at + wanted.size());
  return head.substr(begin, head.find("\r\n", begin) - begin);
}

host::UniqueFd listen_on_free_port(std::uint16_t& port) {
  host::UniqueFd listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener.get(), 64) != 0)
    throw std::runtime_error("cannot listen");
  ::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size);
  port = ntohs(address.sin_port);
  return listener;
}

}  // namespace

std::string ReceivedRequest::header(std::string_view name) const { return find_header(head, name).value_or(""); }
bool ReceivedRequest::has(std::string_view name) const { return find_header(head, name).has_value(); }

std::size_t Peer::read(char* data, std::size_t size) {
  if (!buffered_.empty()) {
    const std::size_t taken = std::min(size, buffered_.size());
    std::copy_n(buffered_.data(), taken, data);
    buffered_.erase(0, taken);
    return taken;
  }
  const long got = ssl_ != nullptr ? SSL_read(ssl_, data, static_cast<int>(size)) : ::recv(fd_, data, size, 0);
  return got > 0 ? static_cast<std::size_t>(got) : 0;
}

std::optional<ReceivedRequest> Peer::receive_head() {
  std::string bytes;
  char piece[4096];
  std::size_t end;
  while ((end = bytes.find("\r\n\r\n")) == std::string::npos) {
    const std::size_t got = read(piece, sizeof piece);
    if (got == 0) return std::nullopt;
    bytes.append(piece, got);
  }
  buffered_.insert(0, bytes.substr(end + 4));
  ReceivedRequest request;
  request.head = bytes.substr(0, end + 2);
  const std::size_t space = bytes.find(' ');
  request.method = bytes.substr(0, space);
  request.target = bytes.substr(space + 1, bytes.find(' ', space + 1) - space - 1);
  return request;
}

std::optional<ReceivedRequest> Peer::receive(bool keep_body) {
  std::optional<ReceivedRequest> request = receive_head();
  if (!request) return request;
  const std::uint64_t size = std::strtoull(request->header("Content-Length").c_str(), nullptr, 10);
  std::vector<char> piece(256u << 10);
  while (request->body_size < size) {
    const std::size_t got = read(piece.data(), std::min<std::uint64_t>(piece.size(), size - request->body_size));
    if (got == 0) return std::nullopt;
    if (keep_body) request->body.append(piece.data(), got);
    request->body_size += got;
  }
  return request;
}

bool Peer::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const long sent = ssl_ != nullptr ? SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()))
                                      : ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool Peer::answer(int status, const std::string& headers, std::string_view body) {
  return send("HTTP/1.1 " + std::to_string(status) + " Status\r\n" + headers +
              "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body));
}

void Peer::reset() {
  const linger at_once{1, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

void Peer::hang() {
  pollfd event{fd_, POLLRDHUP, 0};
  ::poll(&event, 1, 20'000);
}

bool Peer::start_tls(const Identity& identity) {
  const std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  SSL_CTX_use_certificate(context.get(), identity.certificate.get());
  SSL_CTX_use_PrivateKey(context.get(), identity.key.get());
  ssl_ = SSL_new(context.get());
  SSL_set_fd(ssl_, fd_);
  if (SSL_accept(ssl_) != 1) {
    ERR_clear_error();
    return false;
  }
  const char* const name = SSL_get_servername(ssl_, TLSEXT_NAMETYPE_host_name);
  server_name_ = name != nullptr ? name : "";
  return true;
}

TestServer::TestServer(Handler handler, std::optional<Identity> identity)
    : handler_(std::move(handler)), identity_(std::move(identity)), listener_(listen_on_free_port(port_)) {
  acceptor_ = std::thread([this] { accept_all(); });
}

TestServer::~TestServer() {
  {
    std::lock_guard lock(mutex_);
    ending_ = true;
    for (const int fd : open_) ::shutdown(fd, SHUT_RDWR);
  }
  ::shutdown(listener_.get(), SHUT_RDWR);
  acceptor_.join();
  for (std::thread& thread : threads_) thread.join();
}

std::string TestServer::url(const std::string& path) const { return url_of("127.0.0.1", path); }

std::string TestServer::url_of(const std::string& host, const std::string& path) const {
  return (identity_ ? "https://" : "http://") + host + ":" + std::to_string(port_) + path;
}

void TestServer::accept_all() {
  for (;;) {
    const int fd = ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC);
    std::lock_guard lock(mutex_);
    if (fd < 0 || ending_) {
      if (fd >= 0) ::close(fd);
      return;
    }
    open_.push_back(fd);
    threads_.emplace_back([this, fd] { serve(fd); });
  }
}

void TestServer::serve(int fd) {
  // OpenSSL writes without MSG_NOSIGNAL.
  sigset_t pipe;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
  ++connections_;
  Peer peer(fd, nullptr);
  if (!identity_ || peer.start_tls(*identity_)) handler_(peer);
  if (peer.ssl_ != nullptr) {
    SSL_shutdown(peer.ssl_);
    SSL_free(peer.ssl_);
    ERR_clear_error();
  }
  std::lock_guard lock(mutex_);
  open_.remove(fd);
  ::close(fd);
  ++closed_;
}

ScriptedServer::ScriptedServer(std::vector<Answer> answers, std::optional<Identity> identity)
    : answers_(std::move(answers)) {
  server_ = std::make_unique<TestServer>(
      [this](Peer& peer) {
        while (const auto request = peer.receive()) {
          std::size_t number;
          {
            std::lock_guard lock(mutex_);
            number = requests_.size();
            requests_.push_back(*request);
          }
          answers_[std::min(number, answers_.size() - 1)](peer, *request);
        }
      },
      std::move(identity));
}

std::vector<ReceivedRequest> ScriptedServer::requests() const {
  std::lock_guard lock(mutex_);
  return requests_;
}

ScriptedServer::Answer answers(int status, const std::string& headers, const std::string& body) {
  return [=](Peer& peer, const ReceivedRequest&) { peer.answer(status, headers, body); };
}

ScriptedServer::Answer sends(const std::string& bytes) {
  return [=](Peer& peer, const ReceivedRequest&) {
    peer.send(bytes);
    ::shutdown(peer.fd(), SHUT_RDWR);
  };
}

std::uint16_t unused_port() {
  std::uint16_t port = 0;
  listen_on_free_port(port);
  return port;
}

std::string gzipped(std::string_view text, int window_bits) {
  z_stream stream{};
  if (deflateInit2(&stream, 6, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY) != Z_OK) throw std::bad_alloc();
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace ferry::test
