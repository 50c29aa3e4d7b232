#include "address.hpp"

namespace ferry::spark {

namespace {

constexpr std::string_view coherent = ".coherent.global";

std::string_view without_slashes(std::string_view path) {
  while (path.ends_with('/')) path.remove_suffix(1);
  return path;
}

std::string_view last_part(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

// Keycloak has a host of its own at Coherent; elsewhere the platform's SDKs ask the host they talk to.
std::string token_origin(const std::string& origin) {
  constexpr std::string_view from = "https://excel.";
  if (!origin.starts_with(from) || origin.find(coherent) == std::string::npos) return origin;
  return "https://keycloak." + origin.substr(from.size());
}

}  // namespace

Address Address::parse(std::string_view url, const Json& settings) {
  const std::size_t scheme = url.find("://");
  const std::size_t path = scheme == std::string_view::npos ? scheme : url.find('/', scheme + 3);
  Address out;
  out.origin = url.substr(0, path);
  const std::string_view host = scheme == std::string_view::npos ? url : url.substr(scheme + 3, path - scheme - 3);
  if (host.ends_with(coherent) && !host.starts_with("excel."))
    throw Error(FERRY_BAD_CONFIG, "the connection's url names the host " + std::string(host) +
                                      "; the API of Spark is at https://excel.{environment}" + std::string(coherent) +
                                      "/{tenant}");
  std::string_view rest = without_slashes(path == std::string_view::npos ? std::string_view() : url.substr(path));
  for (const std::string_view known : {"/api/v4", "/api/v3", "/api"})
    if (rest.ends_with(known)) rest = without_slashes(rest.substr(0, rest.size() - known.size()));

  out.tenant = settings.text_or("tenant", last_part(rest));
  if (out.tenant.empty())
    throw Error(FERRY_BAD_CONFIG,
                "the connection's url names no tenant; it is https://excel.{environment}.coherent.global/{tenant}, "
                "or the setting tenant names it");
  out.base = out.origin + std::string(rest);
  if (last_part(rest) != out.tenant) out.base += "/" + out.tenant;
  out.health_url = out.base.substr(0, out.base.size() - out.tenant.size()) + "health";
  out.token_url = settings.text_or("token_url", "");
  if (out.token_url.empty())
    out.token_url = token_origin(out.origin) + "/auth/realms/" + out.tenant + "/protocol/openid-connect/token";
  return out;
}

bool Address::is_own(std::string_view url) const {
  return url.starts_with(origin) && (url.size() == origin.size() || url[origin.size()] == '/');
}

}  // namespace ferry::spark
