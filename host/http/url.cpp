#include "host/http/url.hpp"

#include <algorithm>
#include <charconv>
#include <vector>

#include "host/base/failure.hpp"
#include "host/base/text.hpp"

namespace ferry::host {
namespace {

[[noreturn]] void refuse(std::string_view text, const std::string& why) {
  throw Failure(Fault::usage, "bad_url", "cannot use the URL \"" + showable_url(text) + "\": " + why);
}

bool is_host_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~' || c == '%';
}

// Spaces and bytes beyond ASCII are written as the percent codes that were meant; control characters are an attack.
std::string encoded(std::string_view whole, std::string_view part) {
  static constexpr char hex[] = "0123456789ABCDEF";
  std::string out;
  out.reserve(part.size());
  for (const char character : part) {
    const auto byte = static_cast<unsigned char>(character);
    if (byte < 0x20 || byte == 0x7f) refuse(whole, "it holds a control character");
    if (byte == ' ' || byte == '"' || byte == '<' || byte == '>' || byte >= 0x80) {
      out += '%';
      out += hex[byte >> 4];
      out += hex[byte & 15];
    } else {
      out += character;
    }
  }
  return out;
}

std::string_view without_fragment(std::string_view text) { return text.substr(0, text.find('#')); }

void set_target(Url& url, std::string_view whole, std::string_view target) {
  const std::size_t question = target.find('?');
  url.path = encoded(whole, target.substr(0, question));
  url.query = question == std::string_view::npos ? "" : encoded(whole, target.substr(question));
  if (url.path.empty() || url.path[0] != '/') url.path.insert(0, "/");
}

std::string without_dot_segments(const std::string& path) {
  std::vector<std::string> kept;
  const std::vector<std::string> segments = split(std::string_view(path).substr(1), '/');
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const bool last = i + 1 == segments.size();
    if (segments[i] == "..") {
      if (!kept.empty()) kept.pop_back();
      if (last) kept.emplace_back();
    } else if (segments[i] == ".") {
      if (last) kept.emplace_back();
    } else {
      kept.push_back(segments[i]);
    }
  }
  return "/" + join(kept, "/");
}

bool looks_secret(std::string_view name) {
  static constexpr std::string_view words[] = {"token", "key",  "secret", "passw", "pwd",      "sig",
                                               "auth",  "cred", "code",   "sess",  "assertion"};
  const std::string lowered = lower(name);
  return std::any_of(std::begin(words), std::end(words),
                     [&](std::string_view word) { return lowered.find(word) != std::string::npos; });
}

}  // namespace

std::string Url::authority() const {
  std::string out = host.find(':') == std::string::npos ? host : "[" + host + "]";
  if (port != (secure() ? 443 : 80)) out += ":" + std::to_string(port);
  return out;
}

std::string Url::origin() const { return scheme + "://" + authority(); }

bool is_absolute_url(std::string_view text) {
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos || colon == 0) return false;
  return std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(colon), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '-' ||
           c == '.';
  });
}

bool split_host_port(std::string_view text, std::string& host, std::uint16_t& port) {
  port = 0;
  std::string_view digits;
  bool with_port = false;
  if (!text.empty() && text[0] == '[') {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return false;
    host = lower(text.substr(1, end - 1));
    const std::string_view rest = text.substr(end + 1);
    if (!rest.empty() && rest[0] != ':') return false;
    with_port = !rest.empty();
    digits = with_port ? rest.substr(1) : rest;
    if (host.empty() || host.find_first_not_of("0123456789abcdef:.") != std::string::npos) return false;
  } else if (std::count(text.begin(), text.end(), ':') > 1) {
    host = lower(text);
    return host.find_first_not_of("0123456789abcdef:.") == std::string::npos;
  } else {
    const std::size_t colon = text.find(':');
    host = lower(text.substr(0, colon));
    with_port = colon != std::string_view::npos;
    if (with_port) digits = text.substr(colon + 1);
    if (host.empty() || !std::all_of(host.begin(), host.end(), is_host_character)) return false;
    if (host.size() > 1 && host.back() == '.') host.pop_back();
  }
  if (!with_port || digits.empty()) return true;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  return error == std::errc() && end == digits.data() + digits.size() && port != 0;
}

