// ferry/requests.hpp - the requests of the operations as values (their JSON stands in connector.h).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ferry/error.hpp"
#include "ferry/json.hpp"

namespace ferry {

// The settings of a connection, as create gets them.
struct Config {
  std::string connection;
  std::string url;
  std::string stage;
  Json settings;  // as the manifest's schema allows

  static Config parse(std::string_view text) {
    const Json json = Json::parse(text);
    return {std::string(json.text_or("connection", "")), std::string(json.text_or("url", "")),
            std::string(json.text_or("stage", "")), json["settings"].is_object() ? json["settings"] : Json::object()};
  }
};

struct Selector {
  std::string type;  // "": any
  std::string key;   // id or name
};

struct ExportRequest {
  std::vector<Selector> select;  // empty: everything
  bool dependencies = true;
  Json options;

  static ExportRequest parse(std::string_view text) {
    const Json json = Json::parse(text);
    ExportRequest request{{}, json.bool_or("dependencies", true), json["options"]};
    if (const Json* select = json.find("select"))
      for (const Json& item : select->items())
        request.select.push_back({std::string(item.text_or("type", "")), std::string(item.text_or("key", ""))});
    return request;
  }
};

enum class Policy { abort, replace, skip, add_version };  // for an item that exists with other content

struct Mapping {
  std::string type, source, target;  // source, target: id or name
};

struct ImportRequest {
  bool preview = false;
  Policy policy = Policy::abort;
  bool prune = false;
  std::vector<Mapping> mapping;
  Json options;
  std::string idempotency_key;

  static ImportRequest parse(std::string_view text) {
    const Json json = Json::parse(text);
    ImportRequest request;
    request.preview = json.bool_or("preview", false);
    request.policy = parse_policy(json.text_or("policy", "abort"));
    request.prune = json.bool_or("prune", false);
    if (const Json* mapping = json.find("mapping"))
      for (const Json& item : mapping->items())
        request.mapping.push_back({std::string(item.text_or("type", "")), std::string(item.text_or("source", "")),
                                   std::string(item.text_or("target", ""))});
    request.options = json["options"];
    request.idempotency_key = json.text_or("idempotency_key", "");
    return request;
  }
  static Policy parse_policy(std::string_view word) {
    if (word == "abort") return Policy::abort;
    if (word == "replace") return Policy::replace;
    if (word == "skip") return Policy::skip;
    if (word == "add_version") return Policy::add_version;
    throw Error(FERRY_UNSUPPORTED, "import policy \"" + std::string(word) + "\" is unknown");
  }
};

struct StreamRequest {
  std::string stream, mode, from;
  Json checkpoint;
};

struct ReadRequest {
  std::vector<StreamRequest> streams;

  static ReadRequest parse(std::string_view text) {
    const Json json = Json::parse(text);
    ReadRequest request;
    if (const Json* streams = json.find("streams"))
      for (const Json& item : streams->items())
        request.streams.push_back({std::string(item.text_or("stream", "")), std::string(item.text_or("mode", "full")),
                                   std::string(item.text_or("from", "")), item["checkpoint"]});
    return request;
  }
};

}  // namespace ferry
