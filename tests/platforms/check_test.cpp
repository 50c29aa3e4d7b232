// What a check tells apart, the forms a base URL may have, and tokens that end in the middle of a run: by connector.
#include "tests/platforms/platforms.hpp"

namespace ferry::test {
namespace {

struct Platform {
  const char* name;
  const char* connection;
  const char* environment;
  const char* url;      // the variable it is in
  const char* secret;   // the variable
  const char* setting;  // what to correct if the credential is refused
};

void PrintTo(const Platform& platform, std::ostream* out) { *out << platform.name; }

const Platform spark{"spark", "spark-dev", "spark/dev", "SPARK_DEV_URL", "SPARK_CLIENT_SECRET", "client_secret"};
const Platform smartiq{"smartiq", "smartiq-dev", "smartiq/dev", "SMARTIQ_DEV_URL", "SMARTIQ_PASSWORD", "password"};
const Platform dev2prod{"dev2prod",         "dev2prod-dev",      "dev2prod/dev",
                        "DEV2PROD_DEV_URL", "DEV2PROD_PASSWORD", "password"};
const Platform labs{"integration_labs",     "books",  "integration_labs/dev", "INTEGRATION_LABS_DEV_URL",
                    "INTEGRATION_LABS_KEY", "api_key"};

class Check : public Platforms {
 protected:
  // The quick start's configuration, where nothing is tried twice; `to` for `from` in the connection's part.
  std::string config_of(const std::string& connection, const std::string& from = "", const std::string& to = "") const {
    std::string config = host::read_file(FERRY_SOURCE_DIR "/samples/ferry.yaml", 1u << 20);
    const std::size_t part = config.find("\n  " + connection + ":");
    config.replace(config.find(from, part), from.size(), to);
    config.insert(config.find("\n    url:", part), "\n    attempts: 1");
    return write("ferry.yaml", config);
  }
  Finished check(const Platform& platform, const std::map<std::string, std::string>& environment = {},
                 const std::string& config = "") const {
    Command command = platform_command({"connections", "check", platform.connection});
    for (const auto& [name, value] : environment) command.environment[name] = value;
    command.environment["FERRY_CONFIG"] = config.empty() ? config_of(platform.connection) : config;
    return run(command);
  }
};

class CheckEach : public Check, public ::testing::WithParamInterface<Platform> {};

INSTANTIATE_TEST_SUITE_P(Connector, CheckEach, ::testing::Values(spark, smartiq, dev2prod, labs),
                         [](const auto& info) { return std::string(info.param.name); });

TEST_P(CheckEach, SaysThatAllIsWell) {
  const Finished done = check(GetParam());
  EXPECT_EQ(done.exit_code, succeeded) << done.err;
  EXPECT_THAT(done.out, HasSubstr(std::string(GetParam().connection) + " can be used: "));
}

TEST_P(CheckEach, SaysThatThePlatformIsNotReached) {
  const std::string nobody = "http://127.0.0.1:" + std::to_string(unused_port()) + "/dev";
  const Finished away = check(GetParam(), {{GetParam().url, nobody}});
  EXPECT_EQ(away.exit_code, platform) << away.out << away.err;
  EXPECT_THAT(away.out, HasSubstr(std::string(GetParam().connection) + " cannot be used"));
  EXPECT_THAT(away.out + away.err, AllOf(HasSubstr("127.0.0.1"), Not(HasSubstr(GetParam().setting))));

  sandbox_->faults(GetParam().environment, R"({"status":502})");
  const Finished ill = check(GetParam());
  EXPECT_EQ(ill.exit_code, platform) << ill.out << ill.err;
  EXPECT_THAT(ill.out + ill.err, HasSubstr("502"));
}

TEST_P(CheckEach, SaysThatTheCredentialIsWrong) {
  const Finished done = check(GetParam(), {{GetParam().secret, "mistyped"}});
  EXPECT_EQ(done.exit_code, credentials) << done.out << done.err;
  EXPECT_THAT(done.out + done.err, AllOf(HasSubstr(GetParam().setting), Not(HasSubstr("mistyped"))));
}

struct Forms {
  Platform platform;
  const char* cut;  // from the sandbox's own form, the other forms are made of the rest
  std::vector<std::string> ends;
};

void PrintTo(const Forms& forms, std::ostream* out) { *out << forms.platform.name; }

class CheckUrl : public Check, public ::testing::WithParamInterface<Forms> {};

INSTANTIATE_TEST_SUITE_P(
    Connector, CheckUrl,
    ::testing::Values(Forms{spark, "", {"", "/", "//", "/api/v4", "/api/v4/"}},
                      Forms{smartiq, "", {"", "/", "//", "/api/v1", "/api/v1/admin", "/api/v1/admin/"}},
                      Forms{dev2prod, "", {"", "/", "//", "/rest/123456789", "/rest/123456789/"}},
                      Forms{labs, "/v3", {"", "/", "/v3", "/v3/", "/v3//"}}),
    [](const auto& info) { return std::string(info.param.platform.name); });

TEST_P(CheckUrl, WithAndWithoutSlashOrPathItIsTheSamePlatform) {
  const Platform& platform = GetParam().platform;
  std::string base = sandbox_->url(platform.url);
  if (const std::string cut = GetParam().cut; !cut.empty() && base.ends_with(cut))
    base.resize(base.size() - cut.size());
  for (const std::string& end : GetParam().ends) {
    const Finished done = check(platform, {{platform.url, base + end}});
    EXPECT_EQ(done.exit_code, succeeded) << base + end << "\n" << done.out << done.err;
  }
}

TEST_F(Check, SparkTellsARightFromACredential) {
  sandbox_->faults("spark/dev", R"({"match":"/import/status","status":403})");
  const Finished reads = check(spark);
  EXPECT_EQ(reads.exit_code, succeeded) << reads.err;
  EXPECT_THAT(reads.out + reads.err, AllOf(HasSubstr("Spark.Imports.json"), HasSubstr("not for import")));
  sandbox_->faults("spark/dev", R"({"match":"/status","status":403})");
  const Finished nothing = check(spark);
  EXPECT_EQ(nothing.exit_code, credentials);
  EXPECT_THAT(nothing.out + nothing.err, HasSubstr("may neither export nor import"));
}

TEST_F(Check, SmartIqTellsARightFromACredentialAndClaimsNoMoreThanItKnows) {
  const Finished viewer = check(smartiq, {}, config_of("smartiq-dev", "username: admin", "username: viewer"));
  EXPECT_EQ(viewer.exit_code, credentials) << viewer.out;
  EXPECT_THAT(viewer.out + viewer.err,
              AllOf(HasSubstr("may list projects"), HasSubstr("not sync them"), Not(HasSubstr("secret password"))));
  const Finished admin = check(smartiq);
  EXPECT_THAT(admin.out + admin.err, HasSubstr("only an import tells"));
}

TEST_F(Check, Dev2ProdTellsARightFromACredential) {
  const Finished agent = check(dev2prod, {}, config_of("dev2prod-dev", "username: admin", "username: agent"));
  EXPECT_EQ(agent.exit_code, credentials) << agent.out;
  EXPECT_THAT(agent.out + agent.err,
              AllOf(HasSubstr("could log in"), HasSubstr("Tenant Admin"), Not(HasSubstr("secret password"))));
}

TEST_F(Check, IntegrationLabsTellsARightFromACredential) {
  sandbox_->faults("integration_labs/dev", R"({"match":"GET /v3/accounting/","status":403})");
  const Finished done = check(labs);
  EXPECT_EQ(done.exit_code, credentials) << done.out;
  EXPECT_THAT(done.out + done.err, AllOf(HasSubstr("403"), HasSubstr("reading ")));
}

struct Renewal {
  Platform platform;
  Words words;
  const char* log_in;  // of its requests, by the end of the pattern
};

// The second request is under way when all tokens given out so far become void: it and what follows are refused.
TEST_F(Check, ATokenThatEndsInTheMiddleOfARunIsRenewed) {
  const std::vector<Renewal> renewals = {
      {spark, {"export", "spark-dev", "-o", "spark.zip", "--select", "folder=rates"}, "/protocol/openid-connect/token"},
      {smartiq, {"export", "smartiq-dev", "-o", "smart.zip"}, "/login/forms"},
      {dev2prod, {"export", "dev2prod-dev", "-o", "desk.zip"}, "/authenticate/login"}};
  for (const Renewal& renewal : renewals) {
    SCOPED_TRACE(renewal.platform.name);
    sandbox_->faults(renewal.platform.environment, R"({"after":1,"count":1,"latency_ms":700})");
    Process running(platform_command(renewal.words));
    ASSERT_TRUE(eventually([&] { return sandbox_->faults_spent(renewal.platform.environment); }));
    sandbox_->faults(renewal.platform.environment, R"({"expire_tokens":true})");
    const Finished done = running.finish();
    EXPECT_EQ(done.exit_code, succeeded) << done.out << done.err;
    std::int64_t log_ins = 0;
    const Json counters = sandbox_->counters(renewal.platform.environment);
    for (const auto& [pattern, count] : counters["requests"].members())
      if (pattern.ends_with(renewal.log_in)) log_ins += count.as_int();
    EXPECT_EQ(log_ins, 2);
  }
}

// An API key does not expire: one that is refused in the middle of a run stays refused, and is said to be.
TEST_F(Check, AKeyThatIsWithdrawnInTheMiddleOfARunIsTold) {
  sandbox_->faults("integration_labs/dev", R"({"after":1,"status":401})");
  const Finished done = check(labs);
  EXPECT_EQ(done.exit_code, credentials) << done.out;
  EXPECT_THAT(done.out + done.err, HasSubstr("api_key"));
}

}  // namespace
}  // namespace ferry::test
