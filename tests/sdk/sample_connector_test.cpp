// The sample connector, tested as its README says: against the fake host of ferry/testing.hpp. It tests that as well.
#include <gtest/gtest.h>

#include "ferry/testing.hpp"
#include "samples/connectors/hello_cpp/hello.cpp"

namespace ferry::testing {
namespace {

constexpr std::string_view config = R"({"connection":"notes","url":"http://notes.example","settings":{}})";
constexpr const char* notes =
    R"({"notes":[{"id":"n1","title":"First","text":"one","links":["n2"]},{"id":"n2","title":"Second","text":"two","links":[]}]})";

class Sample : public ::testing::Test {
 protected:
  Sample() { host_.secrets["token"] = "s3cret"; }
  ~Sample() override { EXPECT_EQ(host_.unused_replies(), 0u); }

  static void expect_clean(const Result& result) {
    for (const std::string& violation : result.violations) ADD_FAILURE() << violation;
  }
  Result exported() {
    host_.on("GET", "/api/notes", {.body = notes});
    return connector_.export_package();
  }
  Result imported(const char* existing, std::string_view request) {
    const Package package = exported().package;
    host_.requests.clear();
    host_.on("GET", "/api/notes", {.body = existing});
    return connector_.import_package(package, request);
  }

  FakeHost host_;
  Connector connector_{host_, ferry_connector_v1(), config};
};

TEST_F(Sample, NamesItselfAsItsManifestDoes) {
  const Json descriptor = Json::parse(to_view(ferry_connector_v1()->descriptor_json));
  EXPECT_EQ(descriptor.text_or("id", ""), "org.example.hello-cpp");
  EXPECT_EQ(ferry_connector_v1(), ferry_connector_v1());
}

TEST_F(Sample, ChecksWithItsToken) {
  host_.on("GET", "/api/notes", {.body = notes});
  const Result result = connector_.check();
  EXPECT_EQ(result.status, FERRY_OK) << result.message;
  expect_clean(result);
  EXPECT_EQ(host_.requests.at(0).headers.at(0).second, "Bearer s3cret");
}

TEST_F(Sample, SaysWhoMustAct) {
  host_.on("GET", "/api/notes", {.status = 401});
  EXPECT_EQ(connector_.check().message,
            "reading the notes: the platform answered 401; the credential is missing, wrong or expired");
  const std::pair<int, ferry_status> answers[] = {
      {403, FERRY_AUTH}, {429, FERRY_RATE_LIMITED}, {503, FERRY_TRANSIENT}, {404, FERRY_REMOTE}};
  for (const auto& [answer, status] : answers) {
    host_.on("GET", "/api/notes", {.status = answer});
    EXPECT_EQ(connector_.check().status, status) << answer;
  }
  host_.on("GET", "/api/notes", {.body = "<html>"});
  EXPECT_EQ(connector_.check().status, FERRY_REMOTE);
  host_.on("GET", "/api/notes", {.failure = FERRY_TRANSIENT});
  EXPECT_EQ(connector_.check().message, "GET /api/notes: no answer");
  host_.secrets.clear();
  EXPECT_EQ(connector_.check().status, FERRY_AUTH);
}

TEST_F(Sample, ListsAndReadsItsNotes) {
  Result catalog = connector_.catalog();
  EXPECT_EQ(catalog.records["catalog"].at(0).text_or("stream", ""), "note");
  host_.on("GET", "/api/notes", {.body = notes});
  Result read = connector_.read(R"({"streams":[{"stream":"note"}]})");
  ASSERT_EQ(read.records["note"].size(), 2u);
  EXPECT_EQ(read.records["note"][0]["references"].dump(), R"([{"type":"note","id":"n2"}])");
  expect_clean(read);
}

TEST_F(Sample, ExportsTheSameBytesForTheSameContent) {
  const Result first = exported();
  expect_clean(first);
  EXPECT_EQ(first.count("exported"), 2u);
  EXPECT_EQ(first.package.entries, exported().package.entries);
  Result inspected = connector_.inspect(first.package);
  EXPECT_EQ(inspected.records["note"].size(), 2u);
  expect_clean(inspected);
}

TEST_F(Sample, ImportsWhatDiffers) {
  const char* existing =
      R"({"notes":[{"id":"n2","title":"Second","text":"changed","links":[]},{"id":"n3","title":"Third","text":"","links":[]}]})";
  const Result preview = imported(existing, R"({"preview":true,"policy":"replace","prune":true})");
  EXPECT_EQ(host_.requests.size(), 1u) << "a preview only reads";
  host_.on("PUT", "/api/notes/n1", {}).on("PUT", "/api/notes/n2", {}).on("DELETE", "/api/notes/n3", {});
  const Result result = imported(existing, R"({"policy":"replace","prune":true})");
  expect_clean(result);
  EXPECT_EQ(result.status, FERRY_OK) << result.message;
  EXPECT_EQ(result.count("added"), 1u);
  EXPECT_EQ(result.count("modified"), 1u);
  EXPECT_EQ(result.count("removed"), 1u);
  EXPECT_EQ(result.facts, preview.facts);
  EXPECT_EQ(imported(notes, "{}").count("unchanged"), 2u);
}

TEST_F(Sample, RefusesToOverwriteUnlessTold) {
  const Result result = imported(R"({"notes":[{"id":"n2","title":"Second","text":"changed","links":[]}]})", "{}");
  EXPECT_EQ(result.status, FERRY_REFUSED);
  EXPECT_EQ(result.count("skipped"), 2u);
  EXPECT_EQ(host_.requests.size(), 1u);
  expect_clean(result);
}

TEST_F(Sample, WritesToWhereAMappingPoints) {
  const char* existing = R"({"notes":[{"id":"x","title":"Second","text":"old","links":[]}]})";
  EXPECT_EQ(imported(existing, R"({"policy":"replace"})").count("skipped"), 2u)
      << "a name conflict, and what refers to it";
  host_.on("PUT", "/api/notes/n1", {}).on("PUT", "/api/notes/x", {});
  const Result result =
      imported(existing, R"({"policy":"replace","mapping":[{"type":"note","source":"n2","target":"x"}]})");
  EXPECT_EQ(result.count("added") + result.count("modified"), 2u);
  EXPECT_EQ(Json::parse(host_.requests.at(1).body)["links"].dump(), R"(["x"])");
}

TEST_F(Sample, ReportsAWriteThatFailedAndGoesOn) {
  host_.on("PUT", "/api/notes/n1", {.status = 500}).on("PUT", "/api/notes/n2", {});
  const Result result = imported(R"({"notes":[]})", R"({"policy":"replace"})");
  EXPECT_EQ(result.count("failed"), 1u);
  EXPECT_EQ(result.count("added"), 1u);
  expect_clean(result);
}

TEST_F(Sample, RefusesAPackageOfAnother) {
  const Package strange{.entries = {{"flows.json", "[]"}}}, broken{.entries = {{"notes.json", "[{"}}};
  EXPECT_EQ(connector_.inspect(strange).status, FERRY_BAD_DATA);
  EXPECT_EQ(connector_.inspect(broken).status, FERRY_BAD_DATA);
}

TEST_F(Sample, StopsWhereverItIsCancelled) {
  const Package package = exported().package;
  host_.always("GET", "/api/notes", {.body = R"({"notes":[]})"});
  host_.always("PUT", "/api/notes/n1", {}).always("PUT", "/api/notes/n2", {});
  std::uint64_t calls = 0;
  for (;; ++calls) {
    host_.cancel_after(calls);
    const Result result = connector_.import_package(package, R"({"policy":"replace"})");
    expect_clean(result);
    if (result.status == FERRY_OK) break;
    ASSERT_EQ(result.status, FERRY_CANCELLED) << "cancelled with call " << calls;
    ASSERT_LT(calls, 100u);
  }
  EXPECT_GT(calls, 5u);
}

// What a connector does wrong is said by name.
class Careless {
 public:
  Careless(ferry::Host host, const ferry::Config&) : host_(host) {}
  void check(const ferry::Call& call) {
    call.item({.type = "", .outcome = "vanished"});
    call.item({.type = "note", .outcome = ferry::outcome::failed});
    call.problem({.severity = "fatal", .code = "", .message = "m"});
    ferry::Http(host_, call).send({.url = "/nowhere"});
  }
  void export_package(const ferry::Call&, const ferry::ExportRequest&, ferry::PackageWriter package) {
    package.entry("../escape", "");
    package.entry("same", "");
    package.entry("same", "");
  }
  void inspect(const ferry::Call& call, ferry::PackageReader, ferry::Sink sink) {
    sink.records("x").flush();
    ferry::Records records = sink.records("x");
    records.add("no object");
    records.flush();
    ferry::Http(host_, call).send({.url = "/"});
  }

