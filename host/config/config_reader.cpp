#include "host/config/config_reader.hpp"

#include <algorithm>
#include <cctype>

#include "host/base/failure.hpp"
#include "host/base/text.hpp"
#include "host/config/duration.hpp"
#include "host/config/url.hpp"
#include "host/connectors/host_names.hpp"
#include "host/connectors/json_values.hpp"

namespace ferry::host {
namespace {

using Kind = YamlValue::Kind;

bool is_one_of(const std::string& word, const std::vector<std::string>& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool is_variable_name(const std::string& name) {
  return !name.empty() && std::isdigit(static_cast<unsigned char>(name[0])) == 0 &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return c == '_' ||
                  (static_cast<unsigned char>(c) < 0x80 && std::isalnum(static_cast<unsigned char>(c)) != 0);
         });
}

bool is_connection_name(const std::string& name) {
  return !name.empty() && name.size() <= 64 && name.find_first_of("-._") != 0 &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return c == '_' || c == '-' || c == '.' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                  (c >= '0' && c <= '9');
         });
}

class Reader {
 public:
  explicit Reader(const std::filesystem::path& file)
      : file_(file), folder_(std::filesystem::absolute(file).lexically_normal().parent_path()) {}

  ConfigContent read(const YamlValue& root) {
    expect(root, Kind::map, root.line, "");
    const std::vector<std::string> known = {"stages", "defaults", "connections"};
    refuse_unknown(root, known, "");
    if (const YamlMember* stages = root.find("stages")) read_stages(*stages);
    if (const YamlMember* defaults = root.find("defaults")) read_defaults(*defaults);
    const YamlMember* connections = root.find("connections");
    if (connections == nullptr) bad_config(file_, 0, "connections", "missing; describe at least one connection");
    expect(connections->value, Kind::map, connections->line, "connections");
    if (connections->value.members.empty())
      bad_config(file_, connections->line, "connections", "is empty; describe at least one connection");
    for (const YamlMember& one : connections->value.members) content_.connections.push_back(read_connection(one));
    return std::move(content_);
  }

 private:
  [[noreturn]] void fail(const YamlMember& member, const std::string& path, const std::string& message) const {
    bad_config(file_, member.line, path, message);
  }

  void expect(const YamlValue& value, Kind kind, int line, const std::string& path) const {
    if (value.kind == kind) return;
    YamlValue wanted;
    wanted.kind = kind;
    bad_config(file_, line, path, "expected " + wanted.kind_name() + ", found " + value.kind_name());
  }

  void refuse_unknown(const YamlValue& map, const std::vector<std::string>& known, const std::string& path) const {
    for (const YamlMember& one : map.members) {
      if (is_one_of(one.name, known)) continue;
      std::string hint = suggestion(one.name, known);
      for (const char* word : {"password", "secret", "token", "key", "credential"})
        if (lower(one.name).find(word) != std::string::npos && nearest(one.name, known).empty() &&
            is_one_of("secrets", known))
          hint = "; a secret belongs under secrets, as env:NAME or file:PATH";
      fail(one, member_path(path, printable(shortened(one.name, 60))), "unknown member" + hint);
    }
  }

  std::string text(const YamlMember& member, const std::string& path) const {
    expect(member.value, Kind::scalar, member.line, path);
    if (member.value.text.empty()) fail(member, path, "is empty");
    if (member.value.text != printable(member.value.text)) fail(member, path, "holds control characters");
    return member.value.text;
  }

  std::vector<std::string> texts(const YamlMember& member, const std::string& path) const {
    expect(member.value, Kind::list, member.line, path);
    std::vector<std::string> out;
    for (const YamlValue& item : member.value.items) {
      const std::string at = item_path(path, out.size());
      const std::string value = text({"", item.line, item}, at);
      if (is_one_of(value, out)) bad_config(file_, item.line, at, "\"" + value + "\" is there twice");
      out.push_back(value);
    }
    return out;
  }

