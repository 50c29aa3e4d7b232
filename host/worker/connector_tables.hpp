// The host's side of ferry/connector.h: the tables a connector is given. Here, and only here, the host's C++ meets C: a
// Failure becomes a status and is remembered by the session, nothing thrown passes on into the connector.
//
// All objects live in the worker for one operation. The tables point to them, so they neither copy nor move.
#pragma once

#include <memory>
#include <string>

#include "ferry/connector.h"
#include "host/base/cancellation.hpp"
#include "host/http/http_client.hpp"
#include "host/packages/archive.hpp"
#include "host/worker/package_spool.hpp"
#include "host/worker/worker_session.hpp"

namespace ferry::host {

class HostTable {
 public:
  explicit HostTable(WorkerSession&);
  HostTable(const HostTable&) = delete;
  HostTable& operator=(const HostTable&) = delete;
  const ferry_host* get() const noexcept { return &table_; }

  WorkerSession& session() noexcept { return session_; }
  HttpSender& http();
  // For what has to be sent although the operation is cancelled: no second attempt, no waiting beyond the grace.
  HttpSender& clean_up_http();
  // After the operation. Failure(usage): a replay does not fit.
  void finish_http();

 private:
  std::unique_ptr<HttpSender> make_http(HttpSettings, const Cancellation&);

  WorkerSession& session_;
  ferry_host table_;
  std::unique_ptr<HttpSender> http_;     // made at the first request
  std::unique_ptr<Cancellation> never_;  // that of clean_up_http_
  std::unique_ptr<HttpSender> clean_up_http_;
};

class CallTable {
 public:
  explicit CallTable(WorkerSession&);
  CallTable(const CallTable&) = delete;
  CallTable& operator=(const CallTable&) = delete;
  const ferry_call* get() const noexcept { return &table_; }

 private:
  ferry_call table_;
};

class SinkTable {
 public:
  explicit SinkTable(WorkerSession&);
  SinkTable(const SinkTable&) = delete;
  SinkTable& operator=(const SinkTable&) = delete;
  const ferry_sink* get() const noexcept { return &table_; }

 private:
  ferry_sink table_;
};

class PackageWriterTable {
 public:
  PackageWriterTable(WorkerSession&, PackageSpool&);
  PackageWriterTable(const PackageWriterTable&) = delete;
  PackageWriterTable& operator=(const PackageWriterTable&) = delete;
  const ferry_package_writer* get() const noexcept { return &table_; }

  WorkerSession& session;
  PackageSpool& spool;

 private:
  ferry_package_writer table_;
};

class PackageReaderTable {
 public:
  // Checks the archive if it is one. Failure(usage, damaged_archive, ...): nothing of it should be believed.
  PackageReaderTable(WorkerSession&, int fd);
  PackageReaderTable(const PackageReaderTable&) = delete;
  PackageReaderTable& operator=(const PackageReaderTable&) = delete;
  const ferry_package_reader* get() const noexcept { return &table_; }
  ArchiveReader& archive();  // Failure(usage, not_an_archive)

  WorkerSession& session;
  const int fd;

 private:
  std::unique_ptr<ArchiveReader> archive_;
  ferry_package_reader table_;
};

// The package behind a reader a connector hands back, for a request body.
FileBody file_body(const ferry_package_reader*);

}  // namespace ferry::host
