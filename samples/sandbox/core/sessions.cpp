#include "samples/sandbox/core/sessions.hpp"

#include <vector>

#include "samples/sandbox/core/faults.hpp"

namespace sandbox {

std::string Sessions::next_name() { return settings_.name + " token " + std::to_string(++given_out_); }

std::int64_t Sessions::epoch() const { return settings_.faults ? settings_.faults->token_epoch() : 0; }

void Sessions::open(const std::string& token, const std::string& user, std::int64_t lifetime_ms) {
  sessions_[token] = {user, settings_.now_ms() + lifetime_ms, epoch()};
}

std::optional<std::string> Sessions::user(const std::string& token) const {
  const auto found = sessions_.find(token);
  if (found == sessions_.end() || found->second.until_ms <= settings_.now_ms() ||
      (settings_.faults && found->second.epoch != epoch())) {
    return std::nullopt;
  }
  return found->second.user;
}

json::Object Sessions::state() const {
  json::Object sessions = json::object();
  for (const auto& [token, session] : sessions_) {
    sessions->set(token, json::object({{"user", session.user}, {"until", session.until_ms}}));
  }
  return json::object({{"given_out", given_out_}, {"sessions", sessions}});
}

void Sessions::restore(const json::Object& state) {
  given_out_ = json::integer(state, "given_out");
  sessions_.clear();
  const json::Object sessions = json::child(state, "sessions");
  for (const std::string& token : sessions ? sessions->getNames() : std::vector<std::string>()) {
    const json::Object session = json::child(sessions, token);
    // Faults do not survive a restart, so the count of expiries begins anew.
    sessions_[token] = {json::string(session, "user"), json::integer(session, "until"), 0};
  }
}

}  // namespace sandbox
