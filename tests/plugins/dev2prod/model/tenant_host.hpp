// A tenant that does what the documents say, in memory: sessions, jobs, attachments. For the connector's tests.
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "ferry/testing.hpp"

namespace ferry::dev2prod {

inline constexpr const char* server = "https://desk.example.com";
inline constexpr const char* tenant = "https://desk.example.com/rest/123456789";

struct TenantHost : testing::FakeHost {
  // What the jobs' status says, poll by poll; the last one again and again.
  std::deque<Json> exporting, rehearsing, importing;
  std::string file = "PK the package";
  std::string stored = R"({"success":true,"guid":"file-1","name":"package.zip"})";  // the answer to an upload
  bool nested = false;     // attachments are found below dev2prod only
  int good_requests = -1;  // until the session ends; -1: it does not
  int logins = 0, imports = 0, rehearsals = 0, uploads = 0;
  bool lose_import = false;  // the answer to the import that is begun next

  TenantHost() {
    secrets["password"] = "s3cret";
    answer_others = [this](const testing::SentRequest& request) { return answer(request); };
  }

  std::vector<std::string> sent() const {
    std::vector<std::string> lines;
    for (const testing::SentRequest& request : requests) {
      const bool is_login = request.url.find("/authenticate/login") != std::string::npos;
      const std::string path =
          request.url.starts_with(tenant) ? request.url.substr(std::string(tenant).size()) : request.url;
      lines.push_back(is_login ? "login" : request.method + " " + path);
    }
    return lines;
  }

 private:
  static std::string header(const testing::SentRequest& sent, std::string_view name) {
    for (const auto& [key, value] : sent.headers)
      if (key == name) return value;
    return {};
  }
  std::string token() const { return "header.payload.number-" + std::to_string(logins); }

  testing::Reply answer(const testing::SentRequest& request) {
    if (request.url == std::string(server) + "/auth/authentication-endpoint/authenticate/login?TENANTID=123456789") {
      const Json body = Json::parse(request.body);
      if (body["password"] != Json("s3cret") || body["login"] != Json("admin")) return {.status = 401};
      ++logins;
      return {.body = token() + "\n"};
    }
    if (!request.url.starts_with(tenant)) return {.status = 404};
    if (good_requests == 0) {
      good_requests = -1;
      ended_ = token();
    }
    if (good_requests > 0) --good_requests;
    const std::string cookie = "SMAX_AUTH_TOKEN=" + token();
    if (token() == ended_ || header(request, "Cookie") != cookie + "; TENANTID=123456789") return {.status = 401};
    return serve(request.method + " " + request.url.substr(std::string(tenant).size()));
  }
  testing::Reply serve(const std::string& request) {
    if (request == "POST /dev2prod/export/types/54321") return {.body = R"({"Id":"export-1"})"};
    if (request == "GET /dev2prod/export/export-1") return {.body = next(exporting)};
    if (request == std::string("GET ") + (nested ? "/dev2prod" : "") + "/ces/attachment/file-1") return {.body = file};
    if (request == "POST /ces/attachment") {
      ++uploads;
      return {.body = stored};
    }
    if (request == "POST /dev2prod/import?dryRun=true") {
      ++rehearsals;
      return {.body = R"({"Id":"rehearsal-1"})"};
    }
    if (request == "GET /dev2prod/import/rehearsal-1") return {.body = next(rehearsing)};
    if (request == "POST /dev2prod/import") {
      ++imports;
      if (std::exchange(lose_import, false)) return {.failure = FERRY_TRANSIENT};
      return {.body = R"({"Id":"import-1"})"};
    }
    if (request == "GET /dev2prod/import/import-1") return {.body = next(importing)};
    return {.status = 404, .body = "Page was not found"};
  }
  static std::string next(std::deque<Json>& states) {
    if (states.empty()) return "{}";
    const std::string text = states.front().dump();
    if (states.size() > 1) states.pop_front();
    return text;
  }

  std::string ended_;  // the token of the session that did
};

// "workflow exported 24", "unattributed failed 2 platform_failed", "error platform_error: text"
inline std::vector<std::string> facts(const testing::Result& result) {
  std::vector<std::string> out;
  for (const Json& fact : result.facts) {
    if (fact["fact"] == Json("item")) {
      std::string line = std::string(fact.text_or("type", "")) + " " + std::string(fact.text_or("outcome", ""));
      line += " " + std::to_string(fact.find("count") != nullptr ? fact["count"].as_int() : 1);
      if (const std::string_view code = fact.text_or("code", ""); !code.empty()) line.append(" ").append(code);
      out.push_back(std::move(line));
    } else {
      out.push_back(std::string(fact.text_or("severity", "")) + " " + std::string(fact.text_or("code", "")) + ": " +
                    std::string(fact.text_or("message", "")));
    }
  }
  return out;
}

}  // namespace ferry::dev2prod
