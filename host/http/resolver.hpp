// Host names to addresses, without waiting longer than wanted.
//
// getaddrinfo cannot be interrupted, so it runs on a thread of its own, which is left to itself when the caller does
// not want to wait any longer: it owns all that it touches. Throws TransportError (dns, dns_temporary,
// connect_timeout), Failure(cancelled).
#pragma once

#include <Poco/Net/SocketAddress.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "host/base/cancellation.hpp"
#include "host/http/look_up.hpp"

namespace ferry::host {

int system_look_up(const std::string& host, std::uint16_t port, std::vector<Poco::Net::SocketAddress>& addresses);

std::vector<Poco::Net::SocketAddress> resolve(const LookUp&, const std::string& host, std::uint16_t port,
                                              std::chrono::milliseconds timeout, const Cancellation&);

}  // namespace ferry::host
