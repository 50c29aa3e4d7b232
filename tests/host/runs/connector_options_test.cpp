#include "host/runs/connector_options.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/base/failure.hpp"
#include "host/base/json_text.hpp"

namespace ferry::host {
namespace {

using ::testing::Eq;

Manifest manifest() {
  Manifest out;
  out.id = "acme";
  out.options["export"] = parse_object(R"({"type":"object","additionalProperties":false,"properties":{
      "drafts":{"type":"boolean"},"depth":{"type":"integer","minimum":1}}})");
  out.options["import"] = parse_object(R"({"type":"object","additionalProperties":false,"properties":{
      "drafts":{"type":"string","enum":["keep","drop"]},"note":{"type":"string"}}})");
  return out;
}

template <typename Work>
std::string refusal(Work work) {
  try {
    work();
  } catch (const Failure& failure) {
    return failure.code() + ": " + failure.what();
  }
  return "";
}
std::string refusal_of(const std::vector<std::string>& operations, const std::string& options) {
  return refusal([&] { check_options(manifest(), operations, options); });
}

TEST(ConnectorOptions, AValueIsAScalarOfJsonOrElseText) {
  EXPECT_EQ(parse_options({"a=true", "b=12", "c=1.5", "d=\"12\"", "e=null", "f=plain text", "g=", "h=x=y"}, "", ""),
            R"({"a":true,"b":12,"c":1.5,"d":"12","e":null,"f":"plain text","g":"","h":"x=y"})");
  EXPECT_EQ(parse_options({"a=[1]", "b={}", "c=1,2", "d=1,\"e\":2", "f=007", "g=0.4.2"}, "", ""),
            R"({"a":"[1]","b":"{}","c":"1,2","d":"1,\"e\":2","f":"007","g":"0.4.2"})");
  EXPECT_EQ(parse_options({}, "", ""), "{}");
}

TEST(ConnectorOptions, RefusesWhatHasNoNameOrHasItTwice) {
  EXPECT_THAT(refusal([] { parse_options({"drafts"}, "", "--option "); }),
              Eq("bad_option: --option wants NAME=VALUE, such as --option groups=false; found \"drafts\""));
  EXPECT_THAT(refusal([] { parse_options({"=1"}, "", ""); }), ::testing::StartsWith("bad_option: wants NAME=VALUE"));
  EXPECT_THAT(refusal([] {
                parse_options({"a=1", "a=2"}, "", "--option ");
              }),
              Eq("bad_option: --option gives \"a\" twice"));
}

TEST(ConnectorOptions, RefusesWhatTheManifestDoesNotDeclareOrDeclaresOtherwise) {
  EXPECT_THAT(refusal_of({"export"}, R"({"drafts":true,"depth":3})"), Eq(""));
  EXPECT_THAT(
      refusal_of({"export"}, R"({"draft":true})"),
      Eq("unsupported_option: the connector acme has no option \"draft\" for export; did you mean \"drafts\"?"));
  EXPECT_THAT(refusal_of({"import"}, R"({"depth":3})"),
              Eq("unsupported_option: the connector acme has no option \"depth\" for import; known: drafts, note"));
  EXPECT_THAT(
      refusal_of({"read"}, R"({"depth":3})"),
      Eq("unsupported_option: the connector acme has no option \"depth\" for read, nor any other: leave it out"));
  EXPECT_THAT(refusal_of({"export"}, R"({"drafts":"yes"})"),
              Eq("bad_option: the option drafts of the connector acme for export: expected true or false, found text; "
                 "write true or false, without quotes"));
  EXPECT_THAT(refusal_of({"import"}, R"({"drafts":"kep"})"),
              Eq("bad_option: the option drafts of the connector acme for import: \"kep\" is not allowed; did you mean "
                 "\"keep\"?"));
}

TEST(ConnectorOptions, OfTwoOperationsEachTakesItsOwn) {
  constexpr const char* asked = R"({"depth":2,"note":"n","drafts":"keep"})";
  EXPECT_THAT(refusal_of({"export", "import"}, asked), Eq(""));
  EXPECT_EQ(options_of(manifest(), "export", asked), R"({"depth":2})");
  EXPECT_EQ(options_of(manifest(), "import", asked), R"({"note":"n","drafts":"keep"})");
  EXPECT_EQ(options_of(manifest(), "export", R"({"drafts":true})"), R"({"drafts":true})");
  EXPECT_EQ(options_of(manifest(), "import", R"({"drafts":true})"), "{}");
  EXPECT_THAT(
      refusal_of({"export", "import"}, R"({"drafts":7})"),
      Eq("bad_option: the option drafts of the connector acme for export: expected true or false, found a whole "
         "number; for import: expected text, found a whole number; put it in quotes"));
}

}  // namespace
}  // namespace ferry::host
