#include "host/http/proxy.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "host/base/failure.hpp"
#include "host/base/text.hpp"
#include "host/http/base64.hpp"

namespace ferry::host {
namespace {

constexpr std::uint16_t default_port = 1080;  // curl's, where a proxy is written without one

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 && hex_value(text[i + 2]) >= 0) {
      out += static_cast<char>(hex_value(text[i + 1]) << 4 | hex_value(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::optional<Proxy> parse_proxy(const char* setting, const std::string& text) {
  if (text.empty()) return std::nullopt;
  std::string_view rest = text;
  if (const std::size_t colon = rest.find("://"); colon != std::string_view::npos) {
    const std::string scheme = lower(rest.substr(0, colon));
    if (scheme != "http")
      throw Failure(Fault::usage, "bad_proxy",
                    std::string("the setting ") + setting + " names a proxy of the kind \"" +
                        printable(shortened(scheme, 20)) + "\"; only http:// proxies are spoken");
    rest = rest.substr(colon + 3);
  }
  rest = rest.substr(0, rest.find('/'));
  Proxy proxy;
  if (const std::size_t at = rest.rfind('@'); at != std::string_view::npos) {
    const std::string_view user = rest.substr(0, at);
    const std::size_t colon = user.find(':');
    const std::string password = colon == std::string_view::npos ? "" : percent_decoded(user.substr(colon + 1));
    proxy.authorization = "Basic " + base64(percent_decoded(user.substr(0, colon)) + ":" + password);
    rest = rest.substr(at + 1);
  }
  if (!split_host_port(rest, proxy.host, proxy.port))
    throw Failure(Fault::usage, "bad_proxy",
                  std::string("the setting ") + setting + " is not of the form http://[user:password@]host:port");
  if (proxy.port == 0) proxy.port = default_port;
  return proxy;
}

std::optional<std::vector<unsigned char>> address_bytes(const std::string& text) {
  std::array<unsigned char, 16> bytes{};
  if (::inet_pton(AF_INET, text.c_str(), bytes.data()) == 1) return std::vector(bytes.begin(), bytes.begin() + 4);
  if (::inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1) return std::vector(bytes.begin(), bytes.end());
  return std::nullopt;
}

bool in_network(const std::string& host, const std::string& network) {
  const std::size_t slash = network.find('/');
  const auto address = address_bytes(host), prefix = address_bytes(network.substr(0, slash));
  if (!address || !prefix || address->size() != prefix->size()) return false;
  unsigned bits = static_cast<unsigned>(address->size() * 8);
  if (slash != std::string::npos) {
    const char* const end = network.data() + network.size();
    unsigned given = 0;
    const auto [stopped, error] = std::from_chars(network.data() + slash + 1, end, given);
    if (error != std::errc() || stopped != end || given > bits) return false;
    bits = given;
  }
  for (unsigned i = 0; i < bits; ++i) {
    const unsigned mask = 0x80u >> (i % 8);
    if (((*address)[i / 8] & mask) != ((*prefix)[i / 8] & mask)) return false;
  }
  return true;
}

}  // namespace

std::string Proxy::text() const {
  return (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" + std::to_string(port);
}

ProxyRules::ProxyRules(const std::string& http_proxy, const std::string& https_proxy, const std::string& no_proxy)
    : http_(parse_proxy("http_proxy", http_proxy)), https_(parse_proxy("https_proxy", https_proxy)) {
  std::string list = no_proxy;
  std::replace_if(
      list.begin(), list.end(), [](char c) { return c == ' ' || c == '\t' || c == '\n'; }, ',');
  for (std::string entry : split(lower(list), ',')) {
    if (entry.size() > 2 && entry.front() == '[' && entry.back() == ']') entry = entry.substr(1, entry.size() - 2);
    if (!entry.empty() && entry.front() == '.') entry.erase(0, 1);
    if (!entry.empty() && entry.back() == '.') entry.pop_back();
    if (!entry.empty()) direct_.push_back(std::move(entry));
  }
}

bool ProxyRules::bypassed(const std::string& host) const {
  return std::any_of(direct_.begin(), direct_.end(), [&](const std::string& entry) {
    if (entry == "*" || entry == host || in_network(host, entry)) return true;
    return host.size() > entry.size() && host[host.size() - entry.size() - 1] == '.' &&
           host.compare(host.size() - entry.size(), entry.size(), entry) == 0 && !address_bytes(host);
  });
}

std::optional<Proxy> ProxyRules::proxy_for(const Url& url) const {
  const std::optional<Proxy>& proxy = url.secure() ? https_ : http_;
  if (!proxy || bypassed(url.host)) return std::nullopt;
  return proxy;
}

}  // namespace ferry::host
