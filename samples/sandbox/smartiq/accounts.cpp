#include "samples/sandbox/smartiq/accounts.hpp"

#include "samples/sandbox/core/answers.hpp"
#include "samples/sandbox/core/seeded.hpp"

namespace sandbox::smartiq {

namespace {

constexpr std::int64_t year_ms = 365LL * 24 * 3600 * 1000;

bool is_set(const Item& user, std::string_view flag) {
  const std::optional<Slice> value = Slice::parse(user.text).member(flag);
  return value && value->is_true();
}

bool role_permits(const Store& store, const std::string& name, std::string_view permission) {
  const ItemPointer role = store[roles].by_name(name);
  if (!role) return false;
  const std::string& text = role->text;
  const std::optional<Slice> permissions = Slice::parse(text).member("permissions");
  for (const std::string& each : permissions ? permissions->strings() : std::vector<std::string>()) {
    if (each == permission) return true;
  }
  return false;
}

bool permits(const Store& store, const Item& user, std::string_view permission) {
  for (const std::string& role : user.roles) {
    if (role_permits(store, role, permission)) return true;
  }
  for (const std::string& name : user.groups) {
    const ItemPointer group = store[groups].by_name(name);
    for (const std::string& role : group ? group->roles : std::vector<std::string>()) {
      if (role_permits(store, role, permission)) return true;
    }
  }
  return false;
}

Answer unauthorized() {
  Answer answer = problem(401, "Authorization has been denied for this request.");
  answer.headers.emplace_back("WWW-Authenticate", "Bearer");
  return answer;
}

}  // namespace

Answer problem(int status, const std::string& message) {
  return json_answer(json::object({{"message", message}}), status);
}

Accounts::Accounts(const Settings& settings) : settings_(settings), password_("sandbox"), sessions_(settings) {
  if (const auto found = settings.options.find("password"); found != settings.options.end()) password_ = found->second;
}

Answer Accounts::log_in(const Store& store, const std::string& body) {
  const Slice request = Slice::parse(body);
  const std::optional<Slice> name = request.member("username"), password = request.member("password");
  if (!name || !password) return problem(400, "A username and a password are needed.");
  const ItemPointer user = store[users].by_name(name->string());
  if (!user || password->string() != password_ || is_set(*user, "disabled") || is_set(*user, "lockedOut")) {
    return unauthorized();
  }
  const std::string token = uuid_of(settings_.seed, sessions_.next_name());
  sessions_.open(token, user->id, year_ms);
  // The vendor's reference prints these names in PascalCase, its sample program reads them in camelCase; inferred:
  // servers of today write camelCase.
  return json_answer(json::object({{"authorizationToken", token},
                                   {"userGuid", user->id},
                                   {"userName", user->name},
                                   {"produceVersion", std::string("1.0.0.0")}}));
}

std::optional<Answer> Accounts::refuses(const Store& store, const Request& request, std::string_view permission) const {
  const std::optional<std::string> user_id = sessions_.user(bearer_token(request));
  if (!user_id) return unauthorized();
  // Roles are looked up anew each time a token is used.
  const ItemPointer user = store[users].by_id(*user_id);
  if (!user || is_set(*user, "disabled")) return unauthorized();
  if (permission.empty() || permits(store, *user, permission)) return std::nullopt;
  return problem(403, "The permission '" + std::string(permission) + "' is needed for this request.");
}

bool Accounts::log_off(const Request& request) { return sessions_.close(bearer_token(request)); }

}  // namespace sandbox::smartiq
