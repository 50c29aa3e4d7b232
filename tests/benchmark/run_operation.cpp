#include "tests/benchmark/run_operation.hpp"

#include <sys/stat.h>

#include <stdexcept>

#include "ferry/json.hpp"
#include "host/base/digest.hpp"

namespace ferry::benchmark {

Operation::Operation(const std::filesystem::path& connector, const std::string& operation, const std::string& url)
    : manifest_(host::read_manifest(connector / "connector.json")), operation_(operation), url_(url) {}

host::WorkerDone Operation::run(Listener& listener, int package) const {
  Json settings = Json::object();
  for (const auto& [name, value] : settings_) settings.set(name, value);
  host::WorkerStart start;
  start.operation = operation_;
  start.run_id = "benchmark";
  start.connector_id = manifest_.id;
  start.connector_version = manifest_.version;
  start.library = manifest_.library;
  start.library_sha256 = manifest_.library_sha256;
  start.operations = manifest_.operations;
  start.config_json = Json::object({{"connection", "benchmark"},
                                    {"url", url_.empty() ? "http://127.0.0.1:9" : url_},
                                    {"stage", "dev"},
                                    {"settings", settings}})
                          .dump();
  start.request_json = operation_ == "read" ? R"({"streams":[{"stream":"invoices"}]})" : "{}";
  if (!url_.empty()) {
    start.http.emplace();
    start.http->base_url = url_;
  }
  if (operation_ == "import") {
    struct stat status {};
    ::fstat(package, &status);
    start.package.size = static_cast<std::uint64_t>(status.st_size);
  }
  const host::Cancellation cancellation;
  const host::WorkerDone done =
      host::run_worker(FERRY_BINARY_DIR "/bin/ferry", start, package, host::WorkerLimits(), listener, cancellation);
  if (done.status != FERRY_OK) throw std::runtime_error("the operation " + operation_ + " failed: " + done.message);
  return done;
}

}  // namespace ferry::benchmark
