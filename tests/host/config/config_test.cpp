#include "host/config/config.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include "host/connectors/json_values.hpp"
#include "tests/host/config/config_fixture.hpp"

namespace ferry::host {
namespace {

using testing::ConfigFolder;
using testing::Variable;
using testing::with_connection;

class ConfigTest : public ::testing::Test {
 protected:
  ConfigFolder folder_;
};

TEST_F(ConfigTest, ReadsEverything) {
  const auto file = folder_.write(R"(# how ferry is used here
stages: [dev, qa, prod]
defaults: {on_existing: replace, timeout: 2m, attempts: 3}
connections:
  flows-dev:
    connector: node-red
    url: http://127.0.0.1:1880/red/
    stage: dev
    secrets:
      password: env:NODE_RED_PASSWORD
      token: file:secrets/token
      key: "file:/etc/key"
    tls: {ca_file: ca.pem, verify: false}
    allow_hosts: [files.example.com, "*.example.org"]
    timeout: 500ms
    attempts: 1
    rate_limit: {requests: 100, per: 60s, concurrent: 4, reserve: 20%, waiting_after: 5s, longest_wait: 2h}
    on_existing: abort
    settings: {username: admin}
  flows-prod:
    connector: node-red
    url: https://[::1]:1880
)");
  const Config config = Config::load(file);
  EXPECT_EQ(config.file(), file);
  EXPECT_EQ(config.stages(), (std::vector<std::string>{"dev", "qa", "prod"}));
  ASSERT_EQ(config.connections().size(), 2u);

  const Connection& dev = config.connection("flows-dev");
  EXPECT_EQ(dev.name, "flows-dev");
  EXPECT_EQ(dev.connector, "node-red");
  EXPECT_EQ(dev.url, "http://127.0.0.1:1880/red");
  EXPECT_EQ(dev.stage, "dev");
  ASSERT_EQ(dev.secrets.size(), 3u);
  EXPECT_EQ(dev.secrets.at("password").kind, "env");
  EXPECT_EQ(dev.secrets.at("password").where, "NODE_RED_PASSWORD");
  EXPECT_EQ(dev.secrets.at("password").line, 10);
  EXPECT_EQ(dev.secrets.at("token").kind, "file");
  EXPECT_EQ(dev.secrets.at("token").where, folder_.root() / "secrets/token");
  EXPECT_EQ(dev.secrets.at("key").where, "/etc/key");
  EXPECT_EQ(dev.ca_file, folder_.root() / "ca.pem");
  EXPECT_FALSE(dev.verify_tls);
  EXPECT_EQ(dev.allow_hosts, (std::vector<std::string>{"files.example.com", "*.example.org"}));
  EXPECT_EQ(dev.timeout, std::chrono::milliseconds(500));
  EXPECT_EQ(dev.attempts, 1);
  EXPECT_EQ(dev.rate_limit.requests, 100);
  EXPECT_EQ(dev.rate_limit.per, std::chrono::seconds(60));
  EXPECT_EQ(dev.rate_limit.concurrent, 4);
  EXPECT_DOUBLE_EQ(dev.rate_limit.reserve, 0.2);
  EXPECT_EQ(dev.rate_limit.waiting_after, std::chrono::seconds(5));
  EXPECT_EQ(dev.rate_limit.longest_wait, std::chrono::hours(2));
  EXPECT_EQ(dev.on_existing, "abort");
  EXPECT_EQ(json_text(dev.settings), R"({"username":"admin"})");
  EXPECT_EQ(dev.line, 5);
  EXPECT_EQ(dev.line_of("settings.username"), 19);
  EXPECT_EQ(dev.line_of("settings.absent"), 19);
  EXPECT_EQ(dev.line_of("stage"), 8);
  EXPECT_EQ(dev.line_of("absent"), 5);

  const Connection& prod = config.connections()[1];
  EXPECT_EQ(prod.url, "https://[::1]:1880");
  EXPECT_EQ(prod.stage, "");
  EXPECT_TRUE(prod.verify_tls);
  EXPECT_EQ(prod.ca_file, "");
  EXPECT_EQ(prod.timeout, std::chrono::minutes(2));
  EXPECT_EQ(prod.attempts, 3);
  EXPECT_EQ(prod.on_existing, "replace");
  EXPECT_EQ(json_text(prod.settings), "{}");
}

TEST_F(ConfigTest, WithoutDefaults) {
  const Config config = Config::load(folder_.write(with_connection("    stage: test\n")));
  const Connection& connection = config.connection("c");
  EXPECT_EQ(connection.timeout, std::chrono::seconds(60));
  EXPECT_EQ(connection.attempts, 5);
  EXPECT_EQ(connection.on_existing, "abort");
  EXPECT_EQ(config.stages(), (std::vector<std::string>{"dev", "test", "prod"}));
  EXPECT_EQ(config.stage_order(connection), 1u);
}

TEST_F(ConfigTest, WithoutAStageThereIsNoOrder) {
  const Config config = Config::load(folder_.write(with_connection("")));
  EXPECT_EQ(config.stage_order(config.connection("c")), std::nullopt);
}

TEST_F(ConfigTest, AUrlMayStandInTheEnvironment) {
  const Config config =
      Config::load(folder_.write("connections:\n  c:\n    connector: a\n    url: env:FERRY_TEST_URL\n"));
  const Connection& connection = config.connection("c");
  EXPECT_EQ(connection.url, "");
  EXPECT_EQ(connection.url_variable, "FERRY_TEST_URL");
  const auto failure = [&] { return folder_.failure_of([&] { config.resolved(connection); }); };
  const std::string where = "ferry.yaml:4: connections.c.url: ";
  EXPECT_EQ(failure(), "usage/missing_url: " + where +
                           "the environment variable FERRY_TEST_URL is not set; set it to the platform's URL, or write "
                           "the URL here");
  {
    const Variable variable("FERRY_TEST_URL", "https://flows.example.com/red/");
    EXPECT_EQ(config.resolved(connection).url, "https://flows.example.com/red");
  }
  {
    const Variable variable("FERRY_TEST_URL", "https://ann:hunter2@flows.example.com");
    EXPECT_EQ(failure().substr(0, 100),
              ("usage/bad_config: " + where + "the value of the environment variable FERRY_TEST_URL holds a user")
                  .substr(0, 100));
    EXPECT_EQ(failure().find("hunter2"), std::string::npos);
  }
  const Variable variable("FERRY_TEST_URL", "");
  EXPECT_NE(failure().find("FERRY_TEST_URL is empty"), std::string::npos);
  EXPECT_EQ(folder_.load_failure("connections:\n  c: {connector: a, url: \"env:1 X\"}\n"),
            "usage/bad_config: ferry.yaml:2: connections.c.url: env: must be followed by the name of an environment "
            "variable, such as env:ACME_URL");
}

TEST_F(ConfigTest, UnknownConnection) {
  const Config config = Config::load(folder_.write("connections: {flows-dev: {connector: a, url: http://h}}"));
  EXPECT_EQ(folder_.failure_of([&] { config.connection("flow-dev"); }),
            "usage/unknown_connection: ferry.yaml: there is no connection \"flow-dev\"; did you mean \"flows-dev\"?");
  EXPECT_EQ(folder_.failure_of([&] { config.connection("elsewhere"); }),
            "usage/unknown_connection: ferry.yaml: there is no connection \"elsewhere\"; known: flows-dev");
}

TEST_F(ConfigTest, SettingsBecomeJson) {
  const Config config = Config::load(folder_.write(with_connection(R"(    settings:
      texts: ["5", 'true', no, 2024-01-31, 1.2.3, 0xZ, -, 1e, .]
      block: |
        a
        b
      numbers: [5, -5, +5, 0x1F, 0o17, 007, 1.5, -.5, 1e3, 9223372036854775807]
      truths: [true, False]
      nothing: [null, ~, ]
      zebra: {b: 1, a: &shared [x]}
      alias: *shared
)")));
  EXPECT_EQ(json_text(config.connection("c").settings),
            R"({"texts":["5","true","no","2024-01-31","1.2.3","0xZ","-","1e","."],"block":"a\nb\n",)"
            R"("numbers":[5,-5,5,31,15,7,1.5,-0.5,1000,9223372036854775807],"truths":[true,false],)"
            R"("nothing":[null,null],"zebra":{"b":1,"a":["x"]},"alias":["x"]})");
}

struct BadConfig {
  const char* text;
  const char* message;  // after "usage/bad_config: ferry.yaml:"
};

class BadConfigTest : public ConfigTest, public ::testing::WithParamInterface<BadConfig> {};

TEST_P(BadConfigTest, IsNamed) {
  EXPECT_EQ(folder_.load_failure(GetParam().text), std::string("usage/bad_config: ferry.yaml:") + GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    Whole, BadConfigTest,
    ::testing::Values(
        BadConfig{"- a\n", "1: expected a map, found a list"}, BadConfig{"hello\n", "1: expected a map, found text"},
        BadConfig{"stages: [dev]\n", " connections: missing; describe at least one connection"},
        BadConfig{"connections:\n", "1: connections: expected a map, found nothing"},
        BadConfig{"\nconnections: {}\n", "2: connections: is empty; describe at least one connection"},
        BadConfig{"\n\nconections:\n  a: b\n", "3: conections: unknown member; did you mean \"connections\"?"},
        BadConfig{"version: 1\n", "1: version: unknown member; known: stages, defaults, connections, destinations"},
        BadConfig{"connections:\n  a: {connector: x, url: http://h}\n  b: {connector: x, url: http://h}\n  a: {}\n",
                  "4: connections.a: is there twice; the first is in line 2"},
        BadConfig{"stages: [dev]\nstages: [test]\n", "2: stages: is there twice; the first is in line 1"},
        BadConfig{"stages: dev\n", "1: stages: expected a list, found text"},
        BadConfig{"stages: []\n", "1: stages: is empty; name the stages in their order, or leave the member out"},
        BadConfig{"stages: [dev, dev]\n", "1: stages[1]: \"dev\" is there twice"},
        BadConfig{"stages:\n  - dev\n  - [a]\n", "3: stages[1]: expected text, found a list"},
        BadConfig{"stages: [dev, '']\n", "1: stages[1]: is empty"},
        BadConfig{"defaults: {timout: 5s}\n", "1: defaults.timout: unknown member; did you mean \"timeout\"?"},
        BadConfig{"defaults: [5s]\n", "1: defaults: expected a map, found a list"},
        BadConfig{"defaults:\n  timeout: 5\n",
                  "2: defaults.timeout: is not a duration; write a number and its unit, such as 500ms, 60s, 2m, 1h"},
        BadConfig{"? [a]\n: b\n", "1: a member's name must be text"},
        BadConfig{"connections: !mine {}\n", "1: connections: tags such as !name are not used here; leave it out"},
        BadConfig{"stages: [dev]\n\xff\n", "2: is not UTF-8 text; save the file as UTF-8"}));

INSTANTIATE_TEST_SUITE_P(
    Syntax, BadConfigTest,
    ::testing::Values(
        BadConfig{"connections:\n\ta: b\n", "2:3: not valid YAML: a tab stands in the indentation; use spaces"},
        BadConfig{"a: b: c\n",
                  "1:5: not valid YAML: no \":\" is expected here; check the indentation, and put text with \": \" in "
                  "quotes"},
        BadConfig{
            "a: {b\n",
            "2:1: not valid YAML: end of map flow not found; check the indentation, and that every { and [ is closed"},
        BadConfig{"a: @b\n", "1:4: not valid YAML: a value cannot begin with this character; put it in quotes"},
        BadConfig{
            "a: *b\n",
            "1:4: not valid YAML: a value that begins with * refers to an anchor, and there is none of that name; put "
            "text in quotes"},
        BadConfig{"a: \"\\q\"\n", "1:7: not valid YAML: unknown escape character"},
        BadConfig{"a: 'b", "1:6: not valid YAML: illegal EOF in scalar"},
        BadConfig{"a: b\n---\nc: d\n",
                  "2:1: not valid YAML: what stands here belongs to nothing before it; check the indentation, and "
                  "leave --- out"},
        BadConfig{"- a\nb: c\n",
                  "2:1: not valid YAML: what stands here belongs to nothing before it; check the indentation, and "
                  "leave --- out"}));

class BadConnectionTest : public ConfigTest, public ::testing::WithParamInterface<BadConfig> {};

TEST_P(BadConnectionTest, IsNamed) {
  EXPECT_EQ(folder_.load_failure(with_connection(GetParam().text)),
            std::string("usage/bad_config: ferry.yaml:") + GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    Texts, BadConnectionTest,
    ::testing::Values(
        BadConfig{"    urll: x\n", "5: connections.c.urll: unknown member; did you mean \"url\"?"},
        BadConfig{
            "    password: hunter2\n",
            "5: connections.c.password: unknown member; a secret belongs under secrets, as env:NAME or file:PATH"},
        BadConfig{"    secret: x\n", "5: connections.c.secret: unknown member; did you mean \"secrets\"?"},
        BadConfig{"    something: x\n",
                  "5: connections.c.something: unknown member; known: connector, url, stage, secrets, settings, tls, "
                  "allow_hosts, timeout, attempts, on_existing, rate_limit, sync"},
        BadConfig{"    url: http://other\n", "5: connections.c.url: is there twice; the first is in line 4"},
        BadConfig{"  d:\n", "5: connections.d: expected a map, found nothing"},
        BadConfig{"  d: {url: http://h}\n", "5: connections.d.connector: missing, but required"},
        BadConfig{"  d: {connector: x}\n", "5: connections.d.url: missing, but required"},
        BadConfig{"  d: {connector: [], url: http://h}\n", "5: connections.d.connector: expected text, found a list"},
        BadConfig{"  d: {connector: , url: http://h}\n", "5: connections.d.connector: expected text, found nothing"},
        BadConfig{"  d: {connector: '', url: http://h}\n", "5: connections.d.connector: is empty"},
        BadConfig{
            "  d e: {}\n",
            "5: connections.d e: is not a name for a connection; use letters, digits, and inside it - _ and . (at "
            "most 64)"},
        BadConfig{"  .d: {}\n",
                  "5: connections..d: is not a name for a connection; use letters, digits, and inside it - _ and . (at "
                  "most 64)"},
        BadConfig{"    stage: devv\n", "5: connections.c.stage: unknown stage \"devv\"; did you mean \"dev\"?"},
        BadConfig{"    stage: acceptance\n",
                  "5: connections.c.stage: unknown stage \"acceptance\"; known: dev, test, prod"},
        BadConfig{"    stage: \"\\e[31m\"\n", "5: connections.c.stage: holds control characters"},
        BadConfig{
            "    timeout: soon\n",
            "5: connections.c.timeout: is not a duration; write a number and its unit, such as 500ms, 60s, 2m, 1h"},
        BadConfig{"    timeout: 1ms\n", "5: connections.c.timeout: must be from 100ms to 1h"},
        BadConfig{"    timeout: 2h\n", "5: connections.c.timeout: must be from 100ms to 1h"},
        BadConfig{"    rate_limit: {requests: 100}\n",
                  "5: connections.c.rate_limit: requests and per go together, such as {requests: 100, per: 60s}"},
        BadConfig{"    rate_limit: {requests: 0, per: 60s}\n",
                  "5: connections.c.rate_limit.requests: must be a whole number from 1 to 1000000"},
        BadConfig{
            "    rate_limit: {requests: 1, per: 60}\n",
            "5: connections.c.rate_limit.per: is not a duration; write a number and its unit, such as 500ms, 60s, "
            "2m, 1h"},
        BadConfig{
            "    rate_limit: {reserve: 0.2}\n",
            "5: connections.c.rate_limit.reserve: is not a share of the limit; write a percentage from 0% to 90%, "
            "such as 20%"},
        BadConfig{"    rate_limit: {reserv: 20%}\n",
                  "5: connections.c.rate_limit.reserv: unknown member; did you mean \"reserve\"?"},
        BadConfig{"    attempts: 0\n", "5: connections.c.attempts: must be a whole number from 1 to 20"},
        BadConfig{"    attempts: many\n", "5: connections.c.attempts: must be a whole number from 1 to 20"},
        BadConfig{"    attempts: \"5\"\n", "5: connections.c.attempts: must be a whole number from 1 to 20"},
        BadConfig{"    attempts: 123456789012\n", "5: connections.c.attempts: must be a whole number from 1 to 20"},
        BadConfig{"    on_existing: repalce\n",
                  "5: connections.c.on_existing: \"repalce\" is not a policy; did you mean \"replace\"?"},
        BadConfig{"    tls: true\n", "5: connections.c.tls: expected a map, found text"},
        BadConfig{"    tls: {verfy: true}\n", "5: connections.c.tls.verfy: unknown member; did you mean \"verify\"?"},
        BadConfig{"    tls: {verify: no}\n", "5: connections.c.tls.verify: expected true or false, without quotes"},
        BadConfig{"    tls: {verify: \"true\"}\n",
                  "5: connections.c.tls.verify: expected true or false, without quotes"},
        BadConfig{"    tls:\n      ca_file: ~/ca.pem\n",
                  "6: connections.c.tls.ca_file: ~ is not replaced in a path; write the whole path"},
        BadConfig{"    allow_hosts: h\n", "5: connections.c.allow_hosts: expected a list, found text"},
        BadConfig{"    allow_hosts:\n      - h\n      - https://h\n",
                  "7: connections.c.allow_hosts[1]: is not a host; write host, host:port or *.domain"},
        BadConfig{"    settings: [a]\n", "5: connections.c.settings: expected a map, found a list"},
        BadConfig{"    settings:\n      a: 1\n      a: 2\n",
                  "7: connections.c.settings.a: is there twice; the first is in line 6"},
        BadConfig{"    settings:\n      a: 12345678901234567890\n",
                  "6: connections.c.settings.a: has more digits than a number can keep, or is not finite; put it in "
                  "quotes if it is meant as text"},
        BadConfig{"    settings: {a: {b: 1884518522.1684267241}}\n",
                  "5: connections.c.settings.a.b: has more digits than a number can keep, or is not finite; put it in "
                  "quotes if it is meant as text"},
        BadConfig{"    settings: {a: .inf}\n",
                  "5: connections.c.settings.a: has more digits than a number can keep, or is not finite; put it in "
                  "quotes if it is meant as text"},
        BadConfig{"    secrets: [a]\n", "5: connections.c.secrets: expected a map, found a list"},
        BadConfig{"    secrets:\n      a: 'env:'\n",
                  "6: connections.c.secrets.a: env: must be followed by the name of an environment variable, such as "
                  "env:ACME_PASSWORD"},
        BadConfig{"    secrets:\n      a: 'file:'\n", "6: connections.c.secrets.a: file: must be followed by a path"},
        BadConfig{"    secrets:\n      a: file:~/a\n",
                  "6: connections.c.secrets.a: ~ is not replaced in a path; write the whole path"},
        BadConfig{"    secrets:\n      a: hunter2\n",
                  "6: connections.c.secrets.a: a secret itself does not belong in this file; put it in an environment "
                  "variable and write env:NAME, or in a file and write file:PATH"}));

class BadUrlTest : public ConfigTest, public ::testing::WithParamInterface<BadConfig> {};

TEST_P(BadUrlTest, IsNamed) {
  EXPECT_EQ(
      folder_.load_failure("connections:\n  c:\n    connector: acme\n    url: " + std::string(GetParam().text) + "\n"),
      std::string("usage/bad_config: ferry.yaml:4: connections.c.url: ") + GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    Texts, BadUrlTest,
    ::testing::Values(
        BadConfig{"localhost:1880", "is not a URL; write http://HOST:PORT or https://HOST"},
        BadConfig{"''", "is not a URL; write http://HOST:PORT or https://HOST"},
        BadConfig{"", "expected text, found nothing"},
        BadConfig{"ftp://h",
                  "is not a URL that begins with http:// or https://; write http://HOST:PORT or https://HOST"},
        BadConfig{"http://", "names no host; write http://HOST:PORT or https://HOST"},
        BadConfig{"http://:80", "names no host; write http://HOST:PORT or https://HOST"},
        BadConfig{"http:///path", "names no host; write http://HOST:PORT or https://HOST"},
        BadConfig{"http://a b", "holds a space or a control character"},
        BadConfig{"http://a,b", "names a host with characters that a host name cannot have"},
        BadConfig{"http://h:0", "has a port that is not a number from 1 to 65535"},
        BadConfig{"http://h:65536", "has a port that is not a number from 1 to 65535"},
        BadConfig{"'http://h:'", "has a port that is not a number from 1 to 65535"},
        BadConfig{"http://[::1", "names no valid IPv6 address between [ and ]"},
        BadConfig{"'http://[::1]x'", "has a port that is not a number from 1 to 65535"},
        BadConfig{"http://h/?token=hunter2", "must not hold ?, # or \\; the connector appends its own paths"},
        BadConfig{
            "http://admin:hunter2@h",
            "holds a user or password before the @; leave it out, and refer to the password under secrets, such as "
            "secrets: {password: env:NAME}"}));

TEST_F(ConfigTest, HugeAndDeepAndRecursiveFilesAreRefused) {
  EXPECT_NE(folder_.load_failure(std::string(100'000, '[')).find("nested too deeply"), std::string::npos);
  EXPECT_NE(folder_.load_failure(std::string(100'000, '-')).find("usage/"), std::string::npos);
  EXPECT_EQ(folder_.load_failure("a: &a [x, {b: *a}]\n"),
            "usage/bad_config: ferry.yaml:1: a[1].b: an alias stands inside what it stands for");
  EXPECT_EQ(folder_.load_failure("a: " + std::string(40, '[') + std::string(40, ']') + "\n").substr(0, 42),
            "usage/bad_config: ferry.yaml:1: a[0][0][0]");
  EXPECT_EQ(
      folder_.load_failure(", a\n"),
      "usage/bad_config: ferry.yaml:1:1: not valid YAML: what stands here belongs to nothing before it; check the "
      "indentation, and leave --- out");
  std::string bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n";
  for (char c = 'b'; c < 'k'; ++c) {
    const std::string before(1, static_cast<char>(c - 1));
    bomb += std::string(1, c) + ": &" + c + " [";
    for (int i = 0; i < 10; ++i) bomb += (i > 0 ? ", *" : "*") + before;
    bomb += "]\n";
  }
  EXPECT_NE(folder_.load_failure(bomb).find("more than 20000 values; is this the right file?"), std::string::npos);
  EXPECT_EQ(folder_.load_failure(std::string(2u << 20, '#')),
            "usage/too_large: ferry.yaml: more than 1048576 bytes; is this the right file?");
}

TEST_F(ConfigTest, AFileThatIsNotThere) {
  EXPECT_EQ(
      folder_.failure_of([&] { Config::load(folder_.root() / "absent.yaml"); }),
      "usage/no_config: absent.yaml: the configuration is not there; write it, or name another with --config FILE");
}

TEST_F(ConfigTest, ADirectory) {
  std::filesystem::create_directories(folder_.root() / "conf");
  EXPECT_EQ(folder_.failure_of([&] { Config::load(folder_.root() / "conf"); }),
            "usage/no_config: conf: is a directory; name the file in it, such as conf/ferry.yaml");
}

TEST_F(ConfigTest, AnEmptyFile) {
  for (const char* text : {"", "\n\n", "# only a comment\n", "---\n"})
    EXPECT_EQ(folder_.load_failure(text),
              "usage/no_config: ferry.yaml: is empty; describe at least one connection, such as\n  connections:\n    "
              "flows-dev: {connector: node-red, url: \"http://127.0.0.1:1880\"}");
}

TEST_F(ConfigTest, AFileThatMayNotBeRead) {
  const auto file = folder_.write("connections: {}");
  std::filesystem::permissions(file, std::filesystem::perms::none);
  std::filesystem::permissions(folder_.root(), std::filesystem::perms(0755));
  const testing::NotRoot not_root;
  const std::string message = folder_.failure_of([&] { Config::load(file); });
  EXPECT_EQ(message,
            "machine/permission: ferry.yaml: the configuration may not be read; make it readable for you: chmod u+r "
            "ferry.yaml");
}

TEST_F(ConfigTest, Locate) {
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(folder_.root());
  const std::string personal = (folder_.root() / "xdg/ferry/ferry.yaml").string();
  const Variable none("FERRY_CONFIG", nullptr), home("HOME", "/absent"),
      xdg("XDG_CONFIG_HOME", (folder_.root() / "xdg").c_str());
  EXPECT_EQ(
      folder_.failure_of([] { Config::locate(""); }),
      "usage/no_config: there is no configuration: neither ./ferry.yaml nor xdg/ferry/ferry.yaml exists; write one, "
      "or name it with --config FILE or FERRY_CONFIG");
  {
    const Variable relative("XDG_CONFIG_HOME", "relative");
    EXPECT_EQ(folder_.failure_of([] { Config::locate(""); }),
              "usage/no_config: there is no configuration: neither ./ferry.yaml nor /absent/.config/ferry/ferry.yaml "
              "exists; write one, or name it with --config FILE or FERRY_CONFIG");
    const Variable homeless("HOME", nullptr);
    EXPECT_EQ(folder_.failure_of([] { Config::locate(""); }),
              "usage/no_config: there is no configuration: neither ./ferry.yaml exists, nor is HOME set; write one, or "
              "name it with --config FILE or FERRY_CONFIG");
  }
  folder_.write("", "xdg/ferry/ferry.yaml");
  EXPECT_EQ(Config::locate(""), personal);
  folder_.write("");
  EXPECT_EQ(Config::locate(""), "ferry.yaml");
  const Variable given("FERRY_CONFIG", "/some/where.yaml");
  EXPECT_EQ(Config::locate(""), "/some/where.yaml");
  EXPECT_EQ(Config::locate("mine.yaml"), "mine.yaml");
  std::filesystem::current_path(before);
}

}  // namespace
}  // namespace ferry::host
