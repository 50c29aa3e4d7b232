#include "host/connectors/manifest.hpp"

#include <algorithm>
#include <cctype>

#include "ferry/connector.h"
#include "host/base/failure.hpp"
#include "host/base/files.hpp"
#include "host/base/text.hpp"
#include "host/connectors/host_names.hpp"
#include "host/connectors/json_document.hpp"
#include "host/connectors/json_schema.hpp"
#include "host/connectors/json_values.hpp"

namespace ferry::host {
namespace {

using Poco::Dynamic::Var;
using Poco::JSON::Array;
using Poco::JSON::Object;

constexpr std::size_t largest_file = 1u << 20;

[[noreturn]] void bad(const std::filesystem::path& file, int line, const std::string& what) {
  throw Failure(Fault::connector, "bad_manifest", file.string() + ":" + std::to_string(line) + ": " + what);
}

JsonDocument parse_file(const std::filesystem::path& file) {
  try {
    return JsonDocument::parse(read_file(file, largest_file));
  } catch (const JsonSyntaxError& e) {
    throw Failure(Fault::connector, "bad_manifest",
                  file.string() + ":" + std::to_string(e.line) + ":" + std::to_string(e.column) +
                      ": not valid JSON: " + e.what());
  }
}

bool all_of(std::string_view text, std::string_view others) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || others.find(c) != std::string_view::npos;
  });
}

bool is_id(std::string_view id) {
  return id.size() <= 100 && all_of(id, ".-") && std::isalnum(static_cast<unsigned char>(id.front())) != 0 &&
         std::isalnum(static_cast<unsigned char>(id.back())) != 0;
}

bool is_option_name(std::string_view name) {
  const auto plain = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; };
  return !name.empty() && name.size() <= 100 && plain(name.front()) &&
         std::all_of(name.begin(), name.end(), [&](char c) { return plain(c) || c == '_' || c == '-'; });
}

bool is_version(std::string_view version) {
  const auto parts = split(version.substr(0, version.find_first_of("-+")), '.');
  return parts.size() == 3 && version.size() <= 100 &&
         std::all_of(parts.begin(), parts.end(), [](const std::string& part) {
           return !part.empty() && part.find_first_not_of("0123456789") == std::string::npos;
         });
}

bool stays_inside(const std::filesystem::path& path) {
  if (path.empty() || path.is_absolute() || !path.has_filename()) return false;
  return std::none_of(path.begin(), path.end(), [](const auto& part) { return part == ".." || part == "."; });
}

// Reads members of one object of the manifest and remembers which names are known there.
class Section {
 public:
  Section(const JsonDocument& document, const std::filesystem::path& file, Object::Ptr object, std::string path)
      : document_(document), file_(file), object_(std::move(object)), path_(std::move(path)) {}

  [[noreturn]] void fail(const std::string& name, const std::string& what) const {
    const std::string path = member_path(path_, name);
    bad(file_, document_.line_of(path), path + ": " + what);
  }

  bool has(const std::string& name) {
    known_.push_back(name);
    return object_->has(name);
  }

  Var get(const std::string& name, JsonKind kind) {
    if (!has(name)) fail(name, "missing, but required" + misspelt_for(name));
    const Var value = object_->get(name);
    if (!is_a(kind_of(value), kind)) fail(name, "expected " + kind_name(kind) + ", found " + kind_name(kind_of(value)));
    return value;
  }

  std::string text(const std::string& name) {
    const std::string value = get(name, JsonKind::text).convert<std::string>();
    if (value.empty()) fail(name, "is empty");
    if (value != printable(value)) fail(name, "holds control characters");
    return value;
  }

  std::int64_t number(const std::string& name, std::int64_t least, std::int64_t most) {
    const Var value = get(name, JsonKind::integer);
    const double found = value.convert<double>();
    if (found < static_cast<double>(least) || found > static_cast<double>(most))
      fail(name,
           "must be from " + std::to_string(least) + " to " + std::to_string(most) + ", found " + json_text(value));
    return static_cast<std::int64_t>(found);
  }

