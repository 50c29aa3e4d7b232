#include "host/http/traffic_mask.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ferry::host {
namespace {

struct TrafficMaskTest : ::testing::Test {
  Redactor known;
  TrafficMask mask{known};
};

TEST_F(TrafficMaskTest, CredentialHeadersLoseTheirValues) {
  const HttpHeaders shown = mask.headers({{"Authorization", "Bearer abcdefghijkl"},
                                          {"x-api-key", "k1"},
                                          {"Cookie", "SESSION=abcdefgh; theme=dark"},
                                          {"Set-Cookie", "LWSSO=qwertzuiop; Path=/; HttpOnly"},
                                          {"WWW-Authenticate", "Bearer realm=\"x\""},
                                          {"Idempotency-Key", "20261121-201530-7f3a12"},
                                          {"x-tenant-name", "acme"}});
  EXPECT_EQ(shown, (HttpHeaders{{"Authorization", "Bearer ***"},
                                {"x-api-key", "***"},
                                {"Cookie", "SESSION=***; theme=***"},
                                {"Set-Cookie", "LWSSO=***; Path=/; HttpOnly"},
                                {"WWW-Authenticate", "Bearer realm=\"x\""},
                                {"Idempotency-Key", "20261121-201530-7f3a12"},
                                {"x-tenant-name", "acme"}}));
}

TEST_F(TrafficMaskTest, MembersOfSecretNamesLoseTheirValuesAndNothingElseChanges) {
  EXPECT_EQ(
      mask.body("{ \"access_token\" : \"ab\\\"c\", \"n\":1.10, \"next_page_token\": \"p2\",\n\"token\":null}", ""),
      "{ \"access_token\" : \"***\", \"n\":1.10, \"next_page_token\": \"p2\",\n\"token\":null}");
  EXPECT_EQ(mask.body("user=a&password=b%20c&scope=", "application/x-www-form-urlencoded"),
            "user=a&password=***&scope=");
  EXPECT_EQ(mask.url("/download?name=a&X-Amz-Signature=0123&sig=4"), "/download?name=a&X-Amz-Signature=***&sig=***");
}

TEST_F(TrafficMaskTest, WhatWasFoundOnceIsMaskedEverywhere) {
  mask.body(R"({"access_token":"learned-secret"})", "");
  EXPECT_EQ(mask.url("/x/learned-secret"), "/x/***");
  EXPECT_EQ(mask.again("it is learned-secret"), "it is ***");
}

TEST_F(TrafficMaskTest, KnownSecretsAndWebTokensAreMaskedAnywhere) {
  known.add("hunter22");
  EXPECT_EQ(mask.body("plain hunter22", "text/plain"), "plain ***");
  EXPECT_EQ(mask.body("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl", "text/plain"), "***");
  EXPECT_EQ(mask.body("eyJ is how it begins", ""), "eyJ is how it begins");
}

}  // namespace
}  // namespace ferry::host
