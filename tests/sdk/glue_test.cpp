// Connector classes compiled here and called through their C tables, as a host calls them.
#include <gtest/gtest.h>

#include <new>
#include <stdexcept>

#include "ferry/sdk.hpp"
#include "ferry/testing.hpp"

namespace ferry {
namespace {

constexpr std::string_view config = R"({"connection":"c","url":"http://platform"})";

template <class T>
const ferry_connector* table_of() {
  static constexpr ferry_connector table{
      sizeof table, 0, {"{}", 2}, detail::Glue<T>::create, detail::Glue<T>::destroy, detail::Glue<T>::capability};
  return &table;
}

// Does in check whatever the test wants.
class Scripted {
 public:
  static inline void (*work)(const Host&, const Call&);
  static inline void (*make)();
  static inline int alive;

  Scripted(Host host, const Config&) : host_(host) {
    if (make != nullptr) make();
    ++alive;
  }
  ~Scripted() { --alive; }
  void check(const Call& call) { work(host_, call); }

 private:
  Host host_;
};

testing::Result checked(testing::FakeHost& host, void (*work)(const Host&, const Call&)) {
  Scripted::work = work;
  Scripted::make = nullptr;
  testing::Connector connector(host, table_of<Scripted>(), config);
  return connector.check();
}

TEST(Glue, TurnsEachExceptionIntoAStatusAndOneReason) {
  struct Expected {
    void (*work)(const Host&, const Call&);
    ferry_status status;
    const char* message;
  };
  const Expected cases[] = {
      {[](const Host&, const Call&) {}, FERRY_OK, ""},
      {[](const Host&, const Call&) { throw Error(FERRY_AUTH, "log in: 401"); }, FERRY_AUTH, "log in: 401"},
      {[](const Host&, const Call&) { throw Error(FERRY_CANCELLED, "cancelled"); }, FERRY_CANCELLED, "cancelled"},
      {[](const Host&, const Call&) { throw Error(FERRY_OK, "not a failure?"); }, FERRY_INTERNAL, "not a failure?"},
      {[](const Host&, const Call&) { Json::parse("<html>"); }, FERRY_REMOTE, "line 1, column 1: not a JSON value"},
      {[](const Host&, const Call&) { throw std::out_of_range("page 7"); }, FERRY_INTERNAL, "page 7"},
      {[](const Host&, const Call&) { throw std::bad_alloc(); }, FERRY_INTERNAL, "out of memory"},
      {[](const Host&, const Call&) { throw 42; }, FERRY_INTERNAL, "an exception of unknown type"},
  };
  for (const Expected& expected : cases) {
    testing::FakeHost host;
    const testing::Result result = checked(host, expected.work);
    EXPECT_EQ(result.status, expected.status) << expected.message;
    EXPECT_EQ(result.message, expected.message);
    EXPECT_TRUE(result.violations.empty()) << result.violations[0];
  }
}

TEST(Glue, PassesTheDetailOfAnError) {
  testing::FakeHost host;
  EXPECT_EQ(checked(host, [](const Host&, const Call&) { throw Error(FERRY_REMOTE, "x", R"({"a":1})"); }).detail_json,
            R"({"a":1})");
}

TEST(Glue, MakesNoInstanceOfAConnectorThatThrows) {
  testing::FakeHost host;
  Scripted::make = [] { throw Error(FERRY_BAD_CONFIG, "settings: \"tenant\" is missing"); };
  testing::Connector connector(host, table_of<Scripted>(), config);
  EXPECT_EQ(connector.created.status, FERRY_BAD_CONFIG);
  EXPECT_EQ(connector.created.message, "settings: \"tenant\" is missing");
  EXPECT_TRUE(connector.created.violations.empty());
  Scripted::make = nullptr;
  testing::Connector malformed(host, table_of<Scripted>(), "{");
  EXPECT_EQ(malformed.created.status, FERRY_BAD_CONFIG);
}

TEST(Glue, DestroysWhatItMade) {
  testing::FakeHost host;
  Scripted::make = nullptr;
  {
    testing::Connector one(host, table_of<Scripted>(), config), two(host, table_of<Scripted>(), config);
    EXPECT_EQ(Scripted::alive, 2);
  }
  EXPECT_EQ(Scripted::alive, 0);
}

class Everything {
 public:
  static inline std::string archive_hash;

