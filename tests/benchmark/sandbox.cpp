// How fast the sandbox gives and takes, by a client that does nothing with what it gets: it must not be what a
// benchmark of ferry measures. The processor's time is the sandbox's own.
#include <time.h>

#include <chrono>
#include <stdexcept>
#include <thread>

#include "ferry/json.hpp"
#include "host/base/files.hpp"
#include "tests/benchmark/benchmarks.hpp"
#include "tests/benchmark/http_client.hpp"
#include "tests/support/sandbox/sandbox.hpp"

namespace ferry::benchmark {
namespace {

class Measured {
 public:
  explicit Measured(const std::filesystem::path& folder) {
    const Json ready = Json::parse(host::read_file(folder / "sandbox.json"));
    if (::clock_getcpuclockid(static_cast<pid_t>(ready["pid"].as_int()), &clock_) != 0)
      throw std::runtime_error("the sandbox's time on the processor cannot be read");
  }

  // The best of the rounds; work gives the bytes it moved.
  void add(Results& results, int rounds, const std::string& figure, const std::function<std::uint64_t()>& work,
           const std::function<void()>& prepare = {}) const {
    double wall = 1e9, cpu = 1e9;
    for (int round = 0; round < rounds; ++round) {
      if (prepare) prepare();
      const double before = processor_seconds();
      std::uint64_t bytes = 0;
      const Cost cost = cost_of([&] { bytes = work(); });
      wall = std::min(wall, cost.wall * 1e9 / static_cast<double>(bytes));
      cpu = std::min(cpu, (processor_seconds() - before) * 1e9 / static_cast<double>(bytes));
    }
    char text[80];
    std::snprintf(text, sizeof text, "%.2f GB/s (%.2f s of the sandbox's cpu a GB)", 1 / wall, cpu);
    results.add_time(figure, text, ">= 1 GB/s", wall <= 1);
  }

 private:
  double processor_seconds() const {
    timespec used{};
    ::clock_gettime(clock_, &used);
    return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
  }

  clockid_t clock_{};
};

std::string path_of(const std::string& url) { return url.substr(url.find('/', url.find("://") + 3)); }

// A tenant of Spark, and the one package it is full of.
class Tenant {
 public:
  explicit Tenant(const std::string& url) : client_(url), path_(path_of(url)) {
    const Json answer =
        Json::parse(client_.text("POST", "/auth/realms" + path_ + "/protocol/openid-connect/token", "",
                                 "grant_type=client_credentials&client_id=ferry&client_secret=sandbox"));
    authorization_ = "Authorization: Bearer " + std::string(answer["access_token"].as_string()) + "\r\n";
  }

  std::string package_url() {
    const Json job = Json::parse(
        client_.text("POST", path_ + "/api/v4/export", authorization_ + "Content-Type: application/json\r\n",
                     R"({"inputs":{"services":["large/package"]},"file_filter":"migrate","version_filter":"latest"})"));
    return path_of(std::string(ended("export", job)["outputs"]["files"].items().at(0)["file"].as_string()));
  }
  HttpClient::Answer download(const std::string& path) { return client_.send("GET", path, ""); }
  std::uint64_t upload(const std::string& package) {
    const std::string start =
        "--x\r\nContent-Disposition: form-data; name=\"importRequestEntity\"\r\n\r\n"
        "{\"services_existing\":\"replace\"}\r\n"
        "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"p.zip\"\r\n"
        "Content-Type: application/zip\r\n\r\n";
    const HttpClient::Answer answer = client_.send("POST", path_ + "/api/v4/import",
                                                   authorization_ + "Content-Type: multipart/form-data; boundary=x\r\n",
                                                   {start, package, "\r\n--x--\r\n"});
    started_ = std::string(answer.end);
    return package.size();
  }
  void end_import() {
    if (!started_.empty()) ended("import", Json::parse(started_));
    started_.clear();
  }

 private:
  Json ended(const std::string& noun, Json job) {
    const std::string path = path_ + "/api/v4/" + noun + "/" + std::string(job["id"].as_string()) + "/status";
    while (job["status"].as_string() != "closed") {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      job = Json::parse(client_.text("GET", path, authorization_));
    }
    return job;
  }

  HttpClient client_;
  std::string path_, authorization_, started_;
};

}  // namespace

void sandbox(const Settings& settings, Results& results) {
  const int rounds = settings.quick ? 1 : 5;
  const test::Sandbox sandbox(
      settings.directory, {"--environments", "dev,test", "--option",
                           "spark.dev.package_bytes=" + std::to_string(settings.quick ? 8'000'000 : 200'000'000),
                           "--option", "spark.*.job_ms=1", "--option", "integration_labs.*.shape=lean", "--option",
                           "integration_labs.*.records=" + std::to_string(settings.quick ? 5'000 : 250'000), "--option",
                           "integration_labs.dev.cache_mb=512", "--option", "integration_labs.test.cache_mb=1"});
  const Measured measured(settings.directory);

  Tenant from(sandbox.url("SPARK_DEV_URL")), to(sandbox.url("SPARK_TEST_URL"));
  const std::string url = from.package_url();
  measured.add(results, rounds, "the sandbox: a package out of it", [&] { return from.download(url).bytes; });
  const std::string origin = sandbox.url("SPARK_DEV_URL").substr(0, sandbox.url("SPARK_DEV_URL").find('/', 7));
  const std::string package = output_of({"/usr/bin/curl", "-sf", origin + url});
  measured.add(
      results, rounds, "the sandbox: a package into it", [&] { return to.upload(package); }, [&] { to.end_import(); });

  HttpClient kept(sandbox.url("INTEGRATION_LABS_DEV_URL")), fresh(sandbox.url("INTEGRATION_LABS_TEST_URL"));
  const std::string first = path_of(sandbox.url("INTEGRATION_LABS_DEV_URL")) + "/accounting/invoices?limit=1000",
                    key = "api_key: sandbox\r\n";
  read_pages(kept, first, key);
  measured.add(results, rounds, "the sandbox: pages of 1,000 records, kept",
               [&] { return read_pages(kept, first, key); });
  measured.add(results, rounds, "the sandbox: pages of 1,000 records, made anew",
               [&] { return read_pages(fresh, first, key); });
}

}  // namespace ferry::benchmark
