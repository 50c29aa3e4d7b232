#include "host/http/retry_policy.hpp"

#include <gtest/gtest.h>

namespace ferry::host {
namespace {

Repeatability of(const std::string& method, bool repeatable = false, const std::string& key = "") {
  HttpExchange exchange;
  exchange.repeatable = repeatable;
  exchange.idempotency_key = key;
  return repeatability(method, exchange);
}

TEST(RetryPolicy, ByMethodAndTrouble) {
  for (const Trouble trouble : {Trouble::dns_temporary, Trouble::refused, Trouble::unreachable,
                                Trouble::connect_timeout, Trouble::closed, Trouble::idle_timeout, Trouble::truncated}) {
    for (const char* method : {"GET", "HEAD", "OPTIONS", "PUT", "DELETE"}) {
      EXPECT_TRUE(may_repeat(of(method), trouble, false));
      EXPECT_TRUE(may_repeat(of(method), trouble, true));
    }
    for (const char* method : {"POST", "PATCH", "MOVE"}) {
      EXPECT_TRUE(may_repeat(of(method), trouble, false));
      EXPECT_FALSE(may_repeat(of(method), trouble, true));
      EXPECT_TRUE(may_repeat(of(method, true), trouble, true));
      EXPECT_TRUE(may_repeat(of(method, false, "k"), trouble, true));
    }
  }
  for (const Trouble trouble :
       {Trouble::dns, Trouble::tls, Trouble::proxy, Trouble::proxy_credentials, Trouble::protocol, Trouble::too_large})
    EXPECT_FALSE(may_repeat(of("GET"), trouble, false));
}

TEST(RetryPolicy, ByMethodAndStatus) {
  const struct {
    int status;
    bool get, put, post, keyed_post, repeatable_post, post_asked_to_wait;
  } cases[] = {
      {200, false, false, false, false, false, false}, {404, false, false, false, false, false, false},
      {408, true, true, false, true, true, false},     {429, true, true, true, true, true, true},
      {500, true, false, false, false, true, false},   {502, true, true, false, true, true, false},
      {503, true, true, false, true, true, true},      {504, true, true, false, true, true, false},
      {501, false, false, false, false, false, false},
  };
  for (const auto& row : cases) {
    EXPECT_EQ(may_repeat(of("GET"), row.status, false), row.get) << row.status;
    EXPECT_EQ(may_repeat(of("PUT"), row.status, false), row.put) << row.status;
    EXPECT_EQ(may_repeat(of("POST"), row.status, false), row.post) << row.status;
    EXPECT_EQ(may_repeat(of("POST", false, "k"), row.status, false), row.keyed_post) << row.status;
    EXPECT_EQ(may_repeat(of("POST", true), row.status, false), row.repeatable_post) << row.status;
    EXPECT_EQ(may_repeat(of("POST"), row.status, true), row.post_asked_to_wait) << row.status;
  }
}

TEST(RetryPolicy, WhatThePlatformAsksFor) {
  constexpr std::int64_t now = 1'800'000'000'000;  // Fri, 15 Jan 2027 08:00:00 GMT
  const struct {
    const char *name, *value;
    std::int64_t expected;  // -1: nothing
  } cases[] = {
      {"Retry-After", "3", 3000},
      {"retry-after", "0", 0},
      {"Retry-After", "1.5", 1500},
      {"Retry-After", "0.0001", 1},
      {"Retry-After", "-4", 0},
      {"Retry-After", "1e30", 1'000'000'000'000},
      {"Retry-After", "Fri, 15 Jan 2027 08:00:10 GMT", 10'000},
      {"Retry-After", "Friday, 15-Jan-27 08:00:10 GMT", 10'000},
      {"Retry-After", "Fri Jan 15 08:00:10 2027", 10'000},
      {"Retry-After", "2027-01-15T08:00:10Z", 10'000},
      {"Retry-After", "Fri, 15 Jan 2027 07:00:00 GMT", 0},
      {"Retry-After", "soon", -1},
      {"Retry-After", "nan", -1},
      {"Retry-After", "", -1},
      {"X-Retry-After", "7", 7000},
      {"Other", "7", -1},
  };
  for (const auto& [name, value, expected] : cases) {
    const auto wait = asked_wait({{name, value}}, now);
    EXPECT_EQ(wait ? wait->count() : -1, expected) << value;
  }
}

TEST(RetryPolicy, BackoffDoublesUpToTheCapWithFullJitter) {
  using std::chrono::milliseconds;
  const auto longest = [](int next) { return backoff(next, milliseconds(250), milliseconds(1500), 1.0).count(); };
  EXPECT_EQ(longest(2), 250);
  EXPECT_EQ(longest(3), 500);
  EXPECT_EQ(longest(4), 1000);
  EXPECT_EQ(longest(5), 1500);
  EXPECT_EQ(longest(500), 1500);
  EXPECT_EQ(backoff(3, milliseconds(250), milliseconds(1500), 0.0).count(), 0);
  EXPECT_EQ(backoff(3, milliseconds(250), milliseconds(1500), 0.5).count(), 250);
}

}  // namespace
}  // namespace ferry::host
