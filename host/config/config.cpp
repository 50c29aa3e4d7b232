#include "host/config/config.hpp"

#include <algorithm>
#include <cstdlib>

#include "host/base/environment.hpp"
#include "host/base/failure.hpp"
#include "host/base/files.hpp"
#include "host/base/text.hpp"
#include "host/config/config_reader.hpp"
#include "host/config/secrets.hpp"
#include "host/config/url.hpp"
#include "host/config/yaml_tree.hpp"
#include "host/connectors/json_schema.hpp"
#include "host/connectors/json_values.hpp"

namespace ferry::host {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t largest_file = 1u << 20;

std::string read_text(const fs::path& file) {
  try {
    return read_file(file, largest_file);
  } catch (const Failure& e) {
    std::error_code error;
    if (fs::is_directory(file, error))
      throw Failure(Fault::usage, "no_config",
                    file.string() + ": is a directory; name the file in it, such as " + (file / "ferry.yaml").string());
    if (e.code() == "file_not_found")
      throw Failure(Fault::usage, "no_config",
                    file.string() + ": the configuration is not there; write it, or name another with --config FILE");
    if (e.code() == "permission")
      throw Failure(
          Fault::machine, "permission",
          file.string() + ": the configuration may not be read; make it readable for you: chmod u+r " + file.string());
    throw;
  }
}

}  // namespace

int Connection::line_of(std::string path) const {
  for (;;) {
    if (const auto found = lines.find(path); found != lines.end()) return found->second;
    const std::size_t end = path.find_last_of(".[");
    if (end == std::string::npos) return line;
    path.resize(end);
  }
}

fs::path Config::locate(const std::string& option) {
  if (!option.empty()) return option;
  if (const std::string file = environment("FERRY_CONFIG"); !file.empty()) return file;
  std::error_code error;
  const fs::path here = "ferry.yaml";
  if (fs::exists(here, error)) return here;
  // The XDG specification: a relative value is to be ignored.
  fs::path folder = environment("XDG_CONFIG_HOME");
  if (!folder.is_absolute()) {
    folder = environment("HOME");
    if (folder.is_absolute()) folder /= ".config";
  }
  const fs::path personal = folder / "ferry/ferry.yaml";
  if (folder.is_absolute() && fs::exists(personal, error)) return personal;
  throw Failure(
      Fault::usage, "no_config",
      "there is no configuration: neither ./ferry.yaml" +
          (folder.is_absolute() ? " nor " + personal.string() + " exists" : std::string(" exists, nor is HOME set")) +
          "; write one, or name it with --config FILE or FERRY_CONFIG");
}

Config Config::load(const fs::path& file) {
  const YamlValue root = parse_yaml(read_text(file), file);
  if (root.kind == YamlValue::Kind::nothing)
    throw Failure(Fault::usage, "no_config",
                  file.string() +
                      ": is empty; describe at least one connection, such as\n"
                      "  connections:\n"
                      "    flows-dev: {connector: node-red, url: \"http://127.0.0.1:1880\"}");
  ConfigContent content = read_config(root, file);
  Config config;
  config.file_ = file;
  config.stages_ = std::move(content.stages);
  config.connections_ = std::move(content.connections);
  config.destinations_ = std::move(content.destinations);
  config.default_sync_ = std::move(content.default_sync);
  return config;
}

const Connection& Config::connection(const std::string& name) const {
  std::vector<std::string> known;
  for (const Connection& one : connections_) {
    if (one.name == name) return one;
    known.push_back(one.name);
  }
  throw Failure(Fault::usage, "unknown_connection",
                file_.string() + ": there is no connection \"" + printable(shortened(name, 100)) + "\"" +
                    suggestion(name, known));
}

