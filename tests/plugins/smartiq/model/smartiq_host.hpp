// A SmartIQ server that does what the documents say, in memory. For the connector's tests.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "ferry/testing.hpp"
#include "tests/plugins/facts.hpp"

namespace ferry::smartiq {

inline constexpr const char* root = "https://forms.test/Manage/api/v1/admin";

struct SmartIqHost : testing::FakeHost {
  Json pack;  // what it holds, as an export of everything
  bool camel_case = true;
  bool ignores_imports = false;
  int lose_answers = 0;  // of imports that were carried out
  int logins = 0, imports = 0;
  std::string token;

  explicit SmartIqHost(const std::string& content) : pack(Json::parse(content)) {
    secrets["password"] = "admin-password";
    answer_others = [this](const testing::SentRequest& sent) { return answer(sent); };
  }

  static std::string header(const testing::SentRequest& sent, std::string_view name) {
    for (const auto& [key, value] : sent.headers)
      if (key == name) return value;
    return {};
  }

  testing::Reply answer(const testing::SentRequest& request) {
    const std::string path = request.url.starts_with(root) ? request.url.substr(std::string(root).size()) : "?";
    if (path == "/login/forms") {
      if (Json::parse(request.body)["password"] != Json("admin-password"))
        return {.status = 401, .body = R"({"message":"Invalid credentials."})"};
      token = "token-" + std::to_string(++logins);
      return {.body = camel_case ? R"({"authorizationToken":")" + token + R"("})"
                                 : R"({"AuthorizationToken":")" + token + R"(","ProduceVersion":"10.3"})"};
    }
    if (header(request, "Authorization") != "Bearer " + token) return {.status = 401};
    if (path == "/logoff") return {.status = 204};
    if (path == "/projects") return {.body = list(0)};
    if (path == "/projects?page=1") return {.body = list(1)};
    if (path == "/projects/sync/export") return {.body = pack.dump()};
    if (path == "/projects/sync/import") return import_pack(Json::parse(request.body));
    return {.status = 404};
  }

 private:
  // Two pages, if there are two projects.
  std::string list(std::size_t page) const {
    Json value = Json::array();
    const Json::Array& projects = pack["projects"].items();
    if (page < projects.size())
      value.push_back(Json::object({{"id", projects[page]["id"]}, {"name", projects[page]["name"]}}));
    Json out = Json::object({{"value", std::move(value)}});
    if (page == 0 && projects.size() > 1) out.set("@nextLink", std::string(root) + "/projects?page=1");
    return out.dump();
  }
  testing::Reply import_pack(const Json& from) {
    ++imports;
    if (!ignores_imports)
      for (const auto& [member, list] : from.members()) {
        if (!list.is_array()) continue;
        for (const Json& object : list.items()) put(member, object);
      }
    if (lose_answers > 0) {
      --lose_answers;
      return {.failure = FERRY_TRANSIENT};
    }
    return {.status = 204};
  }
  void put(const std::string& member, const Json& object) {
    Json* list = pack.find(member);
    if (list == nullptr) list = &pack.set(member, Json::array());
    for (Json& there : list->items())
      if (there["id"] == object["id"]) {
        there = object;
        return;
      }
    list->push_back(object);
  }
};

// "project Claim form added", "data_source Customers skipped name_conflict"
inline std::vector<std::string> items(const testing::Result& result) { return testing::item_lines(result, "name"); }

}  // namespace ferry::smartiq
