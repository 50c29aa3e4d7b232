// What is wrong before anything begins: the configuration, and what the command line names of it.
#include <sys/stat.h>
#include <unistd.h>

#include "tests/journeys/journey.hpp"

namespace ferry::test {
namespace {

const Words export_words = {"export", "dev", "-o", "package.zip"};

class ConfigurationJourney : public Journey {
 protected:
  // No run begins.
  void expect_refused(const Words& words, const std::string& code, const Words& says,
                      const std::string& fault = "usage") const {
    expect_wrong(words, {usage, fault, code, says, false});
  }

  ScriptedServer server_{{gives_flows()}};
};

TEST_F(ConfigurationJourney, Missing) {
  expect_refused(export_words, "no_config", {"ferry.yaml", "--config"});
  Words named = export_words;
  named.insert(named.end(), {"--config", "elsewhere.yaml"});
  expect_refused(named, "no_config", {"elsewhere.yaml"});
}

TEST_F(ConfigurationJourney, Unreadable) {
  connect("dev", server_.url());
  ::chmod(path("ferry.yaml").c_str(), 0);
  // root reads everything, unless it gives up that right for the program it runs.
  const auto without_the_right = [&](const Words& words) {
    Command line = command(words);
    if (::geteuid() == 0)
      line.arguments.insert(line.arguments.begin(), {"setpriv", "--bounding-set=-dac_override,-dac_read_search"});
    return run(line);
  };
  Finished done = without_the_right(export_words);
  EXPECT_EQ(done.exit_code, usage);
  EXPECT_THAT(done.err, AllOf(HasSubstr("ferry.yaml"), HasSubstr("may not be read"), HasSubstr("chmod u+r")));
  done = without_the_right({"export", "dev", "-o", "package.zip", "--json"});
  EXPECT_EQ(Json::parse(done.out)["error"].text_or("code", ""), "permission");
  expect_nothing_left();
  EXPECT_EQ(server_.connections(), 0);
}

TEST_F(ConfigurationJourney, Malformed) {
  write("ferry.yaml", "connections:\n  dev: [unclosed\n");
  expect_refused(export_words, "bad_config", {"ferry.yaml:"});
  write("ferry.yaml", "");
  expect_refused(export_words, "no_config", {"ferry.yaml", "empty"});
  write("ferry.yaml", "connections:\n  dev:\n    conector: node-red\n    url: http://127.0.0.1:9\n");
  expect_refused(export_words, "bad_config", {"ferry.yaml:3", "conector", "did you mean \"connector\""});
  write("ferry.yaml", std::string("\x7f"
                                  "ELF\0\1\2binary",
                                  14));
  expect_refused(export_words, "bad_config", {"ferry.yaml"});
}

TEST_F(ConfigurationJourney, UnknownConnection) {
  connect("flows-dev", server_.url());
  expect_refused({"export", "flows-dve", "-o", "package.zip"}, "unknown_connection",
                 {"flows-dve", "did you mean \"flows-dev\""});
  expect_refused({"promote", "flows-dev", "flows-prod"}, "unknown_connection", {"flows-prod"});
  EXPECT_EQ(server_.connections(), 0);
}

TEST_F(ConfigurationJourney, UnknownConnector) {
  write("ferry.yaml", "connections:\n  dev: {connector: node-rde, url: \"http://127.0.0.1:9\"}\n");
  expect_refused(export_words, "unknown_connector", {"node-rde", "node-red"});
}

TEST_F(ConfigurationJourney, WrongSettings) {
  connect("dev", server_.url(), "dev", {"settings: {user_name: admin}"});
  expect_refused(export_words, "bad_config", {"ferry.yaml:", "user_name", "did you mean \"username\""});
}

TEST_F(ConfigurationJourney, WrongUrl) {
  for (const char* url : {"ftp://127.0.0.1", "127.0.0.1:1880", "http://", "\"http://user:word@127.0.0.1\""}) {
    write("ferry.yaml", std::string("connections:\n  dev:\n    connector: node-red\n    url: ") + url + "\n");
    expect_refused(export_words, "bad_config", {"ferry.yaml:4", "url"});
  }
}

TEST_F(ConfigurationJourney, MissingSecret) {
  connect("dev", server_.url(), "dev", {"settings: {username: admin}", "secrets: {password: env:NOT_SET_HERE}"});
  expect_refused(export_words, "missing_secret", {"ferry.yaml:", "NOT_SET_HERE", "is not set"});
  EXPECT_EQ(server_.connections(), 0);
}

TEST_F(ConfigurationJourney, OutputThatCannotBeWritten) {
  connect("dev", server_.url());
  expect_refused({"export", "dev", "-o", "no/such/package.zip"}, "system", {"no/such", "No such file or directory"},
                 "machine");
  expect_refused({"export", "dev", "-o", "."}, "bad_output", {"is a directory"});
  EXPECT_EQ(server_.connections(), 0);
}

}  // namespace
}  // namespace ferry::test