 private:
  ferry::Host host_;
};

TEST(FakeHost, NamesWhatBreaksTheContract) {
  using Glue = ferry::detail::Glue<Careless>;
  static constexpr ferry_connector table{sizeof table, 0, {"{}", 2}, Glue::create, Glue::destroy, Glue::capability};
  FakeHost host;
  Connector connector(host, &table, "{}");
  EXPECT_EQ(connector.check().violations,
            (std::vector<std::string>{
                R"(a fact has no type: {"fact":"item","type":"","outcome":"vanished"})",
                R"(a fact has an unknown outcome: {"fact":"item","type":"","outcome":"vanished"})",
                R"(a fact has no code: {"fact":"item","type":"note","outcome":"failed"})",
                R"(a fact has no message: {"fact":"item","type":"note","outcome":"failed"})",
                R"(a fact has an unknown severity: {"fact":"problem","severity":"fatal","message":"m"})",
                R"(a fact has no code: {"fact":"problem","severity":"fatal","message":"m"})",
                "unexpected request: GET /nowhere"}));
  EXPECT_EQ(connector.export_package().violations,
            (std::vector<std::string>{"not a name for a package entry: \"../escape\"",
                                      "two package entries have the name same"}));
  EXPECT_EQ(connector.inspect({}).violations,
            (std::vector<std::string>{"a record is no JSON: line 1, column 1: not a JSON value",
                                      "a record is no object: null",
                                      "inspect sent a request: it has to do without the platform"}));
  EXPECT_EQ(connector.catalog().status, FERRY_UNSUPPORTED);
}

TEST(FakeHost, KeepsStateSecretsTimeAndLogs) {
  FakeHost host;
  host.secrets["token"] = "t";
  struct Uses {
    Uses(ferry::Host services, const ferry::Config&) : host(services) {}
    void check(const ferry::Call& call) {
      EXPECT_EQ(host.secret(call, "token"), "t");
      EXPECT_EQ(host.secret(call, "other"), std::nullopt);
      host.mask(call, "derived");
      EXPECT_EQ(host.state(call, "cursor"), std::nullopt);
      host.set_state(call, "cursor", "7");
      host.set_state(call, "other", "8");
      host.remove_state(call, "other");
      EXPECT_EQ(host.state(call, "cursor"), "7");
      const std::int64_t before = host.now_unix_ms();
      host.sleep_ms(call, 60'000);
      EXPECT_EQ(host.now_unix_ms() - before, 60'000);
      host.log(FERRY_LOG_WARNING, "slow", R"({"seconds":60})");
      call.progress(1, 2, "waiting");
      call.progress(2, 2, "waiting");
    }
    ferry::Host host;
  };
  using Glue = ferry::detail::Glue<Uses>;
  static constexpr ferry_connector table{sizeof table, 0, {"{}", 2}, Glue::create, Glue::destroy, Glue::capability};
  Connector connector(host, &table, "{}");
  const Result result = connector.check();
  EXPECT_EQ(result.status, FERRY_OK) << result.message;
  EXPECT_EQ(host.state, (std::map<std::string, std::string>{{"cursor", "7"}}));
  EXPECT_TRUE(host.masked.contains("derived"));
  EXPECT_EQ(host.logs.at(0).fields_json, R"({"seconds":60})");
  EXPECT_EQ(result.progress, (std::vector<std::string>{"waiting"}));
}

}  // namespace
}  // namespace ferry::testing
