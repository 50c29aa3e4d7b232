#include "host/config/postgresql_address.hpp"

#include <Poco/Exception.h>
#include <Poco/URI.h>

#include <algorithm>

#include "host/base/text.hpp"

namespace ferry::host {
namespace {

std::string decoded(const std::string& text) {
  try {
    std::string out;
    Poco::URI::decode(text, out);
    return out;
  } catch (const Poco::Exception&) {  // a % that begins nothing
    return text;
  }
}

bool names_password(const std::string& key) { return lower(key).ends_with("password"); }

void add(const std::string& password, std::vector<std::string>& out) {
  for (const std::string& one : {password, decoded(password)})
    if (!one.empty() && std::find(out.begin(), out.end(), one) == out.end()) out.push_back(one);
}

// Between the first : and the last @, so also where it holds a / or ? that should be encoded; but not a port, and an @
// in the parameters.
std::vector<std::string> passwords_in_url(std::string_view address) {
  std::vector<std::string> out;
  const std::string rest(address.substr(address.find("://") + 3));
  if (const std::size_t colon = rest.find(':'); colon != std::string::npos) {
    const std::size_t end = rest.find_first_not_of("0123456789", colon + 1);
    const bool is_port = end == std::string::npos || rest[end] == '/' || rest[end] == ',' || rest[end] == '?';
    const std::size_t at = rest.rfind('@', is_port ? rest.find('?') : std::string::npos);
    if (at != std::string::npos && at > colon) add(rest.substr(colon + 1, at - colon - 1), out);
  }
  const std::size_t question = rest.find('?');
  if (question == std::string::npos) return out;
  for (const std::string& parameter : split(rest.substr(question + 1), '&'))
    if (const std::size_t equals = parameter.find('=');
        equals != std::string::npos && names_password(decoded(parameter.substr(0, equals))))
      add(parameter.substr(equals + 1), out);
  return out;
}

// A value is in quotes or ends at a space; a backslash takes what follows as it is.
std::vector<std::string> passwords_in_words(std::string_view address) {
  constexpr std::string_view spaces = " \t\r\n\f\v";
  std::vector<std::string> out;
  for (std::size_t at = 0; (at = address.find_first_not_of(spaces, at)) != std::string_view::npos;) {
    const std::size_t equals = address.find('=', at);
    if (equals == std::string_view::npos) break;
    std::string key(address.substr(at, equals - at));
    key.resize(key.find_last_not_of(spaces) + 1);
    at = std::min(address.find_first_not_of(spaces, equals + 1), address.size());
    const bool quoted = at < address.size() && address[at] == '\'';
    if (quoted) ++at;
    std::string value;
    for (; at < address.size(); ++at) {
      const char c = address[at];
      if (quoted ? c == '\'' : spaces.find(c) != std::string_view::npos) break;
      if (c == '\\' && at + 1 < address.size()) ++at;
      value += address[at];
    }
    if (quoted && at < address.size()) ++at;
    if (names_password(key)) add(value, out);
  }
  return out;
}

}  // namespace

bool is_postgresql_url(std::string_view address) {
  return address.starts_with("postgresql://") || address.starts_with("postgres://");
}

bool is_postgresql_address(std::string_view address) {
  return is_postgresql_url(address) ||
         (address.find('=') != std::string_view::npos && address.find("://") > address.find('='));
}

std::vector<std::string> passwords_in(std::string_view address) {
  return is_postgresql_url(address) ? passwords_in_url(address) : passwords_in_words(address);
}

}  // namespace ferry::host
