// A SmartIQ server of the sandbox with a client that has logged in, and what is looked for in a pack.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tests/samples/sandbox/raw_http.hpp"

namespace sandbox::test {

inline const std::string api = "/Manage/api/v1/admin/";
inline const Headers no_headers;

inline Settings settings(const std::string& name, std::map<std::string, std::string> options = {}) {
  Settings made;
  made.platform = "smartiq";
  made.name = made.tenant = name;
  made.options = std::move(options);
  return made;
}

// One server and a client that has logged in.
struct Server : Playing {
  explicit Server(const std::string& name, std::map<std::string, std::string> options = {},
                  const std::string& user = "admin")
      : Playing(make_smartiq, settings(name, std::move(options))), bearer(log_in(user)) {}

  Headers log_in(const std::string& user) {
    const RawAnswer answer =
        post(api + "login/forms", no_headers, R"({"username":")" + user + R"(","password":"sandbox"})");
    EXPECT_EQ(answer.status, 200) << answer.body;
    return {{"Authorization", "Bearer " + json::string(answer.json(), "authorizationToken")}};
  }

  RawAnswer call(const std::string& method, const std::string& path, const std::string& body = "") {
    return send(method, api + path, bearer, body);
  }
  json::Object list(const std::string& path) { return call("GET", path).json(); }
  std::string export_text(const std::string& body) {
    const RawAnswer answer = call("POST", "projects/sync/export", body);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.body;
  }
  json::Object pack(const std::string& body) { return json::parse_object(export_text(body)); }
  // Everything, as one who does not know the ids would ask for it.
  std::string whole_request() {
    std::string ids;
    for (const json::Value& project : json::elements(list("projects"), "value")) {
      ids +=
          (ids.empty() ? "" : ",") + std::string(R"({"id":")") + json::string(json::as_object(project), "id") + "\"}";
    }
    return R"({"projects":[)" + ids + "]}";
  }
  json::Object whole() { return pack(whole_request()); }
  int import(const json::Object& pack) { return call("POST", "projects/sync/import", json::text(pack)).status; }
  std::int64_t counter(const std::string& name) { return json::integer(site().counters(), name); }
  std::string id_of(const std::string& list_path, const std::string& name) {
    for (const json::Value& value : json::elements(list(list_path), "value")) {
      const json::Object object = json::as_object(value);
      if (json::string(object, "name") == name) return json::string(object, "id");
    }
    ADD_FAILURE() << "no " << name << " among the " << list_path;
    return "";
  }

  Headers bearer;
};

inline std::vector<std::string> names(const json::Object& pack, const std::string& list,
                                      const std::string& member = "name") {
  std::vector<std::string> found;
  for (const json::Value& value : json::elements(pack, list)) {
    found.push_back(json::string(json::as_object(value), member));
  }
  return found;
}

inline json::Object named(const json::Object& pack, const std::string& list, const std::string& name,
                          const std::string& member = "name") {
  for (const json::Value& value : json::elements(pack, list)) {
    if (json::string(json::as_object(value), member) == name) return json::as_object(value);
  }
  ADD_FAILURE() << "no " << name << " among the " << list;
  return json::object();
}

// Members, their order and the types of their values; of a list what its first element looks like.
inline std::string shape(const json::Value& value) {
  if (const json::Object object = json::as_object(value)) {
    std::string text = "{";
    for (const std::string& name : object->getNames()) text += name + ":" + shape(object->get(name)) + " ";
    return text + "}";
  }
  if (value.type() == typeid(json::Array)) {
    const std::vector<json::Value> elements = json::elements(value);
    return "[" + (elements.empty() ? "" : shape(elements.front())) + "]";
  }
  if (value.isEmpty()) return "null";
  if (value.isBoolean()) return "boolean";
  if (value.isInteger()) return "integer";
  return value.isString() ? "string" : "?";
}

}  // namespace sandbox::test
