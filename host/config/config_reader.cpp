#include "host/config/config_reader.hpp"

#include <algorithm>

#include "host/base/failure.hpp"
#include "host/base/text.hpp"
#include "host/config/rate_limit_reader.hpp"
#include "host/config/reference_reader.hpp"
#include "host/config/sync_reader.hpp"
#include "host/config/url.hpp"
#include "host/config/yaml_members.hpp"
#include "host/connectors/host_names.hpp"
#include "host/connectors/json_values.hpp"

namespace ferry::host {
namespace {

using Kind = YamlValue::Kind;

bool is_one_of(const std::string& word, const std::vector<std::string>& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

class Reader : YamlMembers {
 public:
  explicit Reader(const std::filesystem::path& file) : YamlMembers(file) {}

  ConfigContent read(const YamlValue& root) {
    expect(root, Kind::map, root.line, "");
    const std::vector<std::string> known = {"stages", "defaults", "connections", "destinations"};
    refuse_unknown(root, known, "");
    if (const YamlMember* stages = root.find("stages")) read_stages(*stages);
    if (const YamlMember* destinations = root.find("destinations"))
      content_.destinations = read_destinations(*this, *destinations);
    if (const YamlMember* defaults = root.find("defaults")) read_defaults(*defaults);
    const YamlMember* connections = root.find("connections");
    if (connections == nullptr) bad_config(file(), 0, "connections", "missing; describe at least one connection");
    expect(connections->value, Kind::map, connections->line, "connections");
    if (connections->value.members.empty())
      bad_config(file(), connections->line, "connections", "is empty; describe at least one connection");
    for (const YamlMember& one : connections->value.members) content_.connections.push_back(read_connection(one));
    check_syncs(*this, content_);
    return std::move(content_);
  }

 private:
  void read_stages(const YamlMember& member) {
    content_.stages = texts(member, "stages");
    if (content_.stages.empty())
      fail(member, "stages", "is empty; name the stages in their order, or leave the member out");
  }

  void read_defaults(const YamlMember& member) {
    expect(member.value, Kind::map, member.line, "defaults");
    refuse_unknown(member.value, {"on_existing", "timeout", "attempts", "rate_limit", "sync"}, "defaults");
    read_shared(member.value, "defaults", defaults_);
    if (const YamlMember* one = member.value.find("sync"))
      content_.default_sync = read_default_sync(*this, *one, "defaults.sync", content_.destinations);
  }

  // What both a connection and defaults may say.
  void read_shared(const YamlValue& map, const std::string& path, Connection& connection) const {
    if (const YamlMember* one = map.find("on_existing"))
      connection.on_existing = word(*one, path + ".on_existing", "a policy", known_policies);
    if (const YamlMember* one = map.find("timeout"))
      connection.timeout =
          duration(*one, path + ".timeout", std::chrono::milliseconds(100), std::chrono::hours(1), "100ms to 1h");
    if (const YamlMember* one = map.find("attempts")) {
      connection.attempts = whole_number(*one, path + ".attempts", 1, 20);
    }
    if (const YamlMember* one = map.find("rate_limit"))
      connection.rate_limit = read_rate_limit(*this, *one, path + ".rate_limit", connection.rate_limit);
  }

  Connection read_connection(const YamlMember& member) const {
    const std::string path = member_path("connections", printable(shortened(member.name, 70)));
    expect_name(member, path, "a connection");
    const YamlValue& map = member.value;
    expect(map, Kind::map, member.line, path);
    refuse_unknown(map,
                   {"connector", "url", "stage", "secrets", "settings", "tls", "allow_hosts", "timeout", "attempts",
                    "on_existing", "rate_limit", "sync"},
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
    if (const YamlMember* one = map.find("sync"))
      connection.sync = read_sync(*this, *one, path + ".sync", content_, connection);
    connection.settings = new Poco::JSON::Object(Poco::JSON_PRESERVE_KEY_ORDER);
    if (const YamlMember* one = map.find("settings")) {
      expect(one->value, Kind::map, one->line, path + ".settings");
      connection.settings =
          to_json(one->value, file(), path, "settings", connection.lines).extract<Poco::JSON::Object::Ptr>();
    }
    return connection;
  }

  void read_url(const YamlMember& member, const std::string& path, Connection& connection) const {
    expect(member.value, Kind::scalar, member.line, path);
    if (member.value.text.starts_with("env:")) {
      connection.url_variable = member.value.text.substr(4);
      if (!is_variable_name(connection.url_variable))
        fail(member, path, "env: must be followed by the name of an environment variable, such as env:ACME_URL");
      return;
    }
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
      connection.secrets.emplace(one.name, read_reference(*this, one, path + "." + name));
    }
  }

  void read_tls(const YamlMember& member, const std::string& path, Connection& connection) const {
    expect(member.value, Kind::map, member.line, path);
    refuse_unknown(member.value, {"ca_file", "verify"}, path);
    if (const YamlMember* one = member.value.find("ca_file")) {
      connection.ca_file = YamlMembers::path(*one, path + ".ca_file");
      connection.lines.emplace("tls.ca_file", one->line);
    }
    if (const YamlMember* one = member.value.find("verify")) connection.verify_tls = boolean(*one, path + ".verify");
  }

  void read_hosts(const YamlMember& member, const std::string& path, Connection& connection) const {
    connection.allow_hosts = texts(member, path);
    for (std::size_t i = 0; i < connection.allow_hosts.size(); ++i)
      if (!is_host_pattern(connection.allow_hosts[i]))
        bad_config(file(), member.value.items[i].line, item_path(path, i),
                   "is not a host; write host, host:port or *.domain");
  }

  ConfigContent content_{{"dev", "test", "prod"}, {}, {}, {}};
  Connection defaults_;
};

}  // namespace

ConfigContent read_config(const YamlValue& root, const std::filesystem::path& file) { return Reader(file).read(root); }

}  // namespace ferry::host