  std::vector<std::string> texts(const std::string& name) {
    std::vector<std::string> out;
    if (!has(name)) return out;
    const Array::Ptr list = get(name, JsonKind::list).extract<Array::Ptr>();
    for (unsigned i = 0; i < list->size(); ++i) {
      if (kind_of(list->get(i)) != JsonKind::text)
        fail(item_path(name, i), "expected text, found " + kind_name(kind_of(list->get(i))));
      const std::string value = list->get(i).convert<std::string>();
      if (std::find(out.begin(), out.end(), value) != out.end())
        fail(item_path(name, i), "\"" + printable(value) + "\" is there twice");
      out.push_back(value);
    }
    return out;
  }

  std::vector<std::string> words(const std::string& name, const std::vector<std::string>& allowed) {
    std::vector<std::string> out = texts(name);
    for (std::size_t i = 0; i < out.size(); ++i)
      if (std::find(allowed.begin(), allowed.end(), out[i]) == allowed.end())
        fail(item_path(name, i), "\"" + printable(out[i]) + "\" is not known" + suggestion(out[i], allowed));
    return out;
  }

  Section section(const std::string& name) {
    return {document_, file_, get(name, JsonKind::object).extract<Object::Ptr>(), member_path(path_, name)};
  }

  const Object& object() const { return *object_; }

  // Unknown members are ignored, but one that is nearly a known, absent one is worth a word.
  void warn(std::vector<std::string>& warnings) const {
    for (const std::string& name : object_->getNames()) {
      if (std::find(known_.begin(), known_.end(), name) != known_.end()) continue;
      const std::string near = nearest(name, known_);
      if (near.empty() || object_->has(near)) continue;
      const std::string path = member_path(path_, name);
      warnings.push_back("line " + std::to_string(document_.line_of(path)) + ": " + printable(path) +
                         " is ignored; did you mean \"" + near + "\"?");
    }
  }

 private:
  std::string misspelt_for(const std::string& name) const {
    for (const std::string& present : object_->getNames())
      if (std::find(known_.begin(), known_.end(), present) == known_.end() && nearest(present, {name}) == name)
        return "; there is \"" + printable(present) + "\"";
    return "";
  }

  const JsonDocument& document_;
  const std::filesystem::path& file_;
  Object::Ptr object_;
  std::string path_;
  std::vector<std::string> known_;
};

void read_library(Section& top, Manifest& manifest) {
  Section libraries = top.section("library");
  manifest.platforms = libraries.object().getNames();
  if (manifest.platforms.empty()) top.fail("library", "names no platform, such as " + this_platform());
  for (const std::string& platform : manifest.platforms) {
    Section library = libraries.section(platform);
    const std::filesystem::path path = library.text("path");
    if (!stays_inside(path))
      library.fail("path", "\"" + path.string() + "\" leaves the manifest's folder; write a path inside it");
    const std::string sha256 = library.text("sha256");
    if (sha256.size() != 64 || sha256.find_first_not_of("0123456789abcdef") != std::string::npos)
      library.fail("sha256", "is not a SHA-256: 64 digits from 0-9 and a-f");
    if (platform == this_platform()) {
      manifest.library = std::filesystem::absolute(manifest.file).parent_path() / path;
      manifest.library_sha256 = sha256;
    }
    library.warn(manifest.warnings);
  }
}

void read_operations(Section& top, Manifest& manifest) {
  manifest.operations = top.words("operations", {"check", "catalog", "read", "export", "inspect", "import"});
  if (manifest.operations.empty()) top.fail("operations", "is missing or empty; the connector must offer at least one");
  manifest.import_policies = top.words("import_policies", known_policies);
  if (top.has("import_options")) manifest.import_options = top.words("import_options", {"prune", "mapping"});
  if (manifest.offers("import") && manifest.import_policies.empty())
    top.fail("import_policies", "is missing or empty, but the connector offers import");
  if (!manifest.offers("import") && !manifest.import_policies.empty())
    top.fail("import_policies", "are given, but the connector does not offer import");
}