  bool boolean(const YamlMember& member, const std::string& path) const {
    const std::string value = text(member, path);
    if (!member.value.plain || (lower(value) != "true" && lower(value) != "false"))
      fail(member, path, "expected true or false, without quotes");
    return lower(value) == "true";
  }

  std::string absolute(const std::string& path) const { return (folder_ / path).lexically_normal().string(); }

  void read_stages(const YamlMember& member) {
    content_.stages = texts(member, "stages");
    if (content_.stages.empty())
      fail(member, "stages", "is empty; name the stages in their order, or leave the member out");
  }

  void read_defaults(const YamlMember& member) {
    expect(member.value, Kind::map, member.line, "defaults");
    refuse_unknown(member.value, {"on_existing", "timeout", "attempts"}, "defaults");
    read_shared(member.value, "defaults", defaults_);
  }

  // What both a connection and defaults may say.
  void read_shared(const YamlValue& map, const std::string& path, Connection& connection) const {
    if (const YamlMember* one = map.find("on_existing")) {
      connection.on_existing = text(*one, path + ".on_existing");
      const std::vector<std::string> policies = {"abort", "replace", "skip", "add_version"};
      if (!is_one_of(connection.on_existing, policies))
        fail(*one, path + ".on_existing",
             "\"" + connection.on_existing + "\" is not a policy" + suggestion(connection.on_existing, policies));
    }
    if (const YamlMember* one = map.find("timeout")) {
      const auto duration = parse_duration(text(*one, path + ".timeout"));
      if (!duration)
        fail(*one, path + ".timeout", "is not a duration; write a number and its unit, such as 500ms, 60s, 2m, 1h");
      if (duration->count() < 100 || duration->count() > 3'600'000)
        fail(*one, path + ".timeout", "must be from 100ms to 1h");
      connection.timeout = *duration;
    }
    if (const YamlMember* one = map.find("attempts")) {
      const std::string value = text(*one, path + ".attempts");
      const bool number =
          one->value.plain && value.size() <= 2 && value.find_first_not_of("0123456789") == std::string::npos;
      if (!number || std::stoi(value) < 1 || std::stoi(value) > 20)
        fail(*one, path + ".attempts", "must be a whole number from 1 to 20");
      connection.attempts = std::stoi(value);
    }
  }

  Connection read_connection(const YamlMember& member) const {
    const std::string path = member_path("connections", printable(shortened(member.name, 70)));
    if (!is_connection_name(member.name))
      fail(member, path, "is not a name for a connection; use letters, digits, and inside it - _ and . (at most 64)");
    const YamlValue& map = member.value;
    expect(map, Kind::map, member.line, path);
    refuse_unknown(map,
                   {"connector", "url", "stage", "secrets", "settings", "tls", "allow_hosts", "timeout", "attempts",
                    "on_existing"},
                   path);
    Connection connection = defaults_;
    connection.name = member.name;
    connection.line = member.line;
    for (const YamlMember& one : map.members) connection.lines.emplace(one.name, one.line);
    connection.connector = text(required(member, "connector", path), path + ".connector");
    read_url(required(member, "url", path), path + ".url", connection);
    if (const YamlMember* one = map.find("stage")) read_stage(*one, path + ".stage", connection);
    if (const YamlMember* one = map.find("secrets")) read_secrets(*one, path + ".secrets", connection);
    if (const YamlMember* one = map.find("tls")) read_tls(*one, path + ".tls", connection);
    if (const YamlMember* one = map.find("allow_hosts")) read_hosts(*one, path + ".allow_hosts", connection);
    read_shared(map, path, connection);
    connection.settings = new Poco::JSON::Object(Poco::JSON_PRESERVE_KEY_ORDER);
    if (const YamlMember* one = map.find("settings")) {
      expect(one->value, Kind::map, one->line, path + ".settings");
      connection.settings =
          to_json(one->value, file_, path, "settings", connection.lines).extract<Poco::JSON::Object::Ptr>();
    }
    return connection;
  }

