// The program as a whole: options, ports, tenants by path, the admin port, TLS, and how it ends.
#include <Poco/Net/Context.h>
#include <Poco/Net/NetSSL.h>
#include <Poco/Net/SecureStreamSocket.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>

#include "samples/sandbox/core/files.hpp"
#include "samples/sandbox/core/help.hpp"
#include "samples/sandbox/core/options.hpp"
#include "samples/sandbox/core/server.hpp"
#include "tests/samples/sandbox/raw_http.hpp"

namespace sandbox::test {

namespace {

using testing::HasSubstr;

class SandboxProgram : public testing::Test {
 protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder = std::filesystem::temp_directory_path() /
             ("ferry-sandbox-" + std::string(test->name()) + std::to_string(::getpid()));
    std::filesystem::create_directories(folder);
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  std::filesystem::path folder;
};

Options spark_only(std::vector<std::string> more = {}) {
  more.insert(more.begin(), {"--port", "0", "--platforms", "spark"});
  return parse_command_line(more);
}

std::uint16_t port_of(const std::string& url) {
  const std::size_t colon = url.rfind(':');
  return static_cast<std::uint16_t>(std::stoi(url.substr(colon + 1)));
}

const Headers key_of_test = {{"x-synthetic-key", "sandbox-key"}, {"x-tenant-name", "test"}};
const Headers key_of_dev = {{"x-synthetic-key", "sandbox-key"}, {"x-tenant-name", "dev"}};

TEST_F(SandboxProgram, EachEnvironmentHasAPortAndServesItsNeighboursTenantsToo) {
  const Server server(spark_only());
  ASSERT_EQ(server.environments().size(), 3u);
  EXPECT_TRUE(server.environments()[0].url.ends_with("/dev"));
  const std::uint16_t dev = port_of(server.environments()[0].url), test = port_of(server.environments()[1].url);
  EXPECT_NE(dev, test);
  EXPECT_EQ(send(test, "GET", "/test/api/v4/import/status", key_of_test).status, 200);
  EXPECT_EQ(send(dev, "GET", "/test/api/v4/import/status", key_of_test).status, 200);
  EXPECT_EQ(send(dev, "GET", "/dev/api/v4/import/status", key_of_test).status, 401);
  EXPECT_EQ(send(dev, "GET", "/none/api/v4/import/status", key_of_test).status, 404);
  EXPECT_EQ(send(dev, "GET", "/api/v1/config/GetSparkConfiguration", key_of_test).status, 200);
}

TEST_F(SandboxProgram, TheAdminPortSetsFaultsCountsAndResets) {
  const Server server(spark_only());
  const std::uint16_t admin = port_of(server.admin_url()), dev = port_of(server.environments()[0].url);
  const std::string base = "/environments/spark/dev/";
  EXPECT_THAT(send(admin, "GET", "/environments").body,
              HasSubstr(R"({"platform":"spark","name":"dev","tenant":"dev","url":")" + server.environments()[0].url));
  EXPECT_EQ(send(admin, "GET", base + "faults").body, "[]");
  EXPECT_EQ(send(admin, "PUT", base + "faults", {}, "[").status, 400);
  const std::string two = R"([{"status": 429, "retry_after": "0.5", "count": 1}, {"status": 503, "count": 1}])";
  const RawAnswer put = send(admin, "PUT", base + "faults", {}, two);
  EXPECT_EQ(put.status, 200);
  EXPECT_THAT(put.body, HasSubstr(R"("status":429,"retry_after":"0.5","retry_after_header":"Retry-After")"));
  const std::string list = "/dev/api/v4/export/status";
  EXPECT_EQ(send(dev, "GET", list, key_of_dev).header("Retry-After"), "0.5");
  EXPECT_EQ(send(dev, "GET", list, key_of_dev).status, 503);
  EXPECT_EQ(send(dev, "GET", list, key_of_dev).status, 200);
  EXPECT_THAT(send(admin, "GET", base + "faults").body, HasSubstr(R"("count":0)"));
  EXPECT_EQ(send(admin, "PUT", base + "faults", {}, R"({"drop": true})").status, 200);
  EXPECT_EQ(send(admin, "DELETE", base + "faults").body, "[]");
  EXPECT_EQ(send(admin, "PUT", base + "faults", {}, R"({"dorp": true})").status, 400);

  const json::Object counters = send(admin, "GET", base + "counters").json();
  EXPECT_EQ(json::integer(counters, "imports_applied", -1), 0);
  EXPECT_EQ(json::integer(json::child(counters, "requests"), "GET /dev/api/v4/export/status"), 3);
  EXPECT_THAT(send(admin, "GET", base + "requests").body,
              HasSubstr(R"("method":"GET","target":"/dev/api/v4/export/status","status":429)"));
  EXPECT_EQ(send(admin, "POST", base + "reset").status, 200);
  EXPECT_EQ(send(admin, "GET", base + "requests").body, "[]");
  EXPECT_EQ(send(admin, "GET", "/environments/spark/none/faults").status, 404);
  EXPECT_EQ(send(admin, "GET", "/").status, 404);
}

TEST_F(SandboxProgram, AConfigurationSetsOptionsAndFaults) {
  write_file(folder / "c.json", R"({"spark": {"*": {"options": {"job_ms": 5, "token_seconds": 60}},
                                              "dev": {"faults": [{"status": 418}]},
                                              "test": {"options": {"content": "folders"}}}})");
  const Options options =
      spark_only({"--config", (folder / "c.json").string(), "--option", "spark.*.token_seconds=90"});
  EXPECT_EQ(options.knobs_of("spark", "test"),
            (std::map<std::string, std::string>{{"content", "folders"}, {"job_ms", "5"}, {"token_seconds", "90"}}));
  const Server server(options);
  EXPECT_EQ(send(port_of(server.environments()[0].url), "GET", "/health").status, 418);
  EXPECT_EQ(send(port_of(server.environments()[1].url), "GET", "/health").status, 200);
}

TEST_F(SandboxProgram, WrongOptionsAreToldAsWhatTheyAre) {
  const auto message = [&](const std::vector<std::string>& arguments) -> std::string {
    try {
      const Server server(spark_only(arguments));
      return "";
    } catch (const BadRequest& failure) {
      return failure.message;
    }
  };
  EXPECT_THAT(message({"--prot"}), HasSubstr("no option --prot"));
  EXPECT_THAT(message({"--seed"}), HasSubstr("takes a value"));
  EXPECT_THAT(message({"--seed=x"}), HasSubstr("takes a number"));
  EXPECT_THAT(message({"--platforms", "sparkle"}), HasSubstr("no platform \"sparkle\""));
  EXPECT_THAT(message({"--option", "spark.job_ms=1"}), HasSubstr("PLATFORM.ENVIRONMENT.NAME=VALUE"));
  EXPECT_THAT(message({"--option", "spark.dve.job_ms=1"}), HasSubstr("not played"));
  EXPECT_THAT(message({"--option", "spark.dev.jobs_ms=1"}), HasSubstr("no option jobs_ms"));
  EXPECT_THAT(message({"--option", "spark.dev.job_ms=soon"}), HasSubstr("takes a number"));
  write_file(folder / "c.json", R"({"spark": {"dev": {"fault": []}}})");
  EXPECT_THAT(message({"--config", (folder / "c.json").string()}), HasSubstr("\"fault\""));
  EXPECT_THAT(help_text(), HasSubstr("--env-file FILE"));
}

TEST_F(SandboxProgram, TlsIsSpokenWithACertificateThatClientsCanTrust) {
  const std::filesystem::path certificate = folder / "c.pem";
  const Server server(
      spark_only({"--tls", "--certificate", certificate.string(), "--env-file", (folder / "e").string()}));
  EXPECT_THAT(read_file(folder / "e"), HasSubstr("CERTIFICATE_FILE='" + certificate.string() + "'"));
  const std::string url = server.environments()[0].url;
  ASSERT_TRUE(url.starts_with("https://127.0.0.1:"));
  const Poco::Net::Context::Ptr context = new Poco::Net::Context(
      Poco::Net::Context::TLS_CLIENT_USE, "", "", certificate.string(), Poco::Net::Context::VERIFY_STRICT);
  Poco::Net::SecureStreamSocket socket(Poco::Net::SocketAddress("127.0.0.1", port_of(url)), "localhost", context);
  const std::string request = "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  socket.sendBytes(request.data(), static_cast<int>(request.size()));
  std::string bytes;
  char block[4096];
  for (int count = 0; (count = socket.receiveBytes(block, sizeof block)) > 0;) {
    bytes.append(block, static_cast<std::size_t>(count));
  }
  EXPECT_EQ(parse_answer(bytes).body, R"({"status":"UP"})");
}

// The real program, its standard input a pipe of the test's.
class Program {
 public:
  explicit Program(std::vector<std::string> arguments) {
    int ends[2];
    if (::pipe(ends) != 0) throw std::runtime_error("no pipe");
    arguments.insert(arguments.begin(), FERRY_BINARY_DIR "/bin/ferry-sandbox");
    std::vector<char*> words;
    for (std::string& word : arguments) words.push_back(word.data());
    words.push_back(nullptr);
    process_ = ::fork();
    if (process_ == 0) {
      ::dup2(ends[0], STDIN_FILENO);
      ::close(ends[0]);
      ::close(ends[1]);
      ::execv(words[0], words.data());
      ::_exit(127);
    }
    ::close(ends[0]);
    stdin_ = ends[1];
  }
  ~Program() {
    if (process_ > 0) {
      ::kill(process_, SIGKILL);
      ::waitpid(process_, nullptr, 0);
    }
    close_stdin();
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  void close_stdin() {
    if (stdin_ >= 0) ::close(stdin_);
    stdin_ = -1;
  }
  void interrupt(int signal) { ::kill(process_, signal); }
  int wait() {
    int status = 0;
    ::waitpid(process_, &status, 0);
    process_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  pid_t process_ = -1;
  int stdin_ = -1;
};

json::Object wait_for(const std::filesystem::path& ready) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!std::filesystem::exists(ready) && std::chrono::steady_clock::now() < end) {
    ::poll(nullptr, 0, 5);
  }
  return json::parse_object(read_file(ready));
}

TEST_F(SandboxProgram, ItSaysWhenItIsReadyAndEndsWhenToldTo) {
  const std::filesystem::path ready = folder / "ready.json", state = folder / "state";
  for (const int signal : {SIGTERM, SIGINT}) {
    std::filesystem::remove(ready);
    Program program({"--port", "0", "--platforms", "spark", "--ready-file", ready.string(), "--state", state.string()});
    const json::Object told = wait_for(ready);
    EXPECT_EQ(send(port_of(json::string(told, "admin")), "GET", "/environments").body,
              json::text(told->get("environments")));
    program.interrupt(signal);
    EXPECT_EQ(program.wait(), 0);
  }
}

TEST_F(SandboxProgram, ItEndsWithItsInputOnlyWhenAsked) {
  const std::filesystem::path ready = folder / "ready.json";
  Program program({"--port", "0", "--platforms", "spark", "--ready-file", ready.string(), "--until-stdin-closes"});
  wait_for(ready);
  program.close_stdin();
  EXPECT_EQ(program.wait(), 0);

  std::filesystem::remove(ready);
  Program other({"--port", "0", "--platforms", "spark", "--ready-file", ready.string()});
  const json::Object told = wait_for(ready);
  other.close_stdin();
  EXPECT_EQ(send(port_of(json::string(told, "admin")), "GET", "/environments").status, 200);
  other.interrupt(SIGTERM);
  EXPECT_EQ(other.wait(), 0);
  Program wrong({"--prot", "0"});
  EXPECT_EQ(wrong.wait(), 2);
}

}  // namespace

}  // namespace sandbox::test
