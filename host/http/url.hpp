// An http or https URL, kept byte for byte: a path that is decoded and encoded again may name something else.
//
// Values. Parsing throws Failure(usage, bad_url); its text never shows credentials.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ferry::host {

struct Url {
  std::string scheme;      // http or https
  std::string host;        // lower case; an IPv6 address without brackets
  std::uint16_t port = 0;  // the scheme's, unless given
  std::string path = "/";  // encoded, as given
  std::string query;       // with its '?', or ""

  bool secure() const { return scheme == "https"; }
  std::string target() const { return path + query; }
  std::string authority() const;  // for Host: host, with the port where it is not the scheme's
  std::string origin() const;     // scheme://authority
  std::string text() const { return origin() + target(); }
  bool same_origin(const Url& other) const {
    return scheme == other.scheme && host == other.host && port == other.port;
  }
};

// An absolute URL. Fragments are dropped, user information is refused: credentials belong into secrets.
Url parse_url(std::string_view text);
bool is_absolute_url(std::string_view text);
// What a connector asks for: absolute, or a path appended to the base's.
Url url_below(const Url& base, std::string_view text);
// What a Location header means, by RFC 3986 5.2.
Url resolve_reference(const Url& base, std::string_view reference);

// For people: without fragment, user information and the values of query parameters that look like credentials; one
// line, whatever it holds.
std::string showable_url(std::string_view text);

// "host", "host:port", "[v6]:port", "v6"; port 0: none given. False: neither.
bool split_host_port(std::string_view text, std::string& host, std::uint16_t& port);

}  // namespace ferry::host
