// How a host name becomes addresses: passed in, so that a test can own it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace Poco::Net {
class SocketAddress;
}

namespace ferry::host {

// What getaddrinfo does: fills addresses, returns 0 or an EAI_ code. Callable from any thread, also after the client is
// gone: it owns what it uses.
using LookUp = std::function<int(const std::string& host, std::uint16_t port, std::vector<Poco::Net::SocketAddress>&)>;

}  // namespace ferry::host
