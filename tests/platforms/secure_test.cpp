// The release of samples/mixed.yaml over HTTPS, with a certificate that only the connections' ca_file makes good.
#include "tests/platforms/platforms.hpp"

namespace ferry::test {
namespace {

class Secure : public Platforms {
 protected:
  static void SetUpTestSuite() { play({"--tls"}); }

  // The quick start's configuration, its connections trusting this certificate as well; "": as it is.
  Finished release(const std::string& certificate) const {
    std::string config = host::read_file(FERRY_SOURCE_DIR "/samples/ferry.yaml", 1u << 20);
    constexpr std::string_view stands_before = "\n    url:";
    const std::string more = "\n    tls: {ca_file: " + certificate + "}";
    for (std::size_t at = config.find(stands_before); at != std::string::npos && !certificate.empty();
         at = config.find(stands_before, at + more.size() + 1))
      config.insert(at, more);
    Command command = platform_command({"run", FERRY_SOURCE_DIR "/samples/mixed.yaml", "--json"});
    command.environment["FERRY_CONFIG"] = write("secure.yaml", config);
    return run(command);
  }
};

TEST_F(Secure, AReleaseOverTls) {
  ASSERT_TRUE(sandbox_->url("SPARK_DEV_URL").starts_with("https://"));
  const Finished done = release(sandbox_->url("CERTIFICATE_FILE"));
  EXPECT_EQ(done.exit_code, succeeded) << done.err << done.out;
  expect_valid_statistics(done.out);
  for (const Json& step : Json::parse(done.out)["steps"].items())
    EXPECT_EQ(step.text_or("state", ""), "succeeded") << step.dump(2);
  for (const char* target : {"spark/test", "smartiq/test", "dev2prod/test"})
    EXPECT_EQ(sandbox_->counter(target, "imports_applied"), 1) << target;
}

TEST_F(Secure, ACertificateThatNobodyVouchesForIsRefused) {
  const Finished done = release("");
  EXPECT_NE(done.exit_code, succeeded);
  EXPECT_THAT(done.out + done.err, AllOf(HasSubstr("certificate"), HasSubstr("ca_file")));
  for (const char* platform : {"spark/dev", "smartiq/dev", "dev2prod/dev", "integration_labs/dev"})
    EXPECT_TRUE(sandbox_->counters(platform)["requests"].members().empty()) << platform << " was asked for something";
}

}  // namespace
}  // namespace ferry::test