  const YamlMember& required(const YamlMember& connection, const char* name, const std::string& path) const {
    const YamlMember* found = connection.value.find(name);
    if (found == nullptr) fail(connection, path + "." + name, "missing, but required");
    return *found;
  }

  void read_url(const YamlMember& member, const std::string& path, Connection& connection) const {
    expect(member.value, Kind::scalar, member.line, path);
    connection.url = member.value.text;
    if (const std::string problem = url_problem(connection.url); !problem.empty()) fail(member, path, problem);
    while (connection.url.ends_with('/')) connection.url.pop_back();
  }

  void read_stage(const YamlMember& member, const std::string& path, Connection& connection) const {
    connection.stage = text(member, path);
    if (!is_one_of(connection.stage, content_.stages))
      fail(member, path, "unknown stage \"" + connection.stage + "\"" + suggestion(connection.stage, content_.stages));
  }

  void read_secrets(const YamlMember& member, const std::string& path, Connection& connection) const {
    expect(member.value, Kind::map, member.line, path);
    for (const YamlMember& one : member.value.members) {
      // A name without a value may be a secret that was written where the name belongs.
      if (one.value.kind == Kind::nothing)
        fail(one, path, "a secret without a reference; write NAME: env:VARIABLE or NAME: file:PATH");
      const std::string name = printable(shortened(one.name, 60));
      connection.lines.emplace("secrets." + one.name, one.line);
      connection.secrets.emplace(one.name, reference(one, path + "." + name));
    }
  }

  // No message repeats what was found: it may be the secret itself.
  SecretReference reference(const YamlMember& member, const std::string& path) const {
    expect(member.value, Kind::scalar, member.line, path);
    const std::string& text = member.value.text;
    if (text.starts_with("env:")) {
      if (!is_variable_name(text.substr(4)))
        fail(member, path, "env: must be followed by the name of an environment variable, such as env:ACME_PASSWORD");
      return {"env", text.substr(4), member.line};
    }
    if (text.starts_with("file:")) {
      const std::string where = text.substr(5);
      if (where.empty() || where != printable(where)) fail(member, path, "file: must be followed by a path");
      if (where[0] == '~') fail(member, path, "~ is not replaced in a path; write the whole path");
      return {"file", absolute(where), member.line};
    }
    fail(member, path,
         "a secret itself does not belong in this file; put it in an environment variable and write env:NAME, or in a "
         "file "
         "and write file:PATH");
  }

  void read_tls(const YamlMember& member, const std::string& path, Connection& connection) const {
    expect(member.value, Kind::map, member.line, path);
    refuse_unknown(member.value, {"ca_file", "verify"}, path);
    if (const YamlMember* one = member.value.find("ca_file")) {
      const std::string where = text(*one, path + ".ca_file");
      if (where[0] == '~') fail(*one, path + ".ca_file", "~ is not replaced in a path; write the whole path");
      connection.ca_file = absolute(where);
      connection.lines.emplace("tls.ca_file", one->line);
    }
    if (const YamlMember* one = member.value.find("verify")) connection.verify_tls = boolean(*one, path + ".verify");
  }

  void read_hosts(const YamlMember& member, const std::string& path, Connection& connection) const {
    connection.allow_hosts = texts(member, path);
    for (std::size_t i = 0; i < connection.allow_hosts.size(); ++i)
      if (!is_host_pattern(connection.allow_hosts[i]))
        bad_config(file_, member.value.items[i].line, item_path(path, i),
                   "is not a host; write host, host:port or *.domain");
  }

  const std::filesystem::path& file_;
  std::filesystem::path folder_;
  ConfigContent content_{{"dev", "test", "prod"}, {}};
  Connection defaults_;
};

}  // namespace

ConfigContent read_config(const YamlValue& root, const std::filesystem::path& file) { return Reader(file).read(root); }

}  // namespace ferry::host
