// ferry/requests.hpp - the requests of the operations as values (their JSON stands in connector.h).
//
// parse throws Error(FERRY_BAD_CONFIG) for what cannot be understood; members nobody knows are ignored.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ferry/error.hpp"
#include "ferry/json.hpp"

namespace ferry {

namespace detail {

// parse(json) with whatever it throws said to be the fault of the request, not of the platform.
template <class Parse>
auto parse_request(std::string_view text, std::string_view what, Parse&& parse) {
  try {
    const Json json = Json::parse(text);
    json.members();  // throws unless it is an object
    return parse(json);
  } catch (const JsonError& error) {
    throw Error(FERRY_BAD_CONFIG, "reading the " + std::string(what) + ": " + error.what());
  }
}
// The text of a member; "" if it may be missing and is.
inline std::string member_text(const Json& json, std::string_view name, bool needed) {
  const Json* found = json.find(name);
  if (found == nullptr && needed) throw JsonError("the member \"" + std::string(name) + "\" is missing");
  return found == nullptr || found->is_null() ? std::string() : found->as_string();
}

}  // namespace detail

// The settings of a connection, as create gets them.
struct Config {
  std::string connection;
  std::string url;
  std::string stage;
  Json settings;  // as the manifest's schema allows

  static Config parse(std::string_view text) {
    return detail::parse_request(text, "configuration", [](const Json& json) {
      return Config{detail::member_text(json, "connection", false), detail::member_text(json, "url", false),
                    detail::member_text(json, "stage", false),
                    json["settings"].is_object() ? json["settings"] : Json::object()};
    });
  }
};

// Settings, or a part of them, with what a request's options say in their place.
inline Json with_options(const Json& settings, const Json& options) {
  Json out = Json::object();
  for (const Json* said : {&settings, &options})
    if (said->is_object())
      for (const auto& [name, value] : said->members()) out.set(name, value);
  return out;
}

struct Selector {
  std::string type;  // "": any
  std::string key;   // id or name
};

struct ExportRequest {
  std::vector<Selector> select;  // empty: everything
  bool dependencies = true;
  Json options;

  static ExportRequest parse(std::string_view text) {
    return detail::parse_request(text, "export request", [](const Json& json) {
      ExportRequest request{{}, json.bool_or("dependencies", true), json["options"]};
      if (const Json* select = json.find("select"))
        for (const Json& item : select->items())
          request.select.push_back({detail::member_text(item, "type", false), detail::member_text(item, "key", true)});
      return request;
    });
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
    return detail::parse_request(text, "import request", [](const Json& json) {
      ImportRequest request;
      // A preview that is misread as a real run would write: these two are never guessed.
      if (const Json* preview = json.find("preview")) request.preview = preview->as_bool();
      if (const Json* prune = json.find("prune")) request.prune = prune->as_bool();
      if (const Json* policy = json.find("policy")) request.policy = parse_policy(policy->as_string());
      if (const Json* mapping = json.find("mapping"))
        for (const Json& item : mapping->items())
          request.mapping.push_back({detail::member_text(item, "type", false),
                                     detail::member_text(item, "source", true),
                                     detail::member_text(item, "target", true)});
      request.options = json["options"];
      request.idempotency_key = detail::member_text(json, "idempotency_key", false);
      return request;
    });
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
  std::int64_t overlap_ms = 0;
};

struct ReadRequest {
  std::vector<StreamRequest> streams;
  Json options;  // of the connector, for this read alone

  static ReadRequest parse(std::string_view text) {
    return detail::parse_request(text, "read request", [](const Json& json) {
      ReadRequest request;
      request.options = json["options"];
      if (const Json* streams = json.find("streams"))
        for (const Json& item : streams->items())
          request.streams.push_back({detail::member_text(item, "stream", true),
                                     std::string(item.text_or("mode", "full")),
                                     detail::member_text(item, "from", false), item["checkpoint"],
                                     item.find("overlap_ms") ? item["overlap_ms"].as_int() : 0});
      return request;
    });
  }
};

}  // namespace ferry
