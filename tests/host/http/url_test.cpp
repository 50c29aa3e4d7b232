#include "host/http/url.hpp"

#include <gtest/gtest.h>

#include "host/base/failure.hpp"

namespace ferry::host {
namespace {

TEST(Url, TakesApartWhatItIsGiven) {
  const Url url = parse_url("HTTPS://Example.COM:8443/a%2Fb/c?x=1&y=%20#fragment");
  EXPECT_EQ(url.scheme, "https");
  EXPECT_EQ(url.host, "example.com");
  EXPECT_EQ(url.port, 8443);
  EXPECT_EQ(url.target(), "/a%2Fb/c?x=1&y=%20");
  EXPECT_EQ(url.text(), "https://example.com:8443/a%2Fb/c?x=1&y=%20");
  EXPECT_EQ(parse_url("http://h").target(), "/");
  EXPECT_EQ(parse_url("http://h?a=1").target(), "/?a=1");
  EXPECT_EQ(parse_url("http://good.example\\@evil.example/").host, "good.example");
  EXPECT_EQ(parse_url("https://h:443/").authority(), "h");
  EXPECT_EQ(parse_url("http://[::1]:81/").authority(), "[::1]:81");
  EXPECT_EQ(parse_url("http://[::1]:81/").host, "::1");
  EXPECT_EQ(parse_url("http://h/a b\xC3\xA4").path, "/a%20b%C3%A4");
}

TEST(Url, RefusesWhatItCannotUse) {
  const char* wrong[] = {"",
                         "/x",
                         "ftp://h/",
                         "http://",
                         "http:///x",
                         "http://h:0/",
                         "http://h:99999/",
                         "http://h:1x/",
                         "http://user:password@h/",
                         "http://h/a\r\nX: y",
                         "http://[::1",
                         "http://h\xC3\xA4/",
                         "http://a b/"};
  for (const char* text : wrong) {
    try {
      parse_url(text);
      ADD_FAILURE() << text;
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.fault(), Fault::usage);
      EXPECT_EQ(failure.code(), "bad_url") << text;
      EXPECT_EQ(failure.message().find("password@"), std::string::npos);
      EXPECT_EQ(failure.message().find('\n'), std::string::npos);
    }
  }
}

TEST(Url, APathIsAppendedToTheBase) {
  const struct {
    const char *base, *path, *expected;
  } cases[] = {
      {"http://h/x/", "/flows", "http://h/x/flows"},
      {"http://h/x", "/flows", "http://h/x/flows"},
      {"http://h/x", "flows", "http://h/x/flows"},
      {"http://h", "/flows?a=1&b=%2F", "http://h/flows?a=1&b=%2F"},
      {"http://h/x", "", "http://h/x"},
      {"http://h/x/", "?a=1", "http://h/x/?a=1"},
      {"http://h/x?tenant=t", "/flows?a=1", "http://h/x/flows?tenant=t&a=1"},
      {"http://h/x", "//other.example/y", "http://h/x//other.example/y"},
      {"http://h/x", "https://other.example/y", "https://other.example/y"},
      {"http://h/x", "/y?next=http://z/", "http://h/x/y?next=http://z/"},
  };
  for (const auto& [base, path, expected] : cases) EXPECT_EQ(url_below(parse_url(base), path).text(), expected) << path;
}

TEST(Url, ResolvesALocationAgainstWhereItCameFrom) {
  const Url base = parse_url("http://h/b/c/d;p?q");
  const struct {
    const char *reference, *expected;
  } cases[] = {
      {"g", "http://h/b/c/g"},        {"./g", "http://h/b/c/g"},  {"g/", "http://h/b/c/g/"},
      {"/g", "http://h/g"},           {"//g", "http://g/"},       {"?y", "http://h/b/c/d;p?y"},
      {"g?y", "http://h/b/c/g?y"},    {"", "http://h/b/c/d;p?q"}, {".", "http://h/b/c/"},
      {"..", "http://h/b/"},          {"../g", "http://h/b/g"},   {"../../../g", "http://h/g"},
      {"https://z/y", "https://z/y"}, {"g#s", "http://h/b/c/g"},
  };
  for (const auto& [reference, expected] : cases) EXPECT_EQ(resolve_reference(base, reference).text(), expected);
}

TEST(Url, IsShownWithoutWhatLooksSecret) {
  EXPECT_EQ(showable_url("https://u:p@h/x?api_key=1&page=2&X-Amz-Signature=abc#f"),
            "https://***@h/x?api_key=***&page=2&X-Amz-Signature=***");
  EXPECT_EQ(showable_url("http://h/\r\n\x1b[2J"), "http://h/? ?[2J");
}

}  // namespace
}  // namespace ferry::host
