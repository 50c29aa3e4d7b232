#include "samples/sandbox/dev2prod/accounts.hpp"

#include "samples/sandbox/core/answers.hpp"
#include "samples/sandbox/core/seeded.hpp"
#include "samples/sandbox/dev2prod/options.hpp"

namespace sandbox::dev2prod {

namespace {

// "login" and "Login" are both sent by real clients.
std::string member(const json::Object& object, const std::string& name) {
  for (const std::string& given : object->getNames()) {
    if (same_text(given, name)) return json::string(object, given);
  }
  return "";
}

}  // namespace

Answer problem(int status, const std::string& message) {
  return json_answer(json::object({{"message", message}}), status);
}

Accounts::Accounts(const Settings& settings)
    : settings_(settings),
      password_(option(settings, "password", "sandbox")),
      lifetime_ms_(number_option(settings, "token_ms", 1'800'000)),
      sessions_(settings) {}

Answer Accounts::log_in(const Request& request) {
  const json::Object body = json::parse_object(request.text(64u << 10));
  const std::string user = member(body, "login"), password = member(body, "password");
  // inferred: a tenant that is not here is refused as a wrong password is.
  const bool known = (user == "admin" || user == "agent") && password == password_;
  if (!known || request.parameter("TENANTID") != settings_.tenant) return problem(401, "Unauthorized");
  // The form of a signed token, three parts with dots between; this one means nothing but itself.
  Random random(settings_.seed, sessions_.next_name());
  const std::string token = "eyJ0eXAiOiJKV1QifQ." + random.hex(48) + "." + random.hex(43);
  sessions_.open(token, user, lifetime_ms_);
  return text_answer(token);
}

std::optional<std::string> Accounts::user(const Request& request) const {
  for (const std::string_view name : {"SMAX_AUTH_TOKEN", "LWSSO_COOKIE_KEY"}) {
    if (std::optional<std::string> user = sessions_.user(cookie(request, name))) return user;
  }
  return std::nullopt;
}

}  // namespace sandbox::dev2prod
