#include <gtest/gtest.h>

#include "host/base/failure.hpp"
#include "host/http/allowed_hosts.hpp"
#include "host/http/proxy.hpp"

namespace ferry::host {
namespace {

TEST(AllowedHosts, TheOriginAndTheEntriesOnly) {
  const AllowedHosts allowed(parse_url("https://main.example:8443/x"),
                             {"any.example", "one.example:99", "*.below.example", "[::1]:7"});
  const struct {
    const char* url;
    bool expected;
  } cases[] = {
      {"https://main.example:8443/y", true},
      {"https://main.example/y", false},
      {"http://main.example:8443/y", false},
      {"https://any.example/", true},
      {"https://any.example:4/", true},
      {"http://any.example/", false},
      {"https://one.example:99/", true},
      {"https://one.example/", false},
      {"https://a.below.example/", true},
      {"https://a.b.below.example:5/", true},
      {"https://below.example/", false},
      {"https://xbelow.example/", false},
      {"https://any.example.evil/", false},
      {"https://evil-any.example/", false},
      {"https://[::1]:7/", true},
      {"https://ANY.example./", true},
  };
  for (const auto& [url, expected] : cases) EXPECT_EQ(allowed.allows(parse_url(url)), expected) << url;
}

TEST(AllowedHosts, HttpWhereTheConnectionItselfSpeaksIt) {
  const AllowedHosts allowed(parse_url("http://main.example"), {"any.example"});
  EXPECT_TRUE(allowed.allows(parse_url("http://any.example/")));
  EXPECT_TRUE(allowed.allows(parse_url("https://any.example/")));
}

TEST(AllowedHosts, AnEntryThatMeansNothingIsRefused) {
  for (const char* entry : {"", "*", "*.", "http://x", "a b", "x:y"})
    EXPECT_THROW(AllowedHosts(parse_url("http://h"), {entry}), Failure) << entry;
}

TEST(ProxyRules, ChosenByScheme) {
  const ProxyRules rules("http://user:p%40ss@one.example:3128/", "two.example", "");
  const auto http = rules.proxy_for(parse_url("http://h/"));
  ASSERT_TRUE(http);
  EXPECT_EQ(http->text(), "one.example:3128");
  EXPECT_EQ(http->authorization, "Basic dXNlcjpwQHNz");
  const auto https = rules.proxy_for(parse_url("https://h/"));
  ASSERT_TRUE(https);
  EXPECT_EQ(https->text(), "two.example:1080");
  EXPECT_EQ(https->authorization, "");
  EXPECT_FALSE(ProxyRules("", "", "").proxy_for(parse_url("http://h/")));
}

TEST(ProxyRules, NoProxyAsCurlReadsIt) {
  const struct {
    const char *no_proxy, *url;
    bool direct;
  } cases[] = {
      {"*", "http://h/", true},
      {"h", "http://h/", true},
      {"H.Example", "http://h.example:81/", true},
      {"example", "http://h.example/", true},
      {".example", "http://h.example/", true},
      {".example", "http://example/", true},
      {"ample", "http://h.example/", false},
      {"a, example b", "http://h.example/", true},
      {"a,c b", "http://h.example/", false},
      {"10.0.0.0/8", "http://10.1.2.3/", true},
      {"10.0.0.0/8", "http://11.1.2.3/", false},
      {"127.0.0.1", "http://127.0.0.1/", true},
      {"0.0.1", "http://127.0.0.1/", false},
      {"::1", "http://[::1]/", true},
      {"[::1]", "http://[::1]/", true},
      {"fe80::/10", "http://[fe81::1]/", true},
      {"10.0.0.0/99", "http://10.1.2.3/", false},
  };
  for (const auto& [no_proxy, url, direct] : cases)
    EXPECT_EQ(!ProxyRules("p:1", "p:1", no_proxy).proxy_for(parse_url(url)), direct) << no_proxy << " " << url;
}

TEST(ProxyRules, RefusedWithoutShowingTheCredentials) {
  for (const char* text : {"socks5://user:pa55word@h:1", "http://user:pa55word@", "user:pa55word@h:port"}) {
    try {
      ProxyRules("", text, "");
      ADD_FAILURE() << text;
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.code(), "bad_proxy");
      EXPECT_EQ(failure.message().find("pa55word"), std::string::npos) << failure.message();
      EXPECT_NE(failure.message().find("https_proxy"), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace ferry::host