Connection Config::resolved(const Connection& connection) const {
  Connection out = connection;
  if (connection.url_variable.empty()) return out;
  const std::string path = "connections." + connection.name + ".url";
  const int line = connection.line_of("url");
  const std::string what = "the environment variable " + connection.url_variable;
  out.url = environment(connection.url_variable.c_str());
  if (out.url.empty())
    throw Failure(
        Fault::usage, "missing_url",
        config_error(file_, line, path,
                     what + (std::getenv(connection.url_variable.c_str()) == nullptr ? " is not set" : " is empty") +
                         "; set it to the platform's URL, or write the URL here"));
  if (const std::string problem = url_problem(out.url); !problem.empty())
    bad_config(file_, line, path, "the value of " + what + " " + problem);
  while (out.url.ends_with('/')) out.url.pop_back();
  return out;
}

std::optional<std::size_t> Config::stage_order(const Connection& connection) const {
  const auto found = std::find(stages_.begin(), stages_.end(), connection.stage);
  if (found == stages_.end()) return std::nullopt;
  return static_cast<std::size_t>(found - stages_.begin());
}

Poco::JSON::Object::Ptr Config::check(const Connection& connection, const Manifest& manifest) const {
  std::vector<std::string> problems;
  const auto wrong = [&](const std::string& path, const std::string& message) {
    problems.push_back(
        config_error(file_, connection.line_of(path), "connections." + connection.name + "." + path, message));
  };

  auto settings = deep_copy(connection.settings).extract<Poco::JSON::Object::Ptr>();
  if (manifest.config_schema) {
    for (const SchemaViolation& one : validate(manifest.config_schema, settings, "settings"))
      wrong(one.path, one.message);
  } else if (settings->size() > 0) {
    wrong("settings", "the connector " + manifest.id + " takes no settings; leave the member out");
  }

  const auto listed = [](const std::vector<std::string>& all, const std::string& name) {
    return std::find(all.begin(), all.end(), name) != all.end();
  };
  for (const auto& [name, reference] : connection.secrets)
    if (!listed(manifest.secrets, name))
      wrong("secrets." + printable(shortened(name, 60)),
            "the connector " + manifest.id + " asks for no such secret" + suggestion(name, manifest.secrets));
  for (const std::string& name : manifest.secrets)
    if (!connection.secrets.contains(name) && !listed(manifest.optional_secrets, name))
      wrong("secrets." + name, "missing, but required by the connector " + manifest.id + "; write " + name +
                                   ": env:NAME or " + name + ": file:PATH");

  // Only what the connection itself says: a default is meant for many connectors.
  if (connection.lines.contains("on_existing") && manifest.offers("import") &&
      !listed(manifest.import_policies, connection.on_existing))
    wrong("on_existing", "the connector " + manifest.id + " cannot " + connection.on_existing + "; it can " +
                             join(manifest.import_policies, ", "));
  std::error_code error;
  if (!connection.ca_file.empty() && !fs::is_regular_file(connection.ca_file, error))
    wrong("tls.ca_file", connection.ca_file + " is not there, or not a file");

  if (!problems.empty()) throw Failure(Fault::usage, "bad_config", join(problems, "\n"));
  return settings;
}

std::map<std::string, std::string> Config::secrets(const Connection& connection, Redactor& redactor) const {
  std::map<std::string, std::string> values;
  for (const auto& [name, reference] : connection.secrets) {
    const std::string about =
        config_error(file_, reference.line, "connections." + connection.name + ".secrets." + name, "");
    const bool from_file = reference.kind == "file";
    const std::string value = read_secret(reference, about);
    if (value.size() < Redactor::shortest_secret)
      throw Failure(Fault::usage, "short_secret",
                    about + (from_file ? "the file " : "the environment variable ") + reference.where +
                        " holds fewer than " + std::to_string(Redactor::shortest_secret) +
                        " bytes; so short a secret cannot be masked where it is shown, use a longer one");
    redactor.add(value);
    values.emplace(name, value);
  }
  return values;
}

}  // namespace ferry::host