  Everything(Host, const Config&) {}
  void check(const Call&) {}
  void catalog(const Call&, Sink sink) { sink.records("catalog").flush(); }
  void read(const Call&, const ReadRequest& request, Sink sink) {
    Records records = sink.records(request.streams.at(0).stream);
    for (int i = 0; i < 5'000; ++i) records.add(Json::object({{"id", i}, {"text", "some text of a record"}}));
    records.add("{\n  \"id\": 5000,\n  \"pretty\": true\n}");
    records.checkpoint(R"({"last":5000})");
  }
  void export_package(const Call&, const ExportRequest&, PackageWriter writer) {
    writer.begin_entry("a.json");
    writer.write("{");
    writer.restart();
    writer.write("archive");
    archive_hash = writer.sha256();
    writer.restart();
    writer.entry("b.json", "{}");
    writer.describe(Json::object({{"complete", true}}));
  }
  void inspect(const Call&, PackageReader reader, Sink sink) {
    Records records = sink.records("entry");
    for (const PackageReader::Entry& entry : reader.entries())
      records.add(Json::object({{"name", entry.name}, {"text", reader.text(entry)}}));
    records.flush();
  }
  void import_package(const Call& call, const ImportRequest&, PackageReader reader) {
    char buffer[4];
    std::string archive;
    while (const std::size_t got = reader.read_at(archive.size(), buffer, sizeof buffer)) archive.append(buffer, got);
    call.item({.type = "archive",
               .outcome = outcome::added,
               .id = archive,
               .name = reader.sha256().substr(0, 8),
               .count = 3});
  }
};

TEST(Glue, OffersTheOperationsAClassHas) {
  for (const char* id : {FERRY_CAPABILITY_CHECK, FERRY_CAPABILITY_CATALOG, FERRY_CAPABILITY_READ,
                         FERRY_CAPABILITY_EXPORT, FERRY_CAPABILITY_INSPECT, FERRY_CAPABILITY_IMPORT}) {
    EXPECT_NE(detail::Glue<Everything>::capability(to_abi(id)), nullptr) << id;
    EXPECT_EQ(detail::Glue<Everything>::capability(to_abi(id)), detail::Glue<Everything>::capability(to_abi(id)));
    EXPECT_EQ(detail::Glue<Scripted>::capability(to_abi(id)) != nullptr,
              std::string_view(id) == FERRY_CAPABILITY_CHECK);
  }
  for (const char* id : {"", "ferry.check", "ferry.check/2", "ferry.check/10"})
    EXPECT_EQ(detail::Glue<Everything>::capability(to_abi(id)), nullptr) << id;
  EXPECT_EQ(detail::Glue<Everything>::capability({nullptr, 0}), nullptr);
}

TEST(Glue, CarriesEveryOperation) {
  testing::FakeHost host;
  testing::Connector connector(host, table_of<Everything>(), config);
  EXPECT_EQ(connector.catalog().status, FERRY_OK);

  testing::Result read = connector.read(R"({"streams":[{"stream":"things"}]})");
  EXPECT_EQ(read.records["things"].size(), 5001u);
  EXPECT_EQ(read.records["things"].back().dump(), R"({"id":5000,"pretty":true})");
  EXPECT_EQ(read.checkpoints["things"].at(0).dump(), R"({"last":5000})");
  EXPECT_TRUE(read.violations.empty()) << read.violations[0];

  const testing::Result exported = connector.export_package();
  ASSERT_EQ(exported.package.entries.size(), 1u);
  EXPECT_EQ(exported.package.entries[0].first, "b.json");
  EXPECT_TRUE(exported.package.description.bool_or("complete", false));
  EXPECT_EQ(Everything::archive_hash, sha256_hex("archive"));
  EXPECT_TRUE(exported.violations.empty());

  testing::Result inspected = connector.inspect({{{"x", "content of x"}, {"empty", ""}}});
  EXPECT_EQ(inspected.records["entry"].at(0).dump(), R"({"name":"x","text":"content of x"})");
  EXPECT_EQ(inspected.records["entry"].at(1).dump(), R"({"name":"empty","text":""})");

  const testing::Result imported = connector.import_package({.entries = {}, .archive = "0123456789"});
  EXPECT_EQ(imported.facts.at(0).dump(),
            R"({"fact":"item","type":"archive","outcome":"added","id":"0123456789","name":"84d89877","count":3})");
  EXPECT_EQ(imported.count("added"), 3u);
}

TEST(Glue, SaysWhyARequestIsNotUnderstood) {
  testing::FakeHost host;
  testing::Connector connector(host, table_of<Everything>(), config);
  const testing::Result result = connector.import_package({}, R"({"preview":"yes"})");
  EXPECT_EQ(result.status, FERRY_BAD_CONFIG);
  EXPECT_EQ(result.message, "reading the import request: expected a boolean, found a text");
}

// A host that knows less than this SDK: shorter tables, empty slots, no services. Nothing is called that is not there.
TEST(Glue, LivesWithAnOlderHost) {
  testing::FakeHost host;
  host.denied_services = {FERRY_SERVICE_LOG, FERRY_SERVICE_CLOCK, FERRY_SERVICE_HTTP, FERRY_SERVICE_SECRET,
                          FERRY_SERVICE_STATE};
  const testing::Result logs =
      checked(host, [](const Host& services, const Call&) { services.info("nobody listens"); });
  EXPECT_EQ(logs.status, FERRY_OK);
  for (auto* work : std::initializer_list<void (*)(const Host&, const Call&)>{
           [](const Host&services, const Call&call) { services.sleep_ms(call, 1); },
           [](const Host&services, const Call&) { services.now_unix_ms(); },
           [](const Host&services, const Call&call) { services.secret(call, "token"); },
           [](const Host&services, const Call&call) { services.state(call, "key"); },
           [](const Host&services, const Call&call) { services.set_state(call, "key", "value"); },
           [](const Host&services, const Call&call) { services.remove_state(call, "key"); },
           [](const Host&services, const Call&call) { Http(services, call).send({.url = "/"}); }}) {
    const testing::Result result = checked(host, work);
    EXPECT_EQ(result.status, FERRY_UNSUPPORTED);
    EXPECT_NE(result.message.find("the host does not grant the service ferry."), std::string::npos) << result.message;
  }

  ferry_call call{};
  call.size = offsetof(ferry_call, operation_id);
  ferry_host no_services{};
  no_services.size = offsetof(ferry_host, get_service);
  const Call short_call(&call);
  EXPECT_FALSE(short_call.cancelled());
  EXPECT_EQ(short_call.operation_id(), "");
  EXPECT_EQ(short_call.deadline_unix_ms(), 0);
  short_call.progress(1, 2, "phase");
  short_call.item({.type = "t", .outcome = outcome::added});
  EXPECT_THROW(short_call.require(FERRY_TRANSIENT, "sending"), Error);
  EXPECT_EQ(Host(&no_services).service<ferry_log>(FERRY_SERVICE_LOG), nullptr);

  ferry_package_writer writer{};
  writer.size = sizeof writer;  // of full size, but with empty slots
  ferry_package_reader reader{};
  reader.size = offsetof(ferry_package_reader, archive_size);
  ferry_sink sink{};
  sink.size = offsetof(ferry_sink, write);
  EXPECT_THROW(PackageWriter(short_call, &writer).write("x"), Error);
  EXPECT_THROW(PackageWriter(short_call, &writer).begin_entry("x"), Error);
  EXPECT_THROW(PackageWriter(short_call, &writer).describe(Json::object()), Error);
  EXPECT_THROW(PackageWriter(short_call, &writer).restart(), Error);
  EXPECT_THROW(PackageWriter(short_call, &writer).sha256(), Error);
  const PackageReader package(short_call, &reader);
  EXPECT_EQ(package.archive_size(), 0u);
  EXPECT_EQ(package.sha256(), "");
  EXPECT_FALSE(package.complete());
  EXPECT_THROW(package.entry_count(), Error);
  EXPECT_THROW(package.entry(0), Error);
  EXPECT_THROW(package.read({0, "x", 1}, [](std::string_view) {}), Error);
  EXPECT_THROW(package.read_at(0, nullptr, 0), Error);
  Records records = Sink(short_call, &sink).records("s");
  EXPECT_THROW(records.checkpoint("{}"), Error);
  records.add("{}");
  EXPECT_THROW(records.flush(), Error);
}

// The same operation with a fail() that is not there: the status alone has to do.
TEST(Glue, ReturnsTheStatusWhereNobodyAsksWhy) {
  ferry_call call{};
  call.size = offsetof(ferry_call, fail);
  EXPECT_EQ(detail::guard(&call, [] { throw Error(FERRY_AUTH, "no"); }), FERRY_AUTH);
  EXPECT_EQ(detail::guard(nullptr, [] { throw 1; }), FERRY_INTERNAL);
}

TEST(Glue, ClipsMessagesBetweenCharacters) {
  testing::FakeHost host;
  const testing::Result result = checked(host, [](const Host&, const Call& call) {
    std::string text = "x";
    for (int i = 0; i < 100'000; ++i) text += "\xC3\xA9";
    call.problem({.severity = "warning", .code = "long", .message = text});
  });
  EXPECT_EQ(result.facts.at(0)["message"].as_string().size(), 16 * 1024u - 1);
}

}  // namespace
}  // namespace ferry
