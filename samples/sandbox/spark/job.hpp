// One export or import job: what was asked, how long it takes, what came of it. Belongs to a Tenant and its lock.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "samples/sandbox/spark/importing.hpp"
#include "samples/sandbox/spark/zip.hpp"

namespace sandbox::spark {

struct Job {
  static constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

  bool is_import = false;
  std::string id, owner;
  std::int64_t created_ms = 0;
  std::int64_t ends_ms = never;  // when its work is done; never while its package is built or read, or when it hangs
  std::int64_t closed_ms = 0;    // 0 while it runs; of a cancelled job, when it was
  bool is_cancelled = false;
  std::string fault;  // the knob "job" it began under
  json::Value source_system, correlation_id;

  std::vector<Service> content;  // of the package
  ImportRequest import;
  bool for_migration = true;
  Rope package;  // of an export; empty where it failed
  std::string package_hash;

  json::Array services = json::array(), versions = json::array();
  std::vector<std::string> errors, warnings;

  bool is_running() const { return closed_ms == 0; }
  // inferred: the words before "closed" and after a cancellation.
  std::string status() const { return is_cancelled ? "cancelled" : is_running() ? "in_progress" : "closed"; }
  std::int64_t process_time(std::int64_t now_ms) const { return (is_running() ? now_ms : closed_ms) - created_ms; }
  std::string kind() const { return is_import ? "import" : "export"; }
};

// As POST and the status call answer. `base`: origin and tenant; `download_url` of the package, if there is one.
json::Object answer_of(const Job&, std::int64_t now_ms, const std::string& base, const std::string& download_url);
// As the tenant's list has it.
json::Object entry_of(const Job&, std::int64_t now_ms);

// For the kept state; the package itself is made again from its content.
json::Object state_of(const Job&);
Job job_of(const json::Object&);

}  // namespace sandbox::spark
