// ferry connectors list | show ID
#include <algorithm>

#include "host/base/text.hpp"
#include "host/cli/commands.hpp"
#include "host/cli/documents.hpp"
#include "host/cli/table.hpp"

namespace ferry::host {
namespace {

std::string list_or_none(const std::vector<std::string>& words) { return words.empty() ? "none" : join(words, ", "); }

// Of a setting or an option.
std::string text_of(const Poco::JSON::Object& property, const char* member) {
  const Poco::Dynamic::Var value = property.get(member);
  return value.isEmpty() ? "" : value.toString();
}

std::string type_of(const Poco::JSON::Object& property) {
  if (!property.has("enum")) return text_of(property, "type");
  std::vector<std::string> words;
  for (const Poco::Dynamic::Var& word : *property.getArray("enum")) words.push_back(word.toString());
  return join(words, ", ");
}

std::string settings_table(const Manifest& manifest, const Style& style) {
  if (!manifest.config_schema) return "\nsettings: none\n";
  const Poco::JSON::Object::Ptr properties = manifest.config_schema->getObject("properties");
  if (!properties || properties->size() == 0) return "\nsettings: none\n";
  std::vector<std::string> required;
  if (const Poco::JSON::Array::Ptr names = manifest.config_schema->getArray("required"))
    for (const auto& name : *names) required.push_back(name.toString());
  Table table({{"SETTING"}, {"TYPE"}, {"REQUIRED"}, {"DEFAULT"}, {"DESCRIPTION"}});
  for (const std::string& name : properties->getNames()) {
    const Poco::JSON::Object::Ptr property = properties->getObject(name);
    if (!property) continue;
    const bool needed = std::find(required.begin(), required.end(), name) != required.end();
    table.add({name, type_of(*property), needed ? "yes" : "no", text_of(*property, "default"),
               text_of(*property, "description")});
  }
  return "\n" + table.take(style);
}

// Of requests: --option NAME=VALUE.
std::string options_table(const Manifest& manifest, const Style& style) {
  Table table({{"OPTION"}, {"OF"}, {"TYPE"}, {"DESCRIPTION"}});
  for (const auto& [operation, schema] : manifest.options) {
    const Poco::JSON::Object::Ptr properties = schema->getObject("properties");
    for (const std::string& name : properties->getNames()) {
      const Poco::JSON::Object::Ptr property = properties->getObject(name);
      table.add({name, operation, type_of(*property), text_of(*property, "description")});
    }
  }
  return table.rows() == 0 ? "" : "\n" + table.take(style);
}

}  // namespace

ExitCode list_connectors(Session& session) {
  const Registry& registry = session.registry();
  if (session.json()) {
    session.console.print(document_text(registry_document(registry)));
    return ExitCode::success;
  }
  const Style& style = session.console.style();
  if (registry.connectors().empty()) {
    session.console.print("no connector is installed; install one, or name its directory with --connector-path\n");
  } else {
    Table table({{"ID"}, {"VERSION"}, {"PUBLISHER"}, {"OPERATIONS"}, {"PATH"}});
    for (const Manifest& manifest : registry.connectors())
      table.add({manifest.id,
                 manifest.version,
                 manifest.publisher,
                 join(manifest.operations, " "),
                 {manifest.file.parent_path().string(), Paint::dim}});
    session.console.print(table.take(style));
  }
  // Directories that are merely not there are of interest only to somebody who misses a connector.
  const bool all_places = registry.connectors().empty() || session.line.has("verbose");
  std::string rejected, looked_at;
  for (const Candidate& candidate : registry.candidates()) {
    if (candidate.taken) continue;
    const std::string line = "  " + printable(candidate.path.string()) + ": " + printable(candidate.verdict) + "\n";
    (candidate.code.empty() ? looked_at : rejected) += line;
  }
  if (!rejected.empty()) session.console.print("\nnot taken:\n" + rejected);
  if (!looked_at.empty() && all_places) session.console.print("\nlooked at:\n" + looked_at);
  for (const Manifest& manifest : registry.connectors())
    for (const std::string& warning : manifest.warnings)
      session.console.log(FERRY_LOG_INFO, "ferry", manifest.file.string() + ": " + warning);
  return ExitCode::success;
}

ExitCode show_connector(Session& session) {
  const Manifest& manifest = session.registry().find(session.line.argument("ID"));
  if (session.json()) {
    session.console.print(document_text(manifest_document(manifest)));
    return ExitCode::success;
  }
  const Style& style = session.console.style();
  Table table({{""}, {""}});
  table.add({"connector", {manifest.id, Paint::bold}});
  table.add({"name", manifest.name});
  table.add({"version", manifest.version});
  table.add({"publisher", manifest.publisher});
  table.add({"contract", std::to_string(manifest.abi_major) + "." + std::to_string(manifest.abi_minor)});
  table.add({"operations", list_or_none(manifest.operations)});
  table.add({"import policies", list_or_none(manifest.import_policies)});
  if (manifest.offers("import")) table.add({"import options", list_or_none(manifest.import_options)});
  table.add({"may reach", join(
                              [&] {
                                std::vector<std::string> hosts = {"the connection's own url"};
                                hosts.insert(hosts.end(), manifest.allowed_hosts.begin(), manifest.allowed_hosts.end());
                                return hosts;
                              }(),
                              ", ")});
  std::vector<std::string> secrets;
  for (const std::string& name : manifest.secrets) {
    const auto& optional = manifest.optional_secrets;
    const bool can_be_absent = std::find(optional.begin(), optional.end(), name) != optional.end();
    secrets.push_back(name + (can_be_absent ? " (optional)" : ""));
  }
  table.add({"may ask for secrets", list_or_none(secrets)});
  table.add({"memory limit", std::to_string(manifest.memory_mb) + " MiB"});
  table.add({"must start within", human_duration(manifest.start_ms)});
  table.add({"may be silent for", human_duration(manifest.idle_ms)});
  table.add({"manifest", manifest.file.string()});
  table.add({"library", manifest.library.string()});
  table.add({"sha256", manifest.library_sha256});
  table.add({"platforms", list_or_none(manifest.platforms)});
  for (const std::string& warning : manifest.warnings) table.add({"warning", {warning, Paint::yellow}});
  session.console.print(table.take(style) + settings_table(manifest, style) + options_table(manifest, style));
  return ExitCode::success;
}

}  // namespace ferry::host
