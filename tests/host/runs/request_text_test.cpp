#include "host/runs/request_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ferry::host {
namespace {

using ::testing::Eq;

template <typename Parse>
std::string refusal(Parse parse) {
  try {
    parse();
  } catch (const Failure& failure) {
    return failure.code() + ": " + failure.what();
  }
  return "";
}

TEST(RequestText, ASelectionEndsItsTypeAtTheFirstEqualsSign) {
  const Selection selection = parse_selection("flow=Order = intake", "");
  EXPECT_EQ(selection.type, "flow");
  EXPECT_EQ(selection.key, "Order = intake");
}

TEST(RequestText, AMappingEndsItsSourceAtTheFirstEqualsSignAfterTheType) {
  const ItemMapping mapping = parse_mapping("flow/a/b=c=d", "");
  EXPECT_EQ(mapping.type, "flow");
  EXPECT_EQ(mapping.source, "a/b");
  EXPECT_EQ(mapping.target, "c=d");
}

TEST(RequestText, SaysWhereItStandsAndHowItIsWritten) {
  EXPECT_THAT(refusal([] { parse_selection("flow\x1b", "", "--select "); }),
              Eq("bad_selection: --select wants TYPE=NAME_OR_ID, such as --select 'flow=Order intake'; found "
                 "\"flow?\""));
  EXPECT_THAT(refusal([] { parse_mapping("flow=x", "release.yaml:4: steps.a.promote.map: "); }),
              Eq("bad_mapping: release.yaml:4: steps.a.promote.map: wants TYPE/SOURCE=TARGET, such as 'flow/Order "
                 "intake=Orders'; found \"flow=x\""));
}

TEST(RequestText, RefusesWhatIsIncomplete) {
  for (const char* text : {"flow", "=x", "flow="}) EXPECT_THROW(parse_selection(text, ""), Failure) << text;
  for (const char* text : {"a=b", "/a=b", "flow/=b", "flow/a=", "flow/a"})
    EXPECT_THROW(parse_mapping(text, ""), Failure) << text;
}

}  // namespace
}  // namespace ferry::host
