// What the host tells a worker to do (START) and what the worker says in the end (DONE), with their JSON.
//
// from_json(): a member that is missing has its default; what is no JSON object is a Failure(connector, bad_frame).
// Descriptors a worker starts with: channel_fd, and package_fd where the operation has a package.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "host/base/failure.hpp"
#include "host/http/http_client.hpp"

namespace ferry::host {

inline constexpr int channel_fd = 3;
inline constexpr int package_fd = 4;
inline constexpr const char* worker_argument = "--ferry-worker";

// The payload of HELLO, the same in both directions.
std::string hello_json();
// Failure(machine, protocol) if the other end speaks another protocol; (connector, bad_frame) if that is no HELLO.
void check_hello(std::string_view payload);

struct PackageFacts {
  std::string sha256;
  std::uint64_t size = 0;
  std::string description_json = "{}";
};

struct WorkerStart {
  std::string operation;  // check catalog read export inspect import
  std::string run_id;
  std::int64_t deadline_unix_ms = 0;
  std::string connector_id, connector_version, library, library_sha256;
  std::vector<std::string> operations;  // that the manifest promises
  std::string config_json, request_json;
  std::map<std::string, std::string> secrets;  // values
  std::vector<std::string> granted_secrets;    // names the connector may ask for
  std::optional<HttpSettings> http;            // nullopt: not granted
  PackageFacts package;                        // to be read
  std::uint64_t memory_mb = 512;
  int log_level = 1;
  std::string directory;  // private and empty: working directory and spool

  std::string to_json() const;
  static WorkerStart from_json(const std::string&);
};

struct WorkerDone {
  ferry_status status = FERRY_OK;
  Fault fault = Fault::connector;  // of a status that is not FERRY_OK
  std::string code, message, detail_json;
  std::optional<PackageFacts> package;  // of an export

  static WorkerDone failed(const Failure&);
  std::string to_json() const;
  static WorkerDone from_json(const std::string&);
};

struct WorkerProgress {
  std::string stage;  // load, create, run, destroy
  std::string phase;  // the connector's word
  std::uint64_t done = 0, total = 0;
  std::uint64_t requests = 0, retries = 0, throttled_ms = 0, bytes_sent = 0, bytes_received = 0, package_bytes = 0;
  std::uint64_t rate_limited = 0;
  std::int64_t busy_until_ms = 0;     // steady: it sleeps on purpose until then
  std::int64_t waiting_until_ms = 0;  // unix: it waits until then; 0: it does not
  bool waiting_for_limit = false;     // of the platform

  std::string to_json() const;
  static WorkerProgress from_json(const std::string&);
  bool operator==(const WorkerProgress&) const = default;
};

}  // namespace ferry::host
