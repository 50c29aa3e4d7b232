// The connector of the benchmarks: it does as little as possible itself, so that what is measured is ferry.
//
//   check   asks the state service `count` times, then is idle for `idle_ms`
//   read    delivers `count` records of 450 bytes
//   export  downloads /package as it is, import uploads the package there
#include <ferry/sdk.hpp>
#include <string>

namespace {

std::string record_of(std::size_t size) {
  std::string record =
      R"({"id":4711,"name":"An invoice like many others","paid":true,"amount":1234.56,"lines":[1,2,3])";
  record += R"(,"note":")";
  record.append(size - record.size() - 3, 'n');  // less the quote, the brace and the line break that follows
  return record + "\"}";
}

class Benchmark {
 public:
  Benchmark(ferry::Host host, const ferry::Config& config)
      : host_(host), count_(number(config.settings, "count")), idle_ms_(number(config.settings, "idle_ms")) {}

  void check(const ferry::Call& call) {
    for (std::int64_t i = 0; i < count_; ++i) host_.state(call, "a key");
    if (idle_ms_ > 0) host_.sleep_ms(call, idle_ms_);
  }

  void read(const ferry::Call&, const ferry::ReadRequest&, ferry::Sink sink) {
    const std::string record = record_of(450);
    ferry::Records records = sink.records("invoices");
    for (std::int64_t i = 0; i < count_; ++i) records.add(record);
    records.flush();
  }

  void export_package(const ferry::Call& call, const ferry::ExportRequest&, ferry::PackageWriter package) {
    ferry::Http(host_, call).stream({.url = "/package"}, expect_success, [&](std::string_view piece) {
      package.write(piece);
    });
    call.item({.type = "package", .outcome = ferry::outcome::exported, .id = "1"});
  }

  void import_package(const ferry::Call& call, const ferry::ImportRequest&, ferry::PackageReader package) {
    expect_success(ferry::Http(host_, call).send({.method = "PUT", .url = "/package", .body_package = package.abi()}));
    call.item({.type = "package", .outcome = ferry::outcome::added, .id = "1"});
  }

 private:
  static std::int64_t number(const ferry::Json& settings, std::string_view name) {
    const ferry::Json* found = settings.find(name);
    return found != nullptr ? found->as_int() : 0;
  }
  static void expect_success(const ferry::HttpResponse& answer) {
    if (!answer.ok()) throw ferry::http_error(answer, "moving the package");
  }

  ferry::Host host_;
  std::int64_t count_, idle_ms_;
};

}  // namespace

FERRY_CONNECTOR(Benchmark, R"({"id":"ferry-benchmark","version":"1.0.0"})")