// What an operation's options are, as one schema of the object they come in.
Object::Ptr options_schema(const Section& section, const std::string& operation, const Object::Ptr& properties) {
  for (const std::string& name : properties->getNames()) {
    const std::string path = member_path(operation, name);
    if (!is_option_name(name))
      section.fail(path, "is not a name for an option; use letters, digits, and inside it _ and -");
    if (kind_of(properties->get(name)) != JsonKind::object) section.fail(path, "expected the schema of the option");
    if (properties->getObject(name)->has("default"))
      section.fail(member_path(path, "default"), "an option that is left out is the connection's setting");
  }
  Object::Ptr schema = new Object(Poco::JSON_PRESERVE_KEY_ORDER);
  schema->set("type", "object").set("properties", properties).set("additionalProperties", false);
  try {
    check_schema(schema);
  } catch (const SchemaError& e) {
    section.fail(member_path(operation, e.path.substr(std::string_view("properties.").size())), e.what());
  }
  return schema;
}

void read_options(Section& top, Manifest& manifest) {
  if (!top.has("options")) return;
  Section options = top.section("options");
  for (const std::string& operation : options.object().getNames()) {
    if (!manifest.offers(operation)) options.fail(operation, "are given, but the connector does not offer it");
    const Var properties = options.get(operation, JsonKind::object);
    manifest.options[operation] = options_schema(options, operation, properties.extract<Object::Ptr>());
  }
}

void read_schema(Section& top, Manifest& manifest) {
  if (!top.has("config_schema")) return;
  const Var value = top.object().get("config_schema");
  JsonDocument separate;
  std::string prefix = "config_schema";
  if (kind_of(value) == JsonKind::object) {
    manifest.config_schema = value.extract<Object::Ptr>();
  } else {
    const std::filesystem::path path = top.text("config_schema");
    if (!stays_inside(path))
      top.fail("config_schema", "\"" + path.string() + "\" leaves the manifest's folder; write a path inside it");
    const std::filesystem::path file = manifest.file.parent_path() / path;
    if (std::filesystem::symlink_status(file).type() != std::filesystem::file_type::regular)
      top.fail("config_schema", file.string() + " is not there, or not a file");
    separate = parse_file(file);
    manifest.config_schema = separate.root;
    prefix = "";
  }
  try {
    check_schema(manifest.config_schema);
  } catch (const SchemaError& e) {
    if (prefix.empty())
      bad(manifest.file.parent_path() / value.convert<std::string>(), separate.line_of(e.path),
          (e.path.empty() ? "" : e.path + ": ") + e.what());
    top.fail(member_path(prefix, e.path), e.what());
  }
  const Object& schema = *manifest.config_schema;
  if (schema.has("type") && (!schema.get("type").isString() || schema.getValue<std::string>("type") != "object"))
    top.fail("config_schema", "the schema of the settings must be of type object");
  if (!schema.has("additionalProperties"))
    manifest.warnings.push_back(
        "config_schema: without \"additionalProperties\": false, misspelt settings pass unseen");
}

