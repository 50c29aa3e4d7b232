#include "tests/benchmark/http_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <stdexcept>

#include "ferry/percent.hpp"

namespace ferry::benchmark {
namespace {

constexpr std::size_t buffer_bytes = 512u << 10;

}  // namespace

HttpClient::HttpClient(const std::string& url) : buffer_(buffer_bytes) {
  const std::size_t start = url.find("://") + 3;
  host_ = url.substr(start, url.find('/', start) - start);
  const std::size_t colon = host_.find(':');
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(host_.substr(colon + 1))));
  ::inet_pton(AF_INET, host_.substr(0, colon).c_str(), &address.sin_addr);
  socket_.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    throw std::runtime_error("cannot connect to " + url);
  const int on = 1;
  ::setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

void HttpClient::write(std::string_view bytes, int flags) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | flags);
    if (sent <= 0) throw std::runtime_error("the connection broke while a request was sent");
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

std::size_t HttpClient::read(std::size_t at) {
  const ssize_t got = ::recv(socket_.get(), buffer_.data() + at, buffer_.size() - at, 0);
  if (got <= 0) throw std::runtime_error("the connection broke while an answer came");
  return static_cast<std::size_t>(got);
}

HttpClient::Answer HttpClient::send(std::string_view method, const std::string& target, const std::string& headers,
                                    const std::vector<std::string_view>& body) {
  std::size_t size = 0;
  for (const std::string_view piece : body) size += piece.size();
  write(std::string(method) + " " + target + " HTTP/1.1\r\nHost: " + host_ + "\r\n" + headers +
            (size > 0 ? "Content-Length: " + std::to_string(size) + "\r\n\r\n" : std::string("\r\n")),
        size > 0 ? MSG_MORE : 0);
  for (const std::string_view piece : body) write(piece, 0);

  std::size_t filled = 0, head = std::string_view::npos;
  while (head == std::string_view::npos) {
    filled += read(filled);
    head = std::string_view(buffer_.data(), filled).find("\r\n\r\n");
  }
  const std::string_view all(buffer_.data(), head);
  constexpr std::string_view length = "\r\nContent-Length: ";
  const std::size_t at = all.find(length);
  if (!all.starts_with("HTTP/1.1 2") || at == std::string_view::npos)
    throw std::runtime_error(std::string(method) + " " + target + ": " + std::string(all.substr(0, all.find('\r'))));
  const std::uint64_t bytes = std::stoull(std::string(all.substr(at + length.size(), 20)));

  const std::size_t start = head + 4;
  std::uint64_t received = filled - start;
  std::size_t from = start;  // of what is kept of the body
  while (received < bytes) {
    if (buffer_.size() - filled < buffer_.size() / 4) {
      // The end of what came is kept, so that the body's end is whole.
      const std::size_t kept = std::min<std::size_t>(filled - from, 1024);
      std::copy(buffer_.data() + filled - kept, buffer_.data() + filled, buffer_.data());
      from = 0;
      filled = kept;
    }
    const std::size_t got = read(filled);
    filled += got;
    received += got;
  }
  return {bytes, std::string_view(buffer_.data() + from, filled - from)};
}

std::string HttpClient::text(std::string_view method, const std::string& target, const std::string& headers,
                             const std::string& body) {
  return std::string(send(method, target, headers, {body}).end);
}

std::uint64_t read_pages(HttpClient& client, const std::string& first, const std::string& headers) {
  std::uint64_t bytes = 0;
  for (std::string target = first; !target.empty();) {
    const HttpClient::Answer answer = client.send("GET", target, headers);
    bytes += answer.bytes;
    constexpr std::string_view next = "\"next\":\"";
    const std::size_t at = answer.end.rfind(next);
    target.clear();
    if (at == std::string_view::npos) continue;
    const std::string_view cursor = answer.end.substr(at + next.size());
    target = first + "&next=" + percent_encoded(cursor.substr(0, cursor.find('"')));
  }
  return bytes;
}

}  // namespace ferry::benchmark
