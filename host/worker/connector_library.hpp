// Loads one connector with Boost.DLL, for the rest of this process's life: it is never unloaded.
//
// Runs in the worker only. What is hashed is what is loaded: the opened descriptor is.
#pragma once

#include <boost/dll/shared_library.hpp>

#include <string>

#include "ferry/connector.h"
#include "host/base/unique_fd.hpp"
#include "host/worker/worker_protocol.hpp"

namespace ferry::host {

class ConnectorLibrary {
 public:
  // Checks hash, entry symbol, table, ABI, descriptor and promised capabilities. Failure(connector, code):
  // library_missing, hash_mismatch, load_failed, no_entry_symbol, null_table, bad_table, needs_newer_abi,
  // descriptor_mismatch, missing_capability, threw.
  explicit ConnectorLibrary(const WorkerStart&);

  const ferry_connector* table() const noexcept { return table_; }

 private:
  void check_hash(const WorkerStart&);
  void load(const WorkerStart&);
  void check_table(const WorkerStart&) const;

  UniqueFd fd_;
  boost::dll::shared_library library_;
  const ferry_connector* table_ = nullptr;
};

}  // namespace ferry::host
