#include "host/runs/account.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/base/files.hpp"

namespace ferry::host {
namespace {

class AccountTest : public ::testing::Test {
 protected:
  std::string fingerprint(const std::map<std::string, std::string>& secrets, const std::string& user = "",
                          const std::string& folder = "") {
    Connection connection;
    connection.settings = new Poco::JSON::Object;
    if (!user.empty()) connection.settings->set("username", user);
    if (!folder.empty()) connection.settings->set("folder", folder);
    return account_fingerprint(state_.path(), connection, secrets);
  }
  const TemporaryDirectory state_{::testing::TempDir()};
};

TEST_F(AccountTest, IsToldByItsCredentials) {
  const std::string one = fingerprint({{"password", "hunter22"}});
  EXPECT_EQ(one, fingerprint({{"password", "hunter22"}}));
  EXPECT_EQ(one, fingerprint({{"password", "hunter22"}}, "", "another folder"));
  EXPECT_NE(one, fingerprint({{"password", "hunter23"}}));
  EXPECT_NE(one, fingerprint({{"password", "hunter22"}}, "somebody"));
  EXPECT_NE(fingerprint({{"a", "bc"}}), fingerprint({{"ab", "c"}}));
  EXPECT_NE(fingerprint({}), fingerprint({}, "somebody"));
}

TEST_F(AccountTest, MeansNothingElsewhere) {
  const std::string here = fingerprint({{"password", "hunter22"}});
  const TemporaryDirectory elsewhere{::testing::TempDir()};
  Connection connection;
  connection.settings = new Poco::JSON::Object;
  EXPECT_NE(here, account_fingerprint(elsewhere.path(), connection, {{"password", "hunter22"}}));
  EXPECT_EQ(std::filesystem::status(rate_directory(state_.path()) / "salt").permissions(),
            std::filesystem::perms(0600));
}

}  // namespace
}  // namespace ferry::host
