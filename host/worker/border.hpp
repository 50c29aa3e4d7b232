// What every function of a host table does before and after its work.
#pragma once

#include "host/worker/worker_session.hpp"

namespace ferry::host {

inline std::string_view text_of(ferry_str text) noexcept {
  return text.size == 0 || text.data == nullptr ? std::string_view() : std::string_view(text.data, text.size);
}
inline ferry_str str_of(std::string_view text) noexcept { return {text.data(), text.size()}; }

// Runs `work` for a function marked [call]; what it throws becomes a status.
template <class Work>
ferry_status guarded(WorkerSession& session, Work&& work) noexcept {
  try {
    if (!session.on_operation_thread()) {
      session.log(FERRY_LOG_ERROR, "the connector called a [call] function of the host from a thread of its own");
      return FERRY_INTERNAL;
    }
    try {
      work();
      return FERRY_OK;
    } catch (const Failure& failure) {
      session.remember(failure);
      return status_of(failure);
    } catch (const std::exception& error) {
      session.remember(Failure(Fault::connector, "internal", std::string("inside ferry's worker: ") + error.what()));
      return FERRY_INTERNAL;
    }
  } catch (...) {
    return FERRY_INTERNAL;
  }
}

}  // namespace ferry::host
