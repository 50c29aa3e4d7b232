// Where an exported package goes: the spool file the host opened, as the platform's archive or as entries.
//
// A platform's archive is hashed by a thread of its own that follows the writer, so that receiving and hashing overlap.
// Used by the operation's thread only.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "host/packages/archive.hpp"
#include "host/worker/worker_protocol.hpp"

namespace ferry::host {

// SHA-256 of a file while it grows.
class TrailingHash {
 public:
  explicit TrailingHash(int fd);  // not owned
  ~TrailingHash();

  void written(std::uint64_t total_bytes);  // so much may be hashed
  std::string finish();                     // of everything written; Failure(machine) if the file cannot be read

 private:
  void follow();

  int fd_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t available_ = 0;
  bool finished_ = false;
  std::string result_;
  std::exception_ptr failure_;
  std::thread thread_;
};

class PackageSpool {
 public:
  PackageSpool(int fd, std::string connector_id);  // fd: not owned

  void write(std::string_view bytes);
  void begin_entry(std::string_view name);
  // Failure(connector, bad_description) if it is no JSON object of at most 512 KiB.
  void describe(const std::string& description_json);
  void restart();
  // Of the platform's archive, which is complete with this. Failure(connector, bad_package) if there is none.
  std::string sha256();
  // nullopt: nothing was written.
  std::optional<PackageFacts> finish();

 private:
  std::string description() const;

  int fd_;
  std::string connector_id_;
  std::string described_ = "{}";
  std::uint64_t size_ = 0;
  std::unique_ptr<TrailingHash> hash_;
  std::string sha256_;  // once the platform's archive is complete
  std::unique_ptr<ArchiveWriter> archive_;
};

}  // namespace ferry::host
