// The objects that GET export and GET import answer with, at any moment of a job's life.
//
// A job is known whole when it is accepted; what is told of it depends on the clock alone. Threads: values.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "samples/sandbox/core/json.hpp"
#include "samples/sandbox/dev2prod/package.hpp"

namespace sandbox::dev2prod {

constexpr std::int64_t never = -1;
// A job's lease, and when it begins after StartTime: so that the documents' example comes out (inferred).
constexpr std::int64_t lease_ms = 10'000'000, lease_delay_ms = 740;

struct Job {
  std::string id, file_id;
  std::int64_t start_ms = 0, end_ms = never;  // never: it hangs
  bool fails = false;
  bool settled = false;  // its end has been seen and acted upon

  bool is_running(std::int64_t now_ms) const { return end_ms == never || now_ms < end_ms; }
  // inferred: of the words only COMPLETED is documented.
  std::string status(std::int64_t now_ms) const {
    return is_running(now_ms) ? "RUNNING" : fails ? "FAILED" : "COMPLETED";
  }
  // How many of `count` parts are done.
  std::size_t done(std::size_t count, std::int64_t now_ms) const;
};

struct ExportJob : Job {
  std::string package_id, bundle_name;
  std::vector<std::pair<std::string, std::int64_t>> counts;  // of all 17 parts

  json::Object answer(std::int64_t now_ms) const;
};

struct ImportJob : Job {
  std::string given_file_id;  // as the client wrote it
  std::string package_manager_id, server_name;
  bool dry_run = false;
  std::string error;  // of the file as a whole
  std::vector<PartOutcome> parts;

  json::Object answer(std::int64_t now_ms) const;
};

json::Object json_of(const ExportJob&);
json::Object json_of(const ImportJob&);
ExportJob export_job_of(const json::Object&);
ImportJob import_job_of(const json::Object&);

}  // namespace sandbox::dev2prod