void read_permissions(Section& top, Manifest& manifest) {
  if (!top.has("permissions")) return;
  Section permissions = top.section("permissions");
  manifest.allowed_hosts = permissions.texts("hosts");
  for (std::size_t i = 0; i < manifest.allowed_hosts.size(); ++i)
    if (!is_host_pattern(manifest.allowed_hosts[i]))
      permissions.fail(item_path("hosts", i), "\"" + printable(manifest.allowed_hosts[i]) +
                                                  "\" is not a host; write host, host:port or *.domain");
  manifest.secrets = permissions.texts("secrets");
  manifest.optional_secrets = permissions.texts("optional_secrets");
  for (const std::string& name : manifest.optional_secrets)
    if (std::find(manifest.secrets.begin(), manifest.secrets.end(), name) == manifest.secrets.end())
      manifest.secrets.push_back(name);
  for (const std::string& name : manifest.secrets)
    if (!all_of(name, "_-")) permissions.fail("secrets", "\"" + printable(name) + "\": a name is of a-z, 0-9, _ and -");
  permissions.warn(manifest.warnings);
}

void read_limits(Section& top, Manifest& manifest) {
  if (!top.has("limits")) return;
  Section limits = top.section("limits");
  if (limits.has("memory_mb"))
    manifest.memory_mb = static_cast<std::uint64_t>(limits.number("memory_mb", 16, 1'048'576));
  if (limits.has("start_ms")) manifest.start_ms = limits.number("start_ms", 1, 600'000);
  if (limits.has("idle_ms")) manifest.idle_ms = limits.number("idle_ms", 1, 86'400'000);
  limits.warn(manifest.warnings);
}

}  // namespace

bool Manifest::imports_with(std::string_view option_or_policy) const {
  const auto has = [&](const std::vector<std::string>& list) {
    return std::find(list.begin(), list.end(), option_or_policy) != list.end();
  };
  return has(import_policies) || has(import_options);
}

std::vector<std::string> Manifest::option_names(const std::string& operation) const {
  const auto found = options.find(operation);
  return found == options.end() ? std::vector<std::string>() : found->second->getObject("properties")->getNames();
}

bool Manifest::offers(std::string_view operation) const {
  return std::find(operations.begin(), operations.end(), operation) != operations.end();
}

Manifest read_manifest(const std::filesystem::path& file) {
  const JsonDocument document = parse_file(file);
  Manifest manifest;
  manifest.file = file;
  Section top(document, file, document.root, "");

  const std::int64_t format = top.number("manifest_version", 1, 1'000'000);
  if (format != 1)
    top.fail("manifest_version", "is " + std::to_string(format) +
                                     ", this ferry reads 1; update ferry, or install an "
                                     "older version of the connector");
  manifest.id = top.text("id");
  if (!is_id(manifest.id))
    top.fail("id", "\"" + printable(manifest.id) +
                       "\" is not an id: a-z, 0-9, and inside it . and -, such as org.example.acme");
  manifest.name = top.text("name");
  manifest.version = top.text("version");
  if (!is_version(manifest.version))
    top.fail("version", "\"" + printable(manifest.version) + "\" is not MAJOR.MINOR.PATCH, such as 1.2.0");
  Section abi = top.section("abi");
  manifest.abi_major = static_cast<unsigned>(abi.number("major", 0, 1'000));
  manifest.abi_minor = static_cast<unsigned>(abi.number("minor", 0, 1'000));
  if (!abi_fits(manifest)) return manifest;

  if (top.has("publisher")) manifest.publisher = top.text("publisher");
  read_library(top, manifest);
  read_operations(top, manifest);
  read_options(top, manifest);
  read_schema(top, manifest);
  read_permissions(top, manifest);
  read_limits(top, manifest);
  top.warn(manifest.warnings);
  return manifest;
}

std::string this_platform() {
#if defined(__x86_64__)
  return "linux_amd64";
#elif defined(__aarch64__)
  return "linux_arm64";
#else
#error "name this platform as sdk/cmake/WriteManifest.cmake does"
#endif
}

std::string abi_text(unsigned major, unsigned minor) { return std::to_string(major) + "." + std::to_string(minor); }

bool abi_fits(const Manifest& manifest) {
  return manifest.abi_major == FERRY_ABI_MAJOR && manifest.abi_minor <= FERRY_ABI_MINOR;
}

}  // namespace ferry::host
