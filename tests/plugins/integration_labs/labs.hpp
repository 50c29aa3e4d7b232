// Integration Labs as the sandbox program plays it, started on free ports, and ferry as a person and as its host use
// it.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "ferry/json.hpp"
#include "host/base/cancellation.hpp"
#include "host/base/files.hpp"
#include "host/worker/worker_process.hpp"
#include "tests/support/process.hpp"

namespace ferry::test {

struct ReadResult : host::WorkerListener {
  host::WorkerDone done;
  std::map<std::string, std::vector<Json>> records;    // by stream
  std::map<std::string, std::vector<Json>> positions;  // checkpoints, by stream
  std::vector<Json> facts;
  std::vector<std::string> phases;
  std::uint64_t requests = 0;
  std::function<void(const std::string& phase)> hook;

  void on_fact(std::string_view fact) override { facts.push_back(Json::parse(fact)); }
  void on_records(std::string_view stream, std::uint64_t count, std::string_view lines) override;
  void on_checkpoint(std::string_view stream, std::string_view state) override {
    positions[std::string(stream)].push_back(Json::parse(state));
  }
  void on_progress(const host::WorkerProgress& progress) override;
  void on_log(int, const std::string&, const std::string&) override {}
  void on_mask(std::string_view) override {}
  std::string on_request(std::string_view) override { return "{}"; }

  std::vector<std::int64_t> ids(const std::string& stream) const;
  std::string problem(const std::string& code) const;  // its severity, type and message; "" if there is none
};

// What a worker is asked to do: settings and request are JSON.
struct Asked {
  std::string operation, url, settings, request;
  std::string key = "sandbox";
  host::TrafficSettings traffic = {};
  std::chrono::milliseconds backoff{20};
};
void carry_out(const Asked&, const std::filesystem::path& directory, const host::Cancellation&, ReadResult& into);

// The sandbox with these options of its environment; its URL, without a path, and that of its admin port.
std::unique_ptr<Process> start_sandbox(const std::vector<std::string>& options, const std::filesystem::path& directory,
                                       std::string& url, std::string& admin_url);
// Throws for an answer that is not 2xx.
std::string send(const std::string& url, const std::string& method, const std::string& path, const std::string& body);

class LabsTest : public testing::Test {
 protected:
  // options: of the sandbox's environment, "job_ms=10".
  explicit LabsTest(const std::vector<std::string>& options = {"job_ms=10", "records=300"});

  // What the platform is told, without ferry: {"status", "body"}.
  std::string platform(const std::string& method, const std::string& path, const std::string& body = "") const;
  void change(const std::string& body) const { platform("POST", "/sandbox/changes", body); }
  void faults(const std::string& body) const;
  std::int64_t counter(const std::string& name) const;

  // ferry.yaml with one connection "books", and ferry run on it.
  void connect(const std::string& url, const std::string& settings = "{company_id: 1089}");
  Finished ferry(std::vector<std::string> words) const;
  // A read as the host asks for it; `streams` and `settings` are JSON.
  void read(ReadResult& into, const std::string& streams, const std::string& settings = R"("company_id":1089)",
            const std::string& options = "{}");
  ReadResult read(const std::string& streams, const std::string& settings = R"("company_id":1089)",
                  const std::string& options = "{}") {
    ReadResult result;
    read(result, streams, settings, options);
    return result;
  }

  host::TemporaryDirectory home_{testing::TempDir()};
  std::string url_, admin_url_, key_ = "sandbox";
  std::unique_ptr<host::Cancellation> cancellation_ = std::make_unique<host::Cancellation>();

 private:
  std::unique_ptr<Process> sandbox_;
};

}  // namespace ferry::test
