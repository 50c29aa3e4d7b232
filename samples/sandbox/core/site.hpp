// An environment as the sandbox keeps it: with its faults, a log of its requests, and its state in a file if wanted.
//
// May be called by many threads at once. With a state file, what a request changed is on disk before its answer is
// sent; a file that cannot be written or read is told as std::runtime_error, at the start or as an answer of 500.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>

#include "samples/sandbox/core/faults.hpp"
#include "samples/sandbox/core/handler.hpp"
#include "samples/sandbox/core/request_log.hpp"

namespace sandbox {

using Factory = std::function<std::unique_ptr<Environment>(const Settings&)>;

class Site : public Handler {
 public:
  Site(Factory, Settings, std::filesystem::path state_file = {});

  Answer answer(const Request&) override;
  std::optional<Faults> fault(const Request&) override;
  void answered(const Request&, int status) override;

  const Settings& settings() const { return settings_; }
  FaultBox& faults() { return faults_; }
  const FaultBox& faults() const { return faults_; }
  const RequestLog& log() const { return log_; }
  json::Object counters() const;
  void reset();  // as at the first start: content, jobs, counters; faults are gone

 private:
  void save();
  std::shared_ptr<Environment> environment() const;

  Factory make_;
  FaultBox faults_;
  Settings settings_;
  std::filesystem::path state_file_;
  RequestLog log_;
  mutable std::mutex mutex_;
  std::shared_ptr<Environment> environment_;
  std::mutex save_mutex_;
  std::string saved_;
};

}  // namespace sandbox
