// What the tests of this folder share: a client with a clock that only pretends to sleep, and a receiver that keeps
// all.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "host/base/failure.hpp"
#include "host/http/http_client.hpp"

namespace ferry::test {

// Sleeping moves it on at once, and is written down.
class PretendedClock final : public host::Clock {
 public:
  std::int64_t now_unix_ms() const override { return now_ms; }
  std::chrono::steady_clock::time_point steady_now() const override {
    return std::chrono::steady_clock::time_point(std::chrono::milliseconds(now_ms));
  }
  void sleep(std::chrono::milliseconds duration, const host::Cancellation& cancellation) override {
    cancellation.throw_if_cancelled();
    slept.push_back(duration.count());
    now_ms += duration.count();
  }

  std::int64_t now_ms = 1'800'000'000'000;  // 2027-01-15T08:00:00Z
  std::vector<std::int64_t> slept;
};

// Waits for a condition, up to a deadline.
template <typename Condition>
bool eventually(const Condition& condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

struct Answer : host::HttpReceiver {
  void on_head(const host::HttpHead& received) override {
    head = received;
    body.clear();
    size = 0;
    ++heads;
  }
  void on_body(std::string_view piece) override {
    if (keep) body.append(piece);
    size += piece.size();
  }
  std::string header(std::string_view name) const {
    for (const auto& [key, value] : head.headers)
      if (key == name) return value;
    return "";
  }

  host::HttpHead head;
  std::string body;
  std::uint64_t size = 0;
  int heads = 0;
  bool keep = true;
};

class HttpTest : public ::testing::Test {
 protected:
  host::HttpClient& client() {
    if (!client_)
      client_ = std::make_unique<host::HttpClient>(
          settings, clock, cancellation, redactor, counts,
          [this](int, const std::string& message) { log += message + "\n"; }, outside);
    return *client_;
  }
  Answer send(const host::HttpExchange& exchange) {
    Answer answer;
    client().send(exchange, answer);
    return answer;
  }
  Answer get(const std::string& url) {
    host::HttpExchange exchange;
    exchange.url = url;
    return send(exchange);
  }
  // The failure that send ends with.
  host::Failure failure_of(const host::HttpExchange& exchange) {
    try {
      send(exchange);
    } catch (const host::Failure& failure) {
      return failure;
    }
    ADD_FAILURE() << "no failure";
    return host::Failure(host::Fault::usage, "none", "none");
  }
  host::Failure failure_of_get(const std::string& url) {
    host::HttpExchange exchange;
    exchange.url = url;
    return failure_of(exchange);
  }
  static host::HttpExchange exchange(const std::string& method, const std::string& url, std::string_view body = "") {
    host::HttpExchange made;
    made.method = method;
    made.url = url;
    made.body = body;
    return made;
  }

  host::HttpSettings settings;
  PretendedClock clock;
  host::Cancellation cancellation;
  host::Redactor redactor;
  host::TransferCounts counts;
  host::HttpOutside outside{{}, [] { return 0.5; }, {}};
  std::string log;

 private:
  std::unique_ptr<host::HttpClient> client_;
};

}  // namespace ferry::test
