#include "tests/samples/sandbox/raw_http.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

#include "samples/sandbox/core/answers.hpp"

namespace sandbox::test {

namespace {

class Connection {
 public:
  explicit Connection(std::uint16_t port) : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      ::close(descriptor_);
      throw std::runtime_error("cannot connect");
    }
  }
  ~Connection() { ::close(descriptor_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t count = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) return;  // what was answered before the server closed is still to be read
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
  }

  std::string read_all() {
    std::string all;
    std::vector<char> block(256u << 10);
    for (;;) {
      const ssize_t count = ::recv(descriptor_, block.data(), block.size(), 0);
      if (count <= 0) return all;
      all.append(block.data(), static_cast<std::size_t>(count));
    }
  }

 private:
  int descriptor_;
};

}  // namespace

std::string RawAnswer::header(const std::string& name) const {
  for (const auto& [header_name, value] : headers) {
    if (same_text(header_name, name)) return value;
  }
  return "";
}

json::Object RawAnswer::json() const { return json::parse_object(body); }

std::string raw_exchange(std::uint16_t port, const std::string& bytes) {
  Connection connection(port);
  connection.send(bytes);
  return connection.read_all();
}

RawAnswer parse_answer(const std::string& bytes) {
  const std::size_t end = bytes.find("\r\n\r\n");
  if (end == std::string::npos || bytes.compare(0, 9, "HTTP/1.1 ") != 0) {
    throw std::runtime_error("no answer, but " + std::to_string(bytes.size()) + " bytes");
  }
  RawAnswer answer;
  answer.status = std::stoi(bytes.substr(9, 3));
  for (std::size_t at = bytes.find("\r\n") + 2; at < end + 2;) {
    const std::size_t line_end = bytes.find("\r\n", at);
    const std::string line = bytes.substr(at, line_end - at);
    const std::size_t colon = line.find(": ");
    if (colon == std::string::npos) throw std::runtime_error("a header without a colon: " + line);
    answer.headers.emplace_back(line.substr(0, colon), line.substr(colon + 2));
    at = line_end + 2;
  }
  answer.body = bytes.substr(end + 4);
  const std::string length = answer.header("Content-Length");
  if (!length.empty() && std::stoull(length) != answer.body.size()) {
    throw std::runtime_error("the body has " + std::to_string(answer.body.size()) + " of " + length + " bytes");
  }
  return answer;
}

RawAnswer send(std::uint16_t port, const std::string& method, const std::string& target, const Headers& headers,
               const std::string& body) {
  std::string bytes =
      method + ' ' + target + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) + "\r\nConnection: close\r\n";
  for (const auto& [name, value] : headers) bytes += name + ": " + value + "\r\n";
  if (!body.empty() || method == "POST") bytes += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  return parse_answer(raw_exchange(port, bytes + "\r\n" + body));
}

std::pair<std::string, std::string> form(const std::vector<Part>& parts) {
  const std::string boundary = "----a-boundary-of-a-test";
  std::string body;
  for (const Part& part : parts) {
    body += "--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + part.name + '"';
    if (!part.file_name.empty()) body += "; filename=\"" + part.file_name + '"';
    body += "\r\n";
    if (!part.content_type.empty()) body += "Content-Type: " + part.content_type + "\r\n";
    body += "\r\n" + part.content + "\r\n";
  }
  return {"multipart/form-data; boundary=" + boundary, body + "--" + boundary + "--\r\n"};
}

}  // namespace sandbox::test
