#include "samples/sandbox/dev2prod/accounts.hpp"

#include "samples/sandbox/core/answers.hpp"
#include "samples/sandbox/core/faults.hpp"
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
      lifetime_ms_(number_option(settings, "token_ms", 1'800'000)) {}

Answer Accounts::log_in(const Request& request) {
  const json::Object body = json::parse_object(request.text(64u << 10));
  const std::string user = member(body, "login"), password = member(body, "password");
  // inferred: a tenant that is not here is refused as a wrong password is.
  const bool known = (user == "admin" || user == "agent") && password == password_;
  if (!known || request.parameter("TENANTID") != settings_.tenant) return problem(401, "Unauthorized");
  // The form of a signed token, three parts with dots between; this one means nothing but itself.
  Random random(settings_.seed, settings_.name + " token " + std::to_string(++given_out_));
  const std::string token = "eyJ0eXAiOiJKV1QifQ." + random.hex(48) + "." + random.hex(43);
  sessions_[token] = {user, settings_.now_ms() + lifetime_ms_, settings_.faults ? settings_.faults->token_epoch() : 0};
  return text_answer(token);
}

std::optional<std::string> Accounts::user(const Request& request) const {
  for (const std::string_view name : {"SMAX_AUTH_TOKEN", "LWSSO_COOKIE_KEY"}) {
    const auto session = sessions_.find(cookie(request, name));
    if (session == sessions_.end() || session->second.until_ms <= settings_.now_ms()) continue;
    if (settings_.faults && session->second.epoch != settings_.faults->token_epoch()) continue;
    return session->second.user;
  }
  return std::nullopt;
}

json::Object Accounts::state() const {
  json::Object sessions = json::object();
  for (const auto& [token, session] : sessions_) {
    sessions->set(token, json::object({{"user", session.user}, {"until", session.until_ms}}));
  }
  return json::object({{"given_out", given_out_}, {"sessions", sessions}});
}

void Accounts::restore(const json::Object& state) {
  given_out_ = json::integer(state, "given_out");
  sessions_.clear();
  const json::Object sessions = json::child(state, "sessions");
  for (const std::string& token : sessions ? sessions->getNames() : std::vector<std::string>()) {
    const json::Object session = json::child(sessions, token);
    // Faults do not survive a restart, so the count of expiries begins anew.
    sessions_[token] = {json::string(session, "user"), json::integer(session, "until"), 0};
  }
}

}  // namespace sandbox::dev2prod
