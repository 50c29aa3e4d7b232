// A connection against the manifest of its connector.
#include <gtest/gtest.h>

#include "host/config/config.hpp"
#include "host/connectors/json_document.hpp"
#include "host/connectors/json_values.hpp"
#include "tests/host/config/config_fixture.hpp"

namespace ferry::host {
namespace {

using testing::ConfigFolder;
using testing::with_connection;

class CheckTest : public ::testing::Test {
 protected:
  CheckTest() {
    manifest_.id = "acme";
    manifest_.operations = {"check", "import"};
    manifest_.import_policies = {"abort", "skip"};
    manifest_.secrets = {"password", "token"};
    manifest_.optional_secrets = {"password", "token"};
    manifest_.config_schema = JsonDocument::parse(R"({"type": "object", "additionalProperties": false, "properties": {
        "username": {"type": "string", "description": "who signs in"},
        "mode": {"enum": ["full", "nodes"], "default": "full"},
        "retry": {"type": "object", "properties": {"times": {"type": "integer", "minimum": 1}}}}})")
                                  .root;
  }

  std::string failure(const std::string& more) {
    const Config config = Config::load(folder_.write(with_connection(more)));
    return folder_.failure_of([&] { static_cast<void>(config.check(config.connection("c"), manifest_)); });
  }

  ConfigFolder folder_;
  Manifest manifest_;
};

TEST_F(CheckTest, FillsInDefaultsInACopy) {
  const Config config = Config::load(folder_.write(with_connection("    settings: {username: admin}\n")));
  const Connection& connection = config.connection("c");
  EXPECT_EQ(json_text(config.check(connection, manifest_)), R"({"username":"admin","mode":"full"})");
  EXPECT_EQ(json_text(connection.settings), R"({"username":"admin"})");
}

TEST_F(CheckTest, SettingsAreNamedWithTheirLines) {
  EXPECT_EQ(
      failure("    settings:\n      usernam: admin\n      mode: ful\n      retry:\n        times: 0\n"),
      "usage/bad_config: ferry.yaml:6: connections.c.settings.usernam: unknown member; did you mean \"username\"?\n"
      "ferry.yaml:7: connections.c.settings.mode: \"ful\" is not allowed; did you mean \"full\"?\n"
      "ferry.yaml:9: connections.c.settings.retry.times: must be at least 1, found 0");
}

TEST_F(CheckTest, AScalarThatNeedsQuotes) {
  EXPECT_EQ(
      failure("    settings:\n      username: 12345\n"),
      "usage/bad_config: ferry.yaml:6: connections.c.settings.username: expected text, found a whole number; put it "
      "in quotes");
}

TEST_F(CheckTest, ARequiredSetting) {
  Poco::JSON::Array::Ptr required = new Poco::JSON::Array;
  required->add("username");
  manifest_.config_schema->set("required", required);
  EXPECT_EQ(failure("    stage: dev\n"),
            "usage/bad_config: ferry.yaml:2: connections.c.settings.username: missing, but required (who signs in)");
  EXPECT_EQ(failure("    settings: {}\n"),
            "usage/bad_config: ferry.yaml:5: connections.c.settings.username: missing, but required (who signs in)");
}

TEST_F(CheckTest, SettingsOfAConnectorWithoutAny) {
  manifest_.config_schema = nullptr;
  EXPECT_EQ(failure("    settings: {}\n"), "nothing was thrown");
  EXPECT_EQ(failure("    settings: {username: admin}\n"),
            "usage/bad_config: ferry.yaml:5: connections.c.settings: the connector acme takes no settings; leave the "
            "member out");
}

TEST_F(CheckTest, Secrets) {
  EXPECT_EQ(failure("    secrets: {token: env:A}\n"), "nothing was thrown");
  EXPECT_EQ(
      failure("    secrets:\n      pasword: env:A\n"),
      "usage/bad_config: ferry.yaml:6: connections.c.secrets.pasword: the connector acme asks for no such secret; "
      "did you mean \"password\"?");
  manifest_.optional_secrets = {"token"};
  EXPECT_EQ(
      failure(""),
      "usage/bad_config: ferry.yaml:2: connections.c.secrets.password: missing, but required by the connector acme; "
      "write password: env:NAME or password: file:PATH");
  manifest_.secrets.clear();
  EXPECT_EQ(failure("    secrets: {token: env:A}\n"),
            "usage/bad_config: ferry.yaml:5: connections.c.secrets.token: the connector acme asks for no such secret; "
            "none is known");
}

TEST_F(CheckTest, APolicyTheConnectorCannotHonour) {
  EXPECT_EQ(
      failure("    on_existing: replace\n"),
      "usage/bad_config: ferry.yaml:5: connections.c.on_existing: the connector acme cannot replace; it can abort, "
      "skip");
  EXPECT_EQ(failure("defaults: {on_existing: replace}\n"), "nothing was thrown");
}

TEST_F(CheckTest, ACaFileThatIsNotThere) {
  EXPECT_EQ(failure("    tls:\n      ca_file: ca.pem\n"),
            "usage/bad_config: ferry.yaml:6: connections.c.tls.ca_file: ca.pem is not there, or not a file");
  folder_.write("", "ca.pem");
  EXPECT_EQ(failure("    tls:\n      ca_file: ca.pem\n"), "nothing was thrown");
}

}  // namespace
}  // namespace ferry::host
