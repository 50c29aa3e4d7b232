#include "host/connectors/host_names.hpp"

#include <gtest/gtest.h>

#include <string>

namespace ferry::host {
namespace {

TEST(HostNamesTest, Names) {
  for (const char* good : {"localhost", "api.example.com", "10.0.0.1", "a-b.c", "xn--bcher-kva.example"})
    EXPECT_TRUE(is_host_name(good)) << good;
  for (const std::string& bad :
       {std::string(), std::string("a..b"), std::string(".a"), std::string("a."), std::string("-a"), std::string("a-"),
        std::string("a_b"), std::string("a b"), std::string("a/b"), std::string("*.a"), std::string(64, 'a')})
    EXPECT_FALSE(is_host_name(bad)) << bad;
}

TEST(HostNamesTest, Patterns) {
  for (const char* good : {"api.example.com", "*.example.com", "localhost:1880", "h:65535"})
    EXPECT_TRUE(is_host_pattern(good)) << good;
  for (const char* bad : {"", "*", "*.", "a.*.b", "h:", "h:0", "h:65536", "h:x", "https://h", "h/p", "u@h", ":80"})
    EXPECT_FALSE(is_host_pattern(bad)) << bad;
}

}  // namespace
}  // namespace ferry::host
