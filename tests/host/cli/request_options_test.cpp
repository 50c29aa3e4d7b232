#include "host/cli/request_options.hpp"

#include <gtest/gtest.h>

namespace ferry::host {
namespace {

CommandLine import_line(std::vector<std::string> options) {
  options.insert(options.begin(), {"promote", "dev", "prod"});
  return CommandLine::parse(options);
}

TEST(RequestOptions, ReadsSelectionsAndMappings) {
  const CommandLine line = import_line({"--select", "flow=Order = intake", "--map", "flow/a/b=c=d"});
  const auto selected = selections(line);
  ASSERT_EQ(selected.size(), 1u);
  EXPECT_EQ(selected[0].type, "flow");
  EXPECT_EQ(selected[0].key, "Order = intake");
  const auto mapped = mappings(line);
  ASSERT_EQ(mapped.size(), 1u);
  EXPECT_EQ(mapped[0].type, "flow");
  EXPECT_EQ(mapped[0].source, "a/b");
  EXPECT_EQ(mapped[0].target, "c=d");
}

TEST(RequestOptions, RefusesWhatIsIncomplete) {
  for (const char* text : {"flow", "=x", "flow="}) EXPECT_THROW(selections(import_line({"--select", text})), Failure);
  for (const char* text : {"a=b", "/a=b", "flow/=b", "flow/a=", "flow/a"})
    EXPECT_THROW(mappings(import_line({"--map", text})), Failure) << text;
}

TEST(RequestOptions, TakesThePolicyFromTheLineThenTheConnectionThenAbort) {
  Connection target;
  EXPECT_EQ(import_options(import_line({}), target).policy, "abort");
  target.on_existing = "skip";
  EXPECT_EQ(import_options(import_line({}), target).policy, "skip");
  EXPECT_EQ(import_options(import_line({"--on-existing", "replace"}), target).policy, "replace");
}

}  // namespace
}  // namespace ferry::host
