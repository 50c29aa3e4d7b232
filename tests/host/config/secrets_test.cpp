#include "host/config/secrets.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/host/config/config_fixture.hpp"

namespace ferry::host {
namespace {

using testing::ConfigFolder;
using testing::Variable;
using testing::with_connection;

class SecretsTest : public ::testing::Test {
 protected:
  std::filesystem::path secret_file(const std::string& content, unsigned mode = 0600) {
    const auto file = folder_.write(content, "token");
    std::filesystem::permissions(file, std::filesystem::perms(mode));
    return file;
  }

  std::map<std::string, std::string> secrets(const std::string& reference) {
    const Config config = Config::load(folder_.write(with_connection("    secrets: {token: " + reference + "}\n")));
    return config.secrets(config.connection("c"), redactor_);
  }

  std::string failure(const std::string& reference) {
    return folder_.failure_of([&] { secrets(reference); });
  }

  ConfigFolder folder_;
  Redactor redactor_;
};

TEST_F(SecretsTest, OfTheEnvironment) {
  const Variable variable("FERRY_TEST_TOKEN", "hunter2\n");
  EXPECT_EQ(secrets("env:FERRY_TEST_TOKEN").at("token"), "hunter2\n");
  EXPECT_EQ(redactor_.mask("it is hunter2\n!"), "it is ***!");
}

TEST_F(SecretsTest, OfAFileWithoutItsLastNewline) {
  for (const char* content : {"hunter2", "hunter2\n", "hunter2\r\n"}) {
    secret_file(content);
    EXPECT_EQ(secrets("file:token").at("token"), "hunter2");
  }
  secret_file("two\nlines\n\n");
  EXPECT_EQ(secrets("file:token").at("token"), "two\nlines\n");
  EXPECT_EQ(redactor_.mask("it is hunter2!"), "it is ***!");
}

TEST_F(SecretsTest, BehindALink) {
  secret_file("hunter2", 0640);
  std::filesystem::create_symlink("token", folder_.root() / "link");
  EXPECT_EQ(secrets("file:link").at("token"), "hunter2");
}

TEST_F(SecretsTest, AVariableThatIsNotSet) {
  const Variable unset("FERRY_TEST_TOKEN", nullptr);
  EXPECT_EQ(
      failure("env:FERRY_TEST_TOKEN"),
      "usage/missing_secret: ferry.yaml:5: connections.c.secrets.token: the environment variable FERRY_TEST_TOKEN is "
      "not set; set it, or refer to a file with file:PATH");
  const Variable empty("FERRY_TEST_TOKEN", "");
  EXPECT_EQ(
      failure("env:FERRY_TEST_TOKEN"),
      "usage/missing_secret: ferry.yaml:5: connections.c.secrets.token: the environment variable FERRY_TEST_TOKEN is "
      "empty; set it, or refer to a file with file:PATH");
}

TEST_F(SecretsTest, AShortOne) {
  const Variable variable("FERRY_TEST_TOKEN", "abc");
  EXPECT_EQ(failure("env:FERRY_TEST_TOKEN"),
            "usage/short_secret: ferry.yaml:5: connections.c.secrets.token: the environment variable FERRY_TEST_TOKEN "
            "holds fewer than 4 bytes; so short a secret cannot be masked where it is shown, use a longer one");
  secret_file("abc\n");
  EXPECT_EQ(
      failure("file:token"),
      "usage/short_secret: ferry.yaml:5: connections.c.secrets.token: the file token holds fewer than 4 bytes; so "
      "short a secret cannot be masked where it is shown, use a longer one");
}

TEST_F(SecretsTest, AFileThatCannotBeUsed) {
  const std::string about = "ferry.yaml:5: connections.c.secrets.token: the file token ";
  EXPECT_EQ(failure("file:token"),
            "usage/missing_secret: " + about + "is not there; write the secret into it, or refer to another file");
  secret_file("\n");
  EXPECT_EQ(failure("file:token"),
            "usage/missing_secret: " + about + "is empty; write the secret into it, or refer to another file");
  secret_file(std::string(70'000, 'x'));
  EXPECT_EQ(failure("file:token"),
            "usage/missing_secret: " + about + "holds more than 64 KiB, which is no secret; is this the right file?");
  secret_file("hunter2", 0644);
  EXPECT_EQ(failure("file:token"),
            "machine/permission: " + about + "can be read by everybody (mode 0644); correct it: chmod o-r token");
  secret_file("hunter2", 0660);
  EXPECT_EQ(failure("file:token"),
            "machine/permission: " + about + "can be written by others (mode 0660); correct it: chmod go-w,o-r token");
  std::filesystem::remove(folder_.root() / "token");
  std::filesystem::create_directory(folder_.root() / "token");
  EXPECT_EQ(failure("file:token"),
            "usage/missing_secret: " + about + "is not a regular file; refer to a file that holds the secret alone");
  std::filesystem::remove(folder_.root() / "token");
  ASSERT_EQ(::mkfifo((folder_.root() / "token").c_str(), 0600), 0);
  EXPECT_EQ(failure("file:token"),
            "usage/missing_secret: " + about + "is not a regular file; refer to a file that holds the secret alone");
}

TEST_F(SecretsTest, AFileThatMayNotBeRead) {
  const auto file = secret_file("hunter2", 0000);
  std::filesystem::permissions(folder_.root(), std::filesystem::perms(0755));
  const testing::NotRoot not_root;
  const std::string message = folder_.failure_of([&] { read_secret_file(file, ""); });
  EXPECT_EQ(message, "machine/permission: the file token may not be read; make it readable for you, and for you only");
}

TEST(SecretFileProblemTest, OwnerAndModeDecide) {
  const uid_t user = ::geteuid(), other = user + 4711;
  struct Case {
    const char* path;
    uid_t owner;
    mode_t mode;
    std::string problem;
  };
  for (const Case& one : {
           Case{"/home/u/s", user, 0600, ""},
           Case{"/home/u/s", user, 0400, ""},
           Case{"/home/u/s", 0, 0440, ""},
           Case{"/run/secrets/s", 0, 0444, ""},
           Case{"/run/secrets/s", user, 0644, ""},
           Case{"/run/secretsX/s", 0, 0444,
                "can be read by everybody (mode 0444); correct it: chmod o-r /run/secretsX/s"},
           Case{"/run/secrets/s", 0, 0666,
                "can be written by others (mode 0666); correct it: chmod go-w,o-r /run/secrets/s"},
           Case{"/home/u/s", 0, 0604, "can be read by everybody (mode 0604); correct it: chmod o-r /home/u/s"},
           Case{"/home/u/s", user, 0620, "can be written by others (mode 0620); correct it: chmod go-w,o-r /home/u/s"},
           Case{"/run/secrets/s", other, 0400,
                "belongs to the user with the number " + std::to_string(other) +
                    ", neither to root nor to you; use a file of your own"},
       })
    EXPECT_EQ(secret_file_problem(one.path, one.owner, one.mode), one.problem);
}

// Wherever somebody writes a secret by mistake, the answer does not repeat it.
TEST(LiteralSecretTest, IsNeverShown) {
  const ConfigFolder folder;
  const std::string canary = "cAnArY";
  for (const std::string lines : {
           "    secrets: {token: cAnArY}",
           "    secrets: {token: \"cAnArY\"}",
           "    secrets: {token: [cAnArY]}",
           "    secrets: {token: {cAnArY: x}}",
           "    secrets: {cAnArY}",
           "    secrets: cAnArY",
           "    secrets: [cAnArY]",
           "    secrets: {token: env:cAnArY!}",
           "    secrets: {token: \"env: cAnArY\"}",
           "    secrets: {token: cAnArY: x}",
           "    secrets: {token: *cAnArY}",
           "    secrets: {token: \"\\cAnArY\"}",
           "    secrets: {token: @cAnArY}",
           "    secrets: {token: !cAnArY x}",
           "    secrets: {token: %cAnArY",
           "    secrets: {token: 'cAnArY",
           "    secrets: {token: &cAnArY }",
           "    secrets: {token: |cAnArY}",
           "    secrets:\n\ttoken: cAnArY",
           "    secrets:\n      token: >cAnArY\n",
           "    password: cAnArY",
           "    settings: cAnArY",
           "    tls: {verify: cAnArY}",
           "    timeout: cAnArY",
           "    attempts: cAnArY",
           "    allow_hosts: ['cAnArY@x']",
           "  d: {connector: x, url: http://u:cAnArY@h}",
           "  d: {connector: x, url: cAnArY}",
           "  d: {connector: x, url: 'https://h/?token=cAnArY'}",
           "  d: {connector: x, url: 'https://h:cAnArY'}",
           "  d: {connector: x, url: 'https://cAnArY:x@h:y@z'}",
           "  d: {connector: x, url: 'https://h,cAnArY'}",
       }) {
    const std::string message = folder.load_failure(with_connection(lines + "\n"));
    EXPECT_NE(message, "nothing was thrown") << lines;
    EXPECT_EQ(message.find(canary), std::string::npos) << message;
  }
}

}  // namespace
}  // namespace ferry::host
