// `ferry connections check` and `ferry catalog`, as a person runs them.
#include "tests/plugins/integration_labs/labs.hpp"
#include "tests/support/test_server.hpp"

namespace ferry::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class LabsCheckTest : public LabsTest {
 protected:
  std::string check(int exit_code) {
    const Finished done = ferry({"connections", "check", "books"});
    EXPECT_EQ(done.exit_code, exit_code) << done.out << done.err;
    return done.out + done.err;
  }
};

TEST_F(LabsCheckTest, AHealthyConnectionIsFoundUnderEveryFormOfItsUrl) {
  for (const char* suffix : {"", "/", "/v3", "/v3/"}) {
    connect(url_ + suffix);
    EXPECT_THAT(check(0), AllOf(HasSubstr("company 1089 (Birch Ltd) on XERO"), HasSubstr("data models enabled")));
  }
}

TEST_F(LabsCheckTest, ReachabilityCredentialsRightsAndHealthAreToldApart) {
  connect("http://127.0.0.1:" + std::to_string(unused_port()));
  EXPECT_THAT(check(4), HasSubstr("127.0.0.1"));
  connect(url_ + "/v4");
  EXPECT_THAT(check(2), HasSubstr("end the url with /v3"));
  connect(url_ + "/elsewhere");
  EXPECT_THAT(check(2), HasSubstr("company_id"));

  connect(url_);
  key_ = "wrong";
  EXPECT_THAT(check(3), AllOf(HasSubstr("(unauthorized): The API key is not valid"), HasSubstr("renew the secret"),
                              Not(HasSubstr("wrong"))));
  key_ = "sandbox-no-rights";
  EXPECT_THAT(check(3), AllOf(HasSubstr("reading ACCOUNTS"), HasSubstr("lacks the right")));
  key_ = "sandbox";

  connect(url_, "{company_id: 77}");
  EXPECT_THAT(check(2), AllOf(HasSubstr("The company 77 was not found"), HasSubstr("company_id")));

  connect(url_);
  platform("PUT", "/sandbox/companies/1089", R"({"connection_status":"EXPIRED"})");
  EXPECT_THAT(check(1), HasSubstr("the connection to XERO is EXPIRED"));
  platform("PUT", "/sandbox/companies/1089",
           R"({"connection_status":"HEALTHY","sync_status":"SLEEPING","sync_resume_at":"2030-01-01T00:00:00.000Z"})");
  EXPECT_THAT(check(0), HasSubstr("until 2030-01-01T00:00:00.000Z"));
}

TEST_F(LabsCheckTest, WrongSettingsAreRefusedBeforeAnythingIsAsked) {
  connect(url_, "{company_id: 1089, platform_sync: perhaps}");
  EXPECT_THAT(check(2), HasSubstr("platform_sync"));
  connect(url_, "{page_size: 5}");
  EXPECT_THAT(check(2), HasSubstr("company_id"));
  EXPECT_EQ(counter("record_pages"), 0);
}

TEST_F(LabsCheckTest, TheCatalogHasAllDataModels) {
  connect(url_);
  const Finished done = ferry({"catalog", "books", "--json"});
  ASSERT_EQ(done.exit_code, 0) << done.err;
  const Json streams = Json::parse(done.out);
  ASSERT_EQ(streams.items().size(), 62u);
  std::size_t enabled = 0, readable = 0;
  for (const Json& stream : streams.items()) {
    enabled += stream.bool_or("enabled", false) ? 1 : 0;
    readable += stream.bool_or("readable", false) ? 1 : 0;
    if (stream.text_or("stream", "") != "INVOICES") continue;
    EXPECT_EQ(stream["key"].dump(), R"(["rootfi_id"])");
    EXPECT_EQ(stream.text_or("cursor", ""), "rootfi_updated_at");
    EXPECT_EQ(stream.text_or("removals", ""), "flagged");
    EXPECT_EQ(stream["schema"]["properties"]["total_amount"]["type"].dump(), R"(["number","null"])");
  }
  EXPECT_EQ(enabled, 23u);
  EXPECT_EQ(readable, 48u);
}

}  // namespace
}  // namespace ferry::test
