// One port: HTTP/1.1 over plain sockets or TLS, a thread a connection, answered by one Handler.
//
// Poco's sockets accept and its parser reads heads; bodies go between the socket and the handler in large blocks and in
// one sendmsg a megabyte, because packages and pages must pass at a gigabyte a second. It is here that the faults of
// the wire happen. Destroying a Listener closes its port and its connections and waits for the handlers under way;
// their latencies and throttles end at once.
#pragma once

#include <Poco/Net/Context.h>

#include <cstdint>
#include <memory>
#include <string>

#include "samples/sandbox/core/handler.hpp"

namespace sandbox {

class Listener {
 public:
  // `port` 0 takes a free one; `tls` null speaks plain HTTP. Throws std::runtime_error if the port cannot be had. The
  // handler outlives the listener.
  Listener(Handler&, const std::string& host, std::uint16_t port, Poco::Net::Context::Ptr tls = nullptr);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  std::uint16_t port() const;
  std::string url() const;  // "http://127.0.0.1:8801"

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace sandbox
