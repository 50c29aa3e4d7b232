#include "host/base/redactor.hpp"

#include <gtest/gtest.h>

namespace ferry::host {
namespace {

TEST(Redactor, MasksEverySpellingOfASecret) {
  Redactor redactor;
  redactor.add("s3cret/\"pass word");
  EXPECT_EQ(redactor.mask("plain s3cret/\"pass word!"), "plain ***!");
  EXPECT_EQ(redactor.mask(R"(json s3cret/\"pass word!)"), "json ***!");
  EXPECT_EQ(redactor.mask("query s3cret%2F%22pass%20word&x"), "query ***&x");
  // printf 'user:s3cret/"pass word' | base64
  const std::string masked = redactor.mask("Basic dXNlcjpzM2NyZXQvInBhc3Mgd29yZA==");
  EXPECT_EQ(masked.find("zM2NyZXQvInBhc3Mgd29yZA"), std::string::npos) << masked;
}

TEST(Redactor, MasksTheLongerOfTwoSecretsFirst) {
  Redactor redactor;
  redactor.add("abcd");
  redactor.add("abcdefgh");
  EXPECT_EQ(redactor.mask("abcdefgh abcd"), "*** ***");
}

TEST(Redactor, MasksEachLineOfASecretOfSeveral) {
  Redactor redactor;
  redactor.add("-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG\nshort\n");
  EXPECT_EQ(redactor.mask("MIIEvQIBADANBgkqhkiG"), "***");
  EXPECT_EQ(redactor.mask("short"), "short") << "what is that short stands in innocent text as well";
}

TEST(Redactor, IgnoresWhatIsTooShortToMask) {
  Redactor redactor;
  redactor.add("abc");
  EXPECT_EQ(redactor.mask("abcabc"), "abcabc");
}

}  // namespace
}  // namespace ferry::host
