// ferry/host.hpp - the host's services for a connector, except HTTP (http.hpp): log, secrets, state, clock.
//
// A service that was not granted degrades where that is harmless (log) and throws a clear Error where it is not.
#pragma once

#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "ferry/call.hpp"

namespace ferry {

// A handle, cheap to copy. Valid as long as the connector instance.
class Host {
 public:
  explicit Host(const ferry_host* host) noexcept : host_(host) {}

  const ferry_host* abi() const noexcept { return host_; }
  std::string_view version() const noexcept {
    return FERRY_HAS_VALUE(host_, version) ? to_view(host_->version) : std::string_view();
  }

  void debug(std::string_view message) const noexcept { log(FERRY_LOG_DEBUG, message); }
  void info(std::string_view message) const noexcept { log(FERRY_LOG_INFO, message); }
  void warning(std::string_view message) const noexcept { log(FERRY_LOG_WARNING, message); }
  void error(std::string_view message) const noexcept { log(FERRY_LOG_ERROR, message); }
  void log(std::int32_t level, std::string_view message, std::string_view fields_json = {}) const noexcept {
    const auto* log = service<ferry_log>(FERRY_SERVICE_LOG);
    if (FERRY_HAS(log, write)) log->write(host_, level, to_abi(message), to_abi(fields_json));
  }

  // nullopt: the connection does not configure it.
  std::optional<std::string> secret(const Call& call, std::string_view name) const {
    const auto* secrets = service<ferry_secret>(FERRY_SERVICE_SECRET);
    if (!FERRY_HAS(secrets, get)) throw missing(FERRY_SERVICE_SECRET);
    Received received;
    call.require(secrets->get(host_, call.abi(), to_abi(name), &received, Received::receive), "reading a secret");
    return received.take();
  }
  // Masks a token got from the platform wherever the host shows something.
  void mask(const Call& call, std::string_view value) const {
    const auto* secrets = service<ferry_secret>(FERRY_SERVICE_SECRET);
    if (FERRY_HAS(secrets, mask)) call.require(secrets->mask(host_, call.abi(), to_abi(value)), "masking a secret");
  }

  std::optional<std::string> state(const Call& call, std::string_view key) const {
    const auto* store = service<ferry_state>(FERRY_SERVICE_STATE);
    if (!FERRY_HAS(store, get)) throw missing(FERRY_SERVICE_STATE);
    Received received;
    call.require(store->get(host_, call.abi(), to_abi(key), &received, Received::receive),
                 "reading the connector's state");
    return received.take();
  }
  void set_state(const Call& call, std::string_view key, std::string_view value) const {
    const auto* store = service<ferry_state>(FERRY_SERVICE_STATE);
    if (!FERRY_HAS(store, put)) throw missing(FERRY_SERVICE_STATE);
    call.require(store->put(host_, call.abi(), to_abi(key), to_abi(value)), "writing the connector's state");
  }
  void remove_state(const Call& call, std::string_view key) const {
    const auto* store = service<ferry_state>(FERRY_SERVICE_STATE);
    if (!FERRY_HAS(store, remove)) throw missing(FERRY_SERVICE_STATE);
    call.require(store->remove(host_, call.abi(), to_abi(key)), "removing from the connector's state");
  }

  std::int64_t now_unix_ms() const {
    const auto* clock = service<ferry_clock>(FERRY_SERVICE_CLOCK);
    if (!FERRY_HAS(clock, now_unix_ms)) throw missing(FERRY_SERVICE_CLOCK);
    return clock->now_unix_ms(host_);
  }
  // Throws Error(FERRY_CANCELLED) as soon as the operation is cancelled.
  void sleep_ms(const Call& call, std::int64_t milliseconds) const {
    const auto* clock = service<ferry_clock>(FERRY_SERVICE_CLOCK);
    if (!FERRY_HAS(clock, sleep_ms)) throw missing(FERRY_SERVICE_CLOCK);
    call.require(clock->sleep_ms(host_, call.abi(), milliseconds), "waiting");
  }

  template <class Table>
  const Table* service(std::string_view id) const noexcept {
    if (!FERRY_HAS(host_, get_service)) return nullptr;
    return static_cast<const Table*>(host_->get_service(host_, to_abi(id)));
  }
  static Error missing(std::string_view id) {
    return Error(FERRY_UNSUPPORTED, "the host does not grant the service " + std::string(id) +
                                        ": update ferry, or add the permission to the connector's manifest");
  }

 private:
  // What a service gave. Nothing may be thrown through the host, not even for lack of memory.
  struct Received {
    std::optional<std::string> value = {};
    std::exception_ptr thrown = {};

    static void receive(void* user, ferry_str text) noexcept {
      auto& self = *static_cast<Received*>(user);
      try {
        self.value.emplace(to_view(text));
      } catch (...) {
        self.thrown = std::current_exception();
      }
    }
    std::optional<std::string> take() {
      if (thrown) std::rethrow_exception(thrown);
      return std::move(value);
    }
  };
  const ferry_host* host_;
};

}  // namespace ferry
