#include "tests/benchmark/package_server.hpp"

#include <netinet/in.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <vector>

#include "host/base/unique_fd.hpp"

namespace ferry::benchmark {
namespace {

constexpr std::uint64_t piece_size = 16u << 20;

bool send_text(int peer, const std::string& text) {
  return ::send(peer, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
}

bool send_package(int peer, int piece, std::uint64_t size) {
  if (!send_text(peer, "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n")) return false;
  for (std::uint64_t sent = 0; sent < size;) {
    off_t at = static_cast<off_t>(sent % piece_size);
    const ssize_t step = ::sendfile(peer, piece, &at, std::min(piece_size - sent % piece_size, size - sent));
    if (step <= 0) return false;
    sent += static_cast<std::uint64_t>(step);
  }
  return true;
}

std::uint64_t announced(std::string_view head) {
  const std::size_t at = head.find("Content-Length: ");
  return at == std::string_view::npos ? 0 : std::stoull(std::string(head.substr(at + 16, 20)));
}

void serve(int peer, int piece, std::uint64_t size) {
  std::vector<char> buffer(512 * 1024);
  std::string head;
  for (;;) {
    std::size_t end;
    while ((end = head.find("\r\n\r\n")) == std::string::npos) {
      const ssize_t got = ::recv(peer, buffer.data(), buffer.size(), 0);
      if (got <= 0) return;
      head.append(buffer.data(), static_cast<std::size_t>(got));
    }
    end += 4;
    if (head.starts_with("GET")) {
      if (!send_package(peer, piece, size)) return;
      head.erase(0, end);
      continue;
    }
    const std::uint64_t length = announced(std::string_view(head).substr(0, end));
    std::uint64_t received = head.size() - end;
    head.clear();
    while (received < length) {
      const ssize_t got = ::recv(peer, buffer.data(), std::min<std::uint64_t>(buffer.size(), length - received), 0);
      if (got <= 0) return;
      received += static_cast<std::uint64_t>(got);
    }
    if (!send_text(peer, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")) return;
  }
}

[[noreturn]] void serve_all(int listener, int piece, std::uint64_t size) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (;;) {
    const int peer = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (peer < 0) ::_exit(1);
    std::thread([=] {
      serve(peer, piece, size);
      ::close(peer);
    }).detach();
  }
}

}  // namespace

PackageServer::PackageServer(std::uint64_t package_size) {
  const host::UniqueFd listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  if (::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), length) != 0 || ::listen(listener.get(), 16) != 0 ||
      ::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &length) != 0)
    throw std::runtime_error("the package server cannot listen");
  port_ = ntohs(address.sin_port);

  const host::UniqueFd piece(::memfd_create("piece", MFD_CLOEXEC));
  std::vector<std::uint64_t> bytes(piece_size / sizeof(std::uint64_t));
  std::generate(bytes.begin(), bytes.end(), std::mt19937_64(1));
  if (::write(piece.get(), bytes.data(), piece_size) != static_cast<ssize_t>(piece_size))
    throw std::runtime_error("the package server has no memory");
  process_ = ::fork();
  if (process_ == 0) serve_all(listener.get(), piece.get(), package_size);
  if (process_ < 0) throw std::runtime_error("the package server cannot be started");
}

PackageServer::~PackageServer() {
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
}

}  // namespace ferry::benchmark
