#include "host/config/url.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "host/base/text.hpp"

namespace ferry::host {
namespace {

bool is_port(std::string_view text) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && port > 0 && port <= 65535;
}

// Also with _, which names of containers have.
bool is_host(std::string_view host) {
  return std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
           c == '_';
  });
}

}  // namespace

std::string url_problem(const std::string& url) {
  const std::string example = "; write http://HOST:PORT or https://HOST";
  if (std::any_of(url.begin(), url.end(), [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f; }))
    return "holds a space or a control character";
  const std::size_t separator = url.find("://");
  if (separator == std::string::npos) return "is not a URL" + example;
  const std::string scheme = lower(url.substr(0, separator));
  if (scheme != "http" && scheme != "https") return "is not a URL that begins with http:// or https://" + example;

  const std::string_view rest = std::string_view(url).substr(separator + 3);
  std::string_view authority = rest.substr(0, rest.find_first_of("/?#\\"));
  if (authority.find('@') != std::string_view::npos)
    return "holds a user or password before the @; leave it out, and refer to the password under secrets, such as "
           "secrets: {password: env:NAME}";
  if (rest.find_first_of("?#\\") != std::string_view::npos)
    return "must not hold ?, # or \\; the connector appends its own paths";
  std::string_view host = authority;
  if (authority.starts_with('[')) {
    const std::size_t end = authority.find(']');
    host = authority.substr(1, end == std::string_view::npos ? 0 : end - 1);
    if (host.find(':') == std::string_view::npos ||
        host.find_first_not_of("0123456789abcdefABCDEF:.") != std::string_view::npos)
      return "names no valid IPv6 address between [ and ]";
    authority.remove_prefix(end + 1);
  } else {
    host = authority.substr(0, authority.find(':'));
    if (host.empty()) return "names no host" + example;
    if (!is_host(host)) return "names a host with characters that a host name cannot have";
    authority.remove_prefix(host.size());
  }
  if (!authority.empty() && (authority[0] != ':' || !is_port(authority.substr(1))))
    return "has a port that is not a number from 1 to 65535";
  return "";
}

}  // namespace ferry::host
