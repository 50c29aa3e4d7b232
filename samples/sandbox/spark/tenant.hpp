// A tenant: its library and its jobs. Jobs have no threads; what has become of them is worked out whenever somebody
// asks, from the time that has passed. Thread-safe.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "samples/sandbox/spark/accounts.hpp"
#include "samples/sandbox/spark/job.hpp"
#include "samples/sandbox/spark/selection.hpp"

namespace sandbox::spark {

struct TenantOptions {
  std::string content;
  std::uint64_t package_bytes = 0, size_limit = 209'715'200;
  std::int64_t job_ms = 200;
};

// Another job of the kind runs in the tenant.
struct TenantBusy {};

class Tenant {
 public:
  Tenant(const Settings&, const TenantOptions&);

  struct Tags {
    json::Value source_system, correlation_id;
  };
  // The job's id; throws TenantBusy. What cannot be exported or imported is found in the job, when it is closed.
  std::string start_export(const ExportRequest&, const User&, const Tags&);
  std::string start_import(const Blob& package, const ImportRequest&, const User&, const Tags&);

  // Each gives `look` the job, under the lock; false if the user sees no such job.
  using Look = std::function<void(const Job&, std::int64_t now_ms)>;
  bool look(const std::string& id, bool is_import, const User&, const Look&);
  bool cancel(const std::string& id, bool is_import, const User&, const Look&);
  json::Object list(bool is_import, const User&);

  std::optional<Rope> package(const std::string& job_id);
  bool add_folder(const std::string& name);  // false if it exists

  std::map<std::string, std::int64_t> counters();
  std::string state();
  void restore(const json::Object&);

 private:
  Job& begin(bool is_import, const User&, const Tags&);
  void ready(const std::string& id, const std::function<void(Job&)>& fill);
  void advance(std::int64_t now_ms);
  void finish(Job&, std::int64_t now_ms);
  void finish_import(Job&);
  Job* find(const std::string& id);
  Job* find(const std::string& id, bool is_import, const User&);
  std::string new_id();
  Rope package_of(const Job&) const;
  void make_package(Job&, std::vector<Service> content) const;

  const Settings settings_;
  const TenantOptions options_;
  std::mutex mutex_;
  Library library_;
  std::vector<std::unique_ptr<Job>> jobs_;
  std::int64_t next_id_ = 1;
  std::map<std::string, std::int64_t> counts_;
};

}  // namespace sandbox::spark
