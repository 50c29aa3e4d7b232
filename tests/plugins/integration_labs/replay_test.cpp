// The connector on recorded traffic, without a network: a case is a folder of plugins/integration_labs/traffic with
// what was sent and answered, and case.json, which says what was asked and what must come of it:
//   {"operation", "settings", "request", "expect": {"status", "message", "facts", "ids", "positions"},
//    "sandbox": {"options", "steps": [[METHOD, PATH, BODY]], "faults"}}
// With FERRY_RECORD_TRAFFIC=1 the cases are played by the sandbox and recorded anew, with what came of them.
#include <algorithm>
#include <cstdlib>
#include <fstream>

#include "tests/plugins/integration_labs/labs.hpp"

namespace ferry::test {
namespace {

namespace fs = std::filesystem;

// Where the platform of a recording is, in what is expected of it.
constexpr const char* nowhere = "http://labs.example";

std::vector<fs::path> cases() {
  std::vector<fs::path> all;
  for (const fs::directory_entry& entry : fs::directory_iterator(FERRY_SOURCE_DIR "/plugins/integration_labs/traffic"))
    all.push_back(entry.path());
  std::sort(all.begin(), all.end());
  return all;
}

std::string moved(std::string text, const std::string& from) {
  const std::string to = nowhere;
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
  return text;
}

Json outcome_of(const ReadResult& result, const std::string& url) {
  Json facts = Json::array(), ids = Json::object(), positions = Json::object();
  for (const Json& fact : result.facts) facts.push_back(fact);
  for (const auto& [stream, records] : result.records) {
    Json list = Json::array();
    for (const Json& record : records) list.push_back(record.find("stream") ? record["stream"] : record["rootfi_id"]);
    ids.set(stream, list);
  }
  for (const auto& [stream, states] : result.positions) {
    Json list = Json::array();
    for (Json state : states) {
      state.remove("read_at");  // the time of the machine, which goes on while a recording is played
      list.push_back(std::move(state));
    }
    positions.set(stream, list);
  }
  return Json::object({{"status", result.done.status},
                       {"message", moved(result.done.message, url)},
                       {"facts", facts},
                       {"ids", ids},
                       {"positions", positions}});
}

class LabsReplayTest : public testing::TestWithParam<fs::path> {
 protected:
  host::TemporaryDirectory home_{testing::TempDir()};
  host::Cancellation cancellation_;

  Asked asked_of(const Json& said) const {
    return {.operation = said["operation"].as_string(),
            .url = "",
            .settings = said["settings"].dump(),
            .request = said["request"].dump()};
  }

  void record(const fs::path& folder, Json said) {
    Asked asked = asked_of(said);
    std::string admin_url;
    std::vector<std::string> options;
    for (const Json& option : said["sandbox"]["options"].items()) options.push_back(option.as_string());
    const auto sandbox = start_sandbox(options, home_.path(), asked.url, admin_url);
    for (const Json& step : said["sandbox"]["steps"].items())
      send(asked.url, step.items()[0].as_string(), step.items()[1].as_string(), step.items()[2].dump());
    send(admin_url, "PUT", "/environments/integration_labs/dev/faults", said["sandbox"]["faults"].dump());
    for (const fs::directory_entry& entry : fs::directory_iterator(folder))
      if (entry.path().extension() == ".http") fs::remove(entry.path());
    asked.traffic.record = folder;
    ReadResult result;
    carry_out(asked, home_.path(), cancellation_, result);
    said.set("expect", outcome_of(result, asked.url));
    std::ofstream(folder / "case.json") << said.dump(2) << '\n';
  }
};

TEST_P(LabsReplayTest, GivesWhatItGaveWhenItWasRecorded) {
  const fs::path folder = GetParam();
  std::ifstream file(folder / "case.json");
  const Json said = Json::parse(std::string(std::istreambuf_iterator<char>(file), {}));
  if (std::getenv("FERRY_RECORD_TRAFFIC") != nullptr) return record(folder, said);
  Asked asked = asked_of(said);
  asked.url = nowhere;
  asked.traffic.replay = folder;
  asked.traffic.strict = true;
  ReadResult result;
  carry_out(asked, home_.path(), cancellation_, result);
  EXPECT_EQ(outcome_of(result, asked.url).dump(2), said["expect"].dump(2));
}

INSTANTIATE_TEST_SUITE_P(Traffic, LabsReplayTest, testing::ValuesIn(cases()), [](const auto& info) {
  std::string name = info.param.filename();
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

}  // namespace
}  // namespace ferry::test
