// A tenant of Spark that does what the documents say, in memory: jobs, services, tokens. For the connector's tests.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ferry/testing.hpp"
#include "tests/plugins/facts.hpp"

namespace ferry::spark {

inline constexpr const char* base = "https://excel.test.coherent.global/acme";
inline constexpr const char* token_url =
    "https://keycloak.test.coherent.global/auth/realms/acme/protocol/openid-connect/token";

struct SparkHost : testing::FakeHost {
  struct Running {
    std::string kind;  // export, import
    Json object;
    int polls = 1;  // until it ends
    bool cancelled = false;
  };
  std::map<std::string, std::vector<std::string>> services;  // folder/service -> versions
  std::map<std::string, Running> jobs;
  std::vector<std::string> order;  // ids, oldest first
  Json import_outputs = Json::object(), import_errors, import_warnings = Json::array();
  Json export_errors;
  std::string file = "PK package";
  std::string file_hash = sha256_hex(file);
  std::string refusal = "not today";  // of an export of what is not there
  int polls = 1;                      // of jobs to come
  int others = 0;                     // polls of the list for which another's job runs
  int lose_answers = 0;               // of POST import, after the job was started
  int tokens = 0;                     // given out
  int token_seconds = 7200;
  std::string good_token;
  int imports = 0;  // jobs started

  SparkHost() {
    secrets["client_secret"] = "s3cret+1";
    answer_others = [this](const testing::SentRequest& sent) { return answer(sent); };
  }

  static std::string header(const testing::SentRequest& sent, std::string_view name) {
    for (const auto& [key, value] : sent.headers)
      if (key == name) return value;
    return {};
  }
  std::size_t sent(const std::string& method, const std::string& url) const {
    return static_cast<std::size_t>(std::count_if(requests.begin(), requests.end(), [&](const auto& request) {
      return request.method == method && request.url == url;
    }));
  }

  testing::Reply answer(const testing::SentRequest& request) {
    const testing::Headers json = {{"Content-Type", "application/json"}};
    if (request.url == token_url) {
      good_token = "token-" + std::to_string(++tokens);
      return {.body = R"({"access_token":")" + good_token + R"(","expires_in":)" + std::to_string(token_seconds) + "}",
              .headers = json};
    }
    if (request.url == "https://excel.test.coherent.global/health") return {.body = R"({"status":"UP"})"};
    if (header(request, "Authorization") != "Bearer " + good_token && header(request, "x-synthetic-key") != "key-1234")
      return {.status = 401, .body = R"({"message":"unauthorized"})", .headers = json};
    if (request.url == std::string(base) + "/file.zip") return {.body = file};
    const std::string api = std::string(base) + "/api/v4/";
    const std::string rest = request.url.starts_with(api) ? request.url.substr(api.size()) : "";
    const std::string kind = rest.substr(0, 6);
    const std::string tail = rest.size() > 6 ? rest.substr(7) : "";
    if (kind != "export" && kind != "import") return {.status = 404};
    if (request.method == "POST") return start(kind, request);
    if (tail == "status") return {.body = list(kind).dump(), .headers = json};
    const std::string id = tail.substr(0, tail.find('/'));
    const auto found = jobs.find(id);
    if (found == jobs.end() || found->second.kind != kind) return {.status = 404};
    Running& job = found->second;
    if (request.method == "PATCH") {
      job.cancelled = true;
      job.object.set("status", "cancelled");
    } else if (job.polls > 0 && --job.polls == 0 && !job.cancelled) {
      job.object.set("status", "closed");
    }
    return {.body = job.object.dump(), .headers = json};
  }

 private:
  testing::Reply start(const std::string& kind, const testing::SentRequest& request) {
    const std::string id = kind + "-" + std::to_string(jobs.size() + 1);
    Json body;
    if (kind == "export") {
      body = Json::parse(request.body);
    } else {
      ++imports;
      for (const testing::SentPart& part : request.parts)
        if (part.name == "importRequestEntity") body = Json::parse(part.data);
    }
    Json outputs = kind == "export" ? export_outputs(body["inputs"]) : import_outputs;
    if (outputs.is_null()) return {.status = 404, .body = R"({"message":")" + refusal + R"("})"};
    Json object = Json::object({{"object", kind},
                                {"id", id},
                                {"status", "in_progress"},
                                {"outputs", std::move(outputs)},
                                {"errors", kind == "export" ? export_errors : import_errors},
                                {"warnings", kind == "export" ? Json::array() : import_warnings},
                                {"source_system", body["source_system"]},
                                {"correlation_id", body["correlation_id"]}});
    jobs[id] = {kind, object, polls};
    order.push_back(id);
    if (kind == "import" && lose_answers > 0) {
      --lose_answers;
      return {.failure = FERRY_TRANSIENT};
    }
    return {.body = object.dump()};
  }
  Json list(const std::string& kind) {
    Json running = Json::array(), recent = Json::array();
    for (const std::string& id : order)
      if (jobs[id].kind == kind)
        (jobs[id].object["status"] == Json("in_progress") ? running : recent)
            .push_back(Json::object({{"object", kind}, {"id", id}, {"data", Json::object()}}));
    const std::size_t busy = running.items().size() + (others > 0 ? 1 : 0);
    if (others > 0) --others;
    return Json::object(
        {{"in_progress_" + kind + "s", running},
         {"recent_" + kind + "s", recent},
         {"tenant", Json::object({{"configuration", Json::object({{kind + "_api_job_limit", 1}})},
                                  {"status", Json::object({{kind + "_api_jobs_in_progress", busy}})}})}});
  }
  // null: something that was asked for is not there.
  Json export_outputs(const Json& inputs) {
    std::vector<std::string> found;
    if (inputs["services"].is_array())
      for (const Json& uri : inputs["services"].items()) {
        const std::string name = uri.as_string().substr(0, uri.as_string().find('['));
        if (!services.contains(name)) return {};
        found.push_back(name);
      }
    if (inputs["folders"].is_array())
      for (const Json& folder : inputs["folders"].items()) {
        const std::size_t before = found.size();
        for (const auto& [uri, versions] : services)
          if (uri.starts_with(folder.as_string() + "/")) found.push_back(uri);
        if (found.size() == before) return {};
      }
    Json listed = Json::array(), versions = Json::array();
    for (const std::string& uri : found) {
      const std::string folder = uri.substr(0, uri.find('/')), name = uri.substr(uri.find('/') + 1);
      listed.push_back(Json::object({{"service_uri_source", uri},
                                     {"folder_source", folder},
                                     {"service_source", name},
                                     {"service_id_source", "id-of-" + uri}}));
      for (const std::string& number : services[uri])
        versions.push_back(Json::object({{"service_uri_source", uri + "[" + number + "]"},
                                         {"folder_source", folder},
                                         {"service_source", name},
                                         {"version_source", number},
                                         {"service_id_source", "id-of-" + uri},
                                         {"version_id_source", "id-of-" + uri + "-" + number}}));
    }
    return Json::object(
        {{"files", Json::array({Json::object({{"file", std::string(base) + "/file.zip"}, {"file_hash", file_hash}})})},
         {"services", listed},
         {"service_versions", versions}});
  }
};

// "service rates/life added", "service_version prod/life[1.0.0] skipped exists"
inline std::vector<std::string> items(const testing::Result& result) { return testing::item_lines(result, "name"); }

}  // namespace ferry::spark