Url parse_url(std::string_view text) {
  if (!is_absolute_url(text)) refuse(text, "it does not begin with http:// or https://");
  Url url;
  const std::size_t colon = text.find("://");
  url.scheme = lower(text.substr(0, colon));
  if (url.scheme != "http" && url.scheme != "https")
    refuse(text, "only http and https are spoken, not " + printable(shortened(url.scheme, 20)));
  const std::string_view rest = without_fragment(text.substr(colon + 3));
  const std::size_t end = std::min(rest.find_first_of("/?\\"), rest.size());
  const std::string_view authority = rest.substr(0, end);
  if (authority.find('@') != std::string_view::npos)
    refuse(text, "it holds a user name or password; give them to the connection as secrets");
  if (authority.empty()) refuse(text, "it names no host");
  if (!split_host_port(authority, url.host, url.port))
    refuse(text, "\"" + printable(authority) +
                     "\" is not a host name or address with an optional port (names beyond ASCII are written xn--...)");
  if (url.port == 0) url.port = url.secure() ? 443 : 80;
  set_target(url, text, rest.substr(end));
  return url;
}

Url url_below(const Url& base, std::string_view text) {
  if (is_absolute_url(text)) return parse_url(text);
  Url url = base;
  const std::string_view target = without_fragment(text);
  const std::size_t question = target.find('?');
  const std::string path = encoded(text, target.substr(0, question));
  if (!path.empty()) {
    while (!url.path.empty() && url.path.back() == '/') url.path.pop_back();
    if (path[0] != '/') url.path += '/';
    url.path += path;
  }
  if (question != std::string_view::npos && question + 1 < target.size()) {
    const std::string query = encoded(text, target.substr(question + 1));
    url.query += (url.query.size() > 1 ? "&" : url.query.empty() ? "?" : "") + query;
  }
  return url;
}

Url resolve_reference(const Url& base, std::string_view reference) {
  const std::string_view text = without_fragment(reference);
  if (is_absolute_url(text)) return parse_url(text);
  if (text.substr(0, 2) == "//") return parse_url(base.scheme + ":" + std::string(text));
  Url url = base;
  if (text.empty()) return url;
  if (text[0] == '?') {
    url.query = encoded(reference, text);
    return url;
  }
  const std::size_t question = text.find('?');
  const std::string path = encoded(reference, text.substr(0, question));
  url.query = question == std::string_view::npos ? "" : encoded(reference, text.substr(question));
  url.path = path[0] == '/' ? path : base.path.substr(0, base.path.rfind('/') + 1) + path;
  url.path = without_dot_segments(url.path);
  return url;
}

std::string showable_url(std::string_view text) {
  std::string_view rest = without_fragment(text);
  std::string out;
  if (is_absolute_url(rest)) {
    const std::size_t start = rest.find("://") + 3;
    out = rest.substr(0, start);
    rest = rest.substr(start);
    const std::size_t at = rest.substr(0, std::min(rest.find_first_of("/?"), rest.size())).rfind('@');
    if (at != std::string_view::npos) {
      out += "***@";
      rest = rest.substr(at + 1);
    }
  }
  const std::size_t question = rest.find('?');
  out += rest.substr(0, question);
  if (question != std::string_view::npos) {
    out += '?';
    std::vector<std::string> parameters = split(rest.substr(question + 1), '&');
    for (std::string& parameter : parameters) {
      const std::size_t equals = parameter.find('=');
      if (equals != std::string::npos && looks_secret(std::string_view(parameter).substr(0, equals)))
        parameter = parameter.substr(0, equals + 1) + "***";
    }
    out += join(parameters, "&");
  }
  return printable(shortened(out, 500));
}

}  // namespace ferry::host
