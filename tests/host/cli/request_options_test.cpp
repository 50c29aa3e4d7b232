#include "host/cli/request_options.hpp"

#include <gtest/gtest.h>

namespace ferry::host {
namespace {

CommandLine import_line(std::vector<std::string> options) {
  options.insert(options.begin(), {"promote", "dev", "prod"});
  return CommandLine::parse(options);
}

TEST(RequestOptions, ReadsSelectionsAndMappings) {
  const CommandLine line =
      import_line({"--select", "flow=Orders", "--select", "subflow=Stock", "--map", "flow/Orders=Intake"});
  const auto selected = selections(line);
  ASSERT_EQ(selected.size(), 2u);
  EXPECT_EQ(selected[0].key, "Orders");
  EXPECT_EQ(selected[1].key, "Stock");
  const auto mapped = mappings(line);
  ASSERT_EQ(mapped.size(), 1u);
  EXPECT_EQ(mapped[0].target, "Intake");
}

TEST(RequestOptions, RefusesWhatIsIncomplete) {
  EXPECT_THROW(selections(import_line({"--select", "flow"})), Failure);
  EXPECT_THROW(mappings(import_line({"--map", "flow/a"})), Failure);
}

TEST(RequestOptions, ReadsOptionsOfTheConnector) {
  EXPECT_EQ(connector_options(import_line({"--option", "groups=false", "--option", "projects=IfNewer"})),
            R"({"groups":false,"projects":"IfNewer"})");
  EXPECT_EQ(connector_options(import_line({})), "{}");
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
