#include "samples/sandbox/core/platforms.hpp"

#include "samples/sandbox/core/answers.hpp"

namespace sandbox {

namespace {

std::string same_as_environment(const std::string& environment, std::size_t) { return environment; }
// The documents' own tenant is 123456789.
std::string numbered(const std::string&, std::size_t place) { return std::to_string(123456789 + place); }

std::string no_path(const std::string&) { return ""; }
std::string version_path(const std::string&) { return "/v3"; }
std::string tenant_path(const std::string& tenant) { return '/' + tenant; }

std::string none_named(const Request&) { return ""; }

// Spark: "/{tenant}/api/v4/..." and "/auth/realms/{tenant}/..."; calls without either name it in a header.
std::string tenant_of_spark(const Request& request) {
  const std::vector<std::string> segments = path_segments(request.path);
  if (segments.size() >= 3 && segments[0] == "auth" && segments[1] == "realms") return segments[2];
  if (segments.empty() || segments[0] == "api" || segments[0] == "health") {
    return std::string(request.header("x-tenant-name"));
  }
  return segments[0];
}

// "/rest/{tenant}/..." and "...?TENANTID={tenant}".
std::string tenant_of_dev2prod(const Request& request) {
  const std::vector<std::string> segments = path_segments(request.path);
  if (segments.size() >= 2 && segments[0] == "rest") return segments[1];
  return request.parameter("TENANTID").value_or("");
}

}  // namespace

const std::vector<Platform>& platforms() {
  static const std::vector<Platform> all = {
      {"spark", make_spark, same_as_environment, tenant_path, tenant_of_spark},
      {"smartiq", make_smartiq, same_as_environment, no_path, none_named},
      {"dev2prod", make_dev2prod, numbered, no_path, tenant_of_dev2prod},
      {"integration_labs", make_integration_labs, same_as_environment, version_path, none_named},
  };
  return all;
}

}  // namespace sandbox
