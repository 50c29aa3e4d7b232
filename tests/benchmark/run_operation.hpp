// One operation of an installed connector in a worker, without the rooms above the worker.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "host/connectors/manifest.hpp"
#include "host/worker/worker_process.hpp"

namespace ferry::benchmark {

struct Listener : host::WorkerListener {
  void on_fact(std::string_view) override {}
  void on_records(std::string_view, std::uint64_t, std::string_view) override {}
  void on_checkpoint(std::string_view, std::string_view) override {}
  void on_progress(const host::WorkerProgress&) override {}
  void on_log(int, const std::string&, const std::string&) override {}
  void on_mask(std::string_view) override {}
  std::string on_request(std::string_view) override { return R"({"found":false})"; }
};

class Operation {
 public:
  Operation(const std::filesystem::path& connector, const std::string& operation, const std::string& url = {});
  void set(const std::string& setting, std::int64_t value) { settings_[setting] = value; }
  // Throws std::runtime_error if it does not succeed. package: a descriptor, or -1.
  host::WorkerDone run(Listener&, int package = -1) const;

 private:
  host::Manifest manifest_;
  std::string operation_, url_;
  std::map<std::string, std::int64_t> settings_;
};

}  // namespace ferry::benchmark
