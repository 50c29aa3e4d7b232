// HTTP/1.1 by hand: what is sent is exactly what the test says, and what came back is kept as it came.
//
// Playing runs one environment on a free port, with a clock that stands still until the test moves it. Throws
// std::runtime_error where a connection breaks or an answer is no HTTP.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "samples/sandbox/core/listener.hpp"
#include "samples/sandbox/core/site.hpp"

namespace sandbox::test {

struct RawAnswer {
  int status = 0;
  Headers headers;
  std::string body;

  std::string header(const std::string& name) const;
  json::Object json() const;  // fails the test's run by BadRequest if the body is no object
};

// Opens a connection, sends the request with Host, Connection: close and Content-Length added, and reads to the end.
RawAnswer send(std::uint16_t port, const std::string& method, const std::string& target, const Headers& headers = {},
               const std::string& body = "");
// The bytes as they are; everything that comes back until the server closes.
std::string raw_exchange(std::uint16_t port, const std::string& bytes);
RawAnswer parse_answer(const std::string& bytes);  // a body shorter than its Content-Length is an error

struct Part {
  std::string name, file_name, content_type, content;
};
std::pair<std::string, std::string> form(const std::vector<Part>&);  // content type, body

class Playing {
 public:
  Playing(Factory make, Settings settings) : site_(std::move(make), with_clock(std::move(settings))) {}

  RawAnswer get(const std::string& target, const Headers& headers = {}) { return send("GET", target, headers); }
  RawAnswer post(const std::string& target, const Headers& headers, const std::string& body) {
    return send("POST", target, headers, body);
  }
  RawAnswer send(const std::string& method, const std::string& target, const Headers& headers = {},
                 const std::string& body = "") {
    return test::send(listener_.port(), method, target, headers, body);
  }
  std::uint16_t port() const { return listener_.port(); }
  std::string url() const { return listener_.url(); }
  Site& site() { return site_; }
  FaultBox& faults() { return site_.faults(); }
  std::int64_t now_ms() const { return now_ms_; }
  void advance(std::int64_t milliseconds) { now_ms_ += milliseconds; }

 private:
  Settings with_clock(Settings settings) {
    settings.now_ms = [this] { return now_ms_.load(); };
    return settings;
  }

  std::atomic<std::int64_t> now_ms_ = 1'767'225'600'000;  // the first of January 2026
  Site site_;
  Listener listener_{site_, "127.0.0.1", 0};
};

}  // namespace sandbox::test
