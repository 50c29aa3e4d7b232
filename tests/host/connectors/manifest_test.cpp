#include "host/connectors/manifest.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#if defined(__x86_64__)
#define FERRY_TEST_PLATFORM "linux_amd64"
#else
#define FERRY_TEST_PLATFORM "linux_arm64"
#endif

#include "host/base/failure.hpp"
#include "tests/host/connectors/connector_folder.hpp"

namespace ferry::host {
namespace {

using testing::ConnectorFolders;
using testing::failure_of;
using testing::manifest_text;
using testing::replaced;

class ManifestTest : public ::testing::Test {
 protected:
  // What reading the manifest fails with, without the folder's path.
  std::string failure(const std::string& text) {
    const auto folder = folders_.add("acme", text);
    std::string message = failure_of([&] { read_manifest(folder / "connector.json"); });
    const std::string prefix = folder.string() + "/";
    for (std::size_t at = message.find(prefix); at != std::string::npos; at = message.find(prefix))
      message.erase(at, prefix.size());
    return message;
  }

  ConnectorFolders folders_;
};

TEST_F(ManifestTest, ReadsEverything) {
  const auto folder = folders_.add("acme", manifest_text("org.example.acme"));
  const Manifest manifest = read_manifest(folder / "connector.json");
  EXPECT_EQ(manifest.id, "org.example.acme");
  EXPECT_EQ(manifest.name, "Acme CRM");
  EXPECT_EQ(manifest.version, "1.2.0");
  EXPECT_EQ(manifest.publisher, "Example");
  EXPECT_EQ(manifest.abi_major, 1u);
  EXPECT_EQ(manifest.abi_minor, 0u);
  EXPECT_EQ(manifest.library, folder / "acme.so");
  EXPECT_EQ(manifest.library_sha256, std::string(64, 'a'));
  EXPECT_EQ(manifest.platforms, std::vector<std::string>{this_platform()});
  EXPECT_EQ(manifest.operations, (std::vector<std::string>{"check", "export", "import"}));
  EXPECT_EQ(manifest.import_policies, (std::vector<std::string>{"abort", "replace"}));
  EXPECT_TRUE(manifest.imports_with("prune") && manifest.imports_with("mapping")) << "both, unless the manifest says";
  EXPECT_FALSE(manifest.imports_with("skip"));
  EXPECT_EQ(manifest.allowed_hosts,
            (std::vector<std::string>{"files.example.com", "*.example.org", "cdn.example.net:8443"}));
  EXPECT_EQ(manifest.secrets, (std::vector<std::string>{"password", "token"}));
  EXPECT_EQ(manifest.optional_secrets, std::vector<std::string>{"token"});
  EXPECT_EQ(manifest.memory_mb, 256u);
  EXPECT_EQ(manifest.start_ms, 2000);
  EXPECT_EQ(manifest.idle_ms, 60000);
  EXPECT_TRUE(manifest.config_schema->has("properties"));
  EXPECT_TRUE(manifest.warnings.empty());
  EXPECT_TRUE(manifest.offers("import"));
  EXPECT_FALSE(manifest.offers("read"));
}

TEST_F(ManifestTest, OptionsBelongToAnOperationAndHaveASchema) {
  const auto with = [&](const std::string& options) {
    std::string text = manifest_text();
    text.replace(text.find("  \"config_schema\""), 0, "  \"options\": " + options + ",\n");
    return folders_.add("acme", text) / "connector.json";
  };
  const Manifest manifest = read_manifest(with(R"({"export": {"drafts": {"type": "boolean"}}, "import": {}})"));
  EXPECT_EQ(manifest.option_names("export"), std::vector<std::string>{"drafts"});
  EXPECT_TRUE(manifest.option_names("import").empty());
  EXPECT_TRUE(manifest.option_names("check").empty());
  EXPECT_TRUE(manifest.warnings.empty());
  const auto refusal = [&](const std::string& options) {
    try {
      read_manifest(with(options));
    } catch (const Failure& failure) {
      const std::string message = failure.what();
      return message.substr(message.find("connector.json:") + 15);
    }
    return std::string();
  };
  EXPECT_EQ(refusal(R"({"read": {}})"), "16: options.read: are given, but the connector does not offer it");
  EXPECT_EQ(refusal(R"({"export": {"a b": {}}})"),
            "16: options.export.a b: is not a name for an option; use letters, digits, and inside it _ and -");
  EXPECT_EQ(refusal(R"({"export": {"a": {"type": "boolean", "default": true}}})"),
            "16: options.export.a.default: an option that is left out is the connection's setting");
  EXPECT_THAT(refusal(R"({"export": {"a": {"type": "flag"}}})"),
              ::testing::StartsWith("16: options.export.a.type: \"flag\" is not a type; known: "));
  EXPECT_EQ(refusal(R"({"export": {"a": true}})"), "16: options.export.a: expected the schema of the option");
}

TEST_F(ManifestTest, NeedsLittle) {
  const auto folder =
      folders_.add("acme", R"({"manifest_version": 1, "id": "acme", "name": "Acme", "version": "1.2.0",
    "abi": {"major": 1, "minor": 0}, "library": {"linux_vax": {"path": "lib/a.so", "sha256": ")" +
                               std::string(64, '0') + R"("}}, "operations": ["check"], "some_day": {"known": true}})");
  const Manifest manifest = read_manifest(folder / "connector.json");
  EXPECT_TRUE(manifest.config_schema.isNull());
  EXPECT_TRUE(manifest.library.empty());
  EXPECT_EQ(manifest.platforms, std::vector<std::string>{"linux_vax"});
  EXPECT_EQ(manifest.memory_mb, 512u);
  EXPECT_EQ(manifest.start_ms, 10'000);
  EXPECT_EQ(manifest.idle_ms, 300'000);
  EXPECT_TRUE(manifest.warnings.empty());
}

TEST_F(ManifestTest, ReadsTheSchemaBesideIt) {
  const std::string text = manifest_text();
  const std::size_t begin = text.find("\"config_schema\""), end = text.find("  \"permissions\"");
  const auto folder =
      folders_.add("acme", text.substr(0, begin) + "\"config_schema\": \"schema/config.json\",\n" + text.substr(end));
  testing::write(folder / "schema/config.json", R"({"properties": {"tenant": {"type": "string"}}})");
  const Manifest manifest = read_manifest(folder / "connector.json");
  EXPECT_TRUE(manifest.config_schema->getObject("properties")->has("tenant"));
  EXPECT_EQ(manifest.warnings, std::vector<std::string>{"config_schema: without \"additionalProperties\": false, "
                                                        "misspelt settings pass unseen"});

  testing::write(folder / "schema/config.json", "{\n\"properties\": {\n\"tenant\": {\"typ\": \"string\"}}}");
  EXPECT_EQ(failure_of([&] { read_manifest(folder / "connector.json"); }),
            "connector/bad_manifest: " + (folder / "schema/config.json").string() +
                ":3: properties.tenant.typ: the keyword \"typ\" is not one that ferry checks; did you mean \"type\"?");

  testing::write(folder / "schema/config.json", "{\n\"properties\": }");
  EXPECT_EQ(failure_of([&] { read_manifest(folder / "connector.json"); }),
            "connector/bad_manifest: " + (folder / "schema/config.json").string() +
                ":2:15: not valid JSON: a value is expected, not \"}\"");

  std::filesystem::remove(folder / "schema/config.json");
  EXPECT_EQ(failure_of([&] { read_manifest(folder / "connector.json"); }),
            "connector/bad_manifest: " + (folder / "connector.json").string() +
                ":16: config_schema: " + (folder / "schema/config.json").string() + " is not there, or not a file");
}

TEST_F(ManifestTest, OfANewerAbiReadsOnlyWhatCannotChange) {
  std::string text = replaced(manifest_text(), "\"minor\": 0", "\"minor\": 3");
  text = replaced(text, "\"check\"", "\"divine\"");
  const auto folder = folders_.add("acme", text);
  const Manifest manifest = read_manifest(folder / "connector.json");
  EXPECT_EQ(manifest.abi_minor, 3u);
  EXPECT_FALSE(abi_fits(manifest));
  EXPECT_TRUE(manifest.operations.empty());
}

TEST_F(ManifestTest, WarnsOfMisspeltMembers) {
  std::string text = replaced(manifest_text(), "\"publisher\"", "\"publsher\"");
  text = replaced(text, "\"hosts\"", "\"host\"");
  text = replaced(text, "\"idle_ms\"", "\"idle\"");
  const auto folder = folders_.add("acme", text);
  EXPECT_EQ(read_manifest(folder / "connector.json").warnings,
            (std::vector<std::string>{"line 22: permissions.host is ignored; did you mean \"hosts\"?",
                                      "line 6: publsher is ignored; did you mean \"publisher\"?"}));
}

struct BadManifest {
  const char* what;
  const char* with;
  const char* message;
};

class BadManifestTest : public ManifestTest, public ::testing::WithParamInterface<BadManifest> {};

TEST_P(BadManifestTest, IsNamed) {
  const BadManifest& bad = GetParam();
  const std::string text = std::string(bad.what).empty() ? bad.with : replaced(manifest_text(), bad.what, bad.with);
  EXPECT_EQ(failure(text), std::string("connector/bad_manifest: connector.json:") + bad.message);
}

INSTANTIATE_TEST_SUITE_P(
    Texts, BadManifestTest,
    ::testing::Values(
        BadManifest{"", "", "1:1: not valid JSON: the file is empty"},
        BadManifest{"", " \n []", "2:2: not valid JSON: an object, beginning with {, is expected"},
        BadManifest{"", "{}", "1: manifest_version: missing, but required"},
        BadManifest{"", "{} {}", "1:4: not valid JSON: nothing may follow the object, but there is \"{\""},
        BadManifest{"", "{\"id\": 12345678901234567890123}",
                    "1:1: not valid JSON: Not a valid unsigned integer: 12345678901234567890123"},
        BadManifest{"\"Example\",", "\"Example\"",
                    "7:3: not valid JSON: \"}\" is expected or \",\" after a member, not \"\"\""},
        BadManifest{"\"Example\"", "Example", "6:16: not valid JSON: a value is expected, not \"E\""},
        BadManifest{"\"Example\"", "\"Example", "6:25: not valid JSON: a text ends with \" in the line it begins"},
        BadManifest{"\"publisher\"", "\"id\"", "6:7: not valid JSON: the member \"id\" is there twice"},
        BadManifest{"\"publisher\": ", "\"publisher\" ",
                    "6:15: not valid JSON: \":\" is expected after a member's name, not \"\"\""},
        BadManifest{"\"manifest_version\": 1", "\"manifest_version\": 2",
                    "2: manifest_version: is 2, this ferry reads 1; update ferry, or install an older version of the "
                    "connector"},
        BadManifest{"\"manifest_version\": 1", "\"manifest_version\": \"1\"",
                    "2: manifest_version: expected a whole number, found text"},
        BadManifest{"\"id\": \"acme\"", "\"id\": \"Acme CRM\"",
                    "3: id: \"Acme CRM\" is not an id: a-z, 0-9, and inside it . and -, such as org.example.acme"},
        BadManifest{"\"id\": \"acme\"", "\"id\": \"../acme\"",
                    "3: id: \"../acme\" is not an id: a-z, 0-9, and inside it . and -, such as org.example.acme"},
        BadManifest{"\"id\": \"acme\"", "\"id\": \"\"", "3: id: is empty"},
        BadManifest{"\"id\"", "\"idd\"", "1: id: missing, but required; there is \"idd\""},
        BadManifest{"\"Acme CRM\"", "\"Acme\\u001b[31m\"", "4: name: holds control characters"},
        BadManifest{"\"1.2.0\"", "\"1.2\"", "5: version: \"1.2\" is not MAJOR.MINOR.PATCH, such as 1.2.0"},
        BadManifest{"\"1.2.0\"", "1.2", "5: version: expected text, found a number"},
        BadManifest{"{\"major\": 1, \"minor\": 0}", "\"1.0\"", "7: abi: expected an object, found text"},
        BadManifest{"\"minor\": 0", "\"minor\": -1", "7: abi.minor: must be from 0 to 1000, found -1"},
        BadManifest{"\"acme.so\"", "\"../acme.so\"",
                    "10: library." FERRY_TEST_PLATFORM
                    ".path: \"../acme.so\" leaves the manifest's folder; write a path inside it"},
        BadManifest{"\"acme.so\"", "\"/lib/acme.so\"",
                    "10: library." FERRY_TEST_PLATFORM
                    ".path: \"/lib/acme.so\" leaves the manifest's folder; write a path inside it"},
        BadManifest{"aaaa", "AAAA",
                    "11: library." FERRY_TEST_PLATFORM ".sha256: is not a SHA-256: 64 digits from 0-9 and a-f"},
        BadManifest{"\"export\"", "\"exprt\"", "14: operations[1]: \"exprt\" is not known; did you mean \"export\"?"},
        BadManifest{"\"export\"", "\"check\"", "14: operations[1]: \"check\" is there twice"},
        BadManifest{"\"export\"", "7", "14: operations[1]: expected text, found a whole number"},
        BadManifest{"[\"check\", \"export\", \"import\"]", "[]",
                    "14: operations: is missing or empty; the connector must offer at least one"},
        BadManifest{", \"import\"]", "]", "15: import_policies: are given, but the connector does not offer import"},
        BadManifest{"[\"abort\", \"replace\"]", "[]",
                    "15: import_policies: is missing or empty, but the connector offers import"},
        BadManifest{"\"type\": \"object\"", "\"type\": \"array\"",
                    "16: config_schema: the schema of the settings must be of type object"},
        BadManifest{
            "\"type\": \"string\"", "\"type\": \"text\"",
            "18: config_schema.properties.username.type: \"text\" is not a type; known: array, boolean, integer, "
            "null, number, object, string"},
        BadManifest{"\"files.example.com\"", "\"https://files.example.com\"",
                    "22: permissions.hosts[0]: \"https://files.example.com\" is not a host; write host, host:port or "
                    "*.domain"},
        BadManifest{"\"password\"", "\"PASSWORD\"",
                    "23: permissions.secrets: \"PASSWORD\": a name is of a-z, 0-9, _ and -"},
        BadManifest{": 256", ": 1", "26: limits.memory_mb: must be from 16 to 1048576, found 1"},
        BadManifest{"2000", "2000.5", "26: limits.start_ms: expected a whole number, found a number"}));

TEST_F(ManifestTest, DeepNestingIsRefused) {
  EXPECT_EQ(failure("{\"a\":" + std::string(100'000, '[')),
            "connector/bad_manifest: connector.json:1:70: not valid JSON: nested too deeply");
}

}  // namespace
}  // namespace ferry::host
